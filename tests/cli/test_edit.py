"""`agenttune edit` and `undo`: what is shown, sent, refused, and what a real driver makes of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agenttune import Study
from agenttune.edits import SetBudget, SetRange, edit_to_json
from agenttune.errors import BudgetExhausted
from agenttune.spec import StudyRow, StudyState
from agenttune.store import Store
from agenttune.study.step import Steps

Run = Callable[..., int]
Output = pytest.CaptureFixture[str]


def sent(store: Store, row: StudyRow) -> list[tuple[str, dict[str, object]]]:
    return [(kind, dict(payload)) for _, kind, payload in store.take_controls(row.id)]


def test_edit_is_shown_and_waits_for_a_driver(study: StudyRow, store: Store, agenttune: Run, capsys: Output) -> None:
    assert agenttune("edit", "svc-digits", "C<=10", "trials+=10", "--yes", "--by", "ada") == 0
    edits = [edit_to_json(SetRange("C", high=10)), edit_to_json(SetBudget(trials=14))]
    assert sent(store, study) == [("edit", {"edits": edits, "by": "ada"})]
    shown = capsys.readouterr()
    assert "C: 0.01..100 log, default 1 -> 0.01..10 log, default 1" in shown.err
    assert "trials in all: 4 -> 14" in shown.err
    assert "1 of 4 finished trials lies outside the new space" in shown.err
    assert shown.out == "svc-digits: it waits: the next `ask` applies it\n"


def test_edit_that_waits_counts_for_the_next(study: StudyRow, agenttune: Run, capsys: Output) -> None:
    agenttune("edit", "trials+=10", "--yes")
    agenttune("edit", "trials+=10", "--dry-run")
    assert capsys.readouterr().out.endswith("trials in all: 14 -> 24\n")
    assert agenttune("undo", "--yes") == 2
    assert "wait for a driver" in capsys.readouterr().err


def test_dry_run_sends_nothing(study: StudyRow, store: Store, agenttune: Run, capsys: Output) -> None:
    assert agenttune("edit", "kernel=rbf", "--dry-run", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["answer"] is None and told["edits"] == [{"edit": "freeze", "name": "kernel", "value": "rbf"}]
    assert told["diff"]["lines"][0] == {"what": "kernel", "old": "rbf|poly, default rbf", "new": "fixed at rbf"}
    assert sent(store, study) == []


@pytest.mark.parametrize(
    ("words", "culprit"),
    [
        (["edit"], "give at least one edit"),
        (["edit", "C<=10"], "--yes"),
        (["edit", "C<=1000", "c<=1", "--yes"], "did you mean 'C'"),
        (["edit", "C<=100", "--yes"], "this is so already"),
        (["edit", "nobody", "C<=10"], "no study is called 'nobody'"),
        (["undo", "--yes"], "there is no edit to undo"),
        (["undo", "--edit", "3", "--yes"], "there is no edit 3"),
    ],
)
def test_edit_that_cannot_be_is_bad_input_and_nothing_is_sent(
    words: list[str], culprit: str, study: StudyRow, store: Store, agenttune: Run, capsys: Output
) -> None:
    assert agenttune(*words) == 2
    assert culprit in capsys.readouterr().err
    assert sent(store, study) == []


def test_edits_are_listed_with_who_and_whether_they_stand(
    study: StudyRow, store: Store, agenttune: Run, capsys: Output
) -> None:
    assert agenttune("edit", "--list") == 0
    assert capsys.readouterr().out == "study svc-digits was never edited\n"
    steps = Steps(store, study.id)
    steps.edit(SetRange("C", high=10), by="ada")
    steps.edit(SetBudget(trials=9), by="ada")
    store.send(study.id, "undo", {"by": "bob"})
    with Study.open(store=store) as reopened, pytest.raises(BudgetExhausted):
        reopened.ask()
    agenttune("edit", "--list")
    told = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[3:6] for line in told[1:]] == [
        ["ada", "in", "force"],
        ["ada", "undone", "by"],
        ["bob", "undid", "2"],
    ]
    agenttune("edit", "--list", "--json")
    assert [json.loads(line)["undone_by"] for line in capsys.readouterr().out.splitlines()] == [None, 3, None]


@pytest.mark.long
def test_driver_applies_edits_and_undoes_them(tmp_path: Path, agenttune: Run, store: Store, capsys: Output) -> None:
    study_file = tmp_path / "study.toml"
    command = json.dumps([sys.executable, "-c", "import sys; print('score:', sys.argv[1])", "{x}"])
    study_file.write_text(
        f'name = "alive"\n[objective]\ntype = "command"\ncommand = {command}\n'
        'metric = { regex = "score: ([0-9.]+)" }\n'
        '[space]\nx = { type = "float", low = 0.0, high = 1.0 }\n'
        '[goal]\nmetric = "score"\ndirection = "maximize"\n[budget]\ntrials = 3\n'
    )
    assert agenttune("run", str(study_file)) == 0
    assert agenttune("edit", "alive", "trials+=2", "x<=0.5", "--yes") == 0
    assert "`agenttune resume alive` applies it" in capsys.readouterr().out
    assert agenttune("resume", "alive") == 0
    row = store.study("alive")
    assert (row.state, row.n_trials, row.space_version) == (StudyState.FINISHED, 5, 2)
    assert agenttune("undo", "alive", "--yes") == 0
    assert agenttune("resume", "alive", "--trials", "6") == 0
    assert [entry.undoes for _, entry in store.edits(row.id)] == [None, None, 2]
    assert store.study("alive").n_trials == 6
