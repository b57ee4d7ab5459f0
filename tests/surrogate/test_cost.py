"""What trials will take: when durations say something, what is predicted, and where it counts in the score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.proposers.gp import GPProposer, optimal_proposals
from agenttune.proposers.unseen import Unseen
from agenttune.space import Float, Space
from agenttune.surrogate import fit, remembered
from agenttune.surrogate.cost import fit_cost, weight
from agenttune.surrogate.encoding import Encoding
from agenttune.testing.views import complete, failed
from agenttune.trial import Outcome, Trial
from agenttune.types import Config

SPACE = Space(x=Float(0, 1), y=Float(0, 1))
CONFIGS = SPACE.sample(np.random.default_rng(0), 12)


def seconds_of(config: Config) -> float:
    """From 10 s to 200 s along x."""
    return float(10 * np.exp(3 * float(config["x"])))


def timed(number: int, config: Config, elapsed_s: float) -> Trial:
    value = -((float(config["x"]) - 0.5) ** 2) - (float(config["y"]) - 0.5) ** 2
    return replace(complete(number, config, {"value": value}), outcome=Outcome({"value": value}, elapsed_s))


def view_of(durations: Sequence[float], budget_s: float | None = None) -> StudyView:
    trials = [timed(number, CONFIGS[number], elapsed_s) for number, elapsed_s in enumerate(durations)]
    return StudyView(SPACE, Goal("value", "maximize"), tuple(trials), budget_s=budget_s)


def slow_right(budget_s: float | None = None) -> StudyView:
    return view_of([seconds_of(config) for config in CONFIGS], budget_s)


def test_seconds_are_predicted_where_nothing_ran() -> None:
    surrogate = fit(slow_right())
    assert surrogate is not None
    configs: list[Config] = [{"x": 0.3, "y": 0.5}, {"x": 0.8, "y": 0.2}]
    found = surrogate.seconds(configs)
    assert found is not None and found == pytest.approx([seconds_of(config) for config in configs], rel=0.2)


def test_deviation_is_that_of_the_log() -> None:
    model = fit_cost(slow_right(), Encoding(SPACE), start=None)
    assert model is not None
    points = SPACE.to_unit(CONFIGS)
    median_s, log_sd = model.predict(points)
    errors = np.log(median_s) - np.log([seconds_of(config) for config in CONFIGS])
    assert (log_sd > 0).all() and (np.abs(errors) < 3 * log_sd).all()


@pytest.mark.parametrize(
    "durations",
    [[10.0, 20.0, 40.0, 80.0], [10.0, 11.0, 12.0, 13.0, 14.0, 14.5], [0.1, 0.2, 0.4, 0.8, 0.9, 5.0]],
    ids=["few", "all about the same", "too short"],
)
def test_durations_that_say_nothing_make_no_model(durations: list[float]) -> None:
    assert fit_cost(view_of(durations), Encoding(SPACE), start=None) is None


def test_next_fit_starts_from_the_hyperparameters_of_the_last() -> None:
    first = fit(slow_right())
    assert first is not None
    memory = first.memory()
    again = fit(slow_right(), memory)
    assert again is not None and isinstance(part := memory["gp"], dict) and part["cost"] is not None
    assert again.seconds(CONFIGS) == pytest.approx(first.seconds(CONFIGS), rel=0.05)


def test_score_falls_with_log_seconds_by_the_share_of_time_left() -> None:
    view = slow_right()
    plain, timed_by_half = fit(view), fit(view, time_left=0.5)
    assert plain is not None and timed_by_half is not None
    seconds = plain.seconds(CONFIGS[:3])
    assert seconds is not None
    assert timed_by_half.score(CONFIGS[:3]) == pytest.approx(plain.score(CONFIGS[:3]) - 0.5 * np.log(seconds))
    assert timed_by_half.counts_cost and not plain.counts_cost


def test_at_the_end_of_the_time_only_improvement_counts() -> None:
    plain, at_end = fit(slow_right()), fit(slow_right(), time_left=0.0)
    assert plain is not None and at_end is not None and not at_end.counts_cost
    assert list(at_end.score(CONFIGS[:3])) == list(plain.score(CONFIGS[:3]))


def test_without_a_success_cost_does_not_count() -> None:
    goal = Goal("value", "maximize", ("value > 5",))
    found = fit(replace(slow_right(), goal=goal), time_left=1.0)
    assert found is not None and not found.counts_cost and float(found.score(CONFIGS[:1])[0]) <= 0.0


def test_pure_budget_of_trials_leaves_proposals_as_they_are() -> None:
    long = replace(slow_right(), budget_trials=20)
    equal = replace(view_of([1.0] * len(CONFIGS)), budget_trials=20)
    (one,), (other,) = GPProposer().propose(long, 1), GPProposer().propose(equal, 1)
    assert (one.config, one.reason, one.predicted_mean) == (other.config, other.reason, other.predicted_mean)


def test_budget_of_time_leads_to_cheaper_trials_and_says_so() -> None:
    plain, hurried = slow_right(), slow_right(budget_s=1e5)
    (one,), (other,) = GPProposer().propose(plain, 1), GPProposer().propose(hurried, 1)
    assert seconds_of(other.config) < seconds_of(one.config)
    assert "for the time it takes (about " in other.reason and "takes" not in one.reason


def test_optimum_tells_what_it_takes() -> None:
    view = slow_right()
    surrogate = fit(view, remembered(view))
    assert surrogate is not None
    (found,) = surrogate.optimum(view.rng())
    assert found.seconds == pytest.approx(seconds_of(found.config), rel=0.3)
    ((proposal, _),) = optimal_proposals(view, surrogate, 1, Unseen(view))
    assert dict(proposal.config) == found.config


def test_share_of_time_left_is_that_of_all_workers() -> None:
    view = replace(view_of([30.0, 10.0, 20.0], budget_s=60.0), workers=2)
    assert view.time_left == pytest.approx(0.5)
    assert view_of([30.0]).time_left is None
    assert view_of([30.0, 40.0], budget_s=60.0).time_left == 0.0
    assert replace(view, trials=()).time_left == 1.0


def test_cost_does_not_count_where_the_trials_run_out_first() -> None:
    few, many = (replace(slow_right(budget_s=1e4), budget_trials=n) for n in (20, 2_000))
    found = [fit(view, time_left=view.time_left) for view in (few, many)]
    assert [surrogate is not None and surrogate.counts_cost for surrogate in found] == [False, True]


def test_what_the_trials_left_take_is_told_by_the_mean_not_by_the_median() -> None:
    """Half of a second, half of a minute: 20 more take ten minutes, not two and a half."""
    view = replace(view_of([1.0, 60.0] * 6), budget_trials=32)
    found = fit_cost(view, Encoding(SPACE), start=None)
    assert found is not None and found.mean_s == pytest.approx(30.5)
    assert weight(replace(view, budget_s=650.0), found, 1.0) == 0.0
    assert weight(replace(view, budget_s=500.0), found, 1.0) == 1.0


def test_time_of_a_failed_trial_is_spent() -> None:
    trials = (replace(failed(0, CONFIGS[0]), created_at=10.0, ended_at=40.0),)
    view = StudyView(SPACE, Goal("value", "maximize"), trials, budget_s=60.0)
    assert view.time_left == pytest.approx(0.5)
    early = replace(trials[0], ended_at=0.0)
    assert replace(view, trials=(early,)).time_left == 1.0
