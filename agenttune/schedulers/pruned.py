"""Early stopping by Optuna's pruners: the median rule and asynchronous successive halving.

Both compare the curve of a running trial with those of the others at the same step. A report without the
goal's metric, or with one that is not finite, is overlooked: whether a trial failed is decided at its end.
"""

from __future__ import annotations

from dataclasses import replace

from optuna.pruners import BasePruner, MedianPruner, SuccessiveHalvingPruner

from agenttune.history import StudyView
from agenttune.history.curves import curve
from agenttune.history.optuna_view import to_study
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

    def judge(self, trial: Trial, view: StudyView) -> Decision:
        """STOP or CONTINUE."""
        return _judge(trial, view, MedianPruner(n_startup_trials=MEDIAN_START, n_min_trials=MEDIAN_CURVES))


class SuccessiveHalvingScheduler:
    """Asynchronous successive halving: at each rung only the best quarter of those that got there goes on."""

    def judge(self, trial: Trial, view: StudyView) -> Decision:
        """STOP or CONTINUE; nothing is stopped before the first complete trial, which sets the rungs."""
        last_steps = [max(steps) for t in view.complete if (steps := curve(t, view.goal.metric))]
        if not last_steps:
            return Decision.CONTINUE
        first_rung = max(max(last_steps) // 100, 1)  # Optuna's rule for min_resource="auto"
        pruner = SuccessiveHalvingPruner(min_resource=first_rung, reduction_factor=REDUCTION)
        return _judge(trial, view, pruner, first_rung=first_rung)


class BetterHalfScheduler:
    """Successive halving over few rungs, the steps 1, 2, 4, ...: of those that got to one the better half goes on."""

    def judge(self, trial: Trial, view: StudyView) -> Decision:
        """STOP or CONTINUE; the first trial that gets to a rung goes on."""
        pruner = SuccessiveHalvingPruner(min_resource=1, reduction_factor=HALF)
        return _judge(trial, view, pruner, first_rung=1, reduction=HALF)


def _judge(
    trial: Trial, view: StudyView, pruner: BasePruner, *, first_rung: int | None = None, reduction: int = REDUCTION
) -> Decision:
    """Asks the pruner about a trial that has just reported the goal's metric at a new last step."""
    steps = curve(trial, view.goal.metric)
    if not steps or trial.reports[-1].step != max(steps):
        return Decision.CONTINUE
    others = tuple(t for t in view.trials if t.number != trial.number and t.reports)
    notes = {} if first_rung is None else {t.number: _rungs(t, view, first_rung, reduction) for t in others}
    if first_rung is not None:
        notes[trial.number] = _rungs(replace(trial, reports=trial.reports[:-1]), view, first_rung, reduction)
    study = to_study(replace(view, trials=(*others, trial)), system_attrs=notes)
    judged = study.get_trials(deepcopy=False)[-1]
    return Decision.STOP if pruner.prune(study, judged) else Decision.CONTINUE


def _rungs(trial: Trial, view: StudyView, first_rung: int, reduction: int) -> dict[str, float]:
    """What Optuna's pruner would have noted of a trial: its value when it reached each rung."""
    notes: dict[str, float] = {}
    for step, value in sorted(curve(trial, view.goal.metric).items()):
        while step >= first_rung * reduction ** len(notes):
            notes[f"completed_rung_{len(notes)}"] = value
    return notes
