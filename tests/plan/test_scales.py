"""Scales of several ranges, and what is said so loosely that it is asked about."""

from __future__ import annotations

import pytest

from agenttune.errors import RequestNotUnderstood
from agenttune.plan.conversation import read_turns
from agenttune.plan.planning import plan_of
from agenttune.plan.request import AskedRange, PlanOptions
from agenttune.plan.scales import with_scales
from agenttune.space import Float, Int, Space

GOAL = "minimise ms of `./bench.sh {lr} {decay} {drop}`, 9 trials, lr 1e-5 to 1e-2, decay 1e-6 to 1e-3"


def ranges_of(*turns: str) -> dict[str, AskedRange]:
    return {asked.parameter: asked for asked in read_turns(turns, PlanOptions()).ranges}


@pytest.mark.parametrize("words", ["both log", "in log space both", "log scale for both", "all on a log scale"])
def test_scale_of_both_is_that_of_each(words: str) -> None:
    assert [asked.log for asked in ranges_of(f"{GOAL}, {words}").values()] == [True, True]


@pytest.mark.parametrize(
    ("words", "log"),
    [("the former log", "lr"), ("log for the second", "decay"), ("lr is log", "lr"), ("log for decay", "decay")],
)
def test_scale_of_one_is_not_that_of_the_other(words: str, log: str) -> None:
    assert {name for name, asked in ranges_of(f"{GOAL}, {words}").items() if asked.log} == {log}


def test_both_of_three_are_the_two_before() -> None:
    found = ranges_of(f"{GOAL} (both log), drop 0 to 0.5")
    assert {name for name, asked in found.items() if asked.log} == {"lr", "decay"}


@pytest.mark.parametrize("words", ["drop 0.1 to 0.5, both log", "log"])
def test_scale_of_nobody_knows_which_is_asked_about(words: str) -> None:
    with pytest.raises(RequestNotUnderstood, match="which ranges"):
        ranges_of(f"{GOAL}, {words}")


def test_sentence_without_a_scale_is_left_as_it_is() -> None:
    assert with_scales(GOAL, [["lr"], ["decay"]]) == GOAL


@pytest.mark.parametrize("words", ["about 0.1", "0.1 or so", "around 0.1"])
def test_rough_value_is_not_taken_for_a_fixed_one(words: str) -> None:
    with pytest.raises(RequestNotUnderstood):
        ranges_of(f"{GOAL}, drop {words}")


@pytest.mark.parametrize("words", ["each run takes 20 minutes", "a trial usually takes about 20 min on our box"])
def test_how_long_a_run_takes_is_no_limit(words: str) -> None:
    request = read_turns([f"{words}. {GOAL}"], PlanOptions())
    assert (request.trial_seconds, request.seconds, request.trials) == (None, None, 9)
    assert "left aside" in request.mended[0]


def test_bound_on_listed_values_keeps_those_within() -> None:
    assert ranges_of(f"{GOAL}, drop 1, 2 or 4", "drop at most 2")["drop"].values == (1, 2)


def test_bound_that_leaves_no_listed_value_is_asked_about() -> None:
    with pytest.raises(RequestNotUnderstood, match="one of 1, 2, 4"):
        ranges_of(f"{GOAL}, drop 1, 2 or 4", "drop at most 0.5")


@pytest.mark.parametrize("name", ["median absolute error", "matthews correlation", "recall_macro"])
def test_metric_that_no_estimator_has_is_asked_about(name: str) -> None:
    with pytest.raises(RequestNotUnderstood, match=f"no estimator is scored by '{name}'"):
        ranges_of(f"lasso on diabetes, {name}, 20 trials")


@pytest.mark.parametrize(
    ("ends", "is_log"),
    [
        ("1e-5 to 1e-2", True),
        ("3e-6 to 3e-4", True),
        ("1 to 100", True),
        ("1 to 99", False),
        ("0 to 1000", False),
        ("1e-5 to 1e-2 linear", False),
        ("1e-5 to 1e-2, no log", False),
        ("1 to 2 log", True),
    ],
)
def test_range_of_a_program_over_two_decades_is_logarithmic_unless_said_otherwise(ends: str, is_log: bool) -> None:
    plan = plan_of(read_turns([f"minimise ms of `./bench.sh {{lr}}`, 9 trials, lr {ends}"], PlanOptions()))
    lr = Space.from_json(plan.space).parameters["lr"]
    assert isinstance(lr, Float | Int)
    assert lr.log is is_log
