"""What is new, and the record a chosen configuration becomes."""

from __future__ import annotations

import numpy as np

from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.proposers.unseen import Unseen, make_proposal, space_version
from agenttune.space import Float, Int, Space
from agenttune.testing.views import complete, unfinished

SPACE = Space(n=Int(1, 4))
GOAL = Goal("value", "maximize")


def _view(*values: int) -> StudyView:
    return StudyView(SPACE, GOAL, tuple(complete(i, {"n": value}, {"value": 0.0}) for i, value in enumerate(values)))


def test_configuration_of_the_view_is_not_new() -> None:
    assert [Unseen(_view(2)).is_new({"n": n}) for n in (1, 2)] == [True, False]


def test_taken_configuration_is_not_new_any_more() -> None:
    unseen = Unseen(_view())
    assert [unseen.take({"n": 1}), unseen.take({"n": 1})] == [True, False]


def test_last_configuration_is_found() -> None:
    assert Unseen(_view(1, 2, 4)).draw(np.random.default_rng(0)) == {"n": 3}


def test_nothing_is_drawn_from_a_space_used_up() -> None:
    assert Unseen(_view(1, 2, 3, 4)).draw(np.random.default_rng(0)) is None


def test_nothing_is_drawn_where_constraints_leave_nothing() -> None:
    space = Space({"x": Float(0, 1), "y": Float(0, 1)}, constraints=["x + y > 3"])
    assert Unseen(StudyView(space, GOAL, ())).draw(np.random.default_rng(0)) is None


def test_old_trial_counts_as_the_configuration_it_would_be_today() -> None:
    old, new = Space(n=Int(1, 4)), Space(n=Int(1, 4), m=Int(1, 3, default=2))
    view = StudyView(new, GOAL, (complete(0, {"n": 1}, {"value": 0.0}),), spaces={1: old, 2: new})
    assert not Unseen(view).is_new({"n": 1, "m": 2})


def test_proposal_names_the_finished_trials() -> None:
    view = StudyView(SPACE, GOAL, (complete(0, {"n": 1}, {"value": 0.0}), unfinished(1, {"n": 2})))
    assert make_proposal(view, {"n": 3}, arm="random", reason="").seen_trials == (0,)


def test_version_is_that_of_the_current_space() -> None:
    old, new = Space(n=Int(1, 4)), Space(n=Int(1, 5))
    assert space_version(StudyView(new, GOAL, (), spaces={1: old, 2: new})) == 2


def test_space_that_was_edited_back_has_the_latest_version() -> None:
    old, new = Space(n=Int(1, 4)), Space(n=Int(1, 5))
    assert space_version(StudyView(old, GOAL, (), spaces={1: old, 2: new, 3: old})) == 3
