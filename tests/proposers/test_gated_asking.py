"""When the gate asks its model: within the pace, and while no candidate is left that is worth something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from agenttune.history import StudyView
from agenttune.proposers.gated import GatedProposer
from tests.proposers.arms import HandDesk, make_arm, offer
from tests.proposers.scene import EMPTY, OPTIMUM, after, distrusted, side_of


@pytest.fixture(autouse=True)
def _sides_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agenttune.proposers.gated.surrogate_side", side_of)


def asks(view: StudyView, change: Callable[[GatedProposer], None] = lambda gate: None) -> bool:
    """Whether the gate sends a request at this view."""
    desk = HandDesk()
    desk.is_let.set()
    gate = GatedProposer(make_arm(desk))
    change(gate)
    return not gate.is_ready(view)


def test_first_trial_asks_nobody() -> None:
    assert not asks(EMPTY)


def test_model_is_asked_at_its_first_turn() -> None:
    assert asks(after(1))


def test_model_is_not_asked_while_it_has_a_candidate() -> None:
    assert not asks(offer(after(1), OPTIMUM))


def test_requests_stay_below_the_pace() -> None:
    view = after(8)
    assert asks(replace(view, n_requests=2))
    assert not asks(replace(view, n_requests=3))


def test_last_request_does_not_pass_the_pace_of_the_whole_study() -> None:
    view = replace(after(12), n_requests=3)
    assert asks(replace(view, budget_trials=14))
    assert not asks(replace(view, budget_trials=13))


def test_first_request_is_made_however_short_the_study() -> None:
    assert asks(replace(after(1), budget_trials=2))


def test_candidates_beyond_the_cut_do_not_stand_in_the_way_of_a_request() -> None:
    view = after(12)
    assert asks(offer(view, {"x": 0.97, "y": 0.03}))
    assert not asks(offer(view, OPTIMUM))


def test_old_candidates_do_not_stand_in_the_way_of_a_request() -> None:
    assert asks(offer(after(12), OPTIMUM, asked_at=3))


def test_model_without_slack_is_asked_more_rarely() -> None:
    def asked_before(number: int) -> Callable[[GatedProposer], None]:
        def change(gate: GatedProposer) -> None:
            gate.arm.asked_for = number

        return change

    view = distrusted(10)
    assert not asks(view, asked_before(view.number - 2))
    assert asks(view, asked_before(view.number - 5))


def test_resumed_study_knows_when_a_model_without_slack_was_asked_last() -> None:
    view = distrusted(10)
    spent = view.trials[-1].config
    assert not asks(offer(view, spent, asked_at=view.number - 2))
    assert asks(offer(view, spent, asked_at=view.number - 5))
