"""What a text states, in five languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agenttune.plan.said import clock_times, counts, holds, numbers, shares, sizes, spans


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("30 trials", 30),
        ("10,000 rows", 10_000),
        ("10_000", 10_000),
        ("1k trials", 1000),
        ("0,5", 0.5),
        ("lr 1e-5-5e-4", 5e-4),
        ("0..0.4", 0.4),
        (".5 to 2", 0.5),
        ("10^-3", 1e-3),
        ("98%", 0.98),
        ("8,16,32", 16),
        ("angle -2 to 8", -2),
        ("thirty-five trials", 35),
        ("two hundred trees", 200),
        ("a dozen", 12),
        ("dreißig Versuche", 30),
        ("fünfunddreißig", 35),
        ("vingt-cinq essais", 25),
        ("quatre-vingt", 80),
        ("veinticinco", 25),
        ("treinta y cinco pruebas", 35),
        ("三十五次", 35),
        ("两个", 2),
        ("一百二十", 120),
    ],
)
def test_numbers_are_read_in_digits_and_words(text: str, value: float) -> None:
    assert holds(numbers(text), value)


@pytest.mark.parametrize(
    ("text", "value"),
    [("30 trials", 3), ("10.5", 105), ("2..8", 0.8), ("someone", 1), ("a forest", 1), ("un SVM", 1), ("10,000", 0.01)],
)
def test_parts_of_a_number_are_not_said(text: str, value: float) -> None:
    assert not holds(numbers(text), value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5 min", 300),
        ("half an hour", 1800),
        ("a quarter of an hour", 900),
        ("an hour", 3600),
        ("une heure", 3600),
        ("eine Stunde", 3600),
        ("an hour and a half", 5400),
        ("two and a half hours", 9000),
        ("3 1/2 minutes", 210),
        ("1h30m", 5400),
        ("1 hour and 20 minutes", 4800),
        ("500 ms", 0.5),
        ("1,5 Stunden", 5400),
        ("eine halbe Stunde", 1800),
        ("anderthalb Stunden", 5400),
        ("une demi-heure", 1800),
        ("deux heures et demie", 9000),
        ("media hora", 1800),
        ("半小时", 1800),
        ("一个半小时", 5400),
        ("十分钟", 600),
    ],
)
def test_time_spans_are_read_with_their_units(text: str, seconds: float) -> None:
    assert holds(spans(text), seconds)


@pytest.mark.parametrize(
    ("text", "seconds"), [("half an hour", 3600), ("5 min", 5), ("30 trials", 30), ("2 metres", 120)]
)
def test_other_spans_are_not_said(text: str, seconds: float) -> None:
    assert not holds(spans(text), seconds)


@pytest.mark.parametrize(
    ("text", "size"), [("2 GB", 2 * 10**9), ("2GB", 2 * 2**30), ("1.5 GiB", 3 * 2**29), ("500M", 500 * 2**20)]
)
def test_sizes_are_read_in_both_powers(text: str, size: int) -> None:
    assert size in sizes(text)


@pytest.mark.parametrize(
    ("text", "share"), [("30 percent", 0.3), ("a fifth", 0.2), ("25%", 0.25), ("ein Viertel", 0.25)]
)
def test_shares_are_read_in_digits_and_words(text: str, share: float) -> None:
    assert holds(shares(text), share)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("until 18:00", "18:00"),
        ("by 6pm", "18:00"),
        ("7:30 am", "07:30"),
        ("12am", "00:00"),
        ("noon", "12:00"),
        ("before midnight", "00:00"),
        ("bis 18 Uhr", "18:00"),
        ("avant 18h", "18:00"),
        ("à 18h30", "18:30"),
        ("a las 6 de la tarde", "18:00"),
        ("晚上8点前", "20:00"),
        ("2026-03-01 08:00", "2026-03-01T08:00"),
    ],
)
def test_times_of_day_are_read(text: str, time: str) -> None:
    assert time in clock_times(text)


@pytest.mark.parametrize("text", ["18 trials", "3h in total", "30:99", "99:00"])
def test_other_numbers_are_no_times_of_day(text: str) -> None:
    assert not clock_times(text)


@pytest.mark.parametrize("text", ["30 s", "30 min", "half of 30 hours", "30GB", "30 MiB", "30%", "30 percent"])
def test_an_amount_with_a_unit_counts_nothing(text: str) -> None:
    assert holds(numbers(text), 30)
    assert not holds(counts(text), 30)


def test_a_number_without_a_unit_counts_something() -> None:
    assert {30.0, 8.0, 4.0} <= counts("30 trials in 5 min, 8 GPUs, 4 at a time")


@given(st.integers(0, 99_999_999))
def test_every_whole_number_is_read_back(value: int) -> None:
    assert holds(numbers(f"with {value} trials"), value)
    assert holds(numbers(f"with {value:,} trials"), value)


@given(st.text(max_size=200))
def test_no_text_is_too_odd(text: str) -> None:
    for read in (numbers, spans, sizes, shares, clock_times):
        read(text)
