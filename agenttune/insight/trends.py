"""What the trials so far say of each parameter alone: how much it decides, which way is up, where the best ones lie.

Statements about the trials, which a proposer has drawn towards what it liked; not about the objective.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from agenttune.errors import UserError
from agenttune.history import StudyView
from agenttune.insight.importance import MIN_TRIALS, importance
from agenttune.space import Bool, Categorical, Float, Int, Ordinal
from agenttune.space.scalars import scalar_key
from agenttune.trial import Trial
from agenttune.types import Scalar

MOST_TRIALS = 300
"""Trials that directions and best values rest on: evenly spread over the ranks, so that the share of good ones
stays."""
MOST_CELLS, LEAST_SAMPLE = 600, 40
"""Trials times parameters that importance rests on, and trials at least, spread likewise: PED-ANOVA takes 14 ms for 100
trials of 7 parameters and 100 ms for 1,000, where a whole prompt has 50 ms."""
MOST_COLUMNS, MOST_CHOICES = 50, 100
"""Parameters, and choices of one, beyond which importance is not computed: it would take seconds."""
LEAST_CORRELATION = 0.3
"""Rank correlation below which no direction is told: at 40 trials, chance gives more in one case of twenty."""
TOP = 0.2
"""Share of the trials that count as the best ones."""
LEAST_PER_CHOICE = 2


@dataclass(frozen=True, slots=True)
class Trend:
    """One parameter."""

    name: str
    share: float | None
    """Of the importance; None where it is not known."""
    correlation: float | None = None
    """Of its rank with the rank of the outcome, positive where higher values do better; None for choices, and
    where there is none to speak of."""
    span: tuple[Scalar, Scalar] | None = None
    """The middle half of its values in the best trials."""
    choice: Scalar | None = None
    """The choice with the best median."""
    choice_median: float | None = None
    rest_median: float | None = None
    """Of the trials with any other choice."""


@dataclass(frozen=True, slots=True)
class Trends:
    """All parameters, most important first; those of equal or no importance by their correlation."""

    trends: tuple[Trend, ...]
    n_trials: int
    """Trials they rest on."""


def trends(view: StudyView, ranked: Sequence[Trial]) -> Trends | None:
    """Trends of the parameters.

    Args:
        view: the study.
        ranked: its COMPLETE feasible trials, best first (`view.ranked()`).

    Returns:
        None with fewer than 10 of them, or none of them with a place in the space.
    """
    configs = [(trial, config) for trial in _spread(ranked, MOST_TRIALS) if (config := view.adapted(trial)) is not None]
    if len(configs) < MIN_TRIALS:
        return None
    shares = _shares(view, _spread(ranked, max(MOST_CELLS // max(len(view.space.columns), 1), LEAST_SAMPLE)))
    found = []
    for name in view.space.columns:
        active = [(config[name], view.value(trial)) for trial, config in configs if name in config]
        if len(active) >= MIN_TRIALS:
            found.append(_trend(view, name, active, shares.get(name)))
        elif name in shares:
            found.append(Trend(name, shares[name]))
    found.sort(key=lambda trend: (-(trend.share or 0.0), -abs(trend.correlation or 0.0)))
    return Trends(tuple(found), len(configs))


def rank_correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> float | None:
    """Spearman's, ties at their mean rank; None where one does not vary."""
    a, b = (_ranks(values) - (len(values) - 1) / 2 for values in (first, second))
    norm = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / norm if norm > 0 else None


def _spread(ranked: Sequence[Trial], most: int) -> Sequence[Trial]:
    """At most so many of the trials, evenly spread."""
    return ranked[:: math.ceil(len(ranked) / most)] if ranked else ranked


def _shares(view: StudyView, sample: Sequence[Trial]) -> dict[str, float]:
    space = view.space
    lists = [entry for entry in space.parameters.values() if isinstance(entry, Categorical)]
    if len(space.columns) > MOST_COLUMNS or any(entry.cardinality > MOST_CHOICES for entry in lists):
        return {}
    try:
        return importance(replace(view, trials=tuple(sorted(sample, key=lambda trial: trial.number)))).shares
    except UserError:
        return {}


def _trend(view: StudyView, name: str, active: Sequence[tuple[Scalar, float]], share: float | None) -> Trend:
    """The trend of one parameter; `active` holds (its value, the outcome) of trials, best first."""
    parameter = view.space.parameters[name]
    if isinstance(parameter, Categorical | Bool):
        return _of_choices(view, name, active, share)
    assert isinstance(parameter, Float | Int | Ordinal)
    key = parameter.positions if isinstance(parameter, Ordinal) else None
    numbers = np.array([float(value) if key is None else key[scalar_key(value)] for value, _ in active])
    outcomes = view.goal.sign * np.array([outcome for _, outcome in active])
    correlation = rank_correlation(numbers, outcomes)
    if correlation is not None and abs(correlation) < LEAST_CORRELATION:
        correlation = None
    n_best = max(math.ceil(TOP * len(active)), 3)
    order = np.argsort(numbers[:n_best], kind="stable")
    quarter = (n_best - 1) // 4
    span = (active[order[quarter]][0], active[order[n_best - 1 - quarter]][0])
    return Trend(name, share, correlation, span)


def _of_choices(view: StudyView, name: str, active: Sequence[tuple[Scalar, float]], share: float | None) -> Trend:
    outcomes: dict[tuple[bool, Scalar], list[float]] = {}
    for value, outcome in active:
        outcomes.setdefault(scalar_key(value), []).append(outcome)
    medians = {key: float(np.median(values)) for key, values in outcomes.items() if len(values) >= LEAST_PER_CHOICE}
    if len(outcomes) < 2 or not medians:
        return Trend(name, share)
    best = max(medians, key=lambda key: view.goal.sign * medians[key])
    rest = [outcome for key, values in outcomes.items() if key != best for outcome in values]
    return Trend(name, share, choice=best[1], choice_median=medians[best], rest_median=float(np.median(rest)))


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 0, ties at their mean."""
    _, index, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts + 1) / 2)[index], dtype=np.float64)
