"""The model alone, and how it is asked and waited for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agenttune.errors import UserError
from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.proposers import load_proposer
from agenttune.proposers.llm import LLMProposer, ModelArm
from agenttune.replies import Answer
from agenttune.space import Float, Int, Space
from agenttune.testing.views import complete, waiting
from tests.proposers.arms import NOTHING, Clock, HandDesk, make_arm, offer

SPACE = Space(x=Float(0, 1), n=Int(1, 9))
EMPTY = StudyView(SPACE, Goal("value", "maximize"), (), seed=1)
USED = Answer((), (), "used", None, 1)


def settle(arm: ModelArm) -> None:
    """Lets the request under way come to its end, however it ends."""
    assert arm._under_way is not None
    arm._under_way.exception(timeout=30)


def ready(arm: ModelArm, view: StudyView) -> bool:
    return arm.is_ready(view, wants=lambda: True, hint=lambda: None)


def test_candidates_run_in_their_order() -> None:
    view = offer(EMPTY, {"x": 0.1, "n": 2}, {"x": 0.2, "n": 3})
    first, second = LLMProposer(make_arm()).propose(view, 2)
    assert [first.config, second.config] == [{"x": 0.1, "n": 2}, {"x": 0.2, "n": 3}]
    assert (first.arm, first.reason, first.exchange_ids) == ("model", "offer 1", (7,))


def test_prediction_is_the_models_own_and_marked_so() -> None:
    (proposal,) = LLMProposer(make_arm()).propose(offer(EMPTY, {"x": 0.1, "n": 2}), 1)
    assert (proposal.predicted_mean, proposal.predicted_sd, proposal.prediction_source) == (0.5, 0.1, "verbal")


def test_candidate_that_ran_is_not_run_again() -> None:
    view = offer(EMPTY, {"x": 0.1, "n": 2}, {"x": 0.2, "n": 3})
    (first,) = LLMProposer(make_arm()).propose(view, 1)
    (second,) = LLMProposer(make_arm()).propose(waiting(view, first), 1)
    assert second.config == {"x": 0.2, "n": 3}


def test_candidate_outside_an_edited_space_is_left() -> None:
    view = offer(EMPTY, {"x": 0.9, "n": 2}, {"x": 0.2, "n": 3})
    narrow = Space(x=Float(0, 0.5), n=Int(1, 9))
    view = replace(view, space=narrow, spaces={1: SPACE, 2: narrow})
    (proposal,) = LLMProposer(make_arm()).propose(view, 1)
    assert (proposal.config, proposal.space_version) == ({"x": 0.2, "n": 3}, 2)


def test_without_candidates_another_arm_stands_in_and_says_so() -> None:
    (proposal,) = LLMProposer(make_arm()).propose(EMPTY, 1)
    assert proposal.arm == "sobol"
    assert proposal.reason.startswith("the model has nothing new to offer; sobol stands in")


def test_model_is_waited_for_within_the_latency_budget_only() -> None:
    clock, desk = Clock(), HandDesk([USED])
    arm = make_arm(desk, clock)
    assert not ready(arm, EMPTY)
    clock.now = 19.9
    assert not ready(arm, EMPTY)
    clock.now = 20.1
    assert ready(arm, EMPTY)
    assert arm.said == "the model has not answered within 20 s"
    desk.is_let.set()
    settle(arm)


def test_late_answer_makes_the_arm_silent_no_more() -> None:
    clock, desk = Clock(), HandDesk([USED])
    arm = make_arm(desk, clock)
    ready(arm, EMPTY)
    clock.now = 30.0
    assert ready(arm, EMPTY)
    desk.is_let.set()
    settle(arm)
    assert not ready(arm, EMPTY)  # the answer is in the next view
    assert arm.said is None
    assert ready(arm, EMPTY)


def test_model_is_asked_once_for_a_trial() -> None:
    desk = HandDesk([USED, USED])
    desk.is_let.set()
    arm = make_arm(desk)
    assert not ready(arm, EMPTY)
    settle(arm)
    assert [ready(arm, EMPTY) for _ in range(3)] == [False, True, True]
    assert len(desk.questions) == 1


def test_model_that_failed_is_asked_again_but_not_waited_for() -> None:
    desk = HandDesk([NOTHING])
    desk.is_let.set()
    arm = make_arm(desk)
    ready(arm, EMPTY)
    settle(arm)
    assert not ready(arm, EMPTY)
    assert arm.said == "the model gave nothing to run: no answer within 60 s"
    desk.is_let.clear()
    later = replace(EMPTY, trials=(complete(0, {"x": 0.5, "n": 5}, {"value": 1.0}),))
    assert not ready(arm, later)
    assert ready(arm, later)  # under way, but nobody waits
    assert arm.said is not None
    desk.is_let.set()
    settle(arm)
    assert len(desk.questions) == 2


def test_what_the_model_wrote_is_not_repeated_with_every_trial() -> None:
    desk = HandDesk([Answer((), (), "unparsable", "the reply holds no JSON: 'lorem ipsum'", 2)])
    desk.is_let.set()
    arm = make_arm(desk)
    ready(arm, EMPTY)
    settle(arm)
    ready(arm, EMPTY)
    assert arm.said == "the model gave nothing to run: unparsable"


def test_bug_in_the_desk_is_raised_in_the_loops_thread() -> None:
    class Broken(HandDesk):
        def ask(self, question: object) -> Answer:
            raise ZeroDivisionError("a bug")

    arm = make_arm(Broken())
    ready(arm, EMPTY)
    settle(arm)
    with pytest.raises(ZeroDivisionError):
        ready(arm, EMPTY)


def test_proposer_without_a_model_is_refused_with_the_way_out() -> None:
    with pytest.raises(UserError, match="--model"):
        load_proposer("llm")
