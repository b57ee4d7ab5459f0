"""Keys planted wherever a study takes text from must not come out anywhere: one study, end to end.

What a trial's own folder holds (its log, its result file) is the user's program's own and may hold what it printed.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from agenttune import Budget, Categorical, Float, Goal, Space, driver, redaction
from agenttune.cli import main
from agenttune.cli.crash import record_crash
from agenttune.driver import WithoutKeys
from agenttune.errors import RequestNotUnderstood
from agenttune.plan import understand
from agenttune.spec import StudySpec
from agenttune.store import Store
from agenttune.store.codec import spec_of
from agenttune.study import Study, has_live_driver
from agenttune.testing.answers import ChatRequest, Response, completion, error
from agenttune.testing.server import ModelServer
from agenttune.trial import Failure, FailureKind, TrialState
from agenttune.tui.engine import Engine
from agenttune.types import Json
from tests.study.models import set_latency, wait_for

SHAPED = "sk-test-planted0123456789abcdef"
"""A key by its shape, known to nobody."""
SHAPELESS = "correct.horse/battery"
"""A key by the variable that holds it."""
OWN = "sk-own-1111222233334444555566667777"
"""The key of the model's server."""
KEYS = {"shaped": SHAPED, "shapeless": SHAPELESS, "own": OWN}
LEAK = f"cannot log in with {SHAPED} or {SHAPELESS}"

OBJECTIVE = """
import os, sys
def measure(config):
    print("log in with", os.environ["MY_TOKEN"], "{leak}")
    if config["x"] > 0.5:
        raise RuntimeError("{filling}" + "{leak}")
    return config["x"]
"""
COMMAND = """
import os, sys
print("log in with", os.environ["MY_TOKEN"], "{leak}")
if float(sys.argv[1]) > 0.5:
    sys.exit("{leak}")
print("score:", sys.argv[1])
"""


class Leaky:
    """A server that knows the keys: in an error's body, in reasons, in a choice, plain and escaped."""

    def __init__(self) -> None:
        self._n_asked = 0
        self._lock = threading.Lock()

    def __call__(self, request: ChatRequest) -> Response:
        """First an error, then candidates, the first of which is no configuration."""
        with self._lock:
            self._n_asked += 1
            if self._n_asked == 1:
                return error(500, f"upstream said: {LEAK}, {OWN}")
        escaped = "".join(f"\\u{ord(sign):04x}" for sign in SHAPED)
        wrong = json.dumps({"config": {"x": 0.1, "kind": SHAPED}, "reason": LEAK})
        right = json.dumps({"config": {"x": 0.2 + 0.01 * self._n_asked, "kind": "a"}, "reason": f"{LEAK} {OWN}"})
        sly = '{"config": {"x": 0.9, "kind": "a"}, "reason": "' + escaped + '"}'
        return completion(f'{{"candidates": [{wrong}, {right}, {sly}]}}')


@dataclass
class Scene:
    """A study that has run, and what its server received."""

    store: Store
    id: str
    received: str

    def run_cli(self, *words: str) -> None:
        """Runs a command on the store."""
        assert main([*words, "--store", str(self.store.path)]) == 0


def objective(kind: str, folder: Path) -> dict[str, object]:
    if kind == "python":
        code = OBJECTIVE.format(leak=LEAK, filling="." * 470)  # a message is cut, here in the middle of a key
        (folder / "leaky_objective.py").write_text(code)
        return {"type": "python", "target": "leaky_objective:measure"}
    (folder / "leaky.py").write_text(COMMAND.format(leak=LEAK))
    command = [sys.executable, str(folder / "leaky.py"), "{x}"]
    return {"type": "command", "command": command, "metric": {"regex": "score: ([0-9.]+)"}}


