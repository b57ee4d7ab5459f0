"""Numbers that the record holds, whatever their format, and numbers that it does not."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agenttune.insight.provenance import marked_numbers, unsupported_numbers
from agenttune.types import Json

RECORD: list[Json] = [
    {
        "best": {"trial": 17, "value": 0.97333, "config": {"lr": 0.00032, "batch": 256, "optimizer": "adam"}},
        "gain": -0.0214,
        "elapsed_s": 754.0,
        "n_trials": 40,
        "tokens": 12345,
        "dollars": 0.0312,
        "memory": 2_147_483_648,
        "parameters": 110_000_000,
    },
    "tune it in at most 90 minutes; 3 workers",
    "out of memory in layer18",
    ["a", "b", "c", "d", "e", "f"],
]


@pytest.mark.parametrize(
    "text",
    [
        "Trial 17 reached 0.97333.",
        "Trial 17 reached 0.973",
        "about 0.97",
        "it reached 97.3%, that is 97 %",
        "97 percent",
        "it lost 0.0214, or 2.1 percentage points",
        "-0.021 and −0.021 and +0.021",
        "lr 3.2e-4, lr=3.2E-04, lr .00032, lr 3.2 × 10^-4, 3.2×10⁻⁴, 3.2 * 10^{-4}",
        "12,345 tokens, 12.3k tokens, 12345",
        "12.6 minutes, or 754 s, or 0.21 h",
        "$0.0312, $0.03",
        "2 GiB, 2.1 GB, 2048 MiB",
        "110M parameters, 0.11 billion",
        "at most 90 minutes with 3 workers",
        "5400 seconds",
        "six choices, 6 in all",
        "layer 18 ran out of memory",
        "(17), [256], {256}, 17/40, 17-40, 17–40, 17:",
        "F1, top-5, gpt-4.1, v2, bert-base-110M, x_12, model99, p99",
        "the 3rd best, the 22nd one, 4bit",
        "version 1.2.3 of 2024-05-31 at 12:45",
        "1. first\n2. second\n  33) third\n## 4. fourth",
        "between 0 and 1, 1.0 at best, 0.0 at worst",
        "three or four, twenty-five",
        "twelve thousand: 12,300",
        "no numbers at all",
        "",
    ],
)
def test_supported(text: str) -> None:
    assert unsupported_numbers(text, RECORD) == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("It reached 0.98.", ["0.98"]),
        ("It reached 0.9734.", ["0.9734"]),
        ("98%", ["98%"]),
        ("Trial 18 of 41", ["41"]),
        ("0.952 before, 0.973 now", ["0.952"]),
        ("lr 3.3e-4 and 3.2e-3", ["3.3e-4", "3.2e-3"]),
        ("97.3 units", ["97.3"]),
        ("12,346 tokens", ["12,346"]),
        ("13 minutes, 12 minutes", ["12"]),
        ("13.1 minutes", ["13.1"]),
        ("a gain of 0.0413 = 0.0099 + 0.0314", ["0.0413", "0.0099", "0.0314"]),
        ("(2.5)", ["2.5"]),
        ("between 17-21", ["21"]),
        ("lr=0.5, x≈0.7; y~0.8", ["0.5", "0.7", "0.8"]),
        ("it costs $7.25.", ["7.25"]),
        ("a 12-layer network", ["12"]),
        ("1e999 and 1e-999", ["1e999"]),
    ],
)
def test_unsupported(text: str, numbers: list[str]) -> None:
    found = unsupported_numbers(text, RECORD)
    assert [number for _, _, number in found] == numbers
    assert all(text[start:end] == number for start, end, number in found)


def test_mark_stands_behind_the_number_and_its_percent_sign() -> None:
    text, numbers = marked_numbers("It reached 0.98 (98%), 0.97 before.", RECORD)
    assert text == "It reached 0.98[?] (98%[?]), 0.97 before."
    assert numbers == ("0.98", "98%")


def test_without_a_record_every_number_is_marked() -> None:
    assert marked_numbers("0.5 or 7", []) == ("0.5[?] or 7[?]", ("0.5", "7"))


def test_truth_values_are_no_numbers_of_the_record() -> None:
    assert unsupported_numbers("2", [True, None]) == [(0, 1, "2")]


@given(st.floats(1e-6, 1e6), st.integers(1, 8))
def test_number_rounded_to_any_digits_is_supported(value: float, digits: int) -> None:
    assert unsupported_numbers(f"it is {value:.{digits}g} then", [{"x": value}, 0]) == []


@given(st.text(), st.lists(st.text(), max_size=3))
def test_any_text_is_read(text: str, record: list[str]) -> None:
    spans = [(start, end) for start, end, _ in unsupported_numbers(text, list(record))]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
