"""Which day a time of day is of, what is no deadline, and how one is shown."""

from __future__ import annotations

import datetime

import pytest

from agenttune.errors import RequestNotUnderstood
from agenttune.plan.conversation import read_turns
from agenttune.plan.deadlines import seconds_of, until_text
from agenttune.plan.planning import plan_of
from agenttune.plan.request import PlanOptions, Request

NIGHT = datetime.datetime(2026, 3, 1, 4, 9).timestamp()


def read(words: str) -> Request:
    return read_turns([f"SVM on iris, {words}"], PlanOptions())


@pytest.mark.parametrize(
    "words",
    [
        "until tomorrow 8:00",
        "finish by 8am tomorrow",
        "done tomorrow by 8:00",
        "done by eight tomorrow morning",
        "be done by tomorrow morning at 8",
    ],
)
def test_tomorrow_is_not_the_next_such_time(words: str) -> None:
    request = read(words)
    assert request.deadline == "tomorrow 08:00"
    assert seconds_of(request, now=NIGHT) == 27 * 3600 + 51 * 60


@pytest.mark.parametrize(
    "sentence",
    [
        "SVM auf iris, bis morgen 8:30",
        "SVM sur iris, jusqu'à demain 8h30",
        "SVM en iris, hasta mañana a las 8:30",
        "用 SVM 在 iris 上，明天早上8点半之前完成",
    ],
)
def test_other_languages_have_a_tomorrow_too(sentence: str) -> None:
    assert read_turns([sentence], PlanOptions()).deadline == "tomorrow 08:30"


@pytest.mark.parametrize(
    "words", ["30 trials starting at 9pm", "30 trials at 21:00", "start tomorrow", "until tomorrow midnight"]
)
def test_what_is_no_deadline_for_sure_is_asked_about(words: str) -> None:
    with pytest.raises(RequestNotUnderstood, match=r"9pm|21:00|tomorrow"):
        read(words)


def test_time_that_is_meant_by_then_is_one() -> None:
    assert read("I go home at 17:30, be done by then").deadline == "17:30"


def test_tomorrow_of_something_else_is_left_aside() -> None:
    request = read("the market opens tomorrow, so be done by 07:30")
    assert request.deadline == "07:30"
    assert request.mended == ("left aside: 'the market opens tomorrow'",)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("until 8:00", "until Sun 08:00"),
        ("until tomorrow noon", "until Mon 12:00"),
        ("30 trials until 2026-04-01T08:00", "30 trials or until 2026-04-01 08:00"),
        ("20 min, until 8:00", "20 min or until Sun 08:00"),
    ],
)
def test_plan_shows_the_deadline_as_a_clock_shows_it(words: str, shown: str) -> None:
    assert plan_of(read(words), now=NIGHT).understood()[0][1].endswith(f" · {shown}")


def test_without_a_deadline_there_is_none_to_show() -> None:
    assert until_text(Request()) is None