@pytest.fixture(scope="module", params=["python", "command"])
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Run once for all tests: nothing of it is changed."""
    folder = tmp_path_factory.mktemp("secrets")
    with pytest.MonkeyPatch.context() as patch, ModelServer(Leaky()) as server:
        for name in ("CONFIG", "STATE", "CACHE"):
            patch.setenv(f"XDG_{name}_HOME", str(folder / name))
        plant(patch)
        set_latency(60.0)
        with Store.open(folder / "agenttune.db") as store:
            spec = StudySpec(
                name="leaky",
                space=Space(x=Float(0, 1, default=0.75), kind=Categorical(["a", "b"])),
                goal=Goal("score", "maximize"),
                objective=objective(request.param, folder),  # type: ignore[arg-type]  # JSON
                budget=Budget(trials=7),
                proposer="llm",
                model=f"{server.url}#test",
                request=f"tune it, the key is {SHAPED}, or {SHAPELESS}",
                extra={"understood": [["understood", f"with {SHAPED}"]]},
                default={"x": 0.75, "kind": "a"},
                cwd=str(folder),
            )
            study = Study.from_spec(spec, store=store)
            study.enqueue({"x": 0.3, "kind": "b"}, reason=f"because of {LEAK}")
            store.note(study.id, f"do not lose {LEAK}")
            driver.start(study.id, store.path)
            wait_for(lambda: store.study(study.id).state.is_ended and not has_live_driver(store.study(study.id)))
            yield Scene(store, study.id, json.dumps([[entry.body, entry.path] for entry in server.requests]))


def plant(patch: pytest.MonkeyPatch) -> None:
    patch.setenv("MY_TOKEN", SHAPELESS)
    patch.setenv("AGENTTUNE_API_KEY", OWN)


def found(text: str) -> set[str]:
    """The keys in a text, were it only half of one."""
    return {name for name, key in KEYS.items() if key[: len(key) // 2] in text}


@pytest.fixture(autouse=True)
def _planted(monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)


def test_scene_has_what_it_should_hide(scene: Scene) -> None:
    trials = scene.store.trials(scene.id)
    assert {TrialState.FAILED, TrialState.COMPLETE} <= {trial.state for trial in trials}
    assert "model" in {trial.arm for trial in trials}
    verdicts = [exchange.verdict for _, exchange in scene.store.exchanges(scene.id)]
    assert verdicts[0] == "error" and "used" in verdicts
    assert scene.store.refused(scene.id)
    logs = [path.read_text() for path in scene.store.files.rglob("log.txt")]
    assert logs and all(found(log) == {"shaped", "shapeless"} for log in logs)


def test_no_key_is_in_the_store(scene: Scene) -> None:
    files = [path for path in scene.store.path.parent.iterdir() if path.name.startswith("agenttune.db")]
    names = {path.name for path in files if path.is_file()}
    assert "agenttune.db" in names and "agenttune.db-wal" in names
    content = b"".join(path.read_bytes() for path in files if path.is_file())
    assert b"cannot log in with *** or ***" in content
    assert found(content.decode("utf-8", "replace")) == set()


def test_no_key_is_in_a_prompt(scene: Scene) -> None:
    assert "cannot log in with ***" in scene.received or "failed (" in scene.received
    assert "the key is ***" in scene.received
    assert found(scene.received) == set()


def test_no_key_is_in_the_drivers_log(scene: Scene) -> None:
    log = (scene.store.study_dir(scene.id) / driver.LOG).read_text()
    assert "drives study leaky" in log
    assert found(log) == set()


@pytest.mark.parametrize(
    "words",
    [
        ("show",),
        ("show", "--json"),
        ("show", "leaky", "1"),
        ("show", "leaky", "1", "--json"),
        ("export",),
        ("export", "--format", "csv"),
        ("cost",),
        ("ps", "--json"),
    ],
)
def test_no_key_is_printed(scene: Scene, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    scene.run_cli(*words)
    captured = capsys.readouterr()
    assert captured.out and found(captured.out + captured.err) == set()


@pytest.mark.parametrize("words", [(), ("-n", "5"), ("--follow",)])
def test_log_of_a_trial_is_shown_without_its_keys(
    scene: Scene, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    scene.run_cli("logs", "leaky", "1", *words)
    shown = capsys.readouterr().out
    assert "log in with *** cannot log in with *** or ***" in shown
    assert found(shown) == set()


def test_terminal_interface_shows_no_key(scene: Scene) -> None:
    detail = Engine(scene.store.path).detail(scene.id, 1)
    assert any("log in with ***" in line for line in detail.log_tail)
    assert found(repr(detail)) == set()


IN_ENV = "plain-secret-of-a-study-file"
"""A key that only the study's own `env` tells of."""


