"""Honest conditions: what is left of a method's lead without names, with the optimum elsewhere, with the default.

"real" is the task as published. "neutral" takes away what a name tells: parameters are x1, x2, ..., categories c1, c2,
..., the metric is "value"; units and meanings go. "shifted" keeps the names and moves the optimum: some of the numbers
are mirrored in their range, categories change places, so that what is known of a parameter misleads. "default" grants
every method the library's own configuration as its sixth start. Several are joined by a plus: "neutral+default".
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from agenttune.errors import UserError
from agenttune.space import Bool, Categorical, Constant, Float, Int, Ordinal, Parameter, Space
from agenttune.space.scalars import scalar_key
from agenttune.space.tree import Condition
from agenttune.types import Config, Scalar
from benchmarks.suites import Task

REAL, NEUTRAL, SHIFTED, DEFAULT = CONDITIONS = ("real", "neutral", "shifted", "default")
Mapped = Callable[[Config], dict[str, Scalar]]


def applies(task: Task, condition: str) -> bool:
    """Whether the condition means something for the task."""
    return all(part in (REAL, *task.conditions) for part in condition.split("+"))


def parts_of(condition: str) -> list[str]:
    """The conditions that one joins by pluses.

    Raises:
        UserError: one of them is none.
    """
    parts = condition.split("+")
    if unknown := set(parts) - set(CONDITIONS):
        raise UserError(f"no condition is called {sorted(unknown)[0]!r}; there are {', '.join(CONDITIONS)}")
    return parts


def one_spelling(condition: str) -> str:
    """The condition with its parts in the order above, each once, so that its cells are found again.

    Raises:
        UserError: a part is none.
    """
    parts = set(parts_of(condition)) - {REAL}
    return "+".join(part for part in CONDITIONS if part in parts) or REAL


def under(task: Task, condition: str) -> Task:
    """The task under a condition.

    Raises:
        UserError: it is none, or means nothing for this task.
    """
    parts = parts_of(condition)
    if not applies(task, condition):
        raise UserError(
            f"{condition!r} means nothing for {task.suite}/{task.name}; there are {', '.join((REAL, *task.conditions))}"
        )
    if SHIFTED in parts:  # before the names go, so that both together are the neutral form of the shifted task
        task = shifted(task)
    if NEUTRAL in parts:
        task = neutral(task)
    return replace(task, condition=condition, is_default_granted=DEFAULT in parts)


# -- another optimum ---------------------------------------------------------------------------------


def shifted(task: Task) -> Task:
    """The same function seen in a mirror; the default stays where its library has it, so it loses its advantage."""
    there = mirror(task.space, zlib.crc32(f"{task.suite}/{task.name}".encode()))
    return replace(
        task,
        evaluate=lambda config: task.evaluate(there(config)),
        optimum=None if task.optimum is None else there(task.optimum, inverse=True),
        worst=None if task.worst is None else there(task.worst, inverse=True),
    )


class mirror:  # noqa: N801  # reads as the function it is
    """Moves configurations of a space without conditions: a permutation of every list, a mirror for some numbers.

    Numbers that can be counted are mirrored by position, so that every value is somebody's image, also where a log
    scale packs them; others on the unit interval. The mirror of a mirrored number is the number.
    """

    def __init__(self, space: Space, seed: int) -> None:
        rng = np.random.default_rng([4, seed])
        self._space = space
        numbers = [name for name in space.columns if not isinstance(space.parameters[name], Categorical | Bool)]
        n_mirrored = int(rng.integers((len(numbers) + 1) // 2, len(numbers) + 1))
        self._mirrored = set(rng.permutation(numbers)[:n_mirrored]) if numbers else set()
        self._orders: dict[str, list[int]] = {}
        for name in space.columns:
            parameter = space.parameters[name]
            if isinstance(parameter, Categorical):
                self._orders[name] = _moved(rng, len(parameter.choices))

    def __call__(self, config: Config, *, inverse: bool = False) -> dict[str, Scalar]:
        """The configuration of the original function; with `inverse` back."""
        (point,) = self._space.to_unit([config])
        (reflected,) = self._space.from_unit(1.0 - point[None, :])
        found = dict(config)
        for name in self._mirrored:
            by_position = _reflected(self._space.parameters[name], config[name])
            found[name] = reflected[name] if by_position is None else by_position
        for name, order in self._orders.items():
            parameter = self._space.parameters[name]
            assert isinstance(parameter, Categorical)
            at = parameter.choices.index(config[name])
            found[name] = parameter.choices[order.index(at) if inverse else order[at]]
        return found


def _moved(rng: np.random.Generator, n: int) -> list[int]:
    """A permutation that leaves not all where they are, if there is one."""
    while True:
        order = [int(k) for k in rng.permutation(n)]
        if n < 2 or order != sorted(order):
            return order


def _reflected(parameter: Parameter, value: Scalar) -> Scalar | None:
    """The value as far from the last as it is from the first, in steps; None where there are none."""
    match parameter, value:
        case Ordinal(), _:
            return parameter.values[-1 - parameter.positions[scalar_key(value)]]
        case Int(), int():
            return parameter.low + (parameter.cardinality - 1) * parameter.step - (value - parameter.low)
        case Float(step=float(step)), float():
            return parameter.at(parameter.steps - round((value - parameter.low) / step))
    return None


# -- no names ----------------------------------------------------------------------------------------


def neutral(task: Task) -> Task:
    """The same function with names that say nothing; numbers keep their ranges."""
    space, there, back = renamed(task.space)
    given = task.given_starts
    return replace(
        task,
        space=space,
        evaluate=lambda config: task.evaluate(back(config)),
        metric="value",
        default=None if task.default is None else there(task.default),
        optimum=None if task.optimum is None else there(task.optimum),
        worst=None if task.worst is None else there(task.worst),
        given_starts=None if given is None else lambda seed: [there(config) for config in given(seed)],
    )


def renamed(space: Space) -> tuple[Space, Mapped, Mapped]:
    """The space without names, and the way of a configuration there and back."""
    names = {name: f"x{k}" for k, name in enumerate(space.parameters, start=1)}
    values = {name: _values(parameter) for name, parameter in space.parameters.items()}
    parameters = {names[name]: _nameless(parameter, values[name]) for name, parameter in space.parameters.items()}
    conditions = {
        names[name]: Condition(names[entry.parent], tuple(values[entry.parent].get(v, v) for v in entry.values))
        for name, entry in space.conditions.items()
    }
    old_names = {new: old for old, new in names.items()}
    old_values = {names[name]: {new: old for old, new in found.items()} for name, found in values.items()}

    def there(config: Config) -> dict[str, Scalar]:
        return {names[name]: values[name].get(value, value) for name, value in config.items()}

    def back(config: Config) -> dict[str, Scalar]:
        return {old_names[name]: old_values[name].get(value, value) for name, value in config.items()}

    return Space.from_flat(parameters, conditions=conditions), there, back


def _values(parameter: Parameter) -> Mapping[Scalar, Scalar]:
    """New value by old one; empty where numbers speak for themselves."""
    if isinstance(parameter, Categorical):
        return {choice: f"c{k}" for k, choice in enumerate(parameter.choices, start=1)}
    if isinstance(parameter, Ordinal) and any(isinstance(value, str) for value in parameter.values):
        return {value: f"c{k}" for k, value in enumerate(parameter.values, start=1)}
    return {}


def _nameless(parameter: Parameter, values: Mapping[Scalar, Scalar]) -> Parameter:
    if isinstance(parameter, Categorical):
        return Categorical([*values.values()])
    if isinstance(parameter, Ordinal):
        return Ordinal([*(values.values() or parameter.values)])
    if isinstance(parameter, Constant):
        return parameter
    return replace(parameter, unit="", meaning="", default=None)
