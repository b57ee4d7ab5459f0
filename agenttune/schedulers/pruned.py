"""Early stopping by the rules of Optuna's pruners: the median, and asynchronous successive halving.

Both compare the curve of a running trial with those of the others at the same step. A report without the
goal's metric, or with one that is not finite, is overlooked: whether a trial failed is decided at its end.
A report is judged in the time it takes to look at the other trials, however many came before it; Optuna's
pruners would need the whole study anew. What is kept from one to the next follows from the view alone.
"""

from __future__ import annotations

import numpy as np

from agenttune.history import StudyView
from agenttune.history.curves import Curve, Curves
from agenttune.trial import Decision, Trial

MEDIAN_START = 5
"""Complete trials before the median rule stops anything: below that a median says little (Optuna's default)."""
MEDIAN_CURVES = 3
"""Curves that must have reached a step before it is judged: the median of two is their mean."""
REDUCTION = 4
"""One in four trials goes on from each rung, as in Li et al. 2020 (A system for massively parallel
hyperparameter tuning), and Optuna's default."""
HALF = 2
"""One in two, where there are two or three rungs and some twenty trials."""


class MedianScheduler:
    """Stops a trial whose best value so far is worse than the median of the others at the same step."""

    def __init__(self) -> None:
        self._curves = Curves()

    def judge(self, trial: Trial, view: StudyView) -> Decision:
        """STOP or CONTINUE."""
        metric = view.goal.metric
        curve = self._curves.of(trial, metric)
        if not _is_at_new_step(trial, curve):
            return Decision.CONTINUE
        others = [t for t in view.complete if t.number != trial.number and t.reports and view.adapted(t) is not None]
        curves = (self._curves.of(t, metric).values for t in others)
        values = [values[curve.steps[-1]] for values in curves if curve.steps[-1] in values]
        if len(others) < MEDIAN_START or len(values) < MEDIAN_CURVES:
            return Decision.CONTINUE
        best = curve.highest if view.goal.direction == "maximize" else curve.lowest
        is_worse = view.goal.is_better(float(np.percentile(values, 50)), than=best)
        return Decision.STOP if is_worse else Decision.CONTINUE


class SuccessiveHalvingScheduler:
    """Asynchronous successive halving: at each rung only the best quarter of those that got there goes on."""

    def __init__(self) -> None:
        self._curves = Curves()

    def judge(self, trial: Trial, view: StudyView) -> Decision:
        """STOP or CONTINUE; nothing is stopped before the first complete trial, which sets the rungs."""
        last_steps = [steps[-1] for t in view.complete if (steps := self._curves.of(t, view.goal.metric).steps)]
        if not last_steps:
            return Decision.CONTINUE
        first_rung = max(max(last_steps) // 100, 1)  # Optuna's rule for min_resource="auto"
        return _judge(trial, view, self._curves, first_rung=first_rung, reduction=REDUCTION)


class BetterHalfScheduler:
    """Successive halving over few rungs, the steps 1, 2, 4, ...: of those that got to one the better half goes on."""

    def __init__(self) -> None:
        self._curves = Curves()

    def judge(self, trial: Trial, view: StudyView) -> Decision:
        """STOP or CONTINUE; the first trial that gets to a rung goes on."""
        return _judge(trial, view, self._curves, first_rung=1, reduction=HALF)


def _is_at_new_step(trial: Trial, curve: Curve) -> bool:
    """Whether the trial has just reported the goal's metric at a new last step."""
    return bool(curve.steps) and trial.reports[-1].step == curve.steps[-1]


def _judge(trial: Trial, view: StudyView, curves: Curves, *, first_rung: int, reduction: int) -> Decision:
    """STOP where the trial got to a rung with its last step, and is not among the best of those that ever did."""
    metric = view.goal.metric
    curve = curves.of(trial, metric)
    if not _is_at_new_step(trial, curve):
        return Decision.CONTINUE
    value, before = curve.values[curve.steps[-1]], curve.steps[-2] if len(curve.steps) > 1 else -1
    rung = first_rung
    while rung <= curve.steps[-1]:
        if rung > before:
            others = (curves.of(t, metric).at(rung) for t in view.trials if t.number != trial.number)
            there = sorted([value, *(other for other in others if other is not None)], reverse=view.goal.sign > 0)
            if view.goal.is_better(there[max(len(there) // reduction, 1) - 1], than=value):
                return Decision.STOP
        rung *= reduction
    return Decision.CONTINUE
