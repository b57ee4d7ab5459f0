"""Which parameters depend on which: nested spaces made flat, parents before children, and counting.

A space is stored flat: parameters by name, and for some a `Condition` on one parent. A condition may
name values its parent no longer has (after an edit); such a parameter sleeps: it is never active.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agenttune.errors import SpaceError
from agenttune.space.choices import Bool, Categorical, Constant, Ordinal, checked_scalar
from agenttune.space.numeric import Float, Int
from agenttune.space.scalars import ScalarKey, scalar_key, spell, suggestion, typed_key
from agenttune.space.serial import Parameter
from agenttune.types import Json, Scalar

if TYPE_CHECKING:
    pass

MAX_CARDINALITY = 10**9
"""Above it a finite space counts as infinite: nobody enumerates it."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A parameter is active when its parent is active and has one of these values."""

    parent: str
    values: tuple[Scalar, ...] = field(compare=False)
    keys: frozenset[ScalarKey] = field(init=False, repr=False, compare=False)
    """Identities of the values."""
    identity: tuple[tuple[str, Scalar | None], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(checked_scalar(value, "when") for value in self.values))
        object.__setattr__(self, "keys", frozenset(scalar_key(value) for value in self.values))
        object.__setattr__(self, "identity", tuple(typed_key(value) for value in self.values))

    def describe(self) -> str:
        """The condition for people: "kernel=poly|sigmoid"."""
        return f"{self.parent}={'|'.join(spell(value) for value in self.values)}"

    def to_json(self) -> dict[str, Json]:
        """The condition as the `when` of a study file."""
        return {self.parent: list(self.values)}


class Flattening:
    """Collects parameters and conditions out of nested spaces."""

    def __init__(self) -> None:
        self.parameters: dict[str, Parameter] = {}
        self.conditions: dict[str, Condition] = {}
        self.constraints: list[str] = []

    def add(self, name: str, parameter: Parameter, condition: Condition | None = None) -> None:
        """Takes in one parameter and, right after it, the spaces nested in it."""
        if not isinstance(parameter, Parameter):
            raise SpaceError(
                f"parameter `{name}` must be a Float, Int, Categorical, Ordinal, Bool, Constant, but got {parameter!r}"
            )
        nested = parameter.nested if isinstance(parameter, Categorical) else ()
        self._enter(name, without_nested(parameter), condition)
        for choice, space in nested:
            for child, definition in space.parameters.items():
                inner = space.conditions.get(child, Condition(name, (choice,)))
                self._enter(child, definition, inner)
            self.constraints += [entry.text for entry in space.constraints if entry.text not in self.constraints]

    def _enter(self, name: str, parameter: Parameter, condition: Condition | None) -> None:
        if name not in self.parameters:
            self.parameters[name] = parameter
            if condition is not None:
                self.conditions[name] = condition
            return
        known = self.conditions.get(name)
        if condition is None or known is None or known.parent != condition.parent or self.parameters[name] != parameter:
            raise SpaceError(
                f"parameter `{name}` is defined twice; rename one, or define it alike under choices of one parent"
            )
        more = tuple(value for value in condition.values if scalar_key(value) not in known.keys)
        self.conditions[name] = Condition(known.parent, known.values + more)


def without_nested(parameter: Parameter) -> Parameter:
    """The parameter alone, without the spaces of its choices."""
    if not isinstance(parameter, Categorical) or not parameter.nested:
        return parameter
    return Categorical(parameter.choices, default=parameter.default, unit=parameter.unit, meaning=parameter.meaning)


def check_name(name: object) -> str:
    """The name of a parameter.

    Raises:
        SpaceError: it is empty, no text, or has blanks at its ends or characters nobody can type.
    """
    if not isinstance(name, str) or not name or name != name.strip() or not name.isprintable():
        raise SpaceError(f"the name of a parameter must be a printable text such as 'lr', but got {name!r}")
    return name


