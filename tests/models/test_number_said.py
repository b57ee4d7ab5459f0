from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from agenttune.models.number_said import Branch, interval, number_distribution


def planted(mean: float, sd: float, *, digits: int) -> list[Branch]:
    """All numbers from 0 to 1 of so many decimals, as probable as a normal distribution says."""
    width = 10.0**-digits
    lows = [at * width for at in range(10**digits)]
    mass = [float(norm.cdf(low + width, mean, sd) - norm.cdf(low, mean, sd)) for low in lows]
    return [Branch(f"{low:.{digits}f}", share, False) for low, share in zip(lows, mass, strict=True)]


def test_planted_mean_and_sd_come_out() -> None:
    found = number_distribution(planted(0.87, 0.02, digits=3))
    assert found is not None
    assert found == (pytest.approx(0.87, rel=1e-3), pytest.approx(0.02, rel=1e-2), pytest.approx(1.0))


def test_whole_numbers_are_points() -> None:
    found = number_distribution([Branch("1", 0.5, True), Branch("3", 0.5, True)])
    assert found == (2.0, 1.0, 1.0)


def test_open_number_is_uniform_within_its_interval() -> None:
    found = number_distribution([Branch("-0.5", 1.0, False)])
    assert found == (pytest.approx(-0.55), pytest.approx(0.1 / math.sqrt(12)), 1.0)


@pytest.mark.parametrize("text", ["", "-", "12", "1.5e", "1e-3"])
def test_number_whose_size_is_open_has_no_interval(text: str) -> None:
    assert interval(Branch(text, 1.0, False)) is None


def test_unknown_branches_count_as_unresolved() -> None:
    assert number_distribution([Branch("2", 0.3, True), Branch("12", 0.1, False)]) == (2.0, 0.0, pytest.approx(0.75))


def test_nothing_known_is_nothing() -> None:
    assert number_distribution([Branch("1", 1.0, False), Branch("1e999", 0.5, True)]) is None


@given(st.lists(st.tuples(st.integers(0, 9999), st.floats(0.01, 1.0)), min_size=1, max_size=20))
def test_mean_lies_within_what_may_be_written(entries: list[tuple[int, float]]) -> None:
    branches = [Branch(f"0.{digits:04d}", probability, False) for digits, probability in entries]
    found = number_distribution(branches)
    assert found is not None
    limits = [interval(branch) or (0.0, 0.0) for branch in branches]
    assert min(low for low, _ in limits) - 1e-9 <= found[0] <= max(high for _, high in limits) + 1e-9
