"""Numbers for people, and what people type for durations and sizes."""

from __future__ import annotations

import argparse

import pytest

from agenttune.cli import format as fmt


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.97354, "0.9735"), (0.0, "0.0000"), (-0.0, "0.0000"), (123456.0, "1.235e+05"), (2.5e-7, "2.5e-07"), (3, "3")],
)
def test_measured_values_read_at_a_glance(value: float, text: str) -> None:
    assert fmt.number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (1.0, "1.0"), (0.00098765, "0.0009877"), (7, "7"), ("a\x1b[1mb", "ab"), (1e9, "1e+09")],
)
def test_parameter_values_are_short_and_clean(value: object, text: str) -> None:
    assert fmt.scalar(value) == text


@pytest.mark.parametrize(("value", "text"), [(8.21, "8.2 s"), (59.9, "1 min"), (65, "1 min 5 s"), (7380, "2 h 3 min")])
def test_durations_read_as_people_say_them(value: float, text: str) -> None:
    assert fmt.seconds(value) == text


@pytest.mark.parametrize(("word", "seconds"), [("90", 90), ("90s", 90), ("5m", 300), ("1.5h", 5400), ("2 min", 120)])
def test_durations_are_understood_with_units(word: str, seconds: float) -> None:
    assert fmt.parse_seconds(word) == seconds


@pytest.mark.parametrize("word", ["0", "-5", "soon", "nan", "inf", "5 weeks", ""])
def test_durations_that_are_none_are_refused(word: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="duration"):
        fmt.parse_seconds(word)


@pytest.mark.parametrize(
    ("word", "size"),
    [("2G", 2**31), ("500M", 500 * 2**20), ("1.5GiB", 3 * 2**29), ("4096", 4096), ("1kB", 1000), ("2GB", 2 * 10**9)],
)
def test_sizes_are_understood_with_units(word: str, size: int) -> None:
    assert fmt.parse_size(word) == size


@pytest.mark.parametrize("word", ["0", "-1", "much", "1.5"])
def test_counts_must_be_whole_and_positive(word: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        fmt.parse_positive(word)


@pytest.mark.parametrize(
    ("value", "reference", "text"),
    [(10.0, 1.0, "x10"), (1.1, 1.0, "+10.0%"), ("rbf", "poly", ""), (True, 1, ""), (1, 0, "")],
)
def test_change_is_relative_where_that_means_something(value: object, reference: object, text: str) -> None:
    assert fmt.change(value, reference) == text
