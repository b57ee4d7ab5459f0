"""What is said of several parameters at once is said of each; what is said of one stays with it."""

from __future__ import annotations

import pytest

from agenttune.plan.shared_ranges import placed, spread

NAMES = ("block_m", "block_n", "stages")


@pytest.mark.parametrize(
    ("said", "written"),
    [
        (
            "block_m and block_n each from 16, 32, 64 and stages 2-5",
            "block_m from 16, 32, 64; block_n from 16, 32, 64 and stages 2-5",
        ),
        ("block_m and block_n both 1 to 16", "block_m 1 to 16; block_n 1 to 16"),
        ("both block_m and block_n from 1 to 8", "block_m from 1 to 8; block_n from 1 to 8"),
        ("block_m, block_n and stages 1 to 4 each", "block_m 1 to 4; block_n 1 to 4; stages 1 to 4"),
        ("block_m and block_n each on or off", "block_m on or off; block_n on or off"),
        ("anything between 1 and 9 for stages, block_m 2-4", "stages between 1 and 9, block_m 2-4"),
        ("16, 32 or 64 for the block_m", "the block_m 16, 32 or 64"),
        ("block_m and block_n are both between 1 and 4", "block_m between 1 and 4; block_n between 1 and 4"),
    ],
)
def test_shared_range_is_said_of_each(said: str, written: str) -> None:
    assert spread(said, NAMES) == written


@pytest.mark.parametrize(
    "said",
    [
        "block_m 1 to 4 and block_n 2 to 8",
        "block_m and block_n from 1 to 8",
        "each run 5 to 9 s",
        "stages 1 to 4 for block_m",
    ],
)
def test_range_of_one_stays(said: str) -> None:
    assert spread(said, NAMES) == said


def test_parameter_named_by_its_place_gets_its_name() -> None:
    said = "the first one goes from 1 to 4 and the second from 2 to 9, the first trial 3 s"
    assert placed(said, NAMES) == "block_m goes from 1 to 4 and block_n from 2 to 9, the first trial 3 s"
