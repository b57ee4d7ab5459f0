"""`agenttune models` tells what is configured; `models test` sends one request that is counted and stored."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agenttune.budget import Spending
from agenttune.cli import main
from agenttune.models.local.fetch import FOLDER_HOLDS, folder_of
from agenttune.settings import config_dir
from agenttune.store import Store
from agenttune.testing.answers import Phases, completion, fault
from agenttune.testing.server import ModelServer

Run = Callable[..., int]
Output = pytest.CaptureFixture[str]
KEY = "a-key-that-is-secret"


def told(capsys: Output) -> dict[str, Any]:
    content = json.loads(capsys.readouterr().out)
    assert isinstance(content, dict)
    return content


def set_up(text: str, name: str = "settings.toml") -> None:
    config_dir().mkdir(parents=True, exist_ok=True)
    (config_dir() / name).write_text(text)


@pytest.mark.parametrize("value", ["", "none"])
def test_none_set_says_how_to_set_one(value: str, monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    monkeypatch.setenv("AGENTTUNE_MODEL", value)
    assert main(["models"]) == 0
    assert "none set: --model, AGENTTUNE_MODEL" in capsys.readouterr().out


def test_model_in_force_is_told_without_its_key(monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    monkeypatch.setenv("AGENTTUNE_MODEL", "openai:gpt-4o")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert main(["models"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "openai:gpt-4o · from AGENTTUNE_MODEL · remote" in out
    assert "from OPENAI_API_KEY" in out
    assert "$2.5 a million prompt tokens, $1.25 cached, $10 a million of the reply (as of 2025-08-07)" in out
    assert KEY not in out


def test_what_is_known_is_told_as_json(
    monkeypatch: pytest.MonkeyPatch, capsys: Output, spec: str, server: ModelServer, agenttune: Run
) -> None:
    server.responder = fault("no-ranges")
    agenttune("models", "test", spec, "--json")
    capsys.readouterr()
    monkeypatch.setenv("AGENTTUNE_MODEL", spec)
    assert main(["models", "--json"]) == 0
    content = told(capsys)
    assert (content["model"], content["from"]) == (spec, "AGENTTUNE_MODEL")
    assert content["known"] == {"rung": "strict", "without": []}


def test_spelling_with_a_key_in_the_settings_is_refused_unseen(capsys: Output) -> None:
    set_up('model = "https://me:secret-word@example.org/v1#m"')
    assert main(["models"]) == 2
    captured = capsys.readouterr()
    assert "holds a login" in captured.err
    assert "secret-word" not in captured.out + captured.err


def test_one_small_request_tells_what_the_model_can_do(
    server: ModelServer, spec: str, agenttune: Run, capsys: Output
) -> None:
    assert agenttune("models", "test", spec, "--json") == 0
    content = told(capsys)
    assert (content["verdict"], content["rung"], content["held_to_schema"]) == ("used", "ranges", True)
    assert content["price"]["prompt"] == 0
    assert content["latency_s"] > 0
    assert content["tokens_per_s"] > 0
    assert len(server.requests) == 1


def test_reply_may_be_as_long_as_the_settings_say(server: ModelServer, spec: str, agenttune: Run) -> None:
    set_up("max_tokens_per_reply = 700")
    assert agenttune("models", "test", spec) == 0
    assert server.chats[0]["max_tokens"] == 700


def test_test_is_written_for_people_too(spec: str, agenttune: Run, capsys: Output) -> None:
    assert agenttune("models", "test", spec) == 0
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert lines["server"] == "holds replies to schemas with ranges, as far as is known"
    assert lines["reply"].endswith("as asked for")
    assert lines["price"] == "free"


def test_every_send_is_reserved_settled_and_stored(
    server: ModelServer, spec: str, agenttune: Run, capsys: Output, store: Store
) -> None:
    server.responder = Phases((1, fault("no-temperature")), (None, fault("no-ranges")))
    assert agenttune("models", "test", spec, "--json") == 0
    content = told(capsys)
    assert (content["requests"], content["without"], content["rung"]) == (3, ["temperature"], "strict")
    assert store.spent(None).requests == 3
    assert store.unsettled(None) == Spending(0, 0, 0)


def test_failure_has_its_verdict_and_exit_code_1(
    server: ModelServer, spec: str, agenttune: Run, capsys: Output
) -> None:
    server.responder = fault("quota")
    assert agenttune("models", "test", spec) == 1
    assert "no-quota: the account has no quota left" in capsys.readouterr().err


def test_nothing_is_claimed_of_a_server_that_did_not_answer(
    server: ModelServer, spec: str, agenttune: Run, capsys: Output
) -> None:
    server.stop()
    assert agenttune("models", "test", spec) == 1
    shown = capsys.readouterr()
    assert "unreachable: " in shown.err
    assert [line.split()[0] for line in shown.out.splitlines()] == ["model", "latency", "price"]


def test_server_that_ignores_the_schema_is_told(server: ModelServer, spec: str, agenttune: Run, capsys: Output) -> None:
    server.responder = lambda _: completion("I like 0.001 best.")
    assert agenttune("models", "test", spec) == 0
    assert "the server may ignore schemas" in " ".join(capsys.readouterr().out.split())


def test_bound_of_the_day_holds_for_the_test_too(
    server: ModelServer, spec: str, agenttune: Run, capsys: Output
) -> None:
    set_up("max_requests_per_day = 1")
    assert agenttune("models", "test", spec) == 0
    assert agenttune("models", "test", spec) == 2
    assert "the day's 1 requests do not last" in capsys.readouterr().err
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("bound", "said"),
    [
        (("--max-requests", "0"), "1 requests: 1 are spent and the next request may take 1; raise the bound, as by --"),
        (("--max-tokens", "1"), "111 tokens: 110 are spent and the next request may take 4,200"),
        (("--max-dollars", "0"), "0.00011 dollars: 0.00011 are spent and the next request may take 0.0042"),
    ],
)
def test_flags_bound_what_the_test_may_cost(
    bound: tuple[str, str], said: str, server: ModelServer, spec: str, agenttune: Run, capsys: Output
) -> None:
    set_up(f'["{spec}"]\nprompt = 1.0\ncompletion = 1.0\n', "prices.toml")
    assert agenttune("models", "test", spec) == 0
    assert agenttune("models", "test", spec, *bound) == 2
    assert f"requests outside of studies may spend {said}" in capsys.readouterr().err
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("test",), "which model? Name one"),
        (("test", "gpt-5"), "no model is spelled 'gpt-5'"),
        (("test", "openai:gpt-5"), "needs a key of OpenAI's"),
        (("tset",), "invalid choice: 'tset'"),
    ],
)
def test_bad_input_is_told(words: tuple[str, ...], said: str, agenttune: Run, capsys: Output, store_path: Path) -> None:
    assert agenttune("models", *words) == 2
    assert said in capsys.readouterr().err
    assert not store_path.exists()


def fetched() -> Path:
    """A model's folder as far as anyone looks before it is loaded."""
    folder = folder_of("smollm2")
    folder.mkdir(parents=True)
    for name in FOLDER_HOLDS:
        (folder / name).touch()
    return folder


def test_fetched_model_is_told_with_how_to_use_it(capsys: Output) -> None:
    folder = fetched()
    assert main(["models", "get", "smollm2"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert f"--model hf:{folder}" in out
    assert f'model = "hf:{folder}"' in out
    assert "SmolLM2-135M-Instruct · is there already" in out
    assert "too small to tune well" in out


def test_fetched_model_is_told_as_json(capsys: Output) -> None:
    folder = fetched()
    assert main(["models", "get", "smollm2", "--json"]) == 0
    content = told(capsys)
    assert (content["spec"], content["is_new"]) == (f"hf:{folder}", False)


@pytest.mark.parametrize("words", [[], ["llama"]])
def test_get_names_what_can_be_fetched(words: list[str], capsys: Output) -> None:
    assert main(["models", "get", *words]) == 2
    assert "smollm2" in capsys.readouterr().err
