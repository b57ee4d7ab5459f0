"""Trials side by side: what differs, what they measured, how their curves went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from agenttune.errors import UserError
from agenttune.history import StudyView
from agenttune.history.curves import curve
from agenttune.insight.answers.answer import Answer, trial_of
from agenttune.types import Scalar

LEAST, MOST = 2, 6
"""Trials side by side."""
MOST_STEPS = 10


@dataclass(frozen=True, slots=True)
class Side:
    """One trial."""

    number: int
    state: str
    arm: str
    reason: str
    values: dict[str, float]
    elapsed_s: float | None
    failure: str | None
    """Kind and message."""


@dataclass(frozen=True, slots=True)
class Compared(Answer):
    """Trials side by side; what is told per trial stands in the order of `sides`."""

    template: ClassVar[str] = "compare"
    metric: str
    direction: str
    sides: tuple[Side, ...]
    best: int | None
    """Number of the best complete and feasible one of them."""
    differing: dict[str, tuple[Scalar | None, ...]]
    """Parameter -> its values; None where it is inactive."""
    same: dict[str, Scalar]
    """Parameters that all of them share."""
    curves: dict[int, tuple[float | None, ...]]
    """Step -> the goal's metric; the steps that most of the trials reported, at most ten, evenly spread."""


def compare(view: StudyView, numbers: Sequence[int]) -> Compared:
    """Two to six trials side by side.

    Raises:
        UserError: fewer or more of them, or there is no such trial.
    """
    distinct = list(dict.fromkeys(numbers))
    if not LEAST <= len(distinct) <= MOST:
        raise UserError(f"{LEAST} to {MOST} different trials can be compared, but got {distinct}")
    trials = [trial_of(view, number) for number in distinct]
    names = dict.fromkeys(name for trial in trials for name in trial.config)
    rows = {name: tuple(trial.config.get(name) for trial in trials) for name in names}
    sides = [
        Side(
            trial.number,
            trial.state.value,
            trial.arm,
            trial.reason,
            {} if trial.outcome is None else dict(trial.outcome.values),
            None if trial.outcome is None else trial.outcome.elapsed_s,
            None if trial.failure is None else f"{trial.failure.kind.value}: {trial.failure.message}",
        )
        for trial in trials
    ]
    return Compared(
        view.goal.metric,
        view.goal.direction,
        tuple(sides),
        next((trial.number for trial in view.ranked() if trial.number in distinct), None),
        {name: values for name, values in rows.items() if any(value != values[0] for value in values)},
        {name: value for name, value in trials[0].config.items() if all(other == value for other in rows[name])},
        _aligned([curve(trial, view.goal.metric) for trial in trials]),
    )


def _aligned(curves: Sequence[dict[int, float]]) -> dict[int, tuple[float | None, ...]]:
    counts: dict[int, int] = {}
    for found in curves:
        for step in found:
            counts[step] = counts.get(step, 0) + 1
    steps = sorted(step for step, n in counts.items() if n == max(counts.values()))
    if len(steps) > MOST_STEPS:
        last = len(steps) - 1
        steps = [steps[round(at * last / (MOST_STEPS - 1))] for at in range(MOST_STEPS)]
    return {step: tuple(found.get(step) for found in curves) for step in steps}
