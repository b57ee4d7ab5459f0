"""Between configurations and the unit cube, column by column.

Notation: n points, d columns (the parameters that vary), K values of a stepped or listed parameter.
Each column has an inner number z: the value itself for continuous and log-int ranges, the position
k in 0..K-1 for everything else. Between u in [0, 1] and z:

* continuous: z = (1 - u) low + u high, or the same of logarithms
* K values: k = floor(K u), and back u = (k + 1/2) / K, the centre of one of K bins of equal mass
* log int: bins [log(v - 1/2), log(v + 1/2)] side by side; z = v, and back u is the centre of its bin

Snapping is u -> z -> u, so it agrees with decoding and encoding to the last bit. Positions are exact
up to K = 2**51, log ints up to about 10**12; beyond, a decoded value may be a neighbour.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from agenttune.space.choices import Bool, Categorical, Ordinal
from agenttune.space.numeric import Float, Int
from agenttune.space.scalars import scalar_key
from agenttune.space.serial import Parameter
from agenttune.types import Scalar

Vector = NDArray[np.float64]


class Column(Protocol):
    """One axis of the unit cube; vectors have length n."""

    def decode(self, u: Vector) -> Vector:
        """Inner numbers of points in [0, 1]."""
        ...

    def encode(self, z: Vector) -> Vector:
        """Points in [0, 1] of inner numbers."""
        ...

    def values(self, z: Vector) -> list[Scalar]:
        """Parameter values of inner numbers."""
        ...

    def numbers(self, values: Sequence[Scalar]) -> Vector:
        """Inner numbers of valid parameter values."""
        ...


def column_of(parameter: Parameter) -> Column:
    """The column of a parameter that varies."""
    match parameter:
        case Float(step=None):
            return _Continuous(parameter)
        case Float():
            return _FloatGrid(parameter)
        case Int(log=True):
            return _LogInt(parameter)
        case Int():
            return _IntGrid(parameter)
        case Categorical():
            return _Listed(parameter.choices)
        case Ordinal():
            return _Listed(parameter.values)
        case Bool():
            return _Listed((False, True))
    raise TypeError(f"{parameter!r} does not vary")


class _Continuous:
    def __init__(self, parameter: Float) -> None:
        self.low, self.high = parameter.low, parameter.high
        # Where both ends have the same logarithm the range is so narrow that a line serves as well.
        self.is_log = parameter.log and math.log(self.high) > math.log(self.low)
        self.ends = (math.log(self.low), math.log(self.high)) if self.is_log else (self.low, self.high)

    def decode(self, u: Vector) -> Vector:
        low, high = self.ends
        z = (1.0 - u) * low + u * high
        if self.is_log:  # exp(log(0.1)) is not 0.1, but the ends of the cube are the ends of the range
            z = np.where(u == 0.0, self.low, np.where(u == 1.0, self.high, np.exp(z)))
        return np.clip(z, self.low, self.high)

    def encode(self, z: Vector) -> Vector:
        low, high = self.ends
        inner = np.log(z) if self.is_log else z
        if math.isinf(high - low):
            low, high, inner = low / 2, high / 2, inner / 2
        return np.clip((inner - low) / (high - low), 0.0, 1.0)

    def values(self, z: Vector) -> list[Scalar]:
        return cast(list[Scalar], z.tolist())

    def numbers(self, values: Sequence[Scalar]) -> Vector:
        return np.clip(np.array(values, dtype=np.float64), self.low, self.high)


class _Binned:
    """K bins of equal mass."""

    count: int

    def decode(self, u: Vector) -> Vector:
        return np.clip(np.floor(u * self.count), 0.0, float(self.count - 1))

    def encode(self, z: Vector) -> Vector:
        return (z + 0.5) / self.count


class _FloatGrid(_Binned):
    def __init__(self, parameter: Float) -> None:
        self.parameter = parameter
        self.count = parameter.steps + 1

    def values(self, z: Vector) -> list[Scalar]:
        first, width, scale = self.parameter.grid
        return cast(
            list[Scalar], np.clip((first + z * width) / scale, self.parameter.low, self.parameter.high).tolist()
        )

    def numbers(self, values: Sequence[Scalar]) -> Vector:
        steps = (np.array(values, dtype=np.float64) - self.parameter.low) / cast(float, self.parameter.step)
        return np.clip(np.round(steps), 0.0, float(self.count - 1))


class _IntGrid(_Binned):
    def __init__(self, parameter: Int) -> None:
        self.low, self.step = parameter.low, parameter.step
        self.count = parameter.cardinality

    def values(self, z: Vector) -> list[Scalar]:
        last = self.count - 1  # as a float it may round up to one past the end
        return [self.low + min(int(k), last) * self.step for k in z.tolist()]

    def numbers(self, values: Sequence[Scalar]) -> Vector:
        positions = [(int(value) - self.low) // self.step for value in values]
        return np.clip(np.array(positions, dtype=np.float64), 0.0, float(self.count - 1))


class _LogInt:
    def __init__(self, parameter: Int) -> None:
        self.low, self.high = parameter.low, parameter.high
        self.start = math.log(self.low - 0.5)
        self.span = math.log(self.high + 0.5) - self.start

    def decode(self, u: Vector) -> Vector:
        return np.clip(np.floor(np.exp(self.start + u * self.span) + 0.5), float(self.low), float(self.high))

    def encode(self, z: Vector) -> Vector:
        centre: Vector = 0.5 * (np.log(z - 0.5) + np.log(z + 0.5))
        return np.clip((centre - self.start) / self.span, 0.0, 1.0)

    def values(self, z: Vector) -> list[Scalar]:
        return [min(int(v), self.high) for v in z.tolist()]

    def numbers(self, values: Sequence[Scalar]) -> Vector:
        inner: Vector = np.array([float(value) for value in values], dtype=np.float64)
        return np.clip(inner, float(self.low), float(self.high))


class _Listed(_Binned):
    def __init__(self, values: tuple[Scalar, ...]) -> None:
        self.listed = values
        self.count = len(values)
        self.positions = {scalar_key(value): float(position) for position, value in enumerate(values)}

    def values(self, z: Vector) -> list[Scalar]:
        listed = self.listed
        return [listed[k] for k in z.astype(np.int64).tolist()]

    def numbers(self, values: Sequence[Scalar]) -> Vector:
        positions = self.positions
        return np.array([positions[isinstance(value, bool), value] for value in values], dtype=np.float64)
