"""Edits of a space: what each does, what is refused, how it is told. Properties are in tests/space."""

from __future__ import annotations

from typing import Any

import pytest

from agenttune.edits import (
    AddConstraint,
    AddParameter,
    Freeze,
    RemoveConstraint,
    RemoveParameter,
    Restore,
    SetChoices,
    SetRange,
    SpaceEdit,
    apply_to_space,
    describe_edit,
    edit_from_json,
    edit_to_json,
    invert_in_space,
)
from agenttune.errors import ConfigInvalid, SpaceError, UserError
from agenttune.space import Categorical, Float, Int, Ordinal, Space
from agenttune.types import Scalar

SPACE = Space(
    C=Float(1e-3, 1e3, log=True, default=1, unit="1"),
    kernel=Categorical({"rbf": None, "poly": Space(degree=Int(2, 5))}, default="poly"),
    batch=Ordinal([16, 32, 64]),
    n=Int(1, 10),
    constraints=["n * batch < 600"],
)
Z: dict[str, Any] = {"type": "float", "low": 0.0, "high": 1.0}

EDITS: list[tuple[SpaceEdit, str, str]] = [
    (SetRange("C", high=10), "C: to 10", "C 1e-3..10 1 log"),
    (SetRange("C", 0.01, 100, log=False), "C: from 0.01 to 100, linear", "C 0.01..100 1"),
    (SetChoices("kernel", ("rbf", "sigmoid")), "kernel: one of rbf|sigmoid", "kernel rbf|sigmoid"),
    (SetChoices("batch", (16, 128)), "batch: one of 16|128", "batch 16<128"),
    (AddParameter("z", Z), "new parameter z 0..1", "z 0..1"),
    (AddParameter("z", Z, when={"kernel": "rbf"}), "new parameter z 0..1 when kernel=rbf", "z 0..1 when kernel=rbf"),
    (Freeze("kernel", "rbf"), "kernel: fixed at rbf", "kernel fixed at rbf"),
    (AddConstraint("C < 5 or n > 2"), "constraint C < 5 or n > 2", "C < 5 or n > 2"),
]
REMOVALS: list[tuple[SpaceEdit, str, str]] = [
    (RemoveParameter("degree"), "without degree", "degree 2..5 when kernel=poly"),
    (RemoveConstraint(" n * batch < 600"), "without the constraint  n * batch < 600", "n * batch < 600"),
]


@pytest.mark.parametrize(("edit", "told", "line"), EDITS)
def test_an_edit_shows_in_the_next_version(edit: SpaceEdit, told: str, line: str) -> None:
    assert line not in SPACE.describe()
    assert line in apply_to_space(SPACE, edit).describe()
    assert describe_edit(edit) == told


@pytest.mark.parametrize(("edit", "told", "line"), REMOVALS)
def test_a_removal_takes_away(edit: SpaceEdit, told: str, line: str) -> None:
    assert line in SPACE.describe()
    assert line not in apply_to_space(SPACE, edit).describe()
    assert describe_edit(edit) == told


@pytest.mark.parametrize("edit", [edit for edit, _, _ in EDITS + REMOVALS])
def test_undoing_restores_the_space_and_redoing_the_edit(edit: SpaceEdit) -> None:
    edited, back = apply_to_space(SPACE, edit), invert_in_space(SPACE, edit)
    assert apply_to_space(edited, back) == SPACE
    assert apply_to_space(SPACE, invert_in_space(edited, back)) == edited


