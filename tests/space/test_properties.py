"""Properties that hold for any space: nested conditions, log ranges, steps, mixed choices, constraints."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from agenttune.edits import (
    AddConstraint,
    AddParameter,
    Freeze,
    RemoveParameter,
    SetChoices,
    SetRange,
    SpaceEdit,
    apply_to_space,
    edit_from_json,
    edit_to_json,
    invert_in_space,
)
from agenttune.errors import ConfigInvalid, UserError
from agenttune.space import Bool, Categorical, Constant, Float, Int, Ordinal, Parameter, Space
from agenttune.space.scalars import scalar_key
from agenttune.space.tree import values_of
from agenttune.types import Scalar

THOROUGH = settings(max_examples=50, deadline=None)
"""Local to this module: a loaded profile would change everybody's."""


@dataclass
class Names:
    """Hands out names no two of which are equal; every third cannot stand in an expression."""

    taken: list[str] = field(default_factory=list)

    def new(self) -> str:
        name = f"learning-rate {len(self.taken)}" if len(self.taken) % 3 == 2 else f"svc__p{len(self.taken)}"
        self.taken.append(name)
        return name


SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
)
CHOICES = st.lists(SCALARS, min_size=1, max_size=5, unique_by=scalar_key)


@st.composite
def floats(draw: st.DrawFn) -> Float:
    if draw(st.booleans()):
        low = draw(st.integers(-1000, 1000)) / 10 ** draw(st.integers(0, 4))
        step = draw(st.integers(1, 200)) / 10 ** draw(st.integers(0, 4))
        return Float(low, low + step * (draw(st.integers(1, 60)) + draw(st.sampled_from([0.1, 0.5]))), step=step)
    is_log = draw(st.booleans())
    bounds = st.floats(5e-324 if is_log else -1e308, 1e308, allow_nan=False)
    low, high = sorted((draw(bounds), draw(bounds)))
    assume(low < high)
    return Float(low, high, log=is_log, default=draw(st.sampled_from([None, low, high])))


@st.composite
def ints(draw: st.DrawFn) -> Int:
    is_log = draw(st.booleans())
    bounds = st.one_of(st.integers(1, 300), st.integers(1 if is_log else -(10**12), 10**12))
    low, high = sorted((draw(bounds), draw(bounds)))
    assume(low < high)
    step = 1 if is_log else draw(st.integers(1, min(high - low, 7)))
    return Int(low, high, log=is_log, step=step, default=draw(st.sampled_from([None, low])))


@st.composite
def plain_parameters(draw: st.DrawFn) -> Parameter:
    kind = draw(st.sampled_from(["float", "int", "categorical", "ordinal", "bool", "constant"]))
    match kind:
        case "float":
            return draw(floats())
        case "int":
            return draw(ints())
        case "categorical" | "ordinal":
            choices = draw(CHOICES)
            default = draw(st.sampled_from([None, *choices]))
            return (Categorical if kind == "categorical" else Ordinal)(choices, default=default)
        case "bool":
            return Bool(default=draw(st.sampled_from([None, True, False])))
    return Constant(draw(SCALARS))


@st.composite
def spaces(draw: st.DrawFn, names: Names | None = None, depth: int = 2) -> Space:
    """Any space; constraints are such that about half of it or more keeps each."""
    names = names or Names()
    parameters: dict[str, Parameter] = {}
    for _ in range(draw(st.integers(1, 4 if depth == 2 else 2))):
        name = names.new()
        if depth and draw(st.integers(0, 2)) == 0:
            nested = st.none() | spaces(names, depth - 1)
            branches = {choice: draw(nested) for choice in draw(CHOICES)}
            parameters[name] = Categorical(branches)
        else:
            parameters[name] = draw(plain_parameters())
    space = Space(parameters)
    if depth < 2 or not space.columns:
        return space
    middle = space.from_unit(np.full((1, len(space.columns)), 0.5))[0]
    numbers = [name for name in middle if name.isidentifier() and isinstance(space.parameters[name], Float | Int)]
    drawn = draw(st.lists(st.sampled_from(numbers), max_size=2, unique=True)) if numbers else []
    texts = [f"{name} {draw(st.sampled_from(['<=', '>=']))} {middle[name]!r}" for name in drawn]
    return Space(parameters, constraints=texts)


def seeds() -> st.SearchStrategy[int]:
    return st.integers(0, 2**32 - 1)


