"""Categorical, Ordinal, Bool, Constant: identity of values, and the definitions they refuse."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from agenttune.errors import ConfigInvalid, SpaceError
from agenttune.space import Bool, Categorical, Constant, Ordinal


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Categorical([]), "`choices` must have at least one value"),
        (lambda: Categorical("abc"), "`choices` must be a list of values, but got 'abc' (text)"),
        (lambda: Categorical(3), "`choices` must be a list of values, but got 3"),  # type: ignore[arg-type]
        (lambda: Categorical(["a", "a"]), "`choices` must differ from each other, but got a twice"),
        (lambda: Categorical([1, 1.0]), "but got 1 twice"),
        (lambda: Categorical([float("nan")]), "`choices` must be a finite number, but got nan"),
        (lambda: Categorical([None]), "but got None; name it by a text ('none')"),  # type: ignore[list-item]
        (
            lambda: Categorical([2**63]),
            "`choices` must hold whole numbers of up to 63 bits, but got 922337",
        ),
        (lambda: Categorical(["a"], default="b"), "`default` must be one of a, but got 'b'"),
        (lambda: Categorical([1, 2], default=True), "`default` must be one of 1|2, but got True"),
        (lambda: Ordinal([[1]]), "`values` must be a text, a number, true or false, but got [1]"),  # type: ignore[list-item]
        (lambda: Bool(default=1), "`default` must be true or false, but got 1"),  # type: ignore[arg-type]
        (lambda: Constant(None), "`value` must be a text, a number, true or false, but got None"),  # type: ignore[arg-type]
        (lambda: Constant(float("inf")), "`value` must be a finite number, but got inf"),
    ],
)
def test_a_broken_definition_names_rule_and_value(make: Callable[[], object], sentence: str) -> None:
    with pytest.raises(SpaceError) as caught:
        make()
    assert sentence in str(caught.value)


def test_true_and_one_are_two_choices() -> None:
    mixed = Categorical([True, 1, "1", 0])
    assert [type(mixed.coerce(value)) for value in (True, 1, "1", 1.0)] == [bool, int, str, int]
    assert not mixed.contains(False)


def test_true_and_one_make_different_parameters() -> None:
    assert Categorical([True, False]) != Categorical([1, 0])
    assert Ordinal([True, 1], default=True) != Ordinal([True, 1], default=1)
    assert Constant(True) != Constant(1)


def test_a_number_comes_back_as_the_choice_it_equals() -> None:
    assert type(Categorical([1.0, 2.0]).coerce(1)) is float
    assert type(Ordinal([16, 32]).coerce(np.float64(32))) is int


def test_numpy_text_and_truth_are_plain_values() -> None:
    assert Categorical(["rbf"]).coerce(np.str_("rbf")) == "rbf"
    assert type(Categorical(["rbf"]).coerce(np.str_("rbf"))) is str
    assert Bool().coerce(np.bool_(True)) is True


def test_a_wrong_choice_suggests_the_nearest() -> None:
    with pytest.raises(ConfigInvalid) as caught:
        Categorical(["rbf", "poly"]).coerce("rfb", name="kernel")
    assert str(caught.value) == "`kernel` must be one of 'rbf', 'poly', but got 'rfb'; did you mean 'rbf'?"


@pytest.mark.parametrize("value", [1, 0, "true", None, 1.0])
def test_a_bool_takes_no_stand_in(value: object) -> None:
    with pytest.raises(ConfigInvalid, match="`bias` must be true or false, but got"):
        Bool().coerce(value, name="bias")


def test_a_constant_takes_its_value_alone() -> None:
    assert Constant(3).coerce(3.0) == 3
    with pytest.raises(ConfigInvalid, match="`epochs` is fixed at 3, but got 4; leave it out"):
        Constant(3).coerce(4, name="epochs")
    assert not Constant(1).contains(True)


@pytest.mark.parametrize(
    ("parameter", "spelled"),
    [
        (Categorical(["rbf", "poly"]), "rbf|poly"),
        (Categorical([True, 0.001, "", "1"]), "true|1e-3|''|'1'"),
        (Categorical(range(20)), "0|1|2|3|4|5|6|7|8|9|10|11|... (20)"),
        (Ordinal([16, 32, 64], unit="rows"), "16<32<64 rows"),
        (Bool(), "true|false"),
        (Constant("adam"), "fixed at adam"),
    ],
)
def test_choices_are_spelled_short(parameter: Categorical | Ordinal | Bool | Constant, spelled: str) -> None:
    assert parameter.describe() == spelled
