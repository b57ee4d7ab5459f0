"""Random configurations of a space, and all configurations of a finite one; both keep the constraints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from agenttune.errors import SpaceError
from agenttune.expressions import Expression
from agenttune.space.tree import values_of
from agenttune.types import Scalar

if TYPE_CHECKING:
    from agenttune.space.space import Space

MAX_DRAWS = 300_000
"""Points tried before giving up; about a second of work."""
BATCH = 20_000
"""Most points tried at once, to bound memory."""


def sample(space: Space, rng: np.random.Generator, n: int) -> list[dict[str, Scalar]]:
    """`n` valid configurations, uniform on the unit cube as far as the constraints leave it.

    Raises:
        SpaceError: the constraints leave (almost) nothing.
    """
    if not space.constraints:
        return space.from_unit(rng.random((n, len(space.columns))))
    found: list[dict[str, Scalar]] = []
    drawn, size = 0, max(n, 16)
    while len(found) < n:
        points = rng.random((min(size, BATCH), len(space.columns)))
        found += space.from_unit(points[space.satisfied(points)])
        drawn += len(points)
        size *= 4
        if len(found) < n and drawn >= MAX_DRAWS:
            listed = "; ".join(expression.text for expression in space.constraints)
            raise SpaceError(
                f"only {len(found)} of {drawn} random configurations keep the constraints ({listed}); "
                "loosen one, or narrow the ranges to where they hold"
            )
    return found[:n]


def enumerate_configs(space: Space) -> Iterator[dict[str, Scalar]]:
    """Every valid configuration of a finite space, in the order of its values.

    Raises:
        SpaceError: the space is not finite.
    """
    if space.cardinality is None:
        raise SpaceError("the space is not finite: some parameter is continuous, or there are too many configurations")
    names = [name for name in space.parameters if name in space.awake]
    due: list[list[Expression]] = [[] for _ in names]
    for expression in space.constraints:
        if expression.names <= space.awake:
            due[max(map(names.index, expression.names))].append(expression)

    def extend(config: dict[str, Scalar], index: int) -> Iterator[dict[str, Scalar]]:
        if index == len(names):
            yield dict(config)
            return
        name = names[index]
        if not space.is_active(name, config):
            yield from extend(config, index + 1)  # a constraint over an inactive parameter does not apply
            return
        for value in values_of(space.parameters[name]):
            config[name] = value
            if all(space.keeps(expression, config) for expression in due[index]):
                yield from extend(config, index + 1)
        del config[name]

    return extend({}, 0)
