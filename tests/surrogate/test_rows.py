"""Which trials become observations, with which values."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.space import Float, Int, Space
from agenttune.surrogate.rows import MAX_ROWS, rows
from agenttune.testing.views import complete, failed, unfinished, with_reports
from agenttune.trial import FailureKind, Trial, TrialState

SPACE = Space(x=Float(0, 1))


def _view(*trials: Trial, goal: Goal | None = None) -> StudyView:
    return StudyView(SPACE, goal or Goal("value", "maximize"), trials)


def _stopped(number: int, x: float, last: float) -> Trial:
    trial = with_reports(complete(number, {"x": x}, {}), "value", {0: 0.0, 1: last})
    return replace(trial, state=TrialState.STOPPED, outcome=None)


def _complete(n: int) -> list[Trial]:
    return [complete(i, {"x": i / n}, {"value": float(i)}) for i in range(n)]


def test_values_are_turned_so_that_larger_is_better() -> None:
    view = _view(complete(0, {"x": 0.1}, {"value": 3.0}), goal=Goal("value", "minimize"))
    assert rows(view).values.tolist() == [-3.0]


def test_stopped_trial_counts_with_its_last_report() -> None:
    assert rows(_view(*_complete(5), _stopped(9, 0.95, last=0.5))).values[-1] == 0.5


def test_stopped_trial_is_never_better_than_the_median() -> None:
    assert rows(_view(*_complete(5), _stopped(9, 0.95, last=99.0))).values[-1] == 2.0


def test_stopped_trial_of_a_minimised_metric_is_never_better_than_the_median() -> None:
    view = _view(*_complete(5), _stopped(9, 0.95, last=-99.0), goal=Goal("value", "minimize"))
    assert rows(view).values[-1] == -2.0


@pytest.mark.parametrize(
    ("values", "seen"),
    [
        ([0.3, 0.4, 0.7, 1e6], [-0.3, -0.4, -0.7, -2.8]),
        ([0.3, 0.4, 0.7, 1e6, 2e6], [-0.3, -0.4, -0.7, -4.3, -4.3]),
        ([0.3, 0.4, 5.0, 1e6, 1e300], [-0.3, -0.4, -5.0, -47.3, -47.3]),
        ([0.3, 0.4, 1e6, 2e6, 3e6], [-0.3, -0.4, -1e6, -2e6, -3e6]),
        ([0.3, 0.4, 0.7, 9.0], [-0.3, -0.4, -0.7, -9.0]),
        ([0.0, 0.0, 0.0, 5.0], [0.0, 0.0, 0.0, -5.0]),
        ([1e6, 1e6, 1e6], [-1e6, -1e6, -1e6]),
    ],
)
def test_value_out_of_all_proportion_is_bad_and_no_more(values: list[float], seen: list[float]) -> None:
    trials = [complete(at, {"x": at / 10}, {"value": value}) for at, value in enumerate(values)]
    assert rows(_view(*trials, goal=Goal("value", "minimize"))).values.tolist() == pytest.approx(seen)


def test_stopped_trial_without_a_report_is_left_out() -> None:
    silent = replace(complete(9, {"x": 0.9}, {}), state=TrialState.STOPPED, outcome=None)
    assert len(rows(_view(*_complete(5), silent)).values) == 5


@pytest.mark.parametrize("kind", [kind for kind in FailureKind if kind is not FailureKind.LOST])
def test_failures_are_learned_from(kind: FailureKind) -> None:
    assert rows(_view(failed(0, {"x": 0.25}, kind))).failed.tolist() == [[0.25]]


def test_lost_trials_are_not_learned_from() -> None:
    assert len(rows(_view(failed(0, {"x": 0.25}, FailureKind.LOST))).failed) == 0


def test_broken_metric_constraint_without_a_size_is_a_failure_with_a_value() -> None:
    goal = Goal("value", "maximize", ("cost in (1, 2)",))
    found = rows(_view(complete(0, {"x": 0.25}, {"value": 1.0, "cost": 9.0}), goal=goal))
    assert (found.failed.tolist(), found.values.tolist(), found.is_feasible.tolist()) == ([[0.25]], [1.0], [False])
    assert found.slacks == {}


def test_constraint_that_compares_sizes_has_a_slack_and_is_no_failure() -> None:
    goal = Goal("value", "maximize", ("cost < 5", "value - 2 >= 0"))
    trials = [complete(i, {"x": 0.25 * i}, {"value": 1.0, "cost": cost}) for i, cost in enumerate((10.0, 2.5))]
    found = rows(_view(*trials, complete(2, {"x": 0.75}, {"value": 3.0}), goal=goal))
    assert found.slacks["cost < 5"][:2].tolist() == pytest.approx([-math.log(2), math.log(2)])
    assert math.isnan(found.slacks["cost < 5"][2])
    assert found.slacks["value - 2 >= 0"].tolist() == [-1.0, -1.0, 1.0]
    assert (found.failed.tolist(), found.succeeded.tolist()) == ([[0.75]], [[0.0], [0.25]])
    assert found.is_feasible.tolist() == [False] * 3


def test_pending_trials_have_points_only() -> None:
    found = rows(_view(unfinished(0, {"x": 0.5}, TrialState.WAITING), unfinished(1, {"x": 0.75})))
    assert (found.pending.tolist(), len(found.values)) == ([[0.5], [0.75]], 0)


def test_replicates_are_rows_of_their_own() -> None:
    twice = [complete(i, {"x": 0.5}, {"value": float(i)}) for i in range(2)]
    found = rows(_view(*twice))
    assert (len(found.values), found.has_spread) == (2, True)


def test_equal_replicates_have_no_spread() -> None:
    twice = [complete(i, {"x": 0.5}, {"value": 1.0}) for i in range(2)]
    assert not rows(_view(*twice)).has_spread


def test_trial_outside_the_space_of_today_is_left_out() -> None:
    old, new = Space(n=Int(1, 9)), Space(n=Int(1, 3))
    trials = (complete(0, {"n": 8}, {"value": 1.0}), complete(1, {"n": 2}, {"value": 2.0}))
    view = StudyView(new, Goal("value", "maximize"), trials, spaces={1: old, 2: new})
    assert rows(view).values.tolist() == [2.0]


def test_long_history_keeps_the_best_and_the_latest() -> None:
    n = MAX_ROWS + 100
    values = np.random.default_rng(0).permutation(n)
    view = _view(*(complete(i, {"x": i / n}, {"value": float(value)}) for i, value in enumerate(values)))
    kept = rows(view).values
    assert (len(kept), kept.max(), kept[-1]) == (MAX_ROWS, n - 1, values[-1])


def test_long_history_of_failures_is_bounded_too() -> None:
    n = MAX_ROWS + 100
    trials = [failed(i, {"x": i / n}) if i % 4 else complete(i, {"x": i / n}, {"value": 1.0}) for i in range(n)]
    found, n_complete = rows(_view(*trials)), len(range(0, n, 4))
    assert (len(found.failed), len(found.succeeded)) == (MAX_ROWS - n_complete, n_complete)
    assert found.failed[-1].tolist() == pytest.approx([(n - 1) / n])


def test_long_history_keeps_the_best_that_breaks_no_constraint() -> None:
    n = MAX_ROWS + 100
    costs = [1.0 if i == 5 else 9.0 for i in range(n)]
    trials = (complete(i, {"x": i / n}, {"value": float(n - i), "cost": cost}) for i, cost in enumerate(costs))
    only = rows(_view(*trials, goal=Goal("value", "minimize", ("cost < 5",))))
    assert only.points[only.is_feasible].tolist() == pytest.approx(np.array([[5 / n]]))
