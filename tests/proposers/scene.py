"""What the tests of the gate share: a study of two parameters, and the surrogate's side of it, made once."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache
from typing import Any

import numpy as np

from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.proposers.gated import GatedProposer
from agenttune.proposers.offers import Side, models_offers, surrogate_side
from agenttune.space import Float, Space
from agenttune.surrogate import fitting
from agenttune.testing.views import measured, tuned
from agenttune.trial import Proposal
from agenttune.types import Config, Json
from tests.proposers.arms import make_arm, offer

SPACE = Space(x=Float(0, 1), y=Float(0, 1))
OPTIMUM: Config = {"x": 0.3, "y": 0.8}
EMPTY = StudyView(SPACE, Goal("value", "maximize"), (), seed=1, default={"x": 0.5, "y": 0.5}, budget_trials=25)

SIDES: dict[tuple[Hashable, ...], tuple[StudyView, Side | None]] = {}


def side_of(view: StudyView) -> Side | None:
    """The surrogate's side, made once for the same trials: most tests ask about the same few, and it is costly."""
    terms = (view.goal, view.budget_trials, view.time_left, view.workers, view.seed, view.number)
    key = (fitting.fit, id(view.space), terms, *map(id, view.trials))
    if key not in SIDES:
        SIDES[key] = view, surrogate_side(view)  # with the view, whose trials keep their ids so
    return SIDES[key][1]


def bowl(config: Config) -> float:
    return -((float(config["x"]) - 0.3) ** 2) - (float(config["y"]) - 0.8) ** 2


@cache
def after(n: int) -> StudyView:
    """The view after `n` trials without a model."""
    return EMPTY if n == 0 else tuned(after(n - 1), GatedProposer(make_arm()), bowl, 1)


def judged(mean: float) -> dict[str, Json]:
    """What the gate keeps of a candidate's prediction."""
    return {"gate": {"surrogate_mean": mean, "surrogate_sd": 0.1}}


def distrusted(n: int) -> StudyView:
    """The view after `n` trials of which the last four were the model's, should have been good and were not."""
    view = after(n - 4)
    for k in range(4):
        bad = Proposal({"x": 0.9, "y": 0.1 + k / 100}, "model", "made for a test", memory=judged(0.1))
        view = measured(view, bad, lambda config: -1.0)
    return view


def run_by_others(view: StudyView, n: int) -> StudyView:
    """The view after `n` more trials, all of the model."""
    for k in range(n):
        proposal = Proposal({"x": 0.9, "y": 0.1 + k / 100}, "model", "made for a test", memory=judged(-3.0))
        view = measured(view, proposal, bowl)
    return view


def between(view: StudyView, *, least: float, most: float) -> Config:
    """A configuration whose log EI lies between these many nats below the surrogate's own point."""
    side = side_of(view)
    assert side is not None
    for config in SPACE.sample(np.random.default_rng(3), 2_000):
        found = models_offers(offer(view, config), side).within
        if found and least < found[0].gap < most:
            return config
    raise AssertionError("no such point")


@cache
def promising() -> Config:
    """A candidate that runs after eight trials."""
    return between(after(8), least=0.0, most=0.9)


def gate_of(proposal: Proposal) -> dict[str, Any]:
    content = proposal.memory["gate"]
    assert isinstance(content, dict)
    return content
