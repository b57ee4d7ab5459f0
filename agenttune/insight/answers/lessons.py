"""What a study has taught: the best and its gain, what decides, what goes together, what never worked, surprises.

Of a study over code also what its variants taught the model that wrote them.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from agenttune.history import StudyView
from agenttune.insight.answers.answer import Answer, Difference, differences
from agenttune.insight.answers.interactions import MIN_TRIALS, Interaction, interactions
from agenttune.insight.digest import default_trial
from agenttune.insight.trends import Trend, trends
from agenttune.space import Bool, Categorical
from agenttune.space.scalars import scalar_key
from agenttune.trial import Trial
from agenttune.types import Scalar
from agenttune.variant import Lesson, name_of
from agenttune.variants.tree import tree_of

if TYPE_CHECKING:
    from agenttune.surrogate import Surrogate

N_TRENDS, N_PAIRS, N_CHOICES, N_SURPRISES, N_TAUGHT = 5, 3, 5, 3, 10
LEAST_TRIED = 3
"""Finished trials of a choice below which nothing is said of it."""
SURPRISING = 2.0
"""Standard deviations between prediction and measurement."""
FEW = 30
"""Complete trials below which shares are called rough: their top tenth are three trials."""


@dataclass(frozen=True, slots=True)
class BestYet:
    """The incumbent and the default."""

    number: int
    value: float
    n_repeats: int
    """Complete trials of its configuration besides itself."""
    repeats_mean: float | None
    repeats_sd: float | None
    default_number: int | None
    """The trial that measured the default configuration."""
    default_value: float | None
    gain: float | None
    """Over the default, in the metric's unit."""
    changed: tuple[Difference, ...]
    """What differs from the default's."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice that never worked."""

    name: str
    value: Scalar
    n: int
    """Finished trials that had it."""
    n_good: int
    """Those that were complete and feasible; none of them among the better half."""


@dataclass(frozen=True, slots=True)
class Surprise:
    """A prediction that was missed by more than two standard deviations."""

    number: int
    arm: str
    mean: float
    sd: float
    value: float
    deviations: float


@dataclass(frozen=True, slots=True)
class Taught:
    """A variant of the code, and what the model made of how it did."""

    name: str
    idea: str
    """The model's own words; "" for the user's own code."""
    value: float | None
    """The metric of its best trial; None where none was measured."""
    parent: str | None
    gain: float | None
    """Over its parent, positive is better; None where one of the two was not measured."""
    lesson: str
    """The model's own words, the latest of this variant."""


@dataclass(frozen=True, slots=True)
class Lessons(Answer):
    """What a study has taught."""

    template: ClassVar[str] = "lessons"
    metric: str
    n_complete: int
    """Complete feasible trials."""
    best: BestYet | None
    trends: tuple[Trend, ...]
    """Of the five parameters of largest share; empty with fewer than 10 trials."""
    n_trends: int
    """Trials they rest on."""
    is_rough: bool
    """Whether these are few."""
    interactions: tuple[Interaction, ...] | None
    """None where there are too few trials, or no surrogate."""
    least_for_interactions: int
    never: tuple[Choice, ...]
    surprises: tuple[Surprise, ...]
    """Largest first."""
    n_predicted: int
    """Complete trials with a prediction and its deviation."""
    taught: tuple[Taught, ...]
    """The variants of a study over code with a lesson, the latest ten in order; empty for any other study."""
    n_taught: int
    """Variants with a lesson in all."""


def lessons(view: StudyView, surrogate: Surrogate | None) -> Lessons:
    """What a study has taught so far; `surrogate` is fitted to it, None where there is too little to fit."""
    ranked = view.ranked()
    found = trends(view, ranked)
    shown = () if found is None else found.trends
    pairs = None
    if surrogate is not None and len(ranked) >= MIN_TRIALS:
        pairs = interactions(view, surrogate, [trend.name for trend in shown])[:N_PAIRS]
    predicted = [one for trial in view.complete if (one := _prediction(view, trial)) is not None]
    surprises = sorted((one for one in predicted if abs(one.deviations) > SURPRISING), key=lambda o: -abs(o.deviations))
    taught = _taught(view)
    return Lessons(
        view.goal.metric,
        len(ranked),
        _best(view, ranked),
        shown[:N_TRENDS],
        0 if found is None else found.n_trials,
        found is not None and found.n_trials < FEW,
        pairs,
        MIN_TRIALS,
        _never(view, ranked)[:N_CHOICES],
        tuple(surprises[:N_SURPRISES]),
        len(predicted),
        taught[-N_TAUGHT:],
        len(taught),
    )


def _taught(view: StudyView) -> tuple[Taught, ...]:
    """All variants with a lesson, in order."""
    said = {entry.variant: entry.text for entry in view.code if isinstance(entry, Lesson)}
    if not said:
        return ()
    nodes = ((node, node.variant) for node in tree_of(view).nodes.values() if node.variant.number in said)
    return tuple(
        Taught(
            variant.name,
            variant.idea,
            node.value,
            None if variant.parent is None else name_of(variant.parent),
            node.gain,
            said[variant.number],
        )
        for node, variant in nodes
    )


def _best(view: StudyView, ranked: list[Trial]) -> BestYet | None:
    if not ranked:
        return None
    best, default = ranked[0], default_trial(view)
    value = view.value(best)
    repeats = [view.value(trial) for trial in view.replicates(best.number) if trial.number != best.number]
    default_value = None if default is None else view.value(default)
    return BestYet(
        best.number,
        value,
        len(repeats),
        statistics.fmean(repeats) if repeats else None,
        float(np.std(repeats, ddof=1)) if len(repeats) > 1 else None,
        None if default is None else default.number,
        default_value,
        None if default_value is None else view.goal.sign * (value - default_value),
        () if default is None else differences(best.config, default.config),
    )


def _never(view: StudyView, ranked: list[Trial]) -> tuple[Choice, ...]:
    """Choices tried at least three times, no trial of which is in the better half."""
    better = {trial.number for trial in ranked[: -(-len(ranked) // 2)]}
    good = {trial.number for trial in ranked}
    found = []
    for name, parameter in view.space.parameters.items():
        if not isinstance(parameter, Categorical | Bool):
            continue
        members: dict[object, list[Trial]] = {}
        for trial in view.finished:
            if name in trial.config and trial.replicate_of is None:
                members.setdefault(scalar_key(trial.config[name]), []).append(trial)
        for trials in members.values():
            if len(trials) >= LEAST_TRIED and better and not any(trial.number in better for trial in trials):
                n_good = sum(trial.number in good for trial in trials)
                found.append(Choice(name, trials[0].config[name], len(trials), n_good))
    return tuple(sorted(found, key=lambda choice: (-choice.n, choice.name, str(choice.value))))


def _prediction(view: StudyView, trial: Trial) -> Surprise | None:
    proposal, value = trial.proposal, view.value(trial)
    mean, sd = proposal.predicted_mean, proposal.predicted_sd
    if mean is None or not sd:
        return None
    return Surprise(trial.number, trial.arm, mean, sd, value, (value - mean) / sd)
