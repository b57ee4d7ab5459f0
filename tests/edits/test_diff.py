"""What a diff shows: old and new of each thing, and what becomes of trials."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from agenttune.budget import Budget
from agenttune.edits import (
    AddConstraint,
    AddMetricConstraint,
    Edit,
    Freeze,
    RemoveMetricConstraint,
    RemoveParameter,
    SetBudget,
    SetChoices,
    SetRange,
    SetTarget,
    SetTrialLimit,
    SetWorkers,
    Terms,
    apply,
    diff,
)
from agenttune.edits.diff import MOST_LINES
from agenttune.goal import Goal
from agenttune.space import Categorical, Float, Space
from agenttune.spec import TrialLimits
from agenttune.testing.views import complete, failed, unfinished
from agenttune.trial import TrialState

SPACE = Space(lr=Float(1e-5, 1e-1, log=True, default=1e-3), optimizer=Categorical(["sgd", "adam"]))
TERMS = Terms(SPACE, Goal("accuracy", "maximize", ("size < 9",)), Budget(trials=50), TrialLimits(seconds=30), 1)
TRIALS = (
    complete(0, {"lr": 1e-4, "optimizer": "sgd"}, {"accuracy": 0.8, "size": 1, "latency_ms": 9}),
    complete(1, {"lr": 0.05, "optimizer": "sgd"}, {"accuracy": 0.93, "size": 1, "latency_ms": 40}),
    complete(2, {"lr": 2e-3, "optimizer": "adam"}, {"accuracy": 0.91, "size": 1, "latency_ms": 12}),
    failed(3, {"lr": 0.06, "optimizer": "adam"}),
    unfinished(4, {"lr": 0.07, "optimizer": "sgd"}),
    unfinished(5, {"lr": 0.08, "optimizer": "sgd"}, TrialState.WAITING),
)

LINES: list[tuple[Edit, str]] = [
    (SetRange("lr", high=1e-2), "lr: 1e-5..0.1 log, default 1e-3 -> 1e-5..0.01 log, default 1e-3"),
    (SetChoices("optimizer", ("sgd", "adam", "adamw")), "optimizer: sgd|adam -> sgd|adam|adamw"),
    (Freeze("optimizer", "adam"), "optimizer: sgd|adam -> fixed at adam"),
    (RemoveParameter("optimizer"), "optimizer: sgd|adam -> none"),
    (AddConstraint("lr < 0.05"), "constraint: none -> lr < 0.05"),
    (SetBudget(trials=60, seconds=7200), "trials in all: 50 -> 60\nseconds in all: none -> 7200"),
    (SetBudget(lifted=("trials",)), "trials in all: 50 -> none"),
    (AddMetricConstraint("size < 3"), "feasible only with: none -> size < 3"),
    (RemoveMetricConstraint("size < 9"), "feasible only with: size < 9 -> none"),
    (SetTarget(0.95), "target: none -> 0.95"),
    (SetTrialLimit(seconds=5), "seconds of a trial: 30 -> 5"),
    (SetWorkers(4), "at a time: 1 -> 4"),
    (SetWorkers(1), "nothing changes"),
]


@pytest.mark.parametrize(("edit", "told"), LINES)
def test_each_change_is_told_as_old_and_new(edit: Edit, told: str) -> None:
    assert diff(TERMS, apply(TERMS, edit)).text == told


EFFECTS: list[tuple[Edit, list[str]]] = [
    (
        SetRange("lr", high=1e-2),
        [
            "2 of 4 finished trials lie outside the new space: what they measured stays in the record and counts, the "
            "next proposals no longer learn from it",
            "the best so far, trial 1, is one of them and stays the best until a trial beats it",
            "trials 4, 5 waiting or running outside the new space: run all the same",
        ],
    ),
    (SetRange("lr", low=1e-6), []),
    (
        AddMetricConstraint("latency_ms < 20"),
        [
            "1 finished trial no longer counts as feasible (latency_ms < 20)",
            "best so far: trial 2 (0.91) instead of trial 1 (0.93)",
        ],
    ),
    (
        AddMetricConstraint("memory < 2"),
        [
            "3 finished trials no longer count as feasible (memory < 2)",
            "3 of them did not report memory",
            "no finished trial is feasible any more; the best so far was trial 1 (0.93)",
        ],
    ),
    (SetTarget(0.92), ["the target is reached by trial 1 (0.93), so that the study ends"]),
    (
        SetTrialLimit(seconds=0.5),
        [
            "3 of 3 complete trials took longer than 0.5 s; they stay in the record",
            "trial 4 in progress: under the former limit until the attempt ends",
        ],
    ),
    (SetBudget(trials=6), ["6 trials are in the budget already, so that nothing more is proposed"]),
    (SetBudget(trials=7), []),
]


@pytest.mark.parametrize(("edit", "effects"), EFFECTS)
def test_what_becomes_of_trials_is_told(edit: Edit, effects: list[str]) -> None:
    assert list(diff(TERMS, apply(TERMS, edit), trials=TRIALS).effects) == effects


def test_undone_edit_lets_trials_back_in() -> None:
    narrow = apply(TERMS, SetRange("lr", high=1e-2))
    told = diff(narrow, TERMS, trials=TRIALS).effects
    assert told == ("2 finished trials that lay outside the space lie inside again",)


def test_lifted_constraint_makes_trials_feasible() -> None:
    strict = apply(TERMS, AddMetricConstraint("latency_ms < 20"))
    told = diff(strict, apply(strict, RemoveMetricConstraint("latency_ms < 20")), trials=TRIALS).effects
    assert told == (
        "1 finished trial counts as feasible now",
        "best so far: trial 1 (0.93) instead of trial 2 (0.91)",
    )


def test_diff_of_a_large_change_is_bounded() -> None:
    wide = replace(TERMS, space=Space({f"x{index}": Float(0.0, 1.0) for index in range(40)}))
    told = diff(TERMS, wide)
    assert len(told.lines) == MOST_LINES
    assert told.effects == ("22 more lines are not shown",)


def test_long_choices_are_cut() -> None:
    many = apply(TERMS, SetChoices("optimizer", tuple(f"choice-{index}" for index in range(200))))
    assert len(diff(TERMS, many).text) < 300


def test_diff_is_json() -> None:
    told = diff(TERMS, apply(TERMS, SetWorkers(3))).to_json()
    assert json.loads(json.dumps(told)) == {"lines": [{"what": "at a time", "old": "1", "new": "3"}], "effects": []}
