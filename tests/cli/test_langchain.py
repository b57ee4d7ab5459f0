"""A LangChain model of the user's in the commands: `models`, `models test`, `doctor`, and a whole study."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import tests.models.sdk_chat
from agenttune.store import Store
from agenttune.testing.answers import Drawn, Phases, fault
from agenttune.testing.functions import SMOOTH
from agenttune.testing.server import ModelServer
from agenttune.trial import TrialState
from tests.cli.test_model_flags import STUDY
from tests.study.models import Offers

Run = Callable[..., int]
Output = pytest.CaptureFixture[str]
SPEC = "langchain:my_chats:chat"


@pytest.fixture(autouse=True)
def folder(server: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The user's folder, with a vendor's package and a module that sets a model of it up."""
    shutil.copy(str(tests.models.sdk_chat.__file__), tmp_path / "vendor_sdk.py")
    (tmp_path / "my_chats.py").write_text(
        f"from vendor_sdk import SdkChat\nchat = SdkChat(url={server.url!r}, profile={{'structured_output': True}})\n"
        f"plain = SdkChat(url={server.url!r})\n"
    )
    (tmp_path / "study.toml").write_text(STUDY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    for name in ("my_chats", "vendor_sdk"):
        sys.modules.pop(name, None)


def told(capsys: Output) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_test_tells_what_the_model_can_do(agenttune: Run, capsys: Output, server: ModelServer) -> None:
    server.responder = Phases((1, fault("no-ranges")), (1, Drawn()))
    assert agenttune("models", "test", SPEC, "--json") == 0
    (content,) = told(capsys)
    assert (content["model"], content["verdict"], content["rung"]) == (SPEC, "used", "strict")
    assert (content["requests"], content["held_to_schema"], content["price"]) == (2, True, None)
    assert content["usage"]["prompt"] == 100


def test_test_tells_of_requests_that_cannot_be_counted(agenttune: Run, capsys: Output) -> None:
    assert agenttune("models", "test", SPEC) == 0
    assert "make the model with max_retries=0" in " ".join(capsys.readouterr().out.split())


def test_test_of_what_is_no_model_is_one_sentence(agenttune: Run, capsys: Output, store_path: Path) -> None:
    assert agenttune("models", "test", "langchain:my_chats:nothing") == 2
    assert "my_chats.py has no 'nothing'; look at the spelling" in capsys.readouterr().err
    assert not store_path.exists()


def test_model_in_force_is_told_without_loading_it(
    agenttune: Run, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTTUNE_MODEL", SPEC)
    assert agenttune("models") == 0
    out = " ".join(capsys.readouterr().out.split())
    assert f"{SPEC} · from AGENTTUNE_MODEL · perhaps remote key none of ours" in out
    assert "price unknown" in out
    agenttune("doctor")
    assert f"{SPEC} (from AGENTTUNE_MODEL)" in " ".join(capsys.readouterr().out.split())
    assert "my_chats" not in sys.modules


@pytest.mark.parametrize("name", ["chat", pytest.param("plain", marks=pytest.mark.long)])
def test_whole_study_asks_it(name: str, agenttune: Run, capsys: Output, server: ModelServer, store: Store) -> None:
    server.responder = Offers()
    spec = f"langchain:my_chats:{name}"
    assert agenttune("run", "study.toml", "--model", spec, "--json") == 0
    answered = [line for line in told(capsys) if line["event"] == "ModelAnswered"]
    assert answered and {line["verdict"] for line in answered} == {"used"}
    row = store.study("bowl")
    trials = store.trials(row.id)
    assert [trial.state for trial in trials] == [TrialState.COMPLETE] * 3
    assert "model" in {trial.proposal.arm for trial in trials}
    assert all(SMOOTH.space.validate(trial.proposal.config) for trial in trials)
    assert ["response_format" in sent for sent in server.chats] == [name == "chat"] * len(server.chats)
    ((_, exchange), *_) = store.exchanges(row.id)
    assert (exchange.request.model, exchange.usage["prompt"], exchange.dollars) == (spec, 100, None)


@pytest.mark.long
def test_study_goes_on_without_a_model_that_fails(agenttune: Run, capsys: Output, server: ModelServer) -> None:
    server.responder = fault("401")
    assert agenttune("run", "study.toml", "--model", SPEC) == 0
    assert "the model gave nothing to run (unauthorised)" in " ".join(capsys.readouterr().err.split())
