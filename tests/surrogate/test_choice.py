"""Which surrogate is chosen, when it is looked at again, and what is kept of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.space import Float, Space
from agenttune.surrogate import Surrogate, fit, remembered_choice
from agenttune.surrogate.choice import CHOOSE_EVERY, CLEARLY, Choice
from agenttune.testing.views import complete
from agenttune.trial import Proposal
from agenttune.types import Config

SPACE = Space(x=Float(0, 1), y=Float(0, 1), z=Float(0, 1))
N = 30
"""Trials on which cliffs speak for the forest: not many more than it takes."""


def cliffs(config: Config) -> float:
    """Two cliffs of very different height and one parameter that does nothing."""
    return 10.0 * (float(config["x"]) > 0.9) + float(float(config["y"]) > 0.5)


def smooth(config: Config) -> float:
    return -((float(config["x"]) - 0.3) ** 2) - (float(config["y"]) - 0.8) ** 2


def view_of(objective: Callable[[Config], float], n: int) -> StudyView:
    configs = SPACE.sample(np.random.default_rng(1), n)
    trials = tuple(complete(i, config, {"value": objective(config)}) for i, config in enumerate(configs))
    return StudyView(SPACE, Goal("value", "maximize"), trials, seed=0)


@cache
def best(objective: Callable[[Config], float], n: int) -> Surrogate:
    """What is chosen after `n` trials."""
    surrogate = fit(view_of(objective, n), kind="best")
    assert surrogate is not None
    return surrogate


def test_cliffs_speak_for_the_forest_and_a_smooth_valley_does_not() -> None:
    assert (best(cliffs, N).kind, best(smooth, N).kind) == ("forest", "gp")


def test_nothing_is_chosen_on_few_trials() -> None:
    surrogate = fit(view_of(cliffs, CHOOSE_EVERY - 1), kind="best")
    assert surrogate is not None
    assert (surrogate.kind, surrogate.choice) == ("gp", None)


def test_model_that_was_asked_for_is_not_chosen() -> None:
    surrogate = fit(view_of(cliffs, N), kind="gp")
    assert surrogate is not None
    assert (surrogate.kind, surrogate.choice) == ("gp", None)


@pytest.mark.parametrize(("n_more", "n_rows"), [(CHOOSE_EVERY - 1, 20), (CHOOSE_EVERY, 20 + CHOOSE_EVERY)])
def test_choice_is_kept_until_ten_more_trials(n_more: int, n_rows: int) -> None:
    later = fit(view_of(cliffs, 20 + n_more), best(cliffs, 20).memory(), kind="best")
    assert later is not None
    assert later.choice is not None
    assert later.choice.n_rows == n_rows


def test_choice_is_read_back_from_the_latest_trial() -> None:
    view = view_of(cliffs, 20)
    surrogate = best(cliffs, 20)
    proposal = Proposal({"x": 0.0, "y": 0.0, "z": 0.0}, "gp", "", memory=surrogate.memory())
    told = complete(20, proposal.config, {"value": 0.0}, proposal=proposal)
    assert remembered_choice(replace(view, trials=(*view.trials, told))) == surrogate.choice


def test_forest_must_be_clearly_better() -> None:
    kinds = [Choice(10, 1.0, forest).kind for forest in (CLEARLY, CLEARLY - 0.01)]
    assert kinds == ["gp", "forest"]


def test_explanation_takes_what_was_chosen_and_chooses_nothing() -> None:
    chosen = best(cliffs, N)
    plain, again = fit(view_of(cliffs, N)), fit(view_of(cliffs, N - 1), chosen.memory())
    assert plain is not None and again is not None
    assert (plain.kind, plain.choice) == ("gp", None)
    assert (again.kind, again.choice) == ("forest", chosen.choice)
