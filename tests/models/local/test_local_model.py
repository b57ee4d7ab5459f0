"""LocalModel against a real host process with a fake engine."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from agenttune.errors import ModelError
from agenttune.models import Message, Model, NumberSaid, Reply, Sample, Sampling, Schemas, Score, Scores, ToolCall
from agenttune.models.local import LocalModel
from agenttune.models.local.address import Wanted, living_hosts
from agenttune.models.local.client import ask_status, stop_hosts
from agenttune.settings import SHARED_CORES
from agenttune.testing.models import MESSAGES, SCHEMAS, ModelConformance
from agenttune.types import Json
from tests.models.local.hosts import FAKE_HOST, fake_model, starts, until

Make = Callable[..., LocalModel]
AT_ONCE: list[Message] = [{"role": "user", "content": "at once"}]
SCRIPT = f"""
import sys
from agenttune.models.local import LocalModel
from agenttune.models.local.address import Wanted
model = LocalModel("hf:" + sys.argv[1], Wanted(sys.argv[1]), command={FAKE_HOST!r})
print(model.complete([{{"role": "user", "content": "anything"}}]).text)
"""
CLIENT = (sys.executable, "-c", SCRIPT)


def asking(content: str) -> list[Message]:
    return [{"role": "user", "content": content}]


def status_of_one() -> dict[str, Any]:
    """How the only host stands."""
    ((_, address),) = living_hosts()
    status = ask_status(address)
    assert status is not None
    return status


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes a model of the test's own; see `fake_model`."""

    def made(*, name: str = "tiny", idle_s: float = 600.0, **asked_to: Json) -> LocalModel:
        return fake_model(tmp_path / name, idle_s=idle_s, **asked_to)

    yield made
    stop_hosts()


class TestLocalModel(ModelConformance):
    """The suite that every backend runs."""

    @pytest.fixture(autouse=True)
    def _made(self, make: Make) -> None:
        self._make = make

    def make(self) -> Model:
        """One with a fake engine."""
        return self._make()

    def make_unable(self) -> Model:
        """One that cannot be loaded."""
        return self._make(name="unable", fail="its weights are damaged")


def test_reply_comes_as_the_engine_gave_it(make: Make) -> None:
    schema = Schemas("number", SCHEMAS.ranges, SCHEMAS.strict, measured=("x",))
    tools: list[Mapping[str, Json]] = [{"name": "look", "parameters": {}}]
    reply = make().complete(MESSAGES, schema=schema, tools=tools, sampling=Sampling(n=2))
    assert reply == Reply(
        '{"x": 0.5}',
        usage={"prompt": 2, "completion": 2},
        latency_s=0.1,
        revision=f"{make().fingerprint}@fake",
        tool_calls=(ToolCall("1", "look", "{}"),),
        rung="ranges",
        numbers=(NumberSaid("x", 6, 0.5, 0.1, 0.9),),
        others=(Sample("1 is another", (NumberSaid("x", 0, 1.0, 0.0, 1.0),)),),
    )


def test_scores_come_in_order(make: Make) -> None:
    model = make()
    assert isinstance(model, Scores)
    assert model.score(MESSAGES, ["ab", "c"]) == [Score(-2.0, 2), Score(-1.0, 1)]


def test_text_is_streamed_before_the_reply_ends(make: Make, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    came = make(answers_when=str(gate)).stream(MESSAGES)
    assert next(came) == "Half "
    gate.touch()
    assert [piece for piece in came if isinstance(piece, str)] == ["of ", "it ", "is ", "said."]


def test_error_of_the_engine_comes_as_it_is(make: Make) -> None:
    with pytest.raises(ModelError, match="the model would not") as caught:
        make().complete(asking("fail"))
    error = caught.value
    assert (error.verdict, error.usage, error.text) == ("refused", {"prompt": 3, "completion": 0}, "no")


def test_bug_of_the_engine_is_a_sentence_and_the_host_lives_on(make: Make, tmp_path: Path) -> None:
    model = make()
    with pytest.raises(ModelError, match=r"the model failed \(RuntimeError: torch broke\)"):
        model.complete(asking("break"))
    assert model.complete(AT_ONCE).text
    assert len(starts(tmp_path)) == 1


@pytest.mark.parametrize("asked", ["break", "decline"])
def test_request_that_failed_before_it_read_anything_cost_nothing(make: Make, asked: str) -> None:
    with pytest.raises(ModelError) as caught:
        make().complete(asking(asked))
    assert caught.value.usage == {"prompt": 0, "completion": 0}


def test_eight_clients_at_once_start_one_host(make: Make, tmp_path: Path) -> None:
    models = [make() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda model: model.complete(MESSAGES), models))
    assert len(replies) == 8
    assert len(starts(tmp_path)) == 1


