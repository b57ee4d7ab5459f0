"""Early stopping: direction, NaN, start-up, rungs; the decisions of Optuna's pruners, at a constant cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agenttune.goal import Direction, Goal
from agenttune.history import StudyView
from agenttune.history.curves import curve as curve_of
from agenttune.history.optuna_view import quiet
from agenttune.schedulers import load_scheduler
from agenttune.space import Float, Space
from agenttune.testing.views import complete, unfinished, with_reports
from agenttune.trial import Decision, Report, Trial, TrialState

CURVES = {0: 0.1, 1: 0.2, 2: 0.3, 3: 0.4}


def _view(curves: list[Mapping[int, float]], direction: Direction = "maximize") -> StudyView:
    trials = [
        with_reports(complete(i, {"x": i / 10}, {"value": max(curve.values())}), "value", curve)
        for i, curve in enumerate(curves)
    ]
    return StudyView(Space(x=Float(0, 1)), Goal("value", direction), tuple(trials))


def _running(view: StudyView, curve: Mapping[int, float]) -> Trial:
    return with_reports(unfinished(len(view.trials), {"x": 0.99}), "value", curve)


def _judge(name: str, view: StudyView, curve: Mapping[int, float]) -> Decision:
    trial = _running(view, curve)
    judged = StudyView(view.space, view.goal, (*view.trials, trial))
    return load_scheduler(name).judge(trial, judged)


def test_fifo_never_stops() -> None:
    assert _judge("fifo", _view([CURVES] * 6), {0: -5.0, 1: -5.0}) is Decision.CONTINUE


def test_median_stops_a_trial_below_the_median() -> None:
    assert _judge("median", _view([CURVES] * 6), {0: 0.0, 1: 0.05}) is Decision.STOP


def test_median_lets_a_good_trial_go_on() -> None:
    assert _judge("median", _view([CURVES] * 6), {0: 0.3, 1: 0.4}) is Decision.CONTINUE


@pytest.mark.parametrize("name", ["median", "asha", "halving"])
def test_direction_is_respected(name: str) -> None:
    rising = [{step: 1 - value for step, value in CURVES.items()}] * 6
    view = _view(list(rising), "minimize")
    assert _judge(name, view, {0: 0.1, 1: 0.1}) is Decision.CONTINUE
    assert _judge(name, view, {0: 2.0, 1: 2.0}) is Decision.STOP


def test_median_waits_for_five_complete_trials() -> None:
    assert _judge("median", _view([CURVES] * 4), {0: -5.0, 1: -5.0}) is Decision.CONTINUE


def test_median_waits_for_three_curves_at_a_step() -> None:
    short = {0: 0.1}
    assert _judge("median", _view([CURVES, CURVES, short, short, short]), {0: 0.2, 1: -5.0}) is Decision.CONTINUE


@pytest.mark.parametrize("name", ["median", "asha", "halving"])
def test_nan_is_not_judged(name: str) -> None:
    assert _judge(name, _view([CURVES] * 6), {0: 0.1, 1: float("nan")}) is Decision.CONTINUE


@pytest.mark.parametrize("name", ["median", "asha", "halving"])
def test_nan_of_others_is_overlooked(name: str) -> None:
    broken = {2: 0.1, 0: float("nan"), 1: float("nan")}
    assert _judge(name, _view([*[CURVES] * 6, broken]), {0: 0.3, 1: 0.4}) is Decision.CONTINUE


@pytest.mark.parametrize("name", ["median", "asha", "halving"])
def test_trial_without_a_report_of_the_metric_goes_on(name: str) -> None:
    view = _view([CURVES] * 6)
    trial = with_reports(unfinished(9, {"x": 0.9}), "loss", {0: 1.0})
    assert load_scheduler(name).judge(trial, view) is Decision.CONTINUE


@pytest.mark.parametrize("name", ["median", "asha", "halving"])
def test_negative_steps_are_overlooked(name: str) -> None:
    assert _judge(name, _view([CURVES] * 6), {-1: -5.0}) is Decision.CONTINUE


def test_asha_stops_a_trial_outside_the_best_quarter() -> None:
    curves = [{step: value + i / 100 for step, value in CURVES.items()} for i in range(8)]
    view = _view(list(curves))
    assert _judge("asha", view, {0: 0.1, 1: 0.2}) is Decision.STOP
    assert _judge("asha", view, {0: 0.1, 1: 0.29}) is Decision.CONTINUE


def test_asha_stops_nothing_before_a_complete_trial_sets_the_rungs() -> None:
    assert _judge("asha", _view([]), {0: -5.0, 1: -5.0}) is Decision.CONTINUE


def test_asha_judges_a_rung_once() -> None:
    """Between the rungs at steps 1 and 4 a trial that passed the first goes on, however bad it gets."""
    curves = [{step: value + i / 100 for step, value in CURVES.items()} for i in range(8)]
    assert _judge("asha", _view(list(curves)), {0: 0.1, 1: 0.5, 2: -5.0}) is Decision.CONTINUE


def test_asha_counts_running_trials_that_reached_the_rung() -> None:
    view = _view([CURVES])
    running = tuple(with_reports(unfinished(10 + i, {"x": 0.5 + i / 100}), "value", {0: 0.5, 1: 0.9}) for i in range(8))
    crowded = StudyView(view.space, view.goal, (*view.trials, *running))
    assert _judge("asha", crowded, {0: 0.1, 1: 0.5}) is Decision.STOP


def test_view_may_hold_the_judged_trial_in_an_older_state() -> None:
    view = _view([CURVES] * 6)
    trial = _running(view, {0: 0.0, 1: 0.05})
    stale = unfinished(trial.number, trial.config, TrialState.RUNNING)
    assert (
        load_scheduler("median").judge(trial, StudyView(view.space, view.goal, (*view.trials, stale))) is Decision.STOP
    )


def test_halving_lets_the_better_half_of_a_rung_go_on() -> None:
    view = _view([{1: 0.1}, {1: 0.2}, {1: 0.3}, {1: 0.4}])
    assert _judge("halving", view, {1: 0.35}) is Decision.CONTINUE
    assert _judge("halving", view, {1: 0.15}) is Decision.STOP


def test_halving_lets_the_first_of_a_rung_go_on() -> None:
    assert _judge("halving", _view([]), {1: 0.1}) is Decision.CONTINUE


def test_halving_judges_each_rung_by_those_that_got_there() -> None:
    view = _view([{1: 0.1}, {1: 0.2}, {1: 0.8, 2: 0.9}, {1: 0.7, 2: 0.8}])
    assert _judge("halving", view, {1: 0.9, 2: 0.5}) is Decision.STOP


@pytest.mark.parametrize("name", ["median", "asha", "halving"])
def test_each_report_is_read_once(name: str) -> None:
    reads = 0

    class Counted(dict[str, float]):
        def get(self, *asked: object) -> float | None:  # type: ignore[override]  # only ever asked for a metric
            nonlocal reads
            reads += 1
            return super().get(str(asked[0]))

    view, scheduler = _view([CURVES] * 6), load_scheduler(name)
    trial = _running(view, {})
    for step in range(50):
        trial = replace(trial, reports=(*trial.reports, Report(step, Counted(value=0.9), 1.0)))
        scheduler.judge(trial, replace(view, trials=(*view.trials, trial)))
    assert reads == 50


@pytest.mark.parametrize("name", ["median", "asha", "halving"])
def test_reports_that_another_attempt_replaced_are_forgotten(name: str) -> None:
    view, scheduler = _view([CURVES] * 6), load_scheduler(name)
    good, poor = _running(view, {0: 0.9, 1: 0.9}), _running(view, {0: 0.0, 1: 0.05})
    assert scheduler.judge(good, view) is Decision.CONTINUE
    assert scheduler.judge(poor, view) is Decision.STOP


VALUES = st.sampled_from([float("nan"), *(i / 10 for i in range(8))])


@pytest.mark.parametrize("name", ["median", "asha", "halving"])
@settings(deadline=None, max_examples=30)  # a study of Optuna's for each report
@given(
    curves=st.lists(st.lists(VALUES, min_size=1, max_size=9), min_size=1, max_size=14),
    direction=st.sampled_from(["maximize", "minimize"]),
    stride=st.sampled_from([1, 3, 40]),
    n_complete=st.integers(0, 12),
)
def test_decisions_are_those_of_optunas_pruners(
    name: str, curves: list[list[float]], direction: Direction, stride: int, n_complete: int
) -> None:
    """Trials that report in turn, judged by one scheduler for all of it and by a new Optuna study each time."""
    scheduler = load_scheduler(name)
    trials = {i: unfinished(i, {"x": 0.5}) for i in range(len(curves))}
    for i, values in enumerate(curves[:n_complete]):
        points = {step * stride: value for step, value in enumerate(values)}
        trials[i] = with_reports(complete(i, {"x": 0.5}, {"value": 0.5}), "value", points)
    for step in range(9):
        for i, values in enumerate(curves):
            if i >= n_complete and step < len(values):
                report = Report(step * stride, {"value": values[step]}, 1.0)
                trials[i] = replace(trials[i], reports=(*trials[i].reports, report))
                view = StudyView(Space(x=Float(0, 1)), Goal("value", direction), tuple(trials.values()))
                assert scheduler.judge(trials[i], view) is _optunas(name, trials[i], view)


def _optunas(name: str, trial: Trial, view: StudyView) -> Decision:
    """What Optuna's pruner decides about the trial in a study of these trials."""
    curves = {t.number: curve_of(t, "value") for t in view.trials}
    if not curves[trial.number] or trial.reports[-1].step != max(curves[trial.number]):
        return Decision.CONTINUE
    last_steps = [max(curves[t.number]) for t in view.complete if curves[t.number]]
    first_rung, reduction = (1, 2) if name == "halving" else (max(max(last_steps, default=0) // 100, 1), 4)
    if name == "asha" and not last_steps:
        return Decision.CONTINUE
    pruner: optuna.pruners.BasePruner = optuna.pruners.SuccessiveHalvingPruner(first_rung, reduction)
    if name == "median":
        pruner = optuna.pruners.MedianPruner(n_startup_trials=5, n_min_trials=3)
    with quiet():
        study = optuna.create_study(direction=view.goal.direction)
    for t in sorted(view.trials, key=lambda t: t.number == trial.number):
        points = curves[t.number]
        noted = {step: value for step, value in points.items() if t is not trial or step != max(points)}
        is_complete = t.state is TrialState.COMPLETE
        study.add_trial(
            optuna.trial.create_trial(
                state=optuna.trial.TrialState.COMPLETE if is_complete else optuna.trial.TrialState.RUNNING,
                value=0.5 if is_complete else None,
                intermediate_values=points,
                system_attrs=dict(_rungs(noted, first_rung, reduction)),
            )
        )
    return Decision.STOP if pruner.prune(study, study.get_trials(deepcopy=False)[-1]) else Decision.CONTINUE


def _rungs(points: Mapping[int, float], first_rung: int, reduction: int) -> dict[str, float]:
    """What the pruner noted: the value when each rung was reached."""
    notes: dict[str, float] = {}
    for step, value in sorted(points.items()):
        while step >= first_rung * reduction ** len(notes):
            notes[f"completed_rung_{len(notes)}"] = value
    return notes
