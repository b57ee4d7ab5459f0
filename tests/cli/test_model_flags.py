"""A model in the commands: flags and settings, what is told of it, and what `--json` carries."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agenttune.cli import main
from agenttune.cli.notices import notice
from agenttune.events import ModelAnswered
from agenttune.settings import settings_path
from agenttune.store import Store
from agenttune.testing.server import ModelServer
from agenttune.tui.bridge import telling

Run = Callable[..., int]
Output = pytest.CaptureFixture[str]

STUDY = """
name = "bowl"
[objective]
type = "python"
target = "agenttune.testing.functions:smooth"
[space]
learning_rate = { type = "float", low = 1e-5, high = 1.0, log = true }
weight_decay = { type = "float", low = 1e-7, high = 0.1, log = true }
dropout = { type = "float", low = 0.0, high = 0.8 }
layers = { type = "int", low = 1, high = 12 }
width = { type = "int", low = 16, high = 2048, log = true }
[goal]
metric = "value"
direction = "maximize"
[budget]
trials = 3
"""


@pytest.fixture
def model(server: ModelServer) -> str:
    """How its model is spelled."""
    return f"{server.url}#test"


@pytest.fixture
def study_file(tmp_path: Path) -> str:
    """A cheap study."""
    path = tmp_path / "study.toml"
    path.write_text(STUDY)
    return str(path)


def set_model(spec: str) -> None:
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    settings_path().write_text(f'model = "{spec}"\n')


def told(capsys: Output) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@dataclass
class Asked:
    """A study that has asked a model once, and what its events said."""

    store: Path
    model: str
    lines: list[dict[str, Any]]
    n_sent: int


@pytest.fixture(scope="module")
def asked(made_once: Path) -> Asked:
    """Run once: tests only read it."""
    study_file, store = made_once / "study.toml", made_once / "studies.db"
    study_file.write_text(STUDY)
    with ModelServer() as server, redirect_stdout(io.StringIO()) as out:
        model = f"{server.url}#test"
        words = ("--model", model, "--max-requests", "1", "--json", "--store", str(store))
        assert main(["run", str(study_file), *words]) == 0
        return Asked(store, model, [json.loads(line) for line in out.getvalue().splitlines()], len(server.chats))


def test_json_carries_what_the_model_answered(asked: Asked) -> None:
    (answered,) = [line for line in asked.lines if line["event"] == "ModelAnswered"]
    assert (answered["exchange_id"], answered["verdict"], answered["model"]) == (1, "used", asked.model)
    assert answered["n_candidates"] > 0 and asked.n_sent == 1
    proposed = [line for line in asked.lines if line["event"] == "TrialProposed"]
    assert [(line["arm"], line["gate"]["rule"]) for line in proposed] == [
        ("sobol", "start"),
        ("model", "start"),
        ("sobol", "start"),
    ]
    assert "take turns" in proposed[1]["gate"]["sentence"] and "candidate" in proposed[1]["gate"]


def test_gate_of_a_trial_is_shown_and_in_its_json(asked: Asked, capsys: Output) -> None:
    show = ["show", "bowl", "1", "--store", str(asked.store)]
    main(show)
    shown = capsys.readouterr().out
    assert "gate         start" in shown and "asked in     exchange 1" in shown
    main([*show, "--json"])
    (trial,) = told(capsys)
    gate = trial["gate"]
    assert gate["rule"] == "start" and "take turns" in gate["sentence"]


@pytest.mark.long
def test_reused_replies_are_told_everywhere(
    study_file: str, model: str, agenttune: Run, capsys: Output, server: ModelServer
) -> None:
    agenttune("run", study_file, "--model", model)
    assert agenttune("run", study_file, "--model", model, "--reuse-replies") == 0
    assert len(server.chats) == 1
    told_then = capsys.readouterr().err
    assert "replies that other studies got are reused" in told_then
    assert "read in exchange 1 of study 'bowl'" in told_then
    agenttune("show", "bowl-2", "1")
    assert "asked in     exchange 2 (its reply is that of exchange 1 of study 'bowl')" in capsys.readouterr().out
    for name, reused in (("bowl", {}), ("bowl-2", {"2": "exchange 1 of study 'bowl'"})):
        agenttune("show", name, "1", "--json")
        assert told(capsys)[0]["reused"] == reused


def test_request_that_was_not_sent_is_told_everywhere(
    study_file: str, model: str, agenttune: Run, capsys: Output, server: ModelServer
) -> None:
    assert agenttune("run", study_file, "--model", model, "--max-requests", "0", "--trials", "2") == 0
    captured = capsys.readouterr()
    assert "the model was not asked (over-budget), and trials go on: the study may spend 0 requests" in captured.err
    assert server.chats == []
    agenttune("cost", "bowl")
    assert "0 requests" in capsys.readouterr().out


def test_event_without_an_exchange_is_a_line_in_both_front_ends() -> None:
    event = ModelAnswered(None, "openai:test", "over-budget", "the study may spend 3 requests")
    line = notice(event)
    assert line == "the model was not asked (over-budget), and trials go on: the study may spend 3 requests"
    shown = telling(event)
    assert shown is not None and shown.text == line


@pytest.mark.long
def test_settings_model_is_used_by_run_and_none_switches_it_off(
    study_file: str, model: str, store: Store, agenttune: Run, server: ModelServer
) -> None:
    set_model(model)
    assert agenttune("run", study_file) == 0
    assert (store.study("bowl").spec.model, store.study("bowl").spec.proposer) == (model, "llm+gp")
    n_sent = len(server.chats)
    assert n_sent > 0
    assert agenttune("run", study_file, "--model", "none") == 0
    assert (store.study("bowl-2").spec.model, len(server.chats)) == (None, n_sent)


@pytest.mark.long
def test_settings_model_is_used_by_tune(model: str, store: Store, agenttune: Run, capsys: Output) -> None:
    set_model(model)
    request = "tune an SVM on digits for accuracy, 1 trial"
    assert agenttune("tune", request, "--yes", "--detach") == 0
    assert store.study().spec.model == model
    assert f"model        {model} proposes, and a gate decides" in capsys.readouterr().err
    agenttune("stop", store.study().name, "--kill")


@pytest.mark.parametrize(
    ("words", "culprit"),
    [
        (["--proposer", "gp", "--model", "{model}"], "'gp' asks no model"),
        (["--proposer", "llm"], "--model"),
        (["--reuse-replies"], "only replies of a language model can be reused"),
        (["--max-dollars", "2"], "a limit of dollars is for a language model"),
        (["--model", "gpt-5.6"], "write openai:NAME"),
        (["--model", "openai:gpt-5.6"], "OPENAI_API_KEY"),
        (["--model", "{model}", "--proposer", "clairvoyant"], "clairvoyant"),
    ],
)
def test_choice_that_cannot_be_is_one_sentence_and_makes_nothing(
    words: list[str], culprit: str, study_file: str, model: str, store_path: Path, agenttune: Run, capsys: Output
) -> None:
    assert agenttune("run", study_file, *(word.format(model=model) for word in words)) == 2
    captured = capsys.readouterr()
    (line,) = [line for line in captured.err.splitlines() if line.startswith("agenttune: ")]
    assert culprit in line and captured.out == ""
    with Store.open(store_path) as opened:
        assert opened.studies() == []
