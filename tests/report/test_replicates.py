"""Whether a winner holds, against scipy's numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from scipy import stats

from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.report.replicates import confirmation, mean_interval, t_975, welch
from agenttune.trial import Trial

MakeTrial = Callable[..., Trial]
MakeView = Callable[..., StudyView]


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 9, 29, 30, 31, 50, 1000])
def test_t_quantile_is_right(degrees: int) -> None:
    assert t_975(degrees) == pytest.approx(stats.t.ppf(0.975, degrees), abs=2e-3)


def test_mean_interval_is_the_t_interval() -> None:
    values = [0.91, 0.93, 0.90, 0.95]
    mean, half = mean_interval(values)
    assert mean is not None
    low, high = stats.t.interval(0.95, 3, loc=mean, scale=stats.sem(values))
    assert (mean, half) == pytest.approx(((low + high) / 2, (high - low) / 2), abs=1e-3)


def test_difference_interval_is_welch() -> None:
    first, second = [0.9, 0.92, 0.94, 0.91, 0.93], [0.80, 0.90, 0.85, 0.70, 0.95]
    found = stats.ttest_ind(first, second, equal_var=False).confidence_interval(0.95)
    difference, half = welch(first, second)
    assert (difference - half, difference + half) == pytest.approx((found.low, found.high), abs=2e-2)


def study(
    make_trial: MakeTrial, make_view: MakeView, repeats: dict[int, list[float]], goal: Goal | None = None
) -> StudyView:
    trials = [make_trial(0, 0.95), make_trial(1, 0.90)]
    for of, values in repeats.items():
        trials += [make_trial(len(trials) + at, value, replicate_of=of) for at, value in enumerate(values)]
    return make_view(*trials, goal=goal)


def test_study_without_replicates_has_no_confirmation(make_trial: MakeTrial, make_view: MakeView) -> None:
    assert confirmation(study(make_trial, make_view, {})) is None


def test_winner_far_ahead_in_its_repeats_holds(make_trial: MakeTrial, make_view: MakeView) -> None:
    found = confirmation(study(make_trial, make_view, {0: [0.95, 0.96, 0.94], 1: [0.70, 0.71, 0.72]}))
    assert found is not None
    assert (found.verdict, found.winner, found.rival) == ("holds", 0, 1)


def test_lucky_winner_is_overtaken(make_trial: MakeTrial, make_view: MakeView) -> None:
    found = confirmation(study(make_trial, make_view, {0: [0.70, 0.71, 0.72], 1: [0.90, 0.91, 0.92]}))
    assert found is not None
    assert found.verdict == "overtaken"
    assert [row.number for row in found.rows] == [1, 0]


def test_overlapping_repeats_are_a_tie(make_trial: MakeTrial, make_view: MakeView) -> None:
    found = confirmation(study(make_trial, make_view, {0: [0.90, 0.80, 0.95], 1: [0.85, 0.90, 0.92]}))
    assert found is not None
    assert found.verdict == "tied"


def test_the_trial_that_won_is_not_counted_again(make_trial: MakeTrial, make_view: MakeView) -> None:
    found = confirmation(study(make_trial, make_view, {0: [0.5, 0.5], 1: [0.6, 0.6]}))
    assert found is not None
    assert {row.number: row.mean for row in found.rows} == {0: 0.5, 1: 0.6}


def test_lower_is_better_when_minimising(make_trial: MakeTrial, make_view: MakeView) -> None:
    goal = Goal("accuracy", "minimize")
    found = confirmation(study(make_trial, make_view, {0: [0.9, 0.91, 0.92], 1: [0.5, 0.51, 0.52]}, goal))
    assert found is not None
    assert (found.winner, found.verdict) == (1, "holds")


def test_one_repeat_is_too_few_for_a_verdict(make_trial: MakeTrial, make_view: MakeView) -> None:
    found = confirmation(study(make_trial, make_view, {0: [0.9], 1: [0.8]}))
    assert found is not None
    assert found.verdict == "unknown"
    assert "too few" in found.sentence


def test_equal_repeats_of_a_single_configuration_are_told_to_prove_nothing(
    make_trial: MakeTrial, make_view: MakeView
) -> None:
    found = confirmation(study(make_trial, make_view, {0: [0.7, 0.7, 0.7]}))
    assert found is not None
    assert found.sentence.endswith(
        "; all repeats came out exactly alike: either the seed decides nothing here, or the program takes no notice "
        "of it (AGENTTUNE_SEED, or {seed} in the command)"
    )


def test_single_repeats_and_some_that_differ_are_not_all_alike(make_trial: MakeTrial, make_view: MakeView) -> None:
    for repeats in ({0: [0.7]}, {0: [0.7, 0.7], 1: [0.5, 0.6]}):
        found = confirmation(study(make_trial, make_view, repeats))
        assert found is not None
        assert "alike" not in found.sentence
