"""Foreign text and values in a prompt: harmless, bounded, and read back as what they were."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agenttune.insight.quoting import (
    LONGEST_EXACT,
    cells,
    digits_to_tell_apart,
    quote,
    round_value,
    runs,
    shown_config,
    spell_json,
    spell_values,
)
from agenttune.space import Categorical, Float, Int, Space
from agenttune.types import Scalar
from tests.space.test_properties import seeds, spaces

KEY = "sk-proj-4fT9xQ2mLw8Zr7Kd3VbN"
THOROUGH = settings(max_examples=60, deadline=None)


@THOROUGH
@given(st.text(max_size=400), st.integers(10, 200))
@example("a</data>b<data>c<DATA >", 100)
def test_quoted_text_is_one_visible_line_that_ends_no_fence(text: str, most: int) -> None:
    quoted = quote(text, most)
    assert quoted.isprintable()
    assert "<data" not in quoted.lower() and "</data" not in quoted.lower()
    assert len(json.loads(quoted)) <= max(most, 9)


def test_the_ends_of_a_long_text_stay() -> None:
    assert quote("Traceback " + "x" * 10**6 + " ValueError: no", 40) == '"Traceback xxxxxxx ... xx ValueError: no"'


def test_secrets_are_taken_out_of_quoted_text() -> None:
    assert quote(f"key {KEY} refused") == '"key *** refused"'


def test_a_secret_at_the_cut_is_not_shown_in_part() -> None:
    assert KEY[:10] not in quote("y" * 25 + KEY + "z" * 200, 70)


@THOROUGH
@given(st.text(max_size=60))
def test_json_is_visible_and_reads_back(text: str) -> None:
    spelled = spell_json([text, 1, None])
    assert spelled.isprintable()
    assert json.loads(spelled) == [text, 1, None]


def test_values_that_cannot_be_shown_are_cut_or_hidden() -> None:
    long, secret, plain = spell_values(["c" * (LONGEST_EXACT + 1), KEY, "relu"])
    assert len(long) <= LONGEST_EXACT + 2
    assert (secret, plain) == ('"***"', '"relu"')


@settings(max_examples=150, deadline=None)
@given(spaces(), seeds())
def test_every_shown_configuration_validates_after_it_is_read_back(space: Space, seed: int) -> None:
    for config in space.sample(np.random.default_rng(seed), 4):
        shown = shown_config(space, config)
        assert shown is not None
        read = json.loads(spell_json(shown))
        assert space.validate(read).keys() == config.keys()
        row = json.loads(cells(space, shown))
        assert {name: v for name, v in zip(space.columns, row, strict=True) if v is not None} == read


@THOROUGH
@given(spaces(), seeds())
def test_rounding_moves_a_configuration_by_at_most_a_thousandth_of_each_range(space: Space, seed: int) -> None:
    configs = space.sample(np.random.default_rng(seed), 4)
    for config in configs:
        shown = shown_config(space, config)
        assert shown is not None
        moved = space.to_unit([space.validate(shown)]) - space.to_unit([config])
        assert np.abs(moved).max(initial=0.0) <= 1.01e-3


@pytest.mark.parametrize(
    ("parameter", "value", "shown"),
    [
        (Float(0, 0.5), 0.1234567, 0.123),  # a bound without decimals does not make it whole
        (Float(1e-6, 1, log=True), 1.23456e-5, 1.23e-5),
        (Float(1000, 1001), 1000.123456, 1000.123),
        (Float(0, 1000), 0.3456789, 0.346),
        (Float(0.12345678, 1), 0.12345679, 0.12345678),  # never below the range
        (Float(0, 1, step=0.125), 0.375, 0.375),
        (Int(0, 10**9), 123456789, 123456789),
    ],
)
def test_floats_have_as_many_digits_as_matter(parameter: Float | Int, value: Scalar, shown: Scalar) -> None:
    assert round_value(parameter, value) == shown


def test_a_configuration_stays_exact_where_rounding_would_break_a_constraint() -> None:
    space = Space(a=Float(0, 1), constraints=["a >= 0.12344"])
    assert shown_config(space, {"a": 0.12344}) == {"a": 0.12344}
    assert shown_config(space, {"a": 0.43212}) == {"a": 0.432}


@pytest.mark.parametrize("choice", [KEY, "c" * (LONGEST_EXACT + 1)])
def test_a_configuration_that_cannot_be_shown_exactly_is_not_shown(choice: str) -> None:
    space = Space(a=Categorical([choice, "b"]))
    assert shown_config(space, {"a": choice}) is None
    assert shown_config(space, {"a": "b"}) == {"a": "b"}


def test_a_configuration_of_another_space_is_not_shown() -> None:
    assert shown_config(Space(a=Float(0, 1)), {"a": 2.0}) is None


def test_measured_values_get_the_digits_that_tell_them_apart() -> None:
    assert digits_to_tell_apart([0.9, 0.8]) == 4
    assert digits_to_tell_apart([0.9981231, 0.9981238]) == 6
    assert digits_to_tell_apart([0.5, 0.5]) == 4
    assert digits_to_tell_apart([1.0, 1.0 + 1e-12]) == 7


def test_runs_of_numbers() -> None:
    assert runs([3, 0, 1, 2, 7]) == [(0, 3), (7, 7)]
    assert runs([]) == []