def test_eight_processes_at_once_start_one_host(make: Make, tmp_path: Path) -> None:
    make()
    clients = [subprocess.Popen([*CLIENT, str(tmp_path / "tiny")], stdout=subprocess.PIPE) for _ in range(8)]
    assert [client.communicate()[0] for client in clients] == [b"Half of it is said.\n"] * 8
    assert len(starts(tmp_path)) == 1


def test_host_outlives_a_killed_client_that_started_it(make: Make, tmp_path: Path) -> None:
    model = make(answers_when=str(tmp_path / "gate"))
    client = subprocess.Popen([*CLIENT, str(tmp_path / "tiny")], stdout=subprocess.PIPE)
    until((tmp_path / "tiny" / "begun").exists, "the request to begin")
    client.kill()
    client.communicate()
    assert model.complete(AT_ONCE).text
    assert len(starts(tmp_path)) == 1


def test_request_of_a_client_that_left_is_given_up(make: Make, tmp_path: Path) -> None:
    model = make(answers_when=str(tmp_path / "gate"))
    came = model.stream(MESSAGES)
    next(came)
    came.close()  # type: ignore[attr-defined]  # a generator
    until((tmp_path / "tiny" / "cancelled").exists, "the request to be cancelled")
    assert model.complete(AT_ONCE).text


def test_killed_host_is_a_sentence_and_the_next_request_starts_another(make: Make, tmp_path: Path) -> None:
    model = make(answers_when=str(tmp_path / "gate"))
    came = model.stream(MESSAGES)
    next(came)
    os.kill(starts(tmp_path)[0], signal.SIGKILL)
    with pytest.raises(ModelError, match=r"was killed \(signal 9\) while it answered") as caught:
        list(came)
    assert (caught.value.verdict, caught.value.text) == ("unreachable", "Half ")
    assert model.complete(AT_ONCE).text
    assert len(starts(tmp_path)) == 2


