"""Spelling of single values and suggestions for typing errors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agenttune.space import nearest, spell
from agenttune.space.scalars import suggestion
from agenttune.types import Scalar


@pytest.mark.parametrize(
    ("value", "spelled"),
    [
        (1e-3, "1e-3"),
        (0.05, "0.05"),
        (0.01, "0.01"),
        (100.0, "100"),
        (1000.0, "1e3"),
        (0.00098, "9.8e-4"),
        (-2.5e-7, "-2.5e-7"),
        (0.0, "0"),
        (1 / 3, "0.3333333333333333"),
        (5e-324, "5e-324"),
        (1000, "1000"),
        (1_000_000, "1e6"),
        (1234567, "1234567"),
        (True, "true"),
        ("rbf", "rbf"),
        ("true", "'true'"),
        (" ", "' '"),
    ],
)
def test_values_are_spelled_short(value: Scalar, spelled: str) -> None:
    assert spell(value) == spelled


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_spelling_a_float_loses_nothing(value: float) -> None:
    assert float(spell(value)) == value


@given(st.integers())
def test_spelling_an_int_loses_nothing(value: int) -> None:
    text = spell(value)
    digits, _, power = text.partition("e")
    whole, _, fraction = digits.partition(".")
    assert int(whole + fraction) * 10 ** (int(power or 0) - len(fraction)) == value


def test_the_nearest_name_ignores_case() -> None:
    assert nearest("GAMMA", ["C", "gamma"]) == "gamma"
    assert nearest("xyz", ["C", "gamma"]) is None


def test_without_a_near_name_all_are_listed() -> None:
    assert suggestion("xyz", ["C", "gamma"]) == "there are `C`, `gamma`"
