"""Limits of time: those of one run, those of all, and what a run takes anyway."""

from __future__ import annotations

import pytest

from agenttune.errors import RequestNotUnderstood
from agenttune.plan.conversation import read_turns
from agenttune.plan.request import PlanOptions, Request

GOAL = "minimise ms of `./bench.sh {lr}`, lr 1e-5 to 1e-2, 20 trials"


def read(words: str) -> Request:
    return read_turns([f"{GOAL}, {words}"], PlanOptions())


@pytest.mark.parametrize(
    "words",
    [
        "kill runs longer than 2 min",
        "stop runs after 2 minutes",
        "prune runs after 2 minutes",
        "cut off fits after two minutes",
        "runs time out after 2 minutes",
        "the runs are killed after 2 minutes",
        "training must take less than 2 minutes",
        "training shouldn't take longer than 2 minutes",
        "fit time under 2 min",
    ],
)
def test_limit_of_one_run_is_not_that_of_all(words: str) -> None:
    request = read(words)
    assert (request.trial_seconds, request.seconds, request.trials) == (120.0, None, 20)


@pytest.mark.parametrize(
    "words", ["runs usually take 10 minutes", "runs take about 10 minutes", "training takes 10 minutes"]
)
def test_what_a_run_takes_is_no_limit(words: str) -> None:
    request = read(words)
    assert (request.trial_seconds, request.seconds, request.trials) == (None, None, 20)
    assert request.mended == (f"left aside: {words!r}",)


@pytest.mark.parametrize(
    "words",
    ["timeout 2 minutes", "wait 2 minutes", "models that train in under 2 minutes", "kill it after 2 minutes"],
)
def test_time_of_nobody_knows_what_is_asked_about(words: str) -> None:
    with pytest.raises(RequestNotUnderstood, match="2 minutes"):
        read(words)


@pytest.mark.parametrize(
    "words",
    [
        "at most 2 minutes",
        "train for 2 minutes",
        "stop after 2 minutes",
        "training time at most 2 minutes in total",
        "runs at most 2 minutes altogether",
    ],
)
def test_time_of_the_whole_study_stays_its_own(words: str) -> None:
    assert (read(words).seconds, read(words).trial_seconds) == (120.0, None)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("asha", "asha"),
        ("use asha", "asha"),
        ("successive halving", "asha"),
        ("median stopping rule", "median"),
        ("median pruning", "median"),
    ],
)
def test_scheduler_needs_no_noun(words: str, name: str) -> None:
    assert (read(words).scheduler, read(words).mended) == (name, ())


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("use early stopping", "median"),
        ("with early stopping", "median"),
        ("stop bad trials early", "median"),
        ("prune hopeless runs", "median"),
        ("kill the runs that look bad", "median"),
        ("with pruning", "median"),
        ("with the median rule", "median"),
        ("use early stopping with asha", "asha"),
        ("without early stopping", "fifo"),
        ("no pruning", "fifo"),
        ("don't prune", "fifo"),
        ("never stop a trial early", "fifo"),
    ],
)
def test_whether_bad_trials_are_stopped_is_read(words: str, name: str) -> None:
    assert (read(words).scheduler, read(words).mended) == (name, ())


@pytest.mark.parametrize(
    "text",
    [
        "tune an MLP on digits with early stopping",
        "minimise val_loss of train.py, early stopping with patience 5",
        "minimise val_loss of train.py, kill bad runs after 5 minutes",
        "minimise val_loss of train.py, prune the network",
        "minimise val_loss of train.py, which uses early stopping",
    ],
)
def test_stopping_of_a_run_itself_is_asked_about(text: str) -> None:
    with pytest.raises(RequestNotUnderstood, match="I do not understand"):
        read_turns([text], PlanOptions())


def test_scheduler_is_not_said_with_its_opposite() -> None:
    with pytest.raises(RequestNotUnderstood, match="two values for the scheduler, asha and fifo"):
        read("asha, without early stopping")


@pytest.mark.parametrize("words", ["20 random trials", "20 random configurations", "20 different random runs"])
def test_random_trials_are_those_of_random_search(words: str) -> None:
    request = read(words)
    assert (request.trials, request.proposer) == (20, "random")


def test_scheduler_that_there_is_not_is_refused() -> None:
    with pytest.raises(RequestNotUnderstood, match="no scheduler is called 'hyperband'"):
        read("use hyperband")
