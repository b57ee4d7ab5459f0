"""How far replies lie apart: closed forms, draws at random, and what is no signal."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agenttune.edits import SetRange, apply_to_space
from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.proposers.dispersion import dispersion_of
from agenttune.space import Bool, Categorical, Float, Int, Space
from agenttune.trial import Candidate
from agenttune.types import Config

LOG = Space(lr=Float(1e-4, 1.0, log=True))


def view_of(space: Space, *firsts: Config, asked_at: int = 3) -> StudyView:
    """A view in which one question was answered by a reply for each of these configurations."""
    candidates = tuple(
        Candidate(config, f"because {sample}", 0.5, 0.1, asked_at=asked_at, sample=sample)
        for sample, config in enumerate(firsts)
    )
    return StudyView(space, Goal("value", "maximize"), (), spaces={1: space}, candidates=candidates)


def share(space: Space, *firsts: Config) -> float:
    found = dispersion_of(view_of(space, *firsts), 3)
    assert found is not None and found.n_samples == len(firsts)
    return found.share


def test_spread_is_measured_on_the_scale_of_the_parameter() -> None:
    """1e-3 and 1e-2 are a quarter of the log range apart: sd (n - 1) is .25 / sqrt(2)."""
    assert share(LOG, {"lr": 1e-3}, {"lr": 1e-2}) == pytest.approx(0.25 / math.sqrt(2) * math.sqrt(12))


def test_replies_that_offer_the_same_for_other_reasons_are_not_dispersed() -> None:
    assert share(LOG, {"lr": 1e-3}, {"lr": 1e-3}, {"lr": 1e-3}) == pytest.approx(0.0, abs=1e-9)


def test_replies_at_both_ends_are_no_more_than_at_random() -> None:
    assert share(LOG, {"lr": 1e-4}, {"lr": 1.0}) == 1.0


def test_categories_count_by_their_entropy() -> None:
    space = Space(kind=Categorical(["a", "b", "c", "d"]), flag=Bool())
    firsts = [{"kind": kind, "flag": True} for kind in ("a", "a", "b", "b")]
    assert share(space, *firsts) == pytest.approx((math.log(2) / math.log(4) + 0.0) / 2)


def test_parameters_count_that_two_replies_use() -> None:
    space = Space(kernel=Categorical({"rbf": None, "poly": Space(degree=Int(2, 5))}))
    once = share(space, {"kernel": "poly", "degree": 2}, {"kernel": "rbf"})
    assert once == 1.0, "the kernels differ, and one degree differs from nothing"
    twice = share(space, {"kernel": "poly", "degree": 3}, {"kernel": "poly", "degree": 3})
    assert twice == 0.0


def test_draws_at_random_come_to_about_one_however_many() -> None:
    parameters: dict[str, Any] = {f"x{index}": Float(0.0, 1.0) for index in range(200)}
    space = Space(**parameters)
    rng = np.random.default_rng(0)
    for n, expected in ((2, 1 / 3 * math.sqrt(6)), (4, 0.95), (16, 1.0)):  # the mean distance of two draws is 1/3
        assert share(space, *space.sample(rng, n)) == pytest.approx(expected, abs=0.07), n


def test_order_of_candidates_within_a_reply_decides_which_counts() -> None:
    view = view_of(LOG, {"lr": 1e-3}, {"lr": 1e-3})
    later = Candidate({"lr": 1.0}, "a second choice", asked_at=3, sample=1)
    found = dispersion_of(replace(view, candidates=(*view.candidates, later)), 3)
    assert found is not None and found.share == 0.0


def test_server_that_repeats_itself_to_the_word_gives_no_signal() -> None:
    view = view_of(LOG, {"lr": 1e-3}, {"lr": 1e-3})
    same = tuple(replace(entry, reason="because") for entry in view.candidates)
    assert dispersion_of(replace(view, candidates=same), 3) is None


def test_one_reply_and_another_question_give_no_signal() -> None:
    assert dispersion_of(view_of(LOG, {"lr": 1e-3}), 3) is None
    assert dispersion_of(view_of(LOG, {"lr": 1e-3}, {"lr": 1e-2}), 4) is None


def test_replies_are_compared_in_todays_space() -> None:
    view = view_of(LOG, {"lr": 1e-3}, {"lr": 1e-2}, {"lr": 1.0})
    narrower = apply_to_space(LOG, SetRange("lr", high=0.1))
    found = dispersion_of(replace(view, space=narrower, spaces={1: LOG, 2: narrower}), 3)
    assert found is not None
    assert found.share == pytest.approx(1 / 3 / math.sqrt(2) * math.sqrt(12)), "a third of the range, the last left out"
