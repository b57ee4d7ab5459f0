"""Float and Int: what they accept, how they are spelled, and the definitions they refuse."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from agenttune.errors import ConfigInvalid, SpaceError
from agenttune.space import Float, Int


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Float(1, 0.1), "`low` must be below `high`, but got low=1.0, high=0.1"),
        (lambda: Float(1, 1), "got low=1.0, high=1.0; a single value is a Constant"),
        (lambda: Float(float("nan"), 1), "`low` must be a finite number, but got nan"),
        (lambda: Float(0, float("inf")), "`high` must be a finite number, but got inf"),
        (lambda: Float(True, 2), "`low` must be a finite number, but got True"),
        (lambda: Float("0", 2), "`low` must be a finite number, but got '0' (text)"),  # type: ignore[arg-type]
        (lambda: Float(0, 10**400), "`high` must be a finite number"),
        (lambda: Float(0, 1, log=True), "`log` needs a `low` above 0, but got low=0.0"),
        (lambda: Float(0, 1, log=1), "`log` must be true or false, but got 1"),  # type: ignore[arg-type]
        (lambda: Float(1, 2, log=True, step=0.1), "`step` and `log` exclude each other"),
        (lambda: Float(0, 1, step=0), "`step` must be a number above 0, but got 0"),
        (lambda: Float(0, 1, step=2), "`step` must fit between `low` and `high`"),
        (lambda: Float(0, 1, step=1e-18), "`step` is too fine"),
        (lambda: Float(1e20, 1e20 + 1e6, step=1), "`step` is too fine"),
        (lambda: Float(0, 1, default=2), "`default` must be a number from 0 to 1, but got 2"),
        (lambda: Float(0, 1, step=0.25, default=0.3), "in steps of 0.25, but got 0.3"),
        (lambda: Float(0, 1, unit=3), "`unit` must be a text, but got 3"),  # type: ignore[arg-type]
        (lambda: Int(1, 2.5), "`high` must be a whole number, but got 2.5"),  # type: ignore[arg-type]
        (lambda: Int(False, 2), "`low` must be a whole number, but got False"),
        (lambda: Int(0, 2**64), "`high` must lie within 63 bits"),
        (lambda: Int(0, 5, log=True), "`log` needs a `low` above 0, but got low=0"),
        (lambda: Int(0, 5, step=0), "`step` must be a number above 0, but got 0"),
        (lambda: Int(1, 5, step=2, log=True), "`step` and `log` exclude each other"),
        (lambda: Int(1, 5, default=6), "`default` must be a whole number from 1 to 5, but got 6"),
    ],
)
def test_a_broken_definition_names_rule_and_value(make: Callable[[], object], sentence: str) -> None:
    with pytest.raises(SpaceError) as caught:
        make()
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    "value", [True, "0.5", None, float("nan"), float("inf"), -0.001, 1.001, 10**400, [0.5], 1j, np.ones(2)]
)
def test_a_float_refuses(value: object) -> None:
    with pytest.raises(ConfigInvalid, match="`lr` must be a number from 0 to 1, but got") as caught:
        Float(0, 1).coerce(value, name="lr")
    assert caught.value.parameter == "lr"


def test_a_number_too_long_to_print_is_refused_in_words() -> None:
    with pytest.raises(ConfigInvalid, match="but got a huge number"):
        Float(0, 1).coerce(10**5000)


@pytest.mark.parametrize("value", [1, np.float32(0.5), np.int64(1), np.float64(0.25), 0.75])
def test_a_float_takes_any_real_number(value: float) -> None:
    assert type(Float(0, 1).coerce(value)) is float


@pytest.mark.parametrize("value", [True, np.bool_(True), "2", 2.5, 0, 9, float("nan"), float("inf"), None])
def test_an_int_refuses(value: object) -> None:
    assert not Int(1, 8).contains(value)


@pytest.mark.parametrize("value", [2, 2.0, np.int32(2), np.float64(2), np.uint8(2)])
def test_an_int_takes_whole_numbers(value: float) -> None:
    assert Int(1, 8).coerce(value) == 2
    assert type(Int(1, 8).coerce(value)) is int


def test_minus_zero_becomes_zero() -> None:
    assert str(Float(-1, 1).coerce(-0.0)) == "0.0"


def test_bounds_are_part_of_the_range() -> None:
    lr = Float(1e-5, 0.1)
    assert lr.contains(1e-5) and lr.contains(0.1)
    assert not lr.contains(np.nextafter(0.1, 1))


def test_a_stepped_float_holds_exact_decimals() -> None:
    grid = Float(0, 1, step=0.1)
    assert [grid.at(k) for k in range(11)] == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    assert grid.coerce(0.1 + 0.2) == 0.3
    assert not grid.contains(0.35)


def test_a_stepped_float_ends_at_its_last_step() -> None:
    grid = Float(0.5, 2, step=0.4)
    assert grid.cardinality == 4
    assert not grid.contains(2)
    assert grid.contains(1.7)


def test_a_stepped_int_skips_values() -> None:
    grid = Int(8, 64, step=8)
    assert grid.cardinality == 8
    assert grid.contains(24) and not grid.contains(25)


@pytest.mark.parametrize(
    ("parameter", "spelled"),
    [
        (Float(1e-3, 1e3, log=True), "1e-3..1e3 log"),
        (Float(0.05, 100), "0.05..100"),
        (Float(0, 1, step=0.1), "0..1 step 0.1"),
        (Int(2, 5), "2..5"),
        (Int(16, 4096, log=True, unit="MB"), "16..4096 MB log"),
        (Int(0, 100, step=25), "0..100 step 25"),
    ],
)
def test_ranges_are_spelled_short(parameter: Float | Int, spelled: str) -> None:
    assert parameter.describe() == spelled


def test_whole_bounds_make_equal_floats() -> None:
    assert Float(1, 10) == Float(1.0, 10.0)
    assert hash(Float(1, 10)) == hash(Float(1.0, 10.0))
