"""Times of day in words become digits where the words tell the half of the day, and stay where they do not."""

from __future__ import annotations

import pytest

from agenttune.plan.spoken_clock import in_digits


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("done by half past five this afternoon", "done by 17:30"),
        ("by quarter to nine tomorrow morning", "by tomorrow 08:45"),
        ("I leave at six tonight", "I leave at 18:00"),
        ("tonight at seven", "at 19:00"),
        ("until 11 at night", "until 23:00"),
        ("by five o'clock this evening", "by 17:00"),
        ("due at 4 in the afternoon", "due at 16:00"),
        ("this afternoon by 3", "by 15:00"),
        ("twenty past eight in the evening", "at 20:20"),
    ],
)
def test_time_in_words_is_written_in_digits(said: str, written: str) -> None:
    assert in_digits(said) == written


@pytest.mark.parametrize("said", ["by half past five", "8 trials tonight", "by twelve tonight", "from six to eight"])
def test_time_whose_half_of_the_day_is_open_stays(said: str) -> None:
    assert in_digits(said) == said
