"""A view as an Optuna study: states, values, categories, constraints, older spaces."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
import optuna
import pytest

from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.history.optuna_view import distributions, to_config, to_params, to_study
from agenttune.space import Bool, Categorical, Constant, Float, Int, Ordinal, Space
from agenttune.testing.views import complete, failed, unfinished, with_reports
from agenttune.trial import FailureKind, TrialState

SPACE = Space(
    rate=Float(1e-3, 1.0, log=True),
    share=Float(0.0, 1.0, step=0.3),
    width=Int(8, 512, log=True),
    steps=Int(0, 10, step=3),
    size=Ordinal([16, 32, 64]),
    kind=Categorical({"a": Space(inner=Float(0, 1)), "b": None}),
    flag=Bool(),
    folds=Constant(5),
)
OptunaState = optuna.trial.TrialState


def _configs(n: int) -> list[dict[str, bool | int | float | str]]:
    return SPACE.sample(np.random.default_rng(0), n)


def _view() -> StudyView:
    a, b, c, d = _configs(4)
    stopped = replace(with_reports(complete(1, b, {}), "value", {0: 0.1, 1: 0.2}), state=TrialState.STOPPED)
    trials = (complete(0, a, {"value": 0.5, "cost": 9.0}), stopped, failed(2, c), unfinished(3, d, TrialState.WAITING))
    return StudyView(SPACE, Goal("value", "maximize", ("cost < 5",)), trials)


def test_states_are_translated() -> None:
    states = [trial.state for trial in to_study(_view()).trials]
    assert states == [OptunaState.COMPLETE, OptunaState.PRUNED, OptunaState.FAIL, OptunaState.RUNNING]


def test_numbers_and_values_are_kept() -> None:
    first = to_study(_view()).trials[0]
    assert (first.number, first.value) == (0, 0.5)


def test_direction_is_kept() -> None:
    assert to_study(_view()).direction.name == "MAXIMIZE"


def test_curves_are_kept() -> None:
    assert to_study(_view()).trials[1].intermediate_values == {0: 0.1, 1: 0.2}


def test_broken_metric_constraint_is_infeasible() -> None:
    assert to_study(_view()).trials[0].constraints == {"cost < 5": 1.0}


def test_failures_can_enter_as_infeasible() -> None:
    third = to_study(_view(), failures_are_infeasible=True).trials[2]
    assert (third.state, third.constraints) == (OptunaState.PRUNED, {"failed": 1.0})


def test_lost_trial_is_no_infeasible_one() -> None:
    view = _view()
    lost = StudyView(view.space, view.goal, (failed(0, view.trials[0].config, FailureKind.LOST),))
    assert to_study(lost, failures_are_infeasible=True).trials[0].state is OptunaState.FAIL


def test_params_round_trip() -> None:
    for config in _configs(30):
        assert SPACE.validate(to_config(SPACE, to_params(SPACE, config))) == config


def test_params_lie_in_their_distributions() -> None:
    known = distributions(SPACE)
    for config in _configs(30):
        for name, value in to_params(SPACE, config).items():
            assert known[name]._contains(known[name].to_internal_repr(value))


def test_trial_without_a_place_in_the_space_keeps_the_numbers() -> None:
    old, new = Space(x=Int(1, 9)), Space(x=Int(1, 3))
    trials = (complete(0, {"x": 8}, {"value": 1.0}), complete(1, {"x": 2}, {"value": 2.0}))
    study = to_study(StudyView(new, Goal("value", "maximize"), trials, spaces={1: old, 2: new}))
    assert [(trial.state, trial.params) for trial in study.trials] == [
        (OptunaState.FAIL, {}),
        (OptunaState.COMPLETE, {"x": 2}),
    ]


def test_nothing_is_written_to_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    to_study(_view())
    assert capfd.readouterr().err == ""


def test_level_of_the_logger_is_restored() -> None:
    before = logging.getLogger("optuna").level
    to_study(_view())
    assert logging.getLogger("optuna").level == before


def test_choices_that_compare_equal_stay_apart() -> None:
    space = Space(kind=Categorical([True, 1]))
    assert [to_config(space, to_params(space, {"kind": choice}))["kind"] for choice in (True, 1)] == [True, 1]
    assert to_params(space, {"kind": True}) != to_params(space, {"kind": 1})
