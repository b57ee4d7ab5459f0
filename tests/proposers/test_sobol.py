"""Sobol' points: spread, stateless by trial number, valid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.proposers.sobol import REASON, SobolProposer, is_start, start_proposals, start_size
from agenttune.proposers.unseen import Unseen
from agenttune.space import Bool, Constant, Float, Int, Space
from agenttune.testing.views import complete, failed, tuned, unfinished, waiting, with_reports
from agenttune.trial import Trial, TrialState
from agenttune.types import Config

SPACE = Space(x=Float(0, 1), y=Float(0, 1))


def _view(space: Space = SPACE, *, seed: int = 0) -> StudyView:
    return StudyView(space, Goal("value", "maximize"), (), seed=seed)


def _zero(config: Config) -> float:
    return 0.0


def test_start_without_two_complete_trials_says_so() -> None:
    stopped = [replace(unfinished(i, {"x": i / 20}), state=TrialState.STOPPED) for i in range(1, 8)]
    reported = (with_reports(trial, "value", {1: 0.5}) for trial in stopped)
    trials = (complete(0, {"x": 0.0}, {"value": 1.0}), *reported)
    view = StudyView(Space(x=Float(0, 1)), Goal("value", "maximize"), trials)
    (proposal,) = start_proposals(view, 1, Unseen(view))
    assert proposal.reason.endswith("since only 1 of 8 trials ran to the end in this space, and a model needs 2")


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


def _stopped(number: int, metric: str = "value") -> Trial:
    trial = with_reports(complete(number, {"x": number / 10, "y": 0.5}, {}), metric, {0: 0.1})
    return replace(trial, state=TrialState.STOPPED, outcome=None)


def _complete(number: int) -> Trial:
    return complete(number, {"x": number / 10, "y": 0.5}, {"value": 1.0})


def test_stopped_trials_end_the_start_beside_two_complete_ones() -> None:
    stopped = tuple(_stopped(number) for number in range(2, 7))
    view = _view()
    assert is_start(replace(view, trials=(_complete(0), *stopped)))
    assert not is_start(replace(view, trials=(_complete(0), _complete(1), *stopped)))


def test_stopped_trials_count_with_a_place_and_the_goals_metric_only() -> None:
    known = (_complete(0), _complete(1))
    others = tuple(_stopped(number, metric="loss") for number in range(2, 7))
    assert is_start(replace(_view(), trials=(*known, *others)))
    narrow = Space(x=Float(0, 0.15), y=Float(0, 1))
    gone = tuple(_stopped(number) for number in range(2, 7))
    assert is_start(replace(_view(narrow), trials=(*known, *gone), spaces={1: SPACE, 2: narrow}))


def test_repeats_do_not_end_the_start() -> None:
    repeats = tuple(replace(_complete(0), number=number, replicate_of=0) for number in range(1, 7))
    assert is_start(replace(_view(), trials=(_complete(0), *repeats)))


def test_with_ten_trials_two_values_end_the_start() -> None:
    def after(n_complete: int, n_failed: int) -> StudyView:
        values = tuple(_complete(number) for number in range(n_complete))
        broken = (failed(n_complete + k, {"x": k / 10, "y": 0.9}) for k in range(n_failed))
        return replace(_view(), trials=(*values, *broken))

    assert [is_start(after(2, 7)), is_start(after(2, 8)), is_start(after(1, 30))] == [True, False, True]


def test_start_that_lasts_says_why() -> None:
    def reason(view: StudyView) -> str:
        return start_proposals(view, 1, Unseen(view))[0].reason

    broken = tuple(failed(number, {"x": number / 10, "y": 0.9}) for number in range(2, 6))
    assert reason(_view()) == REASON
    assert reason(replace(_view(), trials=broken)).endswith("none of 4 trials gave a value in this space yet")
    beside = replace(_view(), trials=(_complete(0), _complete(1), *broken))
    assert reason(beside).endswith("only 2 of 6 trials gave a value in this space, and a model needs 4")


def test_trials_without_a_place_in_the_space_do_not_end_the_start() -> None:
    old, new = Space(n=Int(1, 9)), Space(n=Int(1, 3))
    trials = tuple(complete(n, {"n": n}, {"value": 1.0}) for n in range(4, 9))
    assert is_start(replace(_view(new), trials=trials, spaces={1: old, 2: new}))
