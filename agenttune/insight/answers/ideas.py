"""What the surrogate would try next, why in numbers, and where it knows least."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from agenttune.errors import UserError
from agenttune.history import StudyView
from agenttune.insight.answers.answer import Answer, Difference, differences
from agenttune.insight.answers.distance import nearest
from agenttune.insight.answers.foreseen import better, required
from agenttune.types import Config, Scalar

if TYPE_CHECKING:
    from agenttune.surrogate import Surrogate

MOST = 10
N_SPREAD = 256
"""Random points among which the least certain one is looked for."""


@dataclass(frozen=True, slots=True)
class Idea:
    """A configuration that has not run."""

    config: dict[str, Scalar]
    mean: float
    """Of the goal's metric, in its unit."""
    sd: float
    """Of one measurement."""
    expected_improvement: float | None
    """In the metric's unit; None while nothing feasible was measured."""
    p_better: float | None
    p_feasible: float
    is_exploration: bool
    """Whether it is there to learn, since no improvement is in sight."""
    nearest: int | None
    """Number of the nearest trial."""
    distance: float | None
    """From it, 0 to 1 (Gower)."""
    changed: tuple[Difference, ...]
    """What differs from the incumbent."""


@dataclass(frozen=True, slots=True)
class Ideas(Answer):
    """What to try next."""

    template: ClassVar[str] = "ideas"
    metric: str
    best: float | None
    """What is to be beaten."""
    incumbent: int | None
    n_rows: int
    ideas: tuple[Idea, ...]
    """Most promising first, each chosen as if those before it were under way."""
    unsure: Idea | None
    """The least certain of 256 random points."""


def next_ideas(view: StudyView, surrogate: Surrogate | None, *, k: int = 3) -> Ideas:
    """What the surrogate would try next.

    Args:
        view: the study.
        surrogate: fitted to it.
        k: how many, 1 to 10.

    Raises:
        UserError: `k` is out of range, or no surrogate.
    """
    if not 1 <= k <= MOST:
        raise UserError(f"`k` must be from 1 to {MOST}, but got {k}")
    model = required(surrogate)
    found = model.optimum(view.rng(), k)
    spread = [config for config in view.space.sample(view.rng(), N_SPREAD) if not view.has_seen(config)]
    unsure = None
    if spread:
        _, sd = model.predict(spread)
        unsure = _idea(view, model, spread[int(np.argmax(sd))], is_exploration=True)
    best = view.incumbent
    return Ideas(
        view.goal.metric,
        model.best,
        None if best is None else best.number,
        model.n_rows,
        tuple(_idea(view, model, entry.config, is_exploration=entry.is_exploration) for entry in found),
        unsure,
    )


def _idea(view: StudyView, model: Surrogate, config: Config, *, is_exploration: bool) -> Idea:
    mean, sd = model.predict([config])
    near = nearest(view, config, view.trials)
    best = view.incumbent
    return Idea(
        dict(config),
        float(mean[0]),
        float(sd[0]),
        None if model.best is None else float(model.expected_improvement([config])[0]),
        better(view, model, [config])[0],
        float(model.feasibility([config])[0]),
        is_exploration,
        None if near is None else near[0].number,
        None if near is None else near[1],
        () if best is None else differences(*(_varied(view, entry) for entry in (config, best.config))),
    )


def _varied(view: StudyView, config: Config) -> dict[str, Scalar]:
    """Without constants."""
    return {name: config[name] for name in view.space.columns if name in config}
