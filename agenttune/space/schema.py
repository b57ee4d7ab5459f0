"""JSON schemas of a space's configurations, in two dialects.

* with ranges: minimum, maximum, enum, defaults; what a validator can check it checks.
* strict, without: the subset that providers decode by grammar. Every field required,
  additionalProperties false, no default, no numeric bounds, no oneOf; ranges are told in words.

Conditions become `anyOf` branches: one object per combination of choices that makes a different set of
parameters active. Above MAX_BRANCHES one object holds all, and what may be inactive may be null; drop
the nulls before validating. Constants are left out of the strict dialect: `Space.validate` adds them.
Constraints and log steps are beyond JSON Schema; validation is `Space.validate`'s alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agenttune.space.choices import Bool, Categorical, Constant, Ordinal
from agenttune.space.numeric import Float, Int
from agenttune.space.scalars import scalar_key, spell
from agenttune.space.serial import Parameter
from agenttune.space.tree import values_of
from agenttune.types import Json, Scalar

if TYPE_CHECKING:
    from agenttune.space.space import Space

MAX_BRANCHES = 64
"""Most `anyOf` branches; providers bound the number of properties of a schema, and a prompt its length."""
MAX_VALUES = 1000
"""Most values of a parent, which a branch has to list: what providers take in one enum."""

Branch = dict[str, tuple[Scalar, ...] | None]
"""Active parameters; for one that decides about others, the values it has in this branch."""


def space_schema(space: Space, *, ranges: bool) -> dict[str, Json]:
    """The schema of all configurations of the space."""
    branches = _branches(space)
    if branches is None:
        return _nullable_object(space, ranges=ranges)
    objects: list[Json] = [_object(space, branch, ranges=ranges) for branch in branches]
    return {"anyOf": objects} if len(objects) > 1 else _object(space, branches[0], ranges=ranges)


def _branches(space: Space) -> list[Branch] | None:
    """Every set of parameters that are active together; None if there are too many."""
    parents = {condition.parent for condition in space.conditions.values()}
    if any((space.parameters[parent].cardinality or 0) > MAX_VALUES for parent in parents):
        return None
    branches: list[Branch] = [{}]
    for name, parameter in space.parameters.items():
        grown: list[Branch] = []
        groups = _groups(space, name, parameter)
        for branch in branches:
            if not _is_active(space, name, branch):
                grown.append(branch)
            elif groups is None:
                grown.append({**branch, name: None})
            else:
                grown += [{**branch, name: group} for group in groups]
        branches = grown
        if len(branches) > MAX_BRANCHES:
            return None
    return branches


def _is_active(space: Space, name: str, branch: Branch) -> bool:
    condition = space.conditions.get(name)
    if condition is None:
        return True
    values = branch.get(condition.parent)
    return values is not None and scalar_key(values[0]) in condition.keys


def _groups(space: Space, name: str, parameter: Parameter) -> list[tuple[Scalar, ...]] | None:
    """A parent's values, those together that make the same children active; None if it has no children."""
    conditions = [condition for condition in space.conditions.values() if condition.parent == name]
    if not conditions:
        return None
    groups: dict[tuple[bool, ...], list[Scalar]] = {}
    for value in values_of(parameter):
        groups.setdefault(tuple(scalar_key(value) in entry.keys for entry in conditions), []).append(value)
    return [tuple(values) for values in groups.values()]


def _object(space: Space, branch: Branch, *, ranges: bool) -> dict[str, Json]:
    properties: dict[str, Json] = {}
    required: list[Json] = []
    for name, values in branch.items():
        parameter = space.parameters[name]
        if isinstance(parameter, Constant):
            if ranges:
                properties[name] = {"const": parameter.value}
            continue
        properties[name] = _property(parameter, values, ranges=ranges)
        required.append(name)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _nullable_object(space: Space, *, ranges: bool) -> dict[str, Json]:
    everything: Branch = {name: None for name in space.parameters if name in space.awake}
    schema = _object(space, everything, ranges=ranges)
    properties = schema["properties"]
    assert isinstance(properties, dict)
    for name, condition in space.conditions.items():
        if name in properties:
            words = f"only when {condition.describe()}, else null"
            properties[name] = {"anyOf": [properties[name], {"type": "null"}], "description": words}
    if ranges:
        schema["required"] = [name for name in everything if name in space.columns and name not in space.conditions]
    return schema


def _property(parameter: Parameter, values: tuple[Scalar, ...] | None, *, ranges: bool) -> dict[str, Json]:
    """Schema of one parameter, narrowed to the values it has in this branch."""
    schema = _type_schema(parameter, values, ranges=ranges)
    if ranges and parameter.default is not None and (values is None or parameter.default in values):
        schema["default"] = parameter.default
    words = [parameter.meaning]
    if isinstance(parameter, Float | Int):
        scale = ", log scale" if parameter.log else ""
        step = f", step {spell(parameter.step)}" if parameter.step not in (None, 1) else ""
        words.append(f"{spell(parameter.low)} to {spell(parameter.high)}{step}{scale}")
    if isinstance(parameter, Ordinal):
        words.append("ordered")
    words.append(f"in {parameter.unit}" if parameter.unit else "")
    if any(words):
        schema["description"] = "; ".join(word for word in words if word)
    return schema


def _type_schema(parameter: Parameter, values: tuple[Scalar, ...] | None, *, ranges: bool) -> dict[str, Json]:
    if values is not None:
        return _enum_schema(values)
    match parameter:
        case Bool():
            return {"type": "boolean"}
        case Categorical():
            return _enum_schema(parameter.choices)
        case Ordinal():
            return _enum_schema(parameter.values)
        case Float() | Int():
            kind = "number" if isinstance(parameter, Float) else "integer"
            return {"type": kind} | ({"minimum": parameter.low, "maximum": parameter.high} if ranges else {})
    raise TypeError(f"{parameter!r} has no schema")


def _enum_schema(values: tuple[Scalar, ...]) -> dict[str, Json]:
    """An enum per JSON type: providers refuse one that mixes them."""
    by_type: dict[str, list[Json]] = {}
    for value in values:
        by_type.setdefault(_JSON_TYPES[type(value)], []).append(value)
    schemas: list[Json] = [{"type": kind, "enum": members} for kind, members in by_type.items()]
    return (
        {"anyOf": schemas} if len(schemas) > 1 else {"type": next(iter(by_type)), "enum": next(iter(by_type.values()))}
    )


_JSON_TYPES: dict[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}