def checked_condition(name: str, condition: Condition, parameters: Mapping[str, Parameter]) -> Condition:
    """The condition with its values as the parent spells them, in the parent's order; unknown ones last.

    Raises:
        SpaceError: there is no such parent, it cannot be one, or no value is given.
    """
    parent = parameters.get(condition.parent)
    if parent is None or condition.parent == name:
        others = [other for other in parameters if other != name]
        raise SpaceError(
            f"`{name}` depends on `{condition.parent}`, no other parameter; {suggestion(condition.parent, others)}"
        )
    if isinstance(parent, Float):
        raise SpaceError(
            f"`{name}` depends on `{condition.parent}`, which is a float; a parent must have single values "
            "(categorical, ordinal, bool, int)"
        )
    if not condition.values:
        raise SpaceError(f"`{name}` depends on `{condition.parent}`, but no value is given; name at least one")
    known = [parent.coerce(value) if parent.contains(value) else value for value in condition.values]
    values = list({scalar_key(value): value for value in known}.values())
    if not isinstance(parent, Constant):
        values.sort(key=lambda value: _place(parent, value))
    return Condition(condition.parent, tuple(values))


def _place(parent: Categorical | Ordinal | Bool | Int, value: Scalar) -> tuple[bool, int]:
    if not parent.contains(value):
        return True, 0
    if isinstance(parent, Categorical | Ordinal):
        return False, parent.positions[scalar_key(value)]
    return False, int(value)


def parents_first(parameters: Mapping[str, Parameter], conditions: Mapping[str, Condition]) -> list[str]:
    """The names in their order, a parent moved in front of its child where it stood behind it.

    Raises:
        SpaceError: parameters depend on each other in a circle.
    """
    placed: dict[str, None] = {}
    for name in parameters:
        chain = [name]
        while chain[-1] in conditions and conditions[chain[-1]].parent not in placed:
            parent = conditions[chain[-1]].parent
            if parent in chain:
                raise SpaceError(f"parameters depend on each other in a circle: {' -> '.join([*chain, parent])}")
            chain.append(parent)
        placed.update(dict.fromkeys(reversed(chain)))
    return list(placed)


def awake(parameters: Mapping[str, Parameter], conditions: Mapping[str, Condition]) -> frozenset[str]:
    """Names of the parameters that some configuration makes active; `parameters` has parents first."""
    names: set[str] = set()
    for name in parameters:
        condition = conditions.get(name)
        if condition is None or (
            condition.parent in names and any(parameters[condition.parent].contains(v) for v in condition.values)
        ):
            names.add(name)
    return frozenset(names)


def values_of(parameter: Parameter) -> Iterator[Scalar]:
    """Every value of a countable parameter, in order."""
    match parameter:
        case Categorical():
            yield from parameter.choices
        case Ordinal():
            yield from parameter.values
        case Bool():
            yield from (False, True)
        case Constant():
            yield parameter.value
        case Int():
            yield from range(parameter.low, parameter.high + 1, parameter.step)
        case Float():
            yield from (parameter.at(position) for position in range(parameter.steps + 1))


def count_configs(parameters: Mapping[str, Parameter], conditions: Mapping[str, Condition]) -> int | None:
    """Number of configurations, constraints aside; None if infinite or above MAX_CARDINALITY."""
    children: dict[str, list[str]] = {}
    for name, condition in conditions.items():
        children.setdefault(condition.parent, []).append(name)

    def count(name: str) -> int:
        parameter = parameters[name]
        total = parameter.cardinality
        if total is None:
            return MAX_CARDINALITY + 1
        for value in _branching_values(parameter, [conditions[child] for child in children.get(name, ())]):
            below = 1
            for child in children[name]:
                if scalar_key(value) in conditions[child].keys:
                    below *= count(child)
            total += below - 1
        return total

    product = 1
    for name in parameters:
        if name not in conditions:
            product *= count(name)
    return product if product <= MAX_CARDINALITY else None


def _branching_values(parameter: Parameter, conditions: list[Condition]) -> list[Scalar]:
    """Values of the parent that make any child active, each once."""
    by_key = {scalar_key(value): value for condition in conditions for value in condition.values}
    return [value for value in by_key.values() if parameter.contains(value)]
