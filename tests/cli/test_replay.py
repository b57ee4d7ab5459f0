"""`agenttune replay`: what it prints, its exit codes, and a branch that goes on with another model."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agenttune.cli import main
from agenttune.events import ModelAsked
from agenttune.prompts import render
from agenttune.spec import StudyState
from agenttune.store import Store
from agenttune.testing.server import ModelServer
from tests.cli.test_model_flags import STUDY

Run = Callable[..., int]
Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made again stays where it is made, for a person to look at."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.fixture
def study_file(tmp_path: Path) -> str:
    """A cheap study of six trials."""
    path = tmp_path / "study.toml"
    path.write_text(STUDY.replace("trials = 3", "trials = 6"))
    return str(path)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a study that asked a model, made once; its last trial is past the start."""
    folder = tmp_path_factory.mktemp("recorded")
    study_file, path = folder / "study.toml", folder / "agenttune.db"
    study_file.write_text(STUDY.replace("trials = 3", "trials = 5"))
    with pytest.MonkeyPatch.context() as patch, ModelServer() as server:
        for name in ("CONFIG", "STATE", "CACHE"):
            patch.setenv(f"XDG_{name}_HOME", str(folder / name))
        assert main(["run", str(study_file), "--model", f"{server.url}#test", "--store", str(path)]) == 0
    return path


@pytest.fixture
def studied(recorded: Path, store_path: Path, capsys: Output) -> str:
    """That study in the test's own store; its name."""
    with (
        contextlib.closing(sqlite3.connect(recorded)) as source,
        contextlib.closing(sqlite3.connect(store_path)) as copy,
    ):
        source.backup(copy)
    capsys.readouterr()
    return "bowl"


def change_prompts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agenttune.insight.prompt.render", lambda name, **values: render(name, **values) + "!")


def told(capsys: Output) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_identical_replay_says_so_and_where_it_is(
    studied: str, tmp_path: Path, agenttune: Run, capsys: Output, server: ModelServer
) -> None:
    n_sent = len(server.chats)
    assert agenttune("replay", studied, "--into", str(tmp_path / "again.db")) == 0
    captured = capsys.readouterr()
    assert "bowl: 5 trials and" in captured.out and "0 requests sent" in captured.out
    assert "identical" in captured.out and str(tmp_path / "again.db") in captured.err
    assert len(server.chats) == n_sent
    with Store.open(tmp_path / "again.db") as again:
        assert again.study("bowl").state is StudyState.FINISHED


def test_place_that_is_not_named_is_told(studied: str, agenttune: Run, capsys: Output) -> None:
    assert agenttune("replay", studied, "--json") == 0
    (line,) = told(capsys)
    assert Path(line["store"]).name == "agenttune.db" and "agenttune-replay-" in line["store"]
    assert (line["event"], line["is_identical"], line["difference"], line["n_requests"]) == ("Replayed", True, None, 0)
    assert line["n_trials"] == 5 and line["n_replies"] > 0
    with Store.open(line["store"], must_exist=True) as again:
        assert len(again.trials(line["id"])) == 5


def test_changed_prompt_ends_in_exit_code_1_and_its_trial(
    studied: str, tmp_path: Path, agenttune: Run, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_prompts(monkeypatch)
    assert agenttune("replay", studied, "--into", str(tmp_path / "again.db")) == 1
    captured = capsys.readouterr()
    assert "trial 1: the prompt differs: message 0 (system) had ''" in captured.out
    assert "the record was copied" in captured.err
    assert agenttune("replay", studied, "--json") == 1
    (line,) = told(capsys)
    assert (line["difference"]["trial"], line["difference"]["kind"]) == (1, "prompt")


@pytest.mark.long
def test_branch_replays_and_goes_on_with_another_model(
    study_file: str, tmp_path: Path, store: Store, agenttune: Run, capsys: Output, server: ModelServer
) -> None:
    assert agenttune("run", study_file, "--model", f"{server.url}#test", "--proposer", "llm") == 0
    events = store.events(store.study("bowl").id)
    until = [event.number for _, _, event in events if isinstance(event, ModelAsked)][1]  # nothing is left on offer
    n_sent, place = len(server.chats), tmp_path / "branch.db"
    capsys.readouterr()
    with ModelServer() as other:
        spelled = f"{other.url}#other"
        code = agenttune("replay", "bowl", "--into", str(place), "--until", str(until), "--then", spelled, "--json")
        assert (code, len(server.chats)) == (0, n_sent) and other.chats
    lines = told(capsys)
    assert (lines[0]["event"], lines[0]["n_trials"], lines[-1]["event"]) == ("Replayed", until, "Result")
    with Store.open(place) as branch:
        row = branch.study("bowl")
        assert (row.state, row.spec.model, len(branch.trials(row.id))) == (StudyState.FINISHED, spelled, 6)
        asked = [exchange.request.model for _, exchange in branch.exchanges(row.id)]
        assert asked == [f"{server.url}#test"] + [spelled] * (len(asked) - 1)


@pytest.mark.long
def test_branch_without_a_model_goes_on_by_the_surrogate(studied: str, tmp_path: Path, agenttune: Run) -> None:
    place = tmp_path / "branch.db"
    assert agenttune("replay", studied, "--into", str(place), "--until", "2", "--then", "none") == 0
    with Store.open(place) as branch:
        row = branch.study("bowl")
        assert (row.spec.model, row.spec.proposer, len(branch.trials(row.id))) == (None, "auto", 5)
        assert "model" not in {trial.arm for trial in branch.trials(row.id)[2:]}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--then", "none"), "give `--until N`"),
        (("--until", "6"), "has 5; give 1 to 5"),
        (("--until", "2", "--then", "nonsense"), "nonsense"),
    ],
)
def test_what_cannot_be_is_a_sentence(
    arguments: tuple[str, ...], sentence: str, studied: str, tmp_path: Path, agenttune: Run, capsys: Output
) -> None:
    assert agenttune("replay", studied, "--into", str(tmp_path / "again.db"), *arguments) == 2
    captured = capsys.readouterr()
    assert sentence in captured.err and captured.err.count("\n") == 1 and captured.out == ""


def test_store_with_studies_is_no_place(studied: str, store: Store, agenttune: Run, capsys: Output) -> None:
    assert agenttune("replay", studied, "--into", str(store.path)) == 2
    assert "needs a store without studies" in capsys.readouterr().err
