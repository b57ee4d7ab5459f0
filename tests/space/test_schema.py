"""JSON schemas in both dialects, checked by a small validator of the keywords they use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from agenttune.space import Bool, Categorical, Condition, Constant, Float, Int, Ordinal, Space

KEYWORDS = {"type", "enum", "const", "anyOf", "properties", "required", "additionalProperties", "description"}
RANGES = {"minimum", "maximum", "default"}
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}


def accepts(schema: dict[str, Any], value: Any) -> bool:
    """Whether the value fits the schema; knows exactly KEYWORDS and RANGES."""
    assert schema.keys() <= KEYWORDS | RANGES
    if "anyOf" in schema and not any(accepts(branch, value) for branch in schema["anyOf"]):
        return False
    if "type" in schema:
        is_switch = isinstance(value, bool) and schema["type"] != "boolean"
        if is_switch or not isinstance(value, TYPES[schema["type"]]):
            return False
    for members in (schema.get("enum"), [schema["const"]] if "const" in schema else None):
        if members is not None and not any(same(value, member) for member in members):
            return False
    if not schema.get("minimum", -np.inf) <= (value if "minimum" in schema else 0) <= schema.get("maximum", np.inf):
        return False
    if schema.get("type") != "object":
        return True
    properties = schema["properties"]
    return (
        set(schema["required"]) <= value.keys() <= properties.keys()
        and schema["additionalProperties"] is False
        and all(accepts(properties[name], entry) for name, entry in value.items())
    )


def same(value: Any, other: Any) -> bool:
    """Equality of JSON: true is not 1."""
    return bool(value == other) and isinstance(value, bool) is isinstance(other, bool)


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema in a schema."""
    yield schema
    for branch in [*schema.get("anyOf", []), *schema.get("properties", {}).values()]:
        yield from parts(branch)


MIXED = Space(
    lr=Float(1e-5, 0.1, log=True, default=1e-3, unit="1/step", meaning="step size"),
    n=Int(1, 8, step=7),
    mode=Categorical([True, 1.5, "auto", 2], default="auto"),
    width=Ordinal([16, 32]),
    bias=Bool(),
    seed=Constant(3),
)
TREE = Space(
    kernel=Categorical({"rbf": Space(gamma=Float(0, 1)), "poly": Space(degree=Int(2, 5)), "a": None, "b": None}),
    solver=Categorical(
        {
            "sgd": Space(momentum=Float(0, 1), decay=Categorical({"on": Space(rate=Float(0, 1)), "off": None})),
            "lbfgs": None,
        }
    ),
)
BROAD = Space({f"k{i}": Categorical({"x": Space({f"x{i}": Int(1, 3)}), "y": None}) for i in range(8)}, z=Constant(1))
SPACES = pytest.mark.parametrize("space", [MIXED, TREE], ids=["mixed", "tree"])


def samples(space: Space, n: int = 60) -> list[dict[str, Any]]:
    return [dict(config) for config in space.sample(np.random.default_rng(0), n)]


@SPACES
def test_the_schema_with_ranges_accepts_every_config(space: Space) -> None:
    schema: Any = space.json_schema()
    assert all(accepts(schema, config) for config in samples(space))


@SPACES
def test_the_strict_schema_accepts_every_config_without_its_constants(space: Space) -> None:
    schema: Any = space.json_schema(ranges=False)
    for config in samples(space):
        assert accepts(schema, {name: value for name, value in config.items() if name in space.columns})


@SPACES
def test_the_strict_schema_keeps_to_the_strict_subset(space: Space) -> None:
    schema: Any = space.json_schema(ranges=False)
    for part in parts(schema):
        assert part.keys() <= KEYWORDS - {"const"}
        if part.get("type") == "object":
            assert part["additionalProperties"] is False
            assert part["required"] == list(part["properties"])
        if "enum" in part:
            assert len({type(member) for member in part["enum"]}) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"lr": 1.0},
        {"lr": "0.01"},
        {"n": 2.5},
        {"n": 9},
        {"mode": 1},
        {"mode": False},
        {"bias": 1},
        {"seed": 4},
        {"x": 1},
    ],
)
def test_the_schema_with_ranges_refuses(change: dict[str, Any]) -> None:
    schema: Any = MIXED.json_schema()
    assert not accepts(schema, {**samples(MIXED)[0], **change})


@pytest.mark.parametrize("is_strict", [True, False])
@pytest.mark.parametrize(
    "config",
    [
        {"kernel": "rbf", "degree": 2, "solver": "lbfgs"},
        {"kernel": "rbf", "solver": "lbfgs"},
        {"kernel": "a", "gamma": 0.5, "solver": "lbfgs"},
        {"kernel": "a", "solver": "sgd", "momentum": 0.5, "decay": "on"},
        {"kernel": "a", "solver": "lbfgs", "decay": "off"},
    ],
)
def test_both_dialects_hold_the_conditions(config: dict[str, Any], is_strict: bool) -> None:
    schema: Any = TREE.json_schema(ranges=not is_strict)
    assert not accepts(schema, config)


def test_choices_that_decide_alike_share_a_branch() -> None:
    schema: Any = TREE.json_schema(ranges=False)
    assert len(schema["anyOf"]) == 3 * 3
    assert {"type": "string", "enum": ["a", "b"]} in [branch["properties"]["kernel"] for branch in schema["anyOf"]]


@pytest.mark.parametrize("ranges", [True, False])
def test_too_many_branches_become_nullable_fields(ranges: bool) -> None:
    schema: Any = BROAD.json_schema(ranges=ranges)
    assert "anyOf" not in schema
    for config in samples(BROAD):
        filled = {name: config.get(name) for name in BROAD.columns}
        assert accepts(schema, filled)
        assert BROAD.validate({name: value for name, value in filled.items() if value is not None}) == config


def test_a_parent_of_many_values_makes_nullable_fields() -> None:
    space = Space.from_flat({"n": Int(1, 5000), "x": Bool()}, conditions={"x": Condition("n", (7,))})
    schema: Any = space.json_schema()
    assert accepts(schema, {"n": 7, "x": True}) and accepts(schema, {"n": 8}) and accepts(schema, {"n": 8, "x": None})


def test_words_tell_what_the_strict_dialect_cannot() -> None:
    schema: Any = MIXED.json_schema(ranges=False)
    assert schema["properties"]["lr"] == {
        "type": "number",
        "description": "step size; 1e-5 to 0.1, log scale; in 1/step",
    }
    assert "seed" not in schema["properties"]


@SPACES
def test_schemas_are_json(space: Space) -> None:
    for ranges in (True, False):
        schema = space.json_schema(ranges=ranges)
        assert json.loads(json.dumps(schema, allow_nan=False)) == schema
