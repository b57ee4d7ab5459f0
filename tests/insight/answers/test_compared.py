"""Trials side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agenttune.errors import UserError
from agenttune.insight.answers.compared import MOST_STEPS, compare
from agenttune.testing.views import complete, with_reports
from tests.insight.studies import mid_study
from tests.proposers.scene import EMPTY

PLAIN = [complete(n, {"x": n / 4, "y": 0.5}, {"value": float(n)}) for n in range(2)]


def test_parameters_are_split_into_those_that_differ_and_those_that_do_not() -> None:
    answer = compare(replace(EMPTY, trials=tuple(PLAIN)), [1, 0])
    assert answer.differing == {"x": (0.25, 0.0)} and answer.same == {"y": 0.5}
    assert answer.best == 1


def test_curves_are_aligned_by_the_steps_all_have() -> None:
    curves = with_reports(PLAIN[0], "value", {1: 0.1, 3: 0.3}), with_reports(PLAIN[1], "value", {1: 1.0, 2: 2.0})
    assert compare(replace(EMPTY, trials=curves), [0, 1]).curves == {1: (0.1, 1.0)}


def test_curve_of_one_alone_is_shown() -> None:
    trials = with_reports(PLAIN[0], "value", {1: 0.1, 3: 0.3}), PLAIN[1]
    assert compare(replace(EMPTY, trials=trials), [0, 1]).curves == {1: (0.1, None), 3: (0.3, None)}


def test_long_curves_keep_their_ends() -> None:
    long = tuple(with_reports(trial, "value", {step: float(step) for step in range(100)}) for trial in PLAIN)
    steps = list(compare(replace(EMPTY, trials=long), [0, 1]).curves)
    assert len(steps) == MOST_STEPS and (steps[0], steps[-1]) == (0, 99)


@pytest.mark.parametrize("numbers", [[], [3], [3, 3], list(range(7))])
def test_too_few_or_many_are_refused(numbers: list[int]) -> None:
    with pytest.raises(UserError, match="2 to 6 different trials can be compared"):
        compare(mid_study(), numbers)
