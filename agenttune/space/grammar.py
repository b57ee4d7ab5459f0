"""A grammar of a space's configurations, in the Lark dialect of llguidance, for models whose tokens can be masked.

It says more than the JSON schema (schema.py) can: a parameter stands exactly where its condition holds, however many
conditions there are, for a child follows its parent; steps are exact; numbers have as many digits as tell values
apart, since a model left to itself writes digits for ever. Constraints between parameters are beyond it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from agenttune.space.choices import Constant
from agenttune.space.numeric import Float, Int
from agenttune.space.scalars import ScalarKey, scalar_key
from agenttune.space.serial import Parameter
from agenttune.space.tree import Condition, values_of
from agenttune.types import Scalar

if TYPE_CHECKING:
    from agenttune.space.space import Space

MAX_LISTED = 2_000
"""Most values that are listed one by one; a stepped range of more is held to its bounds alone."""
SIGNIFICANT = 3
"""Decimal digits that tell values of a range apart: of the smallest on a log scale, else of its width."""
FINEST = 1e-18
"""Below this the digits of a number are left free."""


def config_grammar(space: Space) -> list[str]:
    """The rules; the first is `config`, a JSON object with every active parameter and no other."""
    return _Rules(space).lines()


def literal(text: str) -> str:
    """The text as the grammar writes what stands there word for word."""
    return json.dumps(text, ensure_ascii=False)


class _Rules:
    def __init__(self, space: Space) -> None:
        self._space = space
        self._ids = {name: place for place, name in enumerate(space.parameters)}
        self._children: dict[str, list[str]] = {}
        for name, condition in space.conditions.items():
            self._children.setdefault(condition.parent, []).append(name)

    def lines(self) -> list[str]:
        parameters = self._space.parameters
        roots = [name for name in parameters if name not in self._space.conditions]
        lines = [f"config: {_joined([literal('{'), *self._entries(roots, first=True), literal('}')])}"]
        for name, parameter in parameters.items():
            if name in self._space.awake and not isinstance(parameter, Constant):
                lines += self._rule(name, parameter)
        return lines

    def _rule(self, name: str, parameter: Parameter) -> Iterator[str]:
        """`"name": value`, and after a parent's value the children it makes active."""
        children = [child for child in self._children.get(name, []) if child in self._space.awake]
        key = literal(f"{json.dumps(name, ensure_ascii=False)}: ")
        if not children:
            yield f"p{self._ids[name]}: {key} v{self._ids[name]}"
            yield f"v{self._ids[name]}: {_values(parameter)}"
            return
        conditions = {child: self._space.conditions[child] for child in children}
        branches = []
        for active, values in _branches(parameter, conditions):
            branches.append(_joined([_listed(values), *self._entries(active, first=False)]))
        yield f"p{self._ids[name]}: {key} ({' | '.join(branches)})"

    def _entries(self, names: Sequence[str], *, first: bool) -> list[str]:
        """References to these parameters with commas between; constants are left out, but not what they activate."""
        found: list[str] = []
        for name in self._uttered(names):
            found += [*([] if first and not found else [literal(", ")]), f"p{self._ids[name]}"]
        return found

    def _uttered(self, names: Sequence[str]) -> Iterator[str]:
        for name in names:
            parameter = self._space.parameters[name]
            if name not in self._space.awake:
                continue
            if not isinstance(parameter, Constant):
                yield name
                continue
            key = scalar_key(parameter.value)
            children = self._children.get(name, [])
            yield from self._uttered([child for child in children if key in self._space.conditions[child].keys])


def _branches(parent: Parameter, conditions: dict[str, Condition]) -> Iterator[tuple[list[str], list[Scalar]]]:
    """(children that are active, values of the parent that make just these so)."""
    groups: dict[tuple[bool, ...], list[Scalar]] = {}
    for value in values_of(parent):
        key: ScalarKey = scalar_key(value)
        groups.setdefault(tuple(key in condition.keys for condition in conditions.values()), []).append(value)
    for pattern, values in groups.items():
        yield [child for child, is_active in zip(conditions, pattern, strict=True) if is_active], values


def _values(parameter: Parameter) -> str:
    if not isinstance(parameter, Float | Int):
        return _listed(list(values_of(parameter)))
    is_stepped = parameter.step is not None and parameter.step != 1
    if is_stepped and (parameter.cardinality or 0) <= MAX_LISTED:
        return _listed(list(values_of(parameter)))
    kind = "integer" if isinstance(parameter, Int) else "number"
    schema: dict[str, object] = {"type": kind, "minimum": parameter.low, "maximum": parameter.high}
    if isinstance(parameter, Float) and (width := _resolution(parameter)) is not None:
        schema["multipleOf"] = width
    return f"%json {json.dumps(schema)}"


def _resolution(parameter: Float) -> float | None:
    """A power of ten that tells values apart; the range holds a hundred multiples of it at least."""
    smallest = parameter.low if parameter.log else parameter.high - parameter.low
    width = 10.0 ** (math.floor(math.log10(smallest)) - SIGNIFICANT + 1)
    if not parameter.log:
        width /= 10
    width = min(width, 10.0 ** (math.floor(math.log10(parameter.high - parameter.low)) - SIGNIFICANT + 1))
    return width if width >= FINEST else None


def _listed(values: Sequence[Scalar]) -> str:
    return f"({' | '.join(literal(json.dumps(value, ensure_ascii=False)) for value in values)})"


def _joined(parts: Sequence[str]) -> str:
    return " ".join(parts)
