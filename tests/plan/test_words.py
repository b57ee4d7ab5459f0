"""Numbers, shares, durations and sizes as people write them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agenttune.plan.words import (
    LONG_DURATION,
    NUMBER,
    SHARE,
    SIZE,
    duration_text,
    read_duration,
    read_number,
    read_share,
    read_size,
    size_text,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("30", 30),
        ("10_000", 10_000),
        ("10,000", 10_000),
        ("1k", 1000),
        ("1e-3", 0.001),
        (".01", 0.01),
        ("10^-3", 0.001),
        ("10**2", 100),
        ("-5", -5),
        ("ten", 10),
        ("twenty-five", 25),
        ("ninety nine", 99),
        ("a dozen", 12),
        ("a hundred", 100),
        ("two hundred", 200),
    ],
)
def test_number_is_read(text: str, value: float) -> None:
    match = re.fullmatch(NUMBER, text, re.IGNORECASE)
    assert match is not None
    assert read_number(match[0]) == pytest.approx(value)


@pytest.mark.parametrize("text", ["30%", "3x", "1.2.3", "tenth", "seventies"])
def test_part_of_a_word_is_no_number(text: str) -> None:
    assert re.search(NUMBER, text) is None


def test_comma_after_a_number_ends_it() -> None:
    assert re.findall(NUMBER, "30, 5") == ["30", "5"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5 minutes", 300),
        ("90 s", 90),
        ("90s", 90),
        ("5m", 300),
        ("2h", 7200),
        ("1h30m", 5400),
        ("1 hour 30 minutes", 5400),
        ("1.5 hours", 5400),
        ("an hour", 3600),
        ("half an hour", 1800),
        ("a quarter of an hour", 900),
        ("an hour and a half", 5400),
        ("2 and a half hours", 9000),
        ("an hour and 20 minutes", 4800),
        ("ten minutes", 600),
        ("twenty-five minutes", 1500),
        ("2 days", 172_800),
    ],
)
def test_duration_is_read(text: str, seconds: float) -> None:
    match = re.fullmatch(LONG_DURATION, text, re.IGNORECASE)
    assert match is not None
    assert read_duration(match[0]) == seconds


@pytest.mark.parametrize("text", ["a model", "5 models", "a s3 bucket", "2 dogs", "5-fold"])
def test_word_that_starts_like_a_unit_is_no_duration(text: str) -> None:
    assert re.search(LONG_DURATION, text, re.IGNORECASE) is None


@pytest.mark.parametrize(
    ("text", "share"), [("20%", 0.2), ("a fifth", 0.2), (".3", 0.3), ("30 percent", 0.3), ("half", 0.5)]
)
def test_share_is_read(text: str, share: float) -> None:
    assert re.fullmatch(SHARE, text) is not None
    assert read_share(text) == pytest.approx(share)


@pytest.mark.parametrize(("text", "n_bytes"), [("2 GB", 2 * 10**9), ("500MB", 500 * 10**6), ("1.5 GiB", 3 * 2**29)])
def test_size_is_read(text: str, n_bytes: int) -> None:
    assert re.fullmatch(SIZE, text, re.IGNORECASE) is not None
    assert read_size(text) == n_bytes


@given(st.integers(1, 200_000))
def test_duration_that_is_shown_is_read_back(seconds: int) -> None:
    assert read_duration(duration_text(seconds)) == seconds


@pytest.mark.parametrize(
    ("seconds", "text"), [(90, "90 s"), (300, "5 min"), (5400, "90 min"), (7200, "2 h"), (0.5, "0.5 s")]
)
def test_duration_is_shown_short(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


@pytest.mark.parametrize(("n_bytes", "text"), [(2 * 10**9, "2 GB"), (2**30, "1 GiB"), (1_234_567_890, "1.23 GB")])
def test_size_is_shown_short(n_bytes: int, text: str) -> None:
    assert size_text(n_bytes) == text
