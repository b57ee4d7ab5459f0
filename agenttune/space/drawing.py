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
GENEROUS_DRAWS = 1_000_000
"""Points tried before a space is refused; some four seconds, spent only where nothing is found."""
FEW = 10_000
"""Finite spaces up to this size are looked through instead, which settles it."""
BATCH = 20_000
"""Most points tried at once, to bound memory."""


def sample(space: Space, rng: np.random.Generator, n: int) -> list[dict[str, Scalar]]:
    """`n` valid configurations, uniform on the unit cube as far as the constraints leave it.

    Raises:
        SpaceError: the constraints leave (almost) nothing.
    """
    if not space.constraints:
        return space.from_unit(rng.random((n, len(space.columns))))
    found, drawn = _draw(space, rng, n, max_draws=MAX_DRAWS)
    if len(found) < n:
        listed = "; ".join(expression.text for expression in space.constraints)
        raise SpaceError(
            f"only {len(found)} of {drawn} random configurations keep the constraints ({listed}); "
            "loosen one, or narrow the ranges to where they hold"
        )
    return found[:n]


def require_satisfiable(space: Space) -> None:
    """Makes sure that some configuration keeps the constraints.

    Raises:
        SpaceError: none was found; the sentence names those that nothing keeps by itself, or all of them.
    """
    if not space.constraints or space.default_config() is not None:
        return
    if space.cardinality is not None and space.cardinality <= FEW:
        if any(True for _ in enumerate_configs(space)):
            return
        tried = f"none of its {space.cardinality} configurations does"
    else:
        found, drawn = _draw(space, np.random.default_rng(0), 1, max_draws=GENEROUS_DRAWS)
        if found:
            return
        tried = f"none of {drawn} random configurations did"
    raise SpaceError(
        f"nothing in the space keeps {_culprits(space)}: {tried}; loosen one, widen the ranges, "
        "or give a configuration that keeps them to start from"
    )


def _draw(space: Space, rng: np.random.Generator, n: int, *, max_draws: int) -> tuple[list[dict[str, Scalar]], int]:
    """(at least `n` valid configurations, or as many as `max_draws` points gave; points drawn)."""
    found: list[dict[str, Scalar]] = []
    drawn, size = 0, max(n, 16)
    while len(found) < n and drawn < max_draws:
        points = rng.random((min(size, BATCH), len(space.columns)))
        found += space.from_unit(points[space.satisfied(points)])
        drawn += len(points)
        size *= 4
    return found, drawn


def _culprits(space: Space) -> str:
    """The constraints that no random configuration keeps, each by itself; all, if it takes several together."""
    configs = space.from_unit(np.random.default_rng(0).random((BATCH // 10, len(space.columns))))
    alone = [entry for entry in space.constraints if not any(space.keeps(entry, config) for config in configs)]
    listed = " and ".join(repr(entry.text) for entry in alone or space.constraints)
    return listed if alone or len(space.constraints) == 1 else f"{listed} together"


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
