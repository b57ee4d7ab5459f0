"""Sobol' points: spread, stateless by trial number, valid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.proposers.sobol import SobolProposer, is_start, start_size
from agenttune.space import Bool, Constant, Float, Int, Space
from agenttune.testing.views import complete, tuned, waiting, with_reports
from agenttune.trial import Trial, TrialState
from agenttune.types import Config

SPACE = Space(x=Float(0, 1), y=Float(0, 1))


def _view(space: Space = SPACE, *, seed: int = 0) -> StudyView:
    return StudyView(space, Goal("value", "maximize"), (), seed=seed)


def _zero(config: Config) -> float:
    return 0.0


def test_sixteen_points_fall_into_sixteen_boxes() -> None:
    view = tuned(_view(), SobolProposer(), _zero, 16)
    points = SPACE.to_unit([trial.config for trial in view.trials])
    assert len({tuple(box) for box in np.floor(points * 4).tolist()}) == 16


def test_point_belongs_to_the_number_of_its_trial() -> None:
    one_by_one = [trial.config for trial in tuned(_view(), SobolProposer(), _zero, 4).trials]
    at_once = [proposal.config for proposal in SobolProposer().propose(_view(), 4)]
    assert one_by_one == at_once


def test_seed_decides_the_scrambling() -> None:
    first, second = (SobolProposer().propose(_view(seed=seed), 1)[0].config for seed in (0, 1))
    assert first != second


def test_known_point_gives_way_to_the_next() -> None:
    view = _view()
    first, second = SobolProposer().propose(view, 2)
    taken = replace(waiting(view, first), next_number=0)
    assert SobolProposer().propose(taken, 1)[0].config == second.config


def test_points_that_break_a_constraint_are_passed_over() -> None:
    space = Space({"a": Int(1, 100), "b": Int(1, 100)}, constraints=["a + b < 30"])
    view = tuned(_view(space), SobolProposer(), _zero, 20)
    assert all(space.contains(trial.config) for trial in view.trials)
    assert len(view.trials) == 20


def test_space_without_parameters_that_vary_has_one_configuration() -> None:
    view = tuned(_view(Space(k=Constant(3))), SobolProposer(), _zero, 3)
    assert [trial.config for trial in view.trials] == [{"k": 3}]


def test_last_points_of_a_finite_space_say_they_are_random() -> None:
    view = tuned(_view(Space(a=Bool(), b=Int(1, 3))), SobolProposer(), _zero, 9)
    assert len(view.trials) == 6
    assert {trial.arm for trial in view.trials} <= {"sobol", "random"}


def test_start_grows_little_with_the_dimension() -> None:
    wide = Space({f"x{i}": Float(0, 1) for i in range(14)})
    assert [start_size(_view().space), start_size(wide)] == [4, 5]


def _stopped(number: int) -> Trial:
    trial = with_reports(complete(number, {"x": number / 10, "y": 0.5}, {}), "value", {0: 0.1})
    return replace(trial, state=TrialState.STOPPED, outcome=None)


def _complete(number: int) -> Trial:
    return complete(number, {"x": number / 10, "y": 0.5}, {"value": 1.0})


def test_stopped_trials_end_the_start_beside_two_complete_ones() -> None:
    stopped = tuple(_stopped(number) for number in range(2, 7))
    view = _view()
    assert is_start(replace(view, trials=(_complete(0), *stopped)))
    assert not is_start(replace(view, trials=(_complete(0), _complete(1), *stopped)))


def test_trials_without_a_place_in_the_space_do_not_end_the_start() -> None:
    old, new = Space(n=Int(1, 9)), Space(n=Int(1, 3))
    trials = tuple(complete(n, {"n": n}, {"value": 1.0}) for n in range(4, 9))
    assert is_start(replace(_view(new), trials=trials, spaces={1: old, 2: new}))
