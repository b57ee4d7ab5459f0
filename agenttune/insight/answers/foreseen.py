"""What configurations would measure by the surrogate, asked for by name or in the order of what they promise."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from agenttune.errors import ConfigInvalid, UserError
from agenttune.history import StudyView
from agenttune.history.view import config_key
from agenttune.insight.answers.answer import LEAST_WITH_SURROGATE, Answer
from agenttune.types import Config, Scalar

if TYPE_CHECKING:
    from agenttune.surrogate import Surrogate

MOST = 20
"""Configurations of one question."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One configuration."""

    position: int
    """1, 2, ... in the question."""
    config: dict[str, Scalar] | None
    """Completed by defaults; None where it is not valid."""
    problem: str | None
    """Why it is not."""
    mean: float | None = None
    """Of the goal's metric, in its unit."""
    sd: float | None = None
    """Of one measurement."""
    p_better: float | None = None
    """Probability that one measurement succeeds and beats the best so far."""
    p_feasible: float | None = None
    """Probability of neither failing nor breaking a constraint of the goal."""
    log_ei: float | None = None
    """Log expected improvement in nats, only for comparison with others."""
    number: int | None = None
    """The trial that has this configuration already."""


@dataclass(frozen=True, slots=True)
class Forecast(Answer):
    """What the surrogate says of some configurations."""

    template: ClassVar[str] = "predict"
    metric: str
    direction: str
    n_rows: int
    """Measurements the surrogate rests on."""
    best: float | None
    """What is to be beaten: the best so far, its posterior mean where measurements are noisy."""
    is_ranked: bool
    rows: tuple[Foreseen, ...]


def predict(view: StudyView, surrogate: Surrogate | None, configs: Sequence[Mapping[str, object]]) -> Forecast:
    """What each configuration would measure, in the order asked; parameters left out get their default.

    Raises:
        UserError: none or more than 20 of them, or no surrogate.
    """
    if not 1 <= len(configs) <= MOST:
        raise UserError(f"1 to {MOST} configurations can be predicted at once, but got {len(configs)}")
    model = required(surrogate)
    rows = [_checked(view, position, config) for position, config in enumerate(configs, 1)]
    valid = [row.config for row in rows if row.config is not None]
    if valid:
        columns = zip(
            *model.predict(valid), better(view, model, valid), model.feasibility(valid), model.score(valid), strict=True
        )
        known = {config_key(trial.config): trial.number for trial in reversed(view.trials)}
        rows = [
            row if row.config is None else replace(_told(row, next(columns)), number=known.get(config_key(row.config)))
            for row in rows
        ]
    return Forecast(view.goal.metric, view.goal.direction, model.n_rows, model.best, False, tuple(rows))


def rank(view: StudyView, surrogate: Surrogate | None, configs: Sequence[Mapping[str, object]]) -> Forecast:
    """The same, most promising first by log expected improvement; what is not valid comes last.

    Raises:
        UserError: none or more than 20 of them, or no surrogate.
    """
    found = predict(view, surrogate, configs)
    rows = sorted(found.rows, key=lambda row: (row.log_ei is None, -(row.log_ei or 0.0), row.position))
    return replace(found, is_ranked=True, rows=tuple(rows))


def required(surrogate: Surrogate | None) -> Surrogate:
    """The surrogate.

    Raises:
        UserError: there is none.
    """
    if surrogate is None:
        raise UserError(LEAST_WITH_SURROGATE)
    return surrogate


def better(view: StudyView, surrogate: Surrogate, configs: Sequence[Config]) -> list[float | None]:
    """Probability that one measurement of each succeeds and beats the best so far; None while nothing is feasible."""
    best = surrogate.best
    if best is None:
        return [None] * len(configs)
    mean, sd = surrogate.predict(configs)
    z = view.goal.sign * (mean - best) / np.maximum(sd, np.finfo(float).tiny)
    normal = np.array([0.5 * math.erfc(-value / math.sqrt(2)) for value in z])
    return [float(p) for p in normal * surrogate.feasibility(configs)]


def _checked(view: StudyView, position: int, config: Mapping[str, object]) -> Foreseen:
    try:
        return Foreseen(position, view.space.fill(config), None)
    except ConfigInvalid as error:
        return Foreseen(position, None, str(error))


def _told(row: Foreseen, column: tuple[float, float, float | None, float, float]) -> Foreseen:
    mean, sd, p_better, p_feasible, score = column
    return replace(
        row, mean=float(mean), sd=float(sd), p_better=p_better, p_feasible=float(p_feasible), log_ei=float(score)
    )