def some_points(space: Space, seed: int, n: int = 12) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Random points, with corners of the cube among them."""
    points = np.random.default_rng(seed).random((n, len(space.columns)))
    points[0], points[1] = 0.0, 1.0
    points[2] = np.round(points[2])
    return points


WIDE = Space(x=Float(-1e308, 1.7e308), tiny=Float(0, 5e-324), thin=Float(1e15, 1e15 + 0.125, log=True))
NARROW_LOG = Space(a=Float(5e-324, 1e-300, log=True), b=Float(1e-300, 1e308, log=True), n=Int(1, 2**62, log=True))


@THOROUGH
@given(spaces(), seeds())
def test_every_sample_validates_to_itself(space: Space, seed: int) -> None:
    for config in space.sample(np.random.default_rng(seed), 8):
        valid = space.validate(config)
        assert list(valid.items()) == list(config.items())
        assert [type(value) for value in valid.values()] == [type(value) for value in config.values()]


@THOROUGH
@given(spaces(), seeds())
@example(WIDE, 0)
@example(NARROW_LOG, 0)
@example(Space(n=Int(-(2**63) + 1, 2**63 - 1)), 0)
def test_snap_is_encoding_of_decoding(space: Space, seed: int) -> None:
    points = some_points(space, seed)
    np.testing.assert_allclose(space.snap(points), space.to_unit(space.from_unit(points)), rtol=0, atol=1e-12)


@THOROUGH
@given(spaces(), seeds())
@example(WIDE, 0)
@example(NARROW_LOG, 0)
@example(Space(n=Int(-(2**63) + 1, 2**63 - 1)), 0)
def test_every_decoded_point_lies_in_its_ranges(space: Space, seed: int) -> None:
    free = Space.from_flat(space.parameters, conditions=space.conditions)
    for config in free.from_unit(some_points(free, seed)):
        assert free.validate(config) == config


@THOROUGH
@given(spaces(), seeds())
def test_decoding_an_encoded_config_gives_it_back(space: Space, seed: int) -> None:
    configs = space.sample(np.random.default_rng(seed), 8)
    for config, back in zip(configs, space.from_unit(space.to_unit(configs)), strict=True):
        assert config.keys() == back.keys()
        for name, value in config.items():
            parameter = space.parameters[name]
            if isinstance(parameter, Float) and parameter.step is None:
                assert is_near(parameter, value, back[name])
            else:
                assert back[name] == value and type(back[name]) is type(value)


def is_near(parameter: Float, value: Scalar, other: Scalar) -> bool:
    """Equal but for the rounding of the unit interval."""
    if parameter.log:
        return bool(np.isclose(float(value), float(other), rtol=1e-9, atol=5e-324))
    return abs(float(value) / 2 - float(other) / 2) <= 1e-12 * (parameter.high / 2 - parameter.low / 2) + 5e-324


@THOROUGH
@given(spaces(), seeds())
def test_snapping_twice_changes_nothing_discrete(space: Space, seed: int) -> None:
    once = space.snap(some_points(space, seed))
    np.testing.assert_allclose(space.snap(once), once, rtol=0, atol=1e-9)
    assert (space.activity(once) == space.activity(space.snap(once))).all()


@THOROUGH
@given(spaces())
@example(WIDE)
def test_json_and_pickle_give_an_equal_space(space: Space) -> None:
    text = json.dumps(space.to_json(), sort_keys=True, allow_nan=False)
    for copy in (Space.from_json(json.loads(text)), pickle.loads(pickle.dumps(space))):
        assert copy == space
        assert hash(copy) == hash(space)
        assert list(copy.parameters) == list(space.parameters)
        assert copy.to_json() == space.to_json()


@THOROUGH
@given(spaces(), seeds())
def test_configs_survive_json_exactly(space: Space, seed: int) -> None:
    for config in space.sample(np.random.default_rng(seed), 4):
        assert space.validate(json.loads(json.dumps(config, allow_nan=False))) == config


@THOROUGH
@given(spaces(), seeds())
def test_inactive_parameters_are_absent(space: Space, seed: int) -> None:
    for config in space.sample(np.random.default_rng(seed), 8):
        assert config.keys() == space.active(config)


@THOROUGH
@given(spaces(), seeds())
def test_activity_matches_active(space: Space, seed: int) -> None:
    points = some_points(space, seed)
    activity = space.activity(points)
    for row, config in zip(activity, space.from_unit(points), strict=True):
        assert [name for name, mark in zip(space.columns, row, strict=True) if mark] == [
            name for name in space.columns if name in space.active(config)
        ]
    assert (space.to_unit(space.from_unit(points))[~activity] == 0.5).all()


@THOROUGH
@given(spaces(), seeds())
def test_satisfied_matches_validate(space: Space, seed: int) -> None:
    points = some_points(space, seed)
    assert space.satisfied(points).tolist() == [space.contains(config) for config in space.from_unit(points)]


@THOROUGH
@given(spaces(), seeds(), st.data())
def test_an_inactive_parameter_is_refused(space: Space, seed: int, data: st.DataObject) -> None:
    config = space.sample(np.random.default_rng(seed), 1)[0]
    absent = [name for name in space.parameters if name not in config and space.parameters[name].cardinality]
    assume(absent)
    name = data.draw(st.sampled_from(absent))
    value = next(values_of(space.parameters[name]))
    with pytest.raises(ConfigInvalid) as caught:
        space.validate({**config, name: value})
    assert caught.value.parameter == name


@THOROUGH
@given(spaces())
def test_enumeration_is_complete_and_valid(space: Space) -> None:
    assume(space.cardinality is not None and space.cardinality <= 2000)
    configs = list(space.enumerate())
    assert all(space.validate(config) == config for config in configs)
    assert len({json.dumps(config) for config in configs}) == len(configs)
    free = Space.from_flat(space.parameters, conditions=space.conditions)
    assert sum(1 for _ in free.enumerate()) == space.cardinality
    assert len(configs) == sum(space.contains(config) for config in free.enumerate())


@THOROUGH
@given(spaces(), seeds())
def test_a_space_reads_its_own_configs_unchanged(space: Space, seed: int) -> None:
    for config in space.sample(np.random.default_rng(seed), 4):
        assert space.adapt(config) == config


@st.composite
def spaces_and_edits(draw: st.DrawFn) -> tuple[Space, SpaceEdit]:
    space = draw(spaces())
    makers: list[Callable[[], SpaceEdit | None]] = [
        lambda: AddParameter(
            "added", {"type": "float", "low": 0.0, "high": 1.0, "default": draw(st.none() | st.just(0.5))}
        ),
        lambda: RemoveParameter(draw(st.sampled_from(list(space.parameters)))),
        lambda: _freeze(draw, space),
        lambda: _narrow(draw, space),
        lambda: _choose(draw, space),
        lambda: _constrain(draw, space),
    ]
    edit = draw(st.sampled_from(makers))()
    assume(edit is not None)
    assert edit is not None
    return space, edit


def _freeze(draw: st.DrawFn, space: Space) -> SpaceEdit:
    config = space.sample(np.random.default_rng(draw(seeds())), 1)[0]
    name = draw(st.sampled_from(list(config)))
    return Freeze(name, config[name])


def _narrow(draw: st.DrawFn, space: Space) -> SpaceEdit | None:
    ranges = [name for name, entry in space.parameters.items() if isinstance(entry, Float | Int)]
    config = space.sample(np.random.default_rng(draw(seeds())), 1)[0]
    names = [name for name in ranges if name in config]
    if not names:
        return None
    name = draw(st.sampled_from(names))
    value = config[name]
    assert not isinstance(value, str)
    return draw(st.sampled_from([SetRange(name, low=value), SetRange(name, high=value)]))


def _choose(draw: st.DrawFn, space: Space) -> SpaceEdit | None:
    names = [name for name, entry in space.parameters.items() if isinstance(entry, Categorical | Ordinal)]
    if not names:
        return None
    name = draw(st.sampled_from(names))
    choices = list(values_of(space.parameters[name]))
    kept = draw(st.lists(st.sampled_from(choices), min_size=1, unique_by=scalar_key))
    return SetChoices(name, (*kept, *draw(st.sampled_from([(), ("a new choice of its own",)]))))


def _constrain(draw: st.DrawFn, space: Space) -> SpaceEdit | None:
    config = space.sample(np.random.default_rng(draw(seeds())), 1)[0]
    names = [name for name in config if name.isidentifier() and not isinstance(config[name], bool | str)]
    if not names:
        return None
    name = draw(st.sampled_from(names))
    return AddConstraint(f"{name} <= {config[name]!r} or {name} > 0")


@THOROUGH
@given(spaces_and_edits(), seeds())
def test_edits_keep_old_trials_readable(drawn: tuple[Space, SpaceEdit], seed: int) -> None:
    space, edit = drawn
    edited = applied(space, edit)
    for config in space.sample(np.random.default_rng(seed), 6):
        adapted = edited.adapt(config)
        if adapted is not None:
            assert edited.validate(adapted) == adapted
            assert {name: adapted[name] for name in adapted.keys() & config.keys()}.items() <= config.items()
        elif edited.contains({name: value for name, value in config.items() if name in edited.active(config)}):
            raise AssertionError(f"{config} has a place in {edited}")


@THOROUGH
@given(spaces_and_edits())
def test_undoing_an_edit_gives_the_space_back(drawn: tuple[Space, SpaceEdit]) -> None:
    space, edit = drawn
    edited = applied(space, edit)
    back = invert_in_space(space, edit)
    assert edit_from_json(json.loads(json.dumps(edit_to_json(back)))) == back
    assert apply_to_space(edited, back) == space
    assert edit_from_json(json.loads(json.dumps(edit_to_json(edit)))) == edit


def applied(space: Space, edit: SpaceEdit) -> Space:
    """The edited space; edits that break a rule of spaces are no example."""
    try:
        return apply_to_space(space, edit)
    except UserError:
        assume(False)
        raise