@pytest.mark.parametrize("edit", [edit for edit, _, _ in EDITS + REMOVALS] + [Restore("C", Z, before="n")])
def test_edits_survive_json(edit: SpaceEdit) -> None:
    assert edit_from_json(edit_to_json(edit)) == edit


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (SetRange("Cc", high=1), "`Cc` is no parameter of this space; did you mean `C`?"),
        (SetRange("C"), "the new range of `C` has neither `low` nor `high` nor `log`"),
        (SetRange("C", 5, 1), "parameter `C`: `low` must be below `high`, but got low=5.0, high=1.0"),
        (SetRange("n", 1.5), "parameter `n`: `low` must be a whole number, but got 1.5"),
        (SetRange("kernel", 1), "`kernel` has no range to set, it is rbf|poly; set its choices instead"),
        (SetChoices("C", (1,)), "`C` has no choices to set, it is 1e-3..1e3 1 log; set its range instead"),
        (SetChoices("kernel", ()), "parameter `kernel`: `choices` must have at least one value"),
        (AddParameter("C", Z), "`C` is a parameter already"),
        (AddParameter("z", {}), "parameter `z` needs a type"),
        (AddParameter("z", Z, when={"kernel": "rfb"}), "but got 'rfb'; did you mean `rbf`?"),
        (RemoveParameter("kernel"), "`kernel` decides about `degree`; remove those first, or freeze it"),
        (RemoveParameter("n"), "`n` is part of the constraint 'n * batch < 600'; remove that first, or freeze it"),
        (AddConstraint("n * batch < 600"), "is there already"),
        (AddConstraint("m > 3"), "mentions `m`, which is no parameter"),
        (RemoveConstraint("n < 3"), "there is no constraint 'n < 3'; there are: n * batch < 600"),
    ],
)
def test_a_broken_edit_says_why(edit: SpaceEdit, sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        apply_to_space(SPACE, edit)
    assert sentence in str(caught.value)


def test_freezing_at_a_foreign_value_is_refused() -> None:
    with pytest.raises(ConfigInvalid, match="`n` must be a whole number from 1 to 10, but got 11"):
        apply_to_space(SPACE, Freeze("n", 11))


def test_an_edit_that_leaves_no_config_is_refused() -> None:
    with pytest.raises(SpaceError, match="loosen one"):
        apply_to_space(SPACE, AddConstraint("n > 30"))


def test_a_default_outside_the_new_range_is_dropped() -> None:
    assert apply_to_space(SPACE, SetRange("C", low=0.5)).parameters["C"].default == 1.0
    assert apply_to_space(SPACE, SetRange("C", low=5)).parameters["C"].default is None
    assert apply_to_space(SPACE, SetChoices("kernel", ("rbf",))).parameters["kernel"].default is None


def test_a_dropped_choice_puts_its_parameters_to_sleep() -> None:
    edited = apply_to_space(SPACE, SetChoices("kernel", ("rbf",)))
    assert "degree" not in edited.columns
    assert apply_to_space(edited, SetChoices("kernel", ("poly", "rbf"))).conditions == SPACE.conditions


def test_old_trials_are_read_in_the_new_version() -> None:
    old: dict[str, Scalar] = {"C": 1.0, "kernel": "poly", "degree": 3, "batch": 16, "n": 2}
    assert apply_to_space(SPACE, SetRange("C", high=10)).adapt(old) == old
    assert apply_to_space(SPACE, SetRange("C", low=5)).adapt(old) is None
    assert apply_to_space(SPACE, AddParameter("z", {**Z, "default": 0.5})).adapt(old) == {**old, "z": 0.5}
    assert apply_to_space(SPACE, AddParameter("z", Z)).adapt(old) is None
    assert apply_to_space(SPACE, Freeze("batch", 16)).adapt(old) == old
    assert apply_to_space(SPACE, Freeze("batch", 64)).adapt(old) is None
    assert apply_to_space(SPACE, RemoveParameter("degree")).adapt(old) == {
        name: old[name] for name in old if name != "degree"
    }


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"edit": "set_rnge", "name": "C"}, "no edit is called 'set_rnge'; did you mean `set_range`?"),
        ({"name": "C"}, "no edit is called None; there are set_range"),
        ({"edit": "set_range", "nam": "C"}, "the edit set_range has no field `nam`; did you mean `name`?"),
        ({"edit": "set_range", "low": 3}, "the edit set_range needs `name`, which is missing"),
        ({"edit": "set_range", "name": 3}, "`name` of the edit set_range has the wrong type: got 3"),
        ({"edit": "set_range", "name": "C", "low": "1"}, "`low` of the edit set_range has the wrong type: got '1'"),
        (
            {"edit": "set_choices", "name": "k", "choices": "abc"},
            "`choices` of the edit set_choices has the wrong type",
        ),
        ({"edit": "freeze", "name": "k"}, "the edit freeze needs `value`, which is missing"),
    ],
)
def test_a_malformed_edit_names_the_field(content: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SpaceError) as caught:
        edit_from_json(content)
    assert sentence in str(caught.value)