@pytest.fixture(scope="module")
def own_env(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of a study whose command prints a variable of its `env` and fails by it."""
    path = tmp_path_factory.mktemp("env") / "agenttune.db"
    code = "import os; print('using', os.environ['SERVICE_API_KEY']); raise SystemExit(os.environ['SERVICE_API_KEY'])"
    content: dict[str, Json] = {"type": "command", "command": [sys.executable, "-c", code, "{x}"]}
    content["env"] = {"SERVICE_API_KEY": IN_ENV, "MAX_TOKENS": "{x}"}
    space, goal = Space(x=Float(0, 1)), Goal("score", "maximize")
    spec = StudySpec("own", space, goal, content, Budget(trials=1), proposer="sobol", cwd=str(path.parent))
    with Store.open(path) as store:
        Study.from_spec(spec, store=store).run()
        assert IN_ENV not in repr(store.trials(store.study().id))
    return path


@pytest.mark.parametrize("words", ["show", "show --json", "show own 0", "export", "logs own 0", "rerun own 0"])
def test_key_of_a_studys_own_env_is_not_printed(
    own_env: Path, words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redaction, "_known", set())  # as in a process that has not run the study
    spec_of.cache_clear()
    assert main([*words.split(), "--store", str(own_env)]) == (1 if "rerun" in words else 0)
    captured = capsys.readouterr()
    assert captured.out and IN_ENV not in captured.out + captured.err


def test_words_that_are_not_understood_are_told_without_keys() -> None:
    with pytest.raises(RequestNotUnderstood) as refusal:
        understand(f"tune an SVM on digits with {SHAPED}")
    assert "***" in str(refusal.value) and found(str(refusal.value)) == set()


def test_tracebacks_of_ours_hold_no_key(_own_home: Path) -> None:
    sentence = record_crash(ValueError(LEAK), ["--note", SHAPED])
    (path,) = (_own_home / "state" / "agenttune" / "errors").iterdir()
    assert "ValueError" in path.read_text() and found(sentence + path.read_text()) == set()


def test_log_lines_and_their_tracebacks_hold_no_key() -> None:
    try:
        raise ValueError(LEAK)
    except ValueError as raised:
        record = logging.LogRecord(
            "x", logging.ERROR, __file__, 1, f"failed: {OWN}", None, (type(raised), raised, None)
        )
    line = WithoutKeys().format(record)
    assert "ValueError: cannot log in with *** or ***" in line and found(line) == set()


def test_every_text_the_store_takes_is_kept_without_keys(tmp_path: Path) -> None:
    with Store.open(tmp_path / "other.db") as store:
        spec = StudySpec("x", Space(x=Float(0, 1)), Goal("score", "maximize"), {"type": "told"}, proposer="sobol")
        study = Study.from_spec(spec, store=store)
        trial = study.ask()
        study.tell(trial, failure=LEAK)
        store.note(study.id, LEAK, number=trial.number)
        store.answer(study.id, store.send(study.id, "add", {"reason": LEAK}), "add", accepted=False, answer=LEAK)
        study.close()
        assert found(store.path.with_name("other.db-wal").read_bytes().decode("utf-8", "replace")) == set()
        assert store.trial(study.id, 0).failure == Failure(FailureKind.INVALID, "cannot log in with *** or ***")
