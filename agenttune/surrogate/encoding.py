"""What the Gaussian process sees of a configuration.

Notation: points `n x d` of the unit cube, as `Space.to_unit` makes them, become features `n x p`:

- a number, integer or ordinal: one feature, its lowest value at 0 and its highest at 1;
- a category of two choices (also a bool): one feature, 0 or 1;
- a category of more: one feature per choice, 1/sqrt(2) where chosen, so that two choices are 1 apart;
- a condition (parent and values): one feature, 1/sqrt(2) where its parameters are active, 0 where not.

An inactive number lies in the middle of its range, an inactive category has no choice at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from agenttune.space import Bool, Categorical, Parameter, Space

Floats = NDArray[np.float64]

ONE_HOT = 2**-0.5
LARGEST_GRID = 1_000
"""Values of a discrete parameter that are listed; one with more is treated as continuous, and snapped."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the unit cube."""

    name: str
    kind: Literal["real", "grid", "category"]
    values: Floats
    """`K` unit-cube coordinates it may take, ascending; empty for a real one."""

    @property
    def n_features(self) -> int:
        """How many features it becomes."""
        return len(self.values) if self.kind == "category" and len(self.values) > 2 else 1


class Encoding:
    """The way from unit-cube points of one space to features."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.columns = tuple(_column(name, space.parameters[name]) for name in space.columns)
        groups: dict[object, int] = {}
        for index, name in enumerate(space.columns):
            if (condition := space.conditions.get(name)) is not None:
                groups.setdefault((condition.parent, condition.values), index)
        self.groups = tuple(groups.values())
        """One column per condition, whose activity is that of all its parameters."""

    @cached_property
    def numeric(self) -> list[int]:
        """Features to warp: those of numbers, integers and ordinals."""
        found, position = [], 0
        for column in self.columns:
            if column.kind != "category":
                found.append(position)
            position += column.n_features
        return found

    @cached_property
    def signature(self) -> str:
        """What two encodings must share for the hyperparameters of one to be a start for the other."""
        columns = [f"{c.name}:{c.kind}:{c.n_features}" for c in self.columns]
        return ",".join([*columns, *(f"?{self.columns[index].name}" for index in self.groups)])

    def features(self, points: Floats) -> Floats:
        """`n x p` features of `n x d` snapped points."""
        active = self.space.activity(points)
        parts = [_features(column, points[:, i], active[:, i]) for i, column in enumerate(self.columns)]
        parts += [ONE_HOT * active[:, [index]].astype(np.float64) for index in self.groups]
        return np.hstack(parts) if parts else np.zeros((len(points), 0))


def keys(points: Floats) -> list[bytes]:
    """What makes two snapped points the same; hashable."""
    rounded = np.ascontiguousarray(np.round(points, 12)) + 0.0  # + 0.0: no negative zeros
    return [row.tobytes() for row in rounded]


def _column(name: str, parameter: Parameter) -> Column:
    is_category = isinstance(parameter, (Bool, Categorical))
    n_values = parameter.cardinality
    if n_values is None or (n_values > LARGEST_GRID and not is_category):
        return Column(name, "real", np.empty(0))
    alone = Space({name: _without_children(parameter)})
    values = np.unique(alone.to_unit(list(alone.enumerate()))[:, 0])
    return Column(name, "category" if is_category else "grid", values)


def _without_children(parameter: Parameter) -> Parameter:
    return Categorical(tuple(parameter.choices)) if isinstance(parameter, Categorical) else parameter


def _features(column: Column, coordinates: Floats, active: NDArray[np.bool_]) -> Floats:
    """`n x n_features` of one column."""
    if column.kind == "real":
        return coordinates[:, None]
    lowest, highest = float(column.values[0]), float(column.values[-1])
    if column.n_features == 1:
        return np.clip((coordinates - lowest) / max(highest - lowest, 1e-9), 0.0, 1.0)[:, None]
    chosen = np.abs(coordinates[:, None] - column.values[None, :]) < 1e-6
    return np.asarray(ONE_HOT * (chosen & active[:, None]), dtype=np.float64)
