"""The slack: earned by improvements, lost by the rest, forgotten in time."""

from __future__ import annotations

import pytest

from agenttune.goal import Direction, Goal
from agenttune.history import StudyView
from agenttune.proposers.trust import MOST, START, slack
from agenttune.space import Float, Space
from agenttune.testing.views import complete, failed, unfinished
from agenttune.trial import Proposal, Trial


def view(*runs: tuple[str, float | None], direction: Direction = "maximize") -> StudyView:
    """Trials of (arm, value); None fails."""
    trials: list[Trial] = []
    for number, (arm, value) in enumerate(runs):
        config = {"x": number / 100}
        proposal = Proposal(config, arm, "made for a test")
        if value is None:
            trials.append(failed(number, config, proposal=proposal))
        else:
            trials.append(complete(number, config, {"value": value}, proposal=proposal))
    return StudyView(Space(x=Float(0, 1)), Goal("value", direction), tuple(trials))


def test_slack_starts_at_one() -> None:
    assert slack(view()) == START == 1.0


def test_improvement_earns_two_nats() -> None:
    assert slack(view(("sobol", 0.0), ("model", 1.0))) == pytest.approx(0.9 + 2)


def test_run_that_does_not_improve_costs_one() -> None:
    assert slack(view(("sobol", 0.0), ("model", 1.0), ("model", 0.5))) == pytest.approx(0.9 * 2.9 - 1)


def test_improvement_is_judged_by_the_direction() -> None:
    assert slack(view(("sobol", 1.0), ("model", 0.0), direction="minimize")) == pytest.approx(2.9)


def test_failed_run_costs_one() -> None:
    assert slack(view(("sobol", 0.0), ("model", 1.0), ("model", None))) == pytest.approx(0.9 * 2.9 - 1)


def test_runs_of_others_change_nothing() -> None:
    assert slack(view(("sobol", 0.0), ("gp", 5.0), ("human", 9.0))) == START


def test_equal_to_the_incumbent_is_no_improvement() -> None:
    assert slack(view(("sobol", 1.0), ("model", 1.0))) == 0.0


def test_slack_stays_between_zero_and_eight() -> None:
    climbing = [("model", float(value)) for value in range(30)]
    falling = [("model", 0.0)] * 30
    assert slack(view(*climbing)) <= MOST
    assert slack(view(("sobol", 1.0), *falling)) == 0.0


def test_trial_under_way_counts_for_nothing_yet() -> None:
    seen = view(("sobol", 0.0))
    running = unfinished(1, {"x": 0.5}, proposal=Proposal({"x": 0.5}, "model", "made for a test"))
    assert slack(StudyView(seen.space, seen.goal, (*seen.trials, running))) == START
