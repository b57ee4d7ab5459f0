"""Shares of parameters: what they rest on, and when there are none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agenttune.errors import UserError
from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.insight.importance import importance
from agenttune.space import Categorical, Constant, Float, Ordinal, Space
from agenttune.testing.views import complete, failed
from agenttune.trial import Outcome
from agenttune.types import Config

SPACE = Space(main=Float(0, 1), idle=Float(0, 1), size=Ordinal([1, 2, 4]), kind=Categorical(["a", "b"]), k=Constant(3))


def _view(space: Space = SPACE, n: int = 40) -> StudyView:
    def value(config: Config) -> float:
        return float(config.get("main", 0.2)) + 0.01 * float(config.get("idle", 0.0))

    configs = space.sample(np.random.default_rng(0), n)
    trials = tuple(complete(i, config, {"value": value(config)}) for i, config in enumerate(configs))
    return StudyView(space, Goal("value", "maximize"), trials)


def test_parameter_that_decides_comes_first() -> None:
    found = importance(_view())
    assert next(iter(found.shares)) == "main"
    assert found.shares["main"] > 0.5


def test_shares_add_up_to_one() -> None:
    assert sum(importance(_view()).shares.values()) == pytest.approx(1.0)


def test_constants_have_no_share() -> None:
    assert importance(_view()).shares.keys() == {"main", "idle", "size", "kind"}


def test_failed_trials_and_replicates_are_not_counted() -> None:
    view = _view()
    more = (failed(90, view.trials[0].config), failed(91, view.trials[1].config))
    assert importance(StudyView(view.space, view.goal, (*view.trials, *more))).n_trials == 40


def test_conditional_parameter_is_assessed_where_it_is_active() -> None:
    space = Space(main=Float(0, 1), kind=Categorical({"a": Space(inner=Float(0, 1)), "b": None}))
    assert "inner" in importance(_view(space)).shares


def test_too_few_trials_are_named() -> None:
    with pytest.raises(UserError, match="at least 10 complete trials, but there are 4"):
        importance(_view(n=4))


@pytest.mark.parametrize(("n_kept", "words"), [(0, "none keeps"), (4, "only 4 keep")])
def test_infeasible_trials_are_named_where_they_make_it_too_few(n_kept: int, words: str) -> None:
    goal = Goal("value", "maximize", ("lat<1",))
    trials = (
        replace(t, outcome=Outcome({"value": 1.0, "lat": float(t.number >= n_kept)}, 1.0)) for t in _view(n=12).trials
    )
    with pytest.raises(
        UserError, match=rf"12 are complete, but {words} lat ?< ?1; loosen a constraint, or run some more"
    ):
        importance(StudyView(SPACE, goal, tuple(trials)))


def test_space_of_constants_has_nothing_important() -> None:
    view = StudyView(
        Space(k=Constant(3)), Goal("value", "maximize"), tuple(complete(i, {"k": 3}, {"value": i}) for i in range(12))
    )
    with pytest.raises(UserError, match="no parameter of the space varies"):
        importance(view)