def test_other_clients_of_a_killed_host_know_it_too(make: Make, tmp_path: Path) -> None:
    make(answers_when=str(tmp_path / "gate"))
    client = subprocess.Popen([*CLIENT, str(tmp_path / "tiny")], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until((tmp_path / "tiny" / "begun").exists, "the host to be started by this process's child")
    came = make(answers_when=str(tmp_path / "gate")).stream(MESSAGES)
    waiting = ThreadPoolExecutor(1).submit(lambda: list(came))
    until(lambda: status_of_one()["requests"] == 2, "the second request")
    os.kill(starts(tmp_path)[0], signal.SIGKILL)
    with pytest.raises(ModelError, match="was killed or crashed before it could answer, as happens where memory ends"):
        waiting.result()
    assert b"was killed (signal 9)" in client.communicate()[1]


def test_host_killed_while_it_loads_costs_no_tokens(make: Make, tmp_path: Path) -> None:
    model = make(loads_when=str(tmp_path / "gate"))
    waiting = ThreadPoolExecutor(1).submit(model.complete, MESSAGES)
    until(lambda: starts(tmp_path), "the host to load")
    until(lambda: status_of_one()["requests"] == 1, "the request")
    os.kill(starts(tmp_path)[0], signal.SIGKILL)
    with pytest.raises(ModelError, match="before it could answer") as caught:
        waiting.result()
    assert caught.value.usage == {"prompt": 0, "completion": 0}


def test_address_of_a_killed_host_is_no_obstacle(make: Make, tmp_path: Path) -> None:
    model = make()
    model.complete(AT_ONCE)
    os.kill(starts(tmp_path)[0], signal.SIGKILL)
    until(lambda: not living_hosts(), "the host to be gone")
    assert make().complete(AT_ONCE).text


def test_failed_load_is_told_and_tried_again(make: Make, tmp_path: Path) -> None:
    model = make(fail="its weights are damaged")
    for _ in range(2):
        with pytest.raises(ModelError, match="its weights are damaged") as caught:
            model.complete(MESSAGES)
        assert caught.value.verdict == "unsupported"
        until(lambda: not living_hosts(), "the end of the host, which has said why")
    assert len(starts(tmp_path)) == 2


def test_failed_load_is_told_to_all_who_wait(make: Make, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    model = make(loads_when=str(gate), crash=True)
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(model.complete, MESSAGES) for _ in range(4)]
        until(lambda: living_hosts() and status_of_one()["requests"] == 4, "the requests")
        gate.touch()
    (sentence,) = {str(entry.exception()) for entry in waiting}
    assert sentence.startswith("the model cannot be loaded (MemoryError: no room); see /")
    assert len(starts(tmp_path)) == 1


def test_loading_is_no_time_of_the_reply(make: Make, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    model = make(loads_when=str(gate))
    waiting = ThreadPoolExecutor(1).submit(model.complete, AT_ONCE, sampling=Sampling(timeout_s=0.3))
    began = time.monotonic()
    until(lambda: time.monotonic() - began > 0.5, "longer than the reply may take")
    gate.touch()
    assert waiting.result().text


def test_progress_of_loading_is_logged(make: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    gate = tmp_path / "gate"
    model = make(loads_when=str(gate))
    with caplog.at_level("INFO", "agenttune.models.local"), ThreadPoolExecutor(1) as pool:
        reply = pool.submit(model.complete, AT_ONCE)
        until(lambda: f"{model.spec} is loading: weights: half of them" in caplog.text, "the progress")
        gate.touch()
        assert reply.result().text


def test_reply_that_takes_too_long_is_given_up(make: Make, tmp_path: Path) -> None:
    model = make(answers_when=str(tmp_path / "gate"))
    with pytest.raises(ModelError, match=r"did not finish its reply within 0\.2 s") as caught:
        model.complete(MESSAGES, sampling=Sampling(timeout_s=0.2))
    assert (caught.value.verdict, caught.value.text) == ("timeout", "Half ")
    until((tmp_path / "tiny" / "cancelled").exists, "the request to be cancelled")


def test_idle_host_ends_and_the_next_request_starts_another(make: Make, tmp_path: Path) -> None:
    model = make(idle_s=0.05)
    model.complete(AT_ONCE)
    until(lambda: not living_hosts(), "the host to end")
    assert model.complete(AT_ONCE).text
    assert len(starts(tmp_path)) == 2


def test_requests_find_no_host_that_is_about_to_end(make: Make, tmp_path: Path) -> None:
    model = make(idle_s=0.01)
    assert all(model.complete(AT_ONCE).text for _ in range(12))


def test_host_that_is_stopped_tells_those_who_wait(make: Make, tmp_path: Path) -> None:
    came = make(answers_when=str(tmp_path / "gate")).stream(MESSAGES)
    next(came)
    assert len(stop_hosts()) == 1
    with pytest.raises(ModelError, match="was asked to end"):
        list(came)
    assert living_hosts() == []
    assert not list((tmp_path / "tiny").glob("*.json.new"))


def test_request_waits_for_a_host_that_takes_its_time_to_end(make: Make, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    model = make(answers_when=str(gate), stubborn=True)
    came = model.stream(MESSAGES)
    next(came)
    os.kill(starts(tmp_path)[0], signal.SIGTERM)
    ((files, _),) = living_hosts()
    until(lambda: files.read() is None, "the host to begin to end")
    with ThreadPoolExecutor(1) as pool:
        reply = pool.submit(model.complete, AT_ONCE)
        gate.touch()
        assert reply.result().text
    assert len(starts(tmp_path)) == 2


def test_address_of_another_user_is_refused(make: Make) -> None:
    model = make()
    model.complete(AT_ONCE)
    uid = os.geteuid()
    with pytest.MonkeyPatch.context() as patch:  # one of its own: the test's home is not to be undone
        patch.setattr("os.geteuid", lambda: uid + 1)
        with pytest.raises(ModelError, match="belongs to another user") as caught:
            model.complete(AT_ONCE)
    assert caught.value.verdict == "unauthorised"


def test_state_folder_that_cannot_be_used_is_told_with_the_way_out(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    with monkeypatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
        with pytest.raises(ModelError, match=r"Not a directory.*set XDG_STATE_HOME to a folder of your own"):
            make().complete(AT_ONCE)


def test_address_that_was_taken_away_is_written_again(make: Make, tmp_path: Path) -> None:
    model = make()
    model.complete(AT_ONCE)
    ((files, address),) = living_hosts()
    files.address.unlink()
    model.complete(AT_ONCE)
    assert len(starts(tmp_path)) == 1 and living_hosts() == [(files, address)]


def test_host_whose_files_were_taken_away_makes_room_for_another(make: Make, tmp_path: Path) -> None:
    model = make()
    model.complete(AT_ONCE)
    ((files, address),) = living_hosts()
    shutil.rmtree(files.base.parent)
    model.complete(AT_ONCE)
    until(lambda: not psutil.pid_exists(address.pid), "the first host's end")
    ((_, now),) = living_hosts()
    assert starts(tmp_path) == [address.pid, now.pid]


def test_process_that_ends_at_once_is_told_with_its_last_line(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "import sys; sys.exit('no such thing')")
    with pytest.raises(ModelError, match=r"ended at once \(exit code 1\): no such thing"):
        LocalModel("hf:/gone", Wanted("/gone"), command=command).complete(AT_ONCE)


def test_folder_that_was_written_anew_is_another_model(make: Make, tmp_path: Path) -> None:
    model = make()
    model.complete(AT_ONCE)
    (tmp_path / "tiny" / "model.safetensors").write_bytes(b"new weights")
    model.complete(AT_ONCE)
    assert len(starts(tmp_path)) == 2


def test_fingerprint_is_that_of_the_folder_its_files_and_the_settings(make: Make, tmp_path: Path) -> None:
    first = make().fingerprint
    assert make().fingerprint == first and first.startswith("tiny-")
    other_dtype = LocalModel("hf:tiny", Wanted(str(tmp_path / "tiny"), dtype="float32")).fingerprint
    (tmp_path / "tiny" / "model.safetensors").write_bytes(b"new weights")
    assert len({first, other_dtype, make().fingerprint, make(name="other").fingerprint}) == 4


def test_host_does_not_keep_to_the_cores_of_the_worker_that_a_driver_starts(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"OMP_NUM_THREADS": "3", "MKL_NUM_THREADS": "1", SHARED_CORES: "MKL_NUM_THREADS"}.items():
        monkeypatch.setenv(name, value)
    variables = json.loads(make().complete(asking("variables")).text)
    assert variables["OMP_NUM_THREADS"] == "3"
    assert not {"MKL_NUM_THREADS", SHARED_CORES} & variables.keys()


def test_host_gets_no_keys(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-0123456789abcdef")
    monkeypatch.setenv("MY_TOKEN", "planted-0123456789abcdef")
    monkeypatch.setenv("HF_TOKEN", "of the hub")
    variables = json.loads(make().complete(asking("variables")).text)
    assert not {"OPENAI_API_KEY", "MY_TOKEN"} & variables.keys()
    assert variables["HF_TOKEN"] == "of the hub"
    assert variables["HF_HUB_DISABLE_TELEMETRY"] == "1"


@pytest.mark.parametrize(("set_to", "given"), [(None, "PASSIVE"), ("ACTIVE", "ACTIVE")])
def test_host_yields_processors_to_trials_unless_told_otherwise(
    make: Make, monkeypatch: pytest.MonkeyPatch, set_to: str | None, given: str
) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    if set_to is not None:
        monkeypatch.setenv("OMP_WAIT_POLICY", set_to)
    assert json.loads(make().complete(asking("variables")).text)["OMP_WAIT_POLICY"] == given


def test_client_stays_small(make: Make, tmp_path: Path) -> None:
    make()
    code = f"{SCRIPT}\nprint(sorted({{name.split('.')[0] for name in sys.modules}}), file=sys.stderr)"
    client = [sys.executable, "-c", code, str(tmp_path / "tiny")]
    loaded = subprocess.run(client, check=True, capture_output=True, text=True).stderr
    assert "'agenttune'" in loaded
    assert not [name for name in ("torch", "transformers", "numpy", "openai") if f"'{name}'" in loaded]
