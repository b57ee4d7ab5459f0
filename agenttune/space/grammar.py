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
"""Most values of a stepped range that are listed; of more, so many from end to end."""
SIGNIFICANT = 3
"""Decimal digits of the smallest value on a log scale."""
PARTS = 5
"""Decimal digits of a range's width that tell values apart on a linear scale."""
COARSEST = 1e-2
"""Of the smallest digit, however wide the range: 0.5 is a value of 0 to 1,000,000, too."""
FINEST = 1e-10
"""Of the smallest digit: llguidance knows no finer."""
LARGEST = 1e8
"""Magnitude up to which numbers are written digit by digit; tried with digits from `FINEST` to `COARSEST`."""
LARGEST_INT = 10**12
"""The same for whole numbers, well within those that a double holds."""
MANTISSAS = ((20, range(10, 100)), (200, range(10, 100, 10)), (10_000, range(10, 11)))
"""(decades, tenths listed in each): beyond digits, a range has the more values in a decade the fewer decades it has."""
DECADES = 10
"""Below the largest magnitude of a linear range, of which values are listed."""


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
        self._lists: dict[str, str] = {}
        """Values that are listed -> their terminal; a rule with thousands of alternatives is too much for a parser."""
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
        return [*lines, *(f"{terminal}: {values}" for values, terminal in self._lists.items())]

    def _rule(self, name: str, parameter: Parameter) -> Iterator[str]:
        """`"name": value`, and after a parent's value the children it makes active."""
        children = [child for child in self._children.get(name, []) if child in self._space.awake]
        key = literal(f"{_spelled(name)}: ")
        if not children:
            yield f"p{self._ids[name]}: {key} {self._values(parameter)}"
            return
        conditions = {child: self._space.conditions[child] for child in children}
        branches = []
        for active, values in _branches(parameter, conditions):
            branches.append(_joined([self._listed(values), *self._entries(active, first=False)]))
        yield f"p{self._ids[name]}: {key} ({' | '.join(branches)})"

    def _entries(self, names: Sequence[str], *, first: bool) -> list[str]:
        """References to these parameters with commas between; constants are left out, but not what they activate."""
        found: list[str] = []
        for name in self._uttered(names):
            found += [*([] if first and not found else [literal(", ")]), f"p{self._ids[name]}"]
        return found

    def _values(self, parameter: Parameter) -> str:
        if not isinstance(parameter, Float | Int):
            return self._listed(list(values_of(parameter)))
        if parameter.step is not None and (isinstance(parameter, Float) or parameter.step != 1):
            return self._listed(_steps(parameter))
        schema: dict[str, Scalar] = {"type": "integer", "minimum": parameter.low, "maximum": parameter.high}
        if isinstance(parameter, Float):
            width = _resolution(parameter)
            if width is None:
                return self._listed(_spread(parameter))
            schema |= {"type": "number", "multipleOf": width}
        elif max(abs(parameter.low), abs(parameter.high)) > LARGEST_INT:
            is_short = parameter.cardinality <= MAX_LISTED
            return self._listed(list(values_of(parameter)) if is_short else _spread(parameter))
        return f"(%json {json.dumps(schema)} | {self._listed(_named(parameter))})"

    def _listed(self, values: Sequence[Scalar]) -> str:
        """A terminal of these values."""
        listed = " | ".join(literal(_spelled(value)) for value in values)
        return self._lists.setdefault(listed, f"L{len(self._lists)}")

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


def _spelled(value: Scalar) -> str:
    """The value in JSON; letters as they are, what cannot be printed by its number."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value).replace("\x7f", "\\u007f")


def _branches(parent: Parameter, conditions: dict[str, Condition]) -> Iterator[tuple[list[str], list[Scalar]]]:
    """(children that are active, values of the parent that make just these so)."""
    groups: dict[tuple[bool, ...], list[Scalar]] = {}
    for value in values_of(parent):
        key: ScalarKey = scalar_key(value)
        groups.setdefault(tuple(key in condition.keys for condition in conditions.values()), []).append(value)
    for pattern, values in groups.items():
        yield [child for child, is_active in zip(conditions, pattern, strict=True) if is_active], values


def _resolution(parameter: Float) -> float | None:
    """A power of ten that tells values apart; None where numbers would have more digits than can be masked."""
    low, high = parameter.low, parameter.high
    if max(abs(low), abs(high)) > LARGEST:
        return None
    places = _decade(low) - SIGNIFICANT + 1 if parameter.log else _decade(high - low) - PARTS
    width = min(10.0**places, COARSEST)
    return width if width >= FINEST else None


def _decade(value: float) -> int:
    return math.floor(math.log10(value))


def _named(parameter: Float | Int) -> list[Scalar]:
    """Values that can be said whatever digits they have: the ends and the default."""
    found = [parameter.low, parameter.high, *([] if parameter.default is None else [parameter.default])]
    return list(dict.fromkeys(found))


def _spread(parameter: Float | Int) -> list[Scalar]:
    """Values for a range that no sensible number of digits covers: round ones of each decade, and the named ones."""
    low, high = parameter.low, parameter.high
    largest = max(abs(low), abs(high))
    top = _decade(largest)
    bottom = _decade(low) if low > 0 else top - DECADES
    tenths = next(tenths for most, tenths in MANTISSAS if top - bottom < most)
    round_ones = [float(f"{tenth}e{decade - 1}") for decade in range(bottom, top + 1) for tenth in tenths]
    inside = [value for value in (0.0, *round_ones, *(-value for value in round_ones)) if low <= value <= high]
    if isinstance(parameter, Int):
        inside = [int(value) for value in inside if value.is_integer()]
    return list(dict.fromkeys([*_named(parameter), *inside]))


def _steps(parameter: Float | Int) -> list[Scalar]:
    """Values of a stepped range: all, or some from end to end."""
    n = parameter.cardinality or 0
    n_listed = min(n, MAX_LISTED)
    positions = [place * (n - 1) // max(n_listed - 1, 1) for place in range(n_listed)]
    if isinstance(parameter, Int):
        return [parameter.low + position * parameter.step for position in positions]
    return [parameter.at(position) for position in positions]


def _joined(parts: Sequence[str]) -> str:
    return " ".join(parts)
