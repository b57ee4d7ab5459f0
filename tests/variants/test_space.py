"""The space of a study over code, and the view of one variant in it."""

from __future__ import annotations

import pytest

from agenttune.edits import Freeze, SetRange, apply_to_space
from agenttune.errors import SpaceError
from agenttune.space import Float, Space
from agenttune.types import Config
from agenttune.variants.space import as_config, choices, first_space, numbers_of, own_view, with_variant
from tests.variants.views import run, variant, view_of


def test_first_space_has_the_users_code_and_its_numbers() -> None:
    space = first_space(variant(0, numbers=True))
    assert space.describe() == ["variant v0", "v0.lr 1e-4..0.1 log when variant=v0"]
    assert space.default_config() == {"variant": "v0", "v0.lr": 0.01}


def test_variant_adds_a_choice_and_its_numbers_below_it() -> None:
    space = with_variant(first_space(variant(0, numbers=True)), variant(3, numbers=True))
    assert choices(space) == ("v0", "v3")
    assert space.contains({"variant": "v3", "v3.lr": 0.02})
    assert not space.contains({"variant": "v3", "v0.lr": 0.02})
    assert Space.from_json(space.to_json()) == space


def test_variant_without_numbers_is_a_choice_alone() -> None:
    space = with_variant(first_space(variant(0)), variant(1))
    assert space.cardinality == 2
    assert as_config(variant(1), {}) == {"variant": "v1"}


def test_older_trials_have_a_place_in_the_next_version() -> None:
    old = first_space(variant(0, numbers=True))
    config: Config = {"variant": "v0", "v0.lr": 0.003}
    assert with_variant(old, variant(1, numbers=True)).adapt(config) == config


def test_variant_that_is_there_already_changes_nothing() -> None:
    space = with_variant(first_space(variant(0)), variant(1, numbers=True))
    assert with_variant(space, variant(1, numbers=True)) == space


def test_choice_that_a_person_fixed_stays_fixed() -> None:
    fixed = apply_to_space(first_space(variant(0)), Freeze("variant", "v0"))
    assert with_variant(fixed, variant(1)) is fixed
    assert choices(fixed) == ("v0",)


def test_number_against_the_rules_is_named() -> None:
    broken = variant(1, parameters={"lr": {"type": "float", "low": 1.0, "high": 0.0}}, defaults={"lr": 0.5})
    with pytest.raises(SpaceError, match=r"v1\.lr"):
        with_variant(first_space(variant(0)), broken)


def test_configuration_and_numbers_are_inverse() -> None:
    config = as_config(variant(2, numbers=True), {"lr": 0.5, "unknown": 1})
    assert config == {"variant": "v2", "v2.lr": 0.5}
    assert numbers_of(variant(2, numbers=True), config) == {"lr": 0.5}


def test_own_view_shows_one_variants_trials_under_its_own_names() -> None:
    variants = [variant(0, numbers=True), variant(1, numbers=True)]
    view = view_of(variants, [(0, 0.5), (1, 0.7), (0, None)])
    own = own_view(view, variants[0])
    assert own is not None
    assert list(own.space.parameters) == ["lr"]
    assert [(trial.number, trial.config) for trial in own.trials] == [(0, {"lr": 0.01}), (2, {"lr": 0.01})]
    assert own.number == view.number == 3
    assert own.default == {"lr": 0.01}


def test_own_view_keeps_to_a_range_that_a_person_narrowed() -> None:
    variants = [variant(0, numbers=True)]
    view = view_of(variants)
    narrowed = apply_to_space(view.space, SetRange("v0.lr", low=0.005, high=0.02))
    own = own_view(view_of(variants, space=narrowed), variants[0])
    assert own is not None and own.space.parameters["lr"] == Float(0.005, 0.02, log=True, default=0.01)


def test_variant_without_numbers_has_no_view_of_its_own() -> None:
    assert own_view(view_of([variant(0)], [(0, 0.5)]), variant(0)) is None


def test_all_numbers_frozen_leave_no_view() -> None:
    variants = [variant(0, numbers=True)]
    frozen = apply_to_space(view_of(variants).space, Freeze("v0.lr", 0.01))
    trials = (run(0, variants[0], 0.5),)
    assert own_view(view_of(variants, space=frozen, trials=trials), variants[0]) is None
