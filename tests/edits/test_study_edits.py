"""Edits of goal, budget, limits and workers: what each does, the way back, undoing later, JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agenttune.budget import Budget
from agenttune.edits import (
    AddConstraint,
    AddMetricConstraint,
    Edit,
    Freeze,
    RemoveConstraint,
    RemoveMetricConstraint,
    SetBudget,
    SetRange,
    SetTarget,
    SetTrialLimit,
    SetWorkers,
    Terms,
    apply,
    describe_edit,
    edit_from_json,
    edit_to_json,
    invert,
    undo,
)
from agenttune.errors import UserError
from agenttune.goal import Goal
from agenttune.space import Float, Int, Space
from agenttune.spec import StudySpec, TrialLimits
from agenttune.types import Json

SPACE = Space(lr=Float(1e-5, 1e-1, log=True, default=1e-3), n=Int(1, 10), constraints=["n * lr < 1"])
GOAL = Goal("accuracy", "maximize", ("latency_ms < 20", "size < 3", "cost < 1"), target=0.9)
TERMS = Terms(SPACE, GOAL, Budget(trials=50, seconds=60), TrialLimits(seconds=30), 2)

texts = st.sampled_from([*GOAL.constraints, "memory < 2", "a < b or c"])
numbers = st.integers(1, 1000)
bounds = st.none() | numbers
sizes = st.none() | st.integers(10**6, 10**12)
edits = st.one_of(
    st.builds(lambda trials, dollars: {"trials": trials, "dollars": dollars}, bounds, bounds)
    .map(lambda given: {**given, "lifted": [name for name, value in given.items() if value is None]})
    .map(lambda given: SetBudget(**given)),
    st.builds(SetBudget, trials=numbers, seconds=bounds, tokens=bounds),
    st.builds(AddMetricConstraint, texts),
    st.builds(RemoveMetricConstraint, texts),
    st.builds(SetTarget, st.none() | st.floats(-9, 9)),
    st.builds(SetTrialLimit, seconds=numbers, memory_bytes=sizes),
    st.just(SetTrialLimit(lifted=("seconds", "memory_bytes"))),
    st.builds(SetWorkers, numbers),
    st.sampled_from(
        [
            SetRange("lr", high=1e-2),
            SetRange("n", low=2, high=6),
            Freeze("n", 3),
            AddConstraint("n < 9"),
            RemoveConstraint("n * lr < 1"),
        ]
    ),
)


def applied(terms: Terms, edit: Edit) -> Terms:
    """The next terms; edits that break a rule are no example."""
    try:
        return apply(terms, edit)
    except UserError:
        assume(False)
        raise


def test_workers_that_would_read_each_others_results_are_refused() -> None:
    shared = replace(TERMS, workers=1, shared_file="runs/out.json")
    with pytest.raises(UserError, match=r"'runs/out.json' is shared by 3: write 'runs/out_\{trial\}.json', or use wor"):
        apply(shared, SetWorkers(3))
    assert apply(shared, SetWorkers(1)) == shared


@pytest.mark.parametrize(
    ("file", "is_shared"),
    [("out.json", True), ("{trial}/out.json", False), ("out_{{trial}}.json", True), ("${trial}", True), ("{lr}", True)],
)
def test_file_of_a_trial_is_named_by_a_placeholder_of_its_own(file: str, is_shared: bool) -> None:
    objective: dict[str, Json] = {"type": "command", "command": "./bench", "metric": {"file": file}}
    spec = StudySpec("s", Space(lr=Float(0, 1)), Goal("loss", "minimize"), objective, Budget(trials=3))
    assert spec.shared_file == (file if is_shared else None)


@given(edits)
def test_applying_and_inverting_gives_the_terms_back(edit: Edit) -> None:
    edited, back = applied(TERMS, edit), invert(TERMS, edit)
    assert apply(edited, back) == TERMS
    assert apply(TERMS, invert(edited, back)) == edited


@given(edits)
def test_edits_survive_json(edit: Edit) -> None:
    assert edit_from_json(json.loads(json.dumps(edit_to_json(edit)))) == edit


@given(edits)
def test_the_latest_edit_can_always_be_undone(edit: Edit) -> None:
    assert undo(applied(TERMS, edit), edit, invert(TERMS, edit)) == TERMS


def test_edit_whose_subject_was_edited_again_cannot_be_undone() -> None:
    first = SetRange("lr", high=1e-2)
    twice = apply(apply(TERMS, first), SetRange("lr", low=1e-4))
    with pytest.raises(UserError, match="was changed again since"):
        undo(twice, first, invert(TERMS, first))


def test_edits_of_different_things_are_undone_in_any_order() -> None:
    first, second = SetBudget(trials=60), SetBudget(seconds=90)
    twice = apply(apply(TERMS, first), second)
    assert undo(twice, first, invert(TERMS, first)).budget == Budget(trials=50, seconds=90)


EXAMPLES: list[tuple[Edit, str]] = [
    (SetBudget(trials=60, lifted=("seconds",)), "budget: trials 60, no bound of seconds"),
    (AddMetricConstraint("size < 9"), "feasible only with size < 9"),
    (RemoveMetricConstraint("size < 3"), "feasible without size < 3"),
    (SetTarget(0.95), "target 0.95"),
    (SetTarget(None), "no target"),
    (SetTrialLimit(seconds=5), "limit of a trial: seconds 5"),
    (SetWorkers(4), "4 at a time"),
]


@pytest.mark.parametrize(("edit", "told"), EXAMPLES)
def test_edits_are_told_in_words(edit: Edit, told: str) -> None:
    assert describe_edit(edit) == told


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"edit": "set_budget"}, "no bound is given; set or lift one of trials, seconds"),
        ({"edit": "set_budget", "trials": 0}, "a budget of `trials` must be at least 1, but got 0"),
        ({"edit": "set_budget", "trials": 3, "lifted": ["trials"]}, "`trials` is both set and lifted"),
        ({"edit": "set_budget", "lifted": ["hours"]}, "no bound is called 'hours'"),
        ({"edit": "set_budget", "trials": True}, "a budget of `trials` must be a number, but got True"),
        ({"edit": "set_target"}, "the edit set_target needs `value`, which is missing"),
        ({"edit": "set_target", "value": "much"}, "`value` of the edit set_target has the wrong type"),
        ({"edit": "set_workers", "workers": 0}, "`workers` must be a whole number of at least 1, but got 0"),
        ({"edit": "set_trial_limit", "seconds": -1}, "the limit `seconds` of a trial must be"),
        ({"edit": "set_trial_limit", "memory_bytes": 2}, "of a trial must be at least 1,000,000 bytes, but got 2: no"),
        ({"edit": "add_metric_constraint", "text": "size <"}, "cannot be read"),
        ({"edit": "add_metric_constraint", "text": "size + 1"}, "must come out true or false"),
        ({"edit": "add_metric_constraint", "text": "size < 3"}, "is there already"),
        ({"edit": "remove_metric_constraint", "text": "size < 4"}, "there is no constraint 'size < 4' on metrics"),
    ],
)
def test_broken_edit_says_why(content: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        apply(TERMS, edit_from_json(content))
    assert sentence in str(caught.value)


def test_limit_that_the_executor_cannot_keep_is_refused_and_can_be_lifted() -> None:
    inline = replace(TERMS, executor="inline")
    with pytest.raises(UserError, match=r"limit `memory_bytes` .* executor 'inline', .* or leave the limit out"):
        apply(replace(inline, limits=TrialLimits()), SetTrialLimit(memory_bytes=9))
    assert apply(inline, SetTrialLimit(lifted=("seconds",))).limits == TrialLimits()
