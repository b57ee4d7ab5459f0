"""A whole space on the unit cube: n x d points, conditions included.

Inactive coordinates lie at 1/2. All but `from_unit` and `to_unit` work on arrays alone, because
acquisition search asks them about thousands of points at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agenttune.errors import ExpressionError
from agenttune.expressions import Expression
from agenttune.space.choices import Constant
from agenttune.space.codec import Column, Vector, column_of
from agenttune.types import Config, Scalar

if TYPE_CHECKING:
    from agenttune.space.space import Space

INACTIVE = 0.5
"""Coordinate of an inactive parameter: the centre, equally far from all active values."""


class Cube:
    """The codec of one space; made once per space, on first use."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.names = space.columns
        self.columns: dict[str, Column] = {name: column_of(space.parameters[name]) for name in self.names}
        self.gates = {name: _allowed_numbers(space, name, self.columns) for name in space.conditions}

    def to_unit(self, configs: Sequence[Config]) -> Vector:
        """Valid configurations as `n x d` points.

        Raises:
            ConfigInvalid: a value is none of its parameter's choices.
        """
        points = np.full((len(configs), len(self.names)), INACTIVE)
        for index, name in enumerate(self.names):
            rows = [row for row, config in enumerate(configs) if name in config]
            if rows:
                numbers = self._numbers(name, [configs[row][name] for row in rows])
                points[rows, index] = self.columns[name].encode(numbers)
        return points

    def _numbers(self, name: str, values: list[Scalar]) -> Vector:
        try:
            return self.columns[name].numbers(values)
        except (KeyError, TypeError, ValueError):
            return self.columns[name].numbers([self.space.parameters[name].coerce(v, name=name) for v in values])

    def from_unit(self, points: ArrayLike) -> list[dict[str, Scalar]]:
        """`n x d` points as configurations, inactive parameters left out; constraints are not checked."""
        inner = self._decode(points)
        n = inner.shape[1]
        parameters = {name: entry for name, entry in self.space.parameters.items() if name in self.space.awake}
        values = {name: column.values(inner[index]) for index, (name, column) in enumerate(self.columns.items())}
        for name, parameter in parameters.items():
            if isinstance(parameter, Constant):
                values[name] = [parameter.value] * n
        ordered = [values[name] for name in parameters]
        if not ordered:
            return [{} for _ in range(n)]
        rows = zip(*ordered, strict=True)
        if not self.gates:
            return [dict(zip(parameters, row, strict=True)) for row in rows]
        active = self._activity(inner)
        switches = np.stack([np.broadcast_to(active[name], n) for name in parameters], axis=1).tolist()
        return [
            {name: value for name, value, is_active in zip(parameters, row, marks, strict=True) if is_active}
            for row, marks in zip(rows, switches, strict=True)
        ]

    def snap(self, points: ArrayLike) -> Vector:
        """The nearest points that are configurations: `to_unit(from_unit(points))` without the dictionaries."""
        inner = self._decode(points)
        snapped = np.empty_like(inner)
        for index, column in enumerate(self.columns.values()):
            snapped[index] = column.encode(inner[index])
        if self.gates:
            active = self._activity(inner)
            for index, name in enumerate(self.names):
                if name in self.gates:
                    snapped[index] = np.where(active[name], snapped[index], INACTIVE)
        return np.ascontiguousarray(snapped.T)

    def activity(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Which coordinates are of active parameters, `n x d`."""
        inner = self._decode(points)
        active = self._activity(inner)
        marks = np.ones(inner.shape, dtype=np.bool_)
        for index, name in enumerate(self.names):
            marks[index] = active[name]
        return np.ascontiguousarray(marks.T)

    def satisfied(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Whether the configuration of each point keeps the constraints, `n`."""
        inner = self._decode(points)
        n = inner.shape[1]
        is_satisfied = np.ones(n, dtype=np.bool_)
        if not self.space.constraints:
            return is_satisfied
        active = self._activity(inner)
        for expression in self.space.constraints:
            names = sorted(expression.names)
            if any(name not in self.space.awake for name in names):
                continue
            applies = is_satisfied.copy()
            for name in names:
                applies &= active[name]
            rows = np.flatnonzero(applies)
            combinations = list(zip(*[self._values(name, inner, rows) for name in names], strict=True))
            is_kept = {given: _keeps(expression, names, given) for given in set(combinations)}
            is_satisfied[rows] = [is_kept[given] for given in combinations]
        return is_satisfied

    def _values(self, name: str, inner: Vector, rows: NDArray[np.int64]) -> list[Scalar]:
        parameter = self.space.parameters[name]
        if isinstance(parameter, Constant):
            return [parameter.value] * len(rows)
        return self.columns[name].values(inner[self.names.index(name), rows])

    def _decode(self, points: ArrayLike) -> Vector:
        """Inner numbers, `d x n`: columns lie together, because everything here goes by column."""
        array = np.asarray(points, dtype=np.float64)
        if array.ndim != 2 or array.shape[1] != len(self.names):
            raise ValueError(f"points must be n x {len(self.names)}, but got an array of shape {array.shape}")
        if np.isnan(array).any():
            raise ValueError("points must be numbers, but got NaN")
        inner = np.ascontiguousarray(np.clip(array.T, 0.0, 1.0))
        for index, column in enumerate(self.columns.values()):
            inner[index] = column.decode(inner[index])
        return inner

    def _activity(self, inner: Vector) -> dict[str, NDArray[np.bool_] | np.bool_]:
        """For every parameter that can be active: at which of the n points it is."""
        active: dict[str, NDArray[np.bool_] | np.bool_] = {}
        for name in self.space.parameters:
            if name not in self.space.awake:
                continue
            condition = self.space.conditions.get(name)
            if condition is None:
                active[name] = np.True_
                continue
            marks = active[condition.parent]
            if condition.parent in self.columns:
                parent = inner[self.names.index(condition.parent)]
                is_allowed = np.zeros(len(parent), dtype=np.bool_)
                for number in self.gates[name]:
                    is_allowed |= parent == number
                marks = marks & is_allowed
            active[name] = marks
        return active


def _allowed_numbers(space: Space, name: str, columns: dict[str, Column]) -> list[float]:
    """Inner numbers of the parent at which the parameter is active; empty if the parent does not vary."""
    condition = space.conditions[name]
    parent = space.parameters[condition.parent]
    if condition.parent not in columns:
        return []
    values = [value for value in condition.values if parent.contains(value)]
    return columns[condition.parent].numbers(values).tolist() if values else []


def _keeps(expression: Expression, names: list[str], values: tuple[Scalar, ...]) -> bool:
    try:
        return bool(expression.evaluate(dict(zip(names, values))))  # noqa: B905  # strict costs more than the rest
    except ExpressionError:
        return False
