"""The trials of a view as numbers: what was measured where, what failed where, what is still out.

Notation: points `n x d` of the unit cube; values turned so that larger is better, not yet standardised.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agenttune.expressions import Expression
from agenttune.history import StudyView
from agenttune.history.curves import curve
from agenttune.surrogate.encoding import Floats
from agenttune.trial import Trial, TrialState
from agenttune.types import Config

MAX_ROWS = 250
"""Observations a fit may hold: its cost grows with the cube, and passes a CPU-second at 300."""
LARGEST_VALUE = sys.float_info.max / 4
"""Largest measurement there is to the surrogate: the difference of two must be a float too."""

OUTLIER, BAD = 100, 10
"""A value that is this many times as far from the best as is usual is an outlier; how far it counts as at least."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Everything the surrogate learns from."""

    points: Floats
    """`n x d`, one row per measurement: replicates are rows of their own, by which the noise is learned."""
    values: Floats
    """`n`, larger is better; outliers held to what is bad (docs/decisions/0022-outliers.md)."""
    is_feasible: NDArray[np.bool_]
    """`n`: measured to the end, and within the goal's constraints."""
    slacks: dict[str, Floats]
    """By the text of a constraint that compares two sizes, `n`: by how much it holds, negative where it is broken; NaN
    where that is not known; outliers held to what is bad. In nats where both sides are positive throughout."""
    failed: Floats
    """`m x d` points that failed by their own fault, or broke a constraint of which no slack is known, the latest if
    many."""
    succeeded: Floats
    """`k x d` points that ran to the end and did neither, likewise."""
    pending: Floats
    """`q x d` points of trials that wait, run or pause."""
    known: Floats
    """Every point of the view."""

    @property
    def has_spread(self) -> bool:
        """Whether the same point was measured twice with different values."""
        seen: dict[bytes, float] = {}
        return any(
            seen.setdefault(point.tobytes(), value) != value
            for point, value in zip(self.points, self.values, strict=True)
        )


def rows(view: StudyView) -> Rows:
    """Collects what a view tells."""
    placed = [(trial, config) for trial in view.trials if (config := view.adapted(trial)) is not None]
    points = dict(zip((trial.number for trial, _ in placed), _points(view, placed), strict=True))
    values = [view.goal.sign * view.value(trial) for trial in view.complete]
    median = float(np.median(np.clip(values, -LARGEST_VALUE, LARGEST_VALUE))) if values else None
    measured = [(trial, value) for trial, _ in placed if (value := _value(view, trial, median)) is not None]
    measured = _bounded(view, measured)

    def at(trials: list[Trial]) -> Floats:
        return np.array([points[t.number] for t in trials]).reshape(len(trials), len(view.space.columns))

    trials = [trial for trial, _ in placed]
    failures, successes = _halves(
        [trial for trial in trials if view.is_broken(trial) and not _ran(view, trial)],
        [trial for trial in trials if _ran(view, trial)],
    )
    return Rows(
        points=at([trial for trial, _ in measured]),
        values=_without_outliers(
            np.clip(np.array([value for _, value in measured], dtype=np.float64), -LARGEST_VALUE, LARGEST_VALUE)
        ),
        is_feasible=np.array([_succeeded(view, trial) for trial, _ in measured], dtype=np.bool_),
        slacks=_slacks(view, [trial for trial, _ in measured]),
        failed=at(failures),
        succeeded=at(successes),
        pending=at([trial for trial in trials if not trial.state.is_finished]),
        known=at(trials),
    )


def _points(view: StudyView, placed: list[tuple[Trial, Config]]) -> Floats:
    return view.space.snap(view.space.to_unit([config for _, config in placed]))


def _value(view: StudyView, trial: Trial, median: float | None) -> float | None:
    """What a trial measured, larger is better; None without a measurement to learn from.

    A stopped trial counts with its last report, but never as better than the median of the complete ones:
    it was stopped for being behind, and its curve may not have come down yet.
    """
    if trial.state is TrialState.COMPLETE:
        value = trial.value(view.goal.metric)
        return None if value is None else view.goal.sign * value
    if trial.state is TrialState.STOPPED and median is not None:
        reported = curve(trial, view.goal.metric)
        return min(view.goal.sign * reported[max(reported)], median) if reported else None
    return None


def _without_outliers(values: Floats) -> Floats:
    """The values, those far worse than the others as bad as the worst of these, or `BAD` times what is usual.

    A loss of 1e6 that diverged says "bad" and no more; taken by its size, it makes all others look the same. Usual is
    the median distance from the best: where half of the trials diverged, nothing is done.
    """
    distances = values.max(initial=-np.inf) - values
    usual = float(np.median(distances)) if len(values) else 0.0
    if not usual:
        return values
    others = distances[distances <= OUTLIER * usual]
    return (
        np.maximum(values, values.max() - max(float(others.max()), BAD * usual))
        if len(others) < len(values)
        else values
    )


def _sides(limit: Expression, trial: Trial) -> tuple[float, float] | None:
    """What a trial measured on both sides of a constraint."""
    if trial.state is not TrialState.COMPLETE or trial.outcome is None:
        return None
    return limit.sides(trial.outcome.values)


def _ran(view: StudyView, trial: Trial) -> bool:
    """Whether a trial ran to its end, and it is known by how much it broke each constraint that it broke."""
    if trial.state is not TrialState.COMPLETE or trial.outcome is None:
        return False
    broken = view.goal.broken(trial.outcome.values)
    return all(_sides(limit, trial) is not None for limit in view.goal.parsed if limit.text in broken)


def _slacks(view: StudyView, trials: list[Trial]) -> dict[str, Floats]:
    found = {}
    for limit in view.goal.parsed:
        pairs = np.array([_sides(limit, trial) or (np.nan, np.nan) for trial in trials], dtype=np.float64)
        known = pairs[np.isfinite(pairs).all(1)] if len(pairs) else pairs
        if len(known):
            sides = np.log(pairs) if (known > 0).all() else np.clip(pairs, -LARGEST_VALUE, LARGEST_VALUE)
            slack = np.clip(sides[:, 1] - sides[:, 0], -LARGEST_VALUE, LARGEST_VALUE)
            is_known = ~np.isnan(slack)
            slack[is_known] = _without_outliers(slack[is_known])
            found[limit.text] = slack
    return found


def _succeeded(view: StudyView, trial: Trial) -> bool:
    return trial.state is TrialState.COMPLETE and view.is_feasible(trial)


def _bounded(view: StudyView, measured: list[tuple[Trial, float]]) -> list[tuple[Trial, float]]:
    """At most `MAX_ROWS`: the best third of that number, feasible ones first, and the latest of the rest; by number."""
    if len(measured) <= MAX_ROWS:
        return measured
    ranked = sorted(measured, key=lambda row: (not _succeeded(view, row[0]), -row[1], row[0].number))
    best, rest = ranked[: MAX_ROWS // 3], ranked[MAX_ROWS // 3 :]
    latest = sorted(rest, key=lambda row: row[0].number)[-(MAX_ROWS - len(best)) :]
    return sorted(best + latest, key=lambda row: row[0].number)


def _halves(failures: list[Trial], successes: list[Trial]) -> tuple[list[Trial], list[Trial]]:
    """At most `MAX_ROWS` of both together: the latest half of that of each, more where the other has fewer."""
    half = MAX_ROWS // 2
    return failures[-max(half, MAX_ROWS - len(successes)) :], successes[-max(half, MAX_ROWS - len(failures)) :]
