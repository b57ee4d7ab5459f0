"""Well-known functions on the unit cube, each moved so that its optimum lies at a point drawn by instance.

Names say nothing and the optimum is shifted by construction, so only the task itself applies.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agenttune.space import Float, Space
from agenttune.types import Config
from benchmarks.suites import Task, median_of

NEEDS_DATA = False
N_INSTANCES = 2
Vector = NDArray[np.float64]


def sphere(z: Vector) -> float:
    """Weighted squares, the last of ten times the first's weight."""
    return float((np.geomspace(1.0, 10.0, len(z)) * z**2).sum())


def rosenbrock(z: Vector) -> float:
    """The curved valley; 0 at 0."""
    x = 2.0 * z + 1.0
    return float((100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum())


def ackley(z: Vector) -> float:
    """A funnel in ripples."""
    x = 10.0 * z
    depth = 20.0 * math.exp(-0.2 * math.sqrt(float((x**2).mean())))
    return float(20.0 + math.e - depth - math.exp(float(np.cos(2 * math.pi * x).mean())))


def rastrigin(z: Vector) -> float:
    """A bowl full of dents."""
    x = 2.0 * z
    return float(10.0 * len(z) + (x**2 - 10.0 * np.cos(2 * math.pi * x)).sum())


def griewank(z: Vector) -> float:
    """A wide bowl with a fine ripple."""
    x = 20.0 * z
    return float((x**2).sum() / 400.0 - np.prod(np.cos(x / np.sqrt(np.arange(1, len(x) + 1)))) + 1.0)


def ridge(z: Vector) -> float:
    """A sharp ridge: the first coordinate matters by its distance, the others jointly."""
    return float(abs(z[0]) + 3.0 * math.sqrt(float((z[1:] ** 2).sum())))


FUNCTIONS: dict[str, tuple[Callable[[Vector], float], int]] = {
    "sphere": (sphere, 3),
    "rosenbrock": (rosenbrock, 4),
    "ackley": (ackley, 5),
    "rastrigin": (rastrigin, 3),
    "griewank": (griewank, 6),
    "ridge": (ridge, 4),
}
"""Name -> (function with 0 at the origin, dimensions)."""


def names(root: Path | None) -> list[str]:
    """Every function, instance by instance."""
    return [f"{name}-{instance}" for instance in range(N_INSTANCES) for name in FUNCTIONS]


def load(name: str, root: Path | None) -> Task:
    """A function with its optimum at the instance's point."""
    kind, _, instance = name.rpartition("-")
    function, n_dims = FUNCTIONS[kind]
    rng = np.random.default_rng([5, list(FUNCTIONS).index(kind), int(instance)])
    optimum = rng.uniform(0.1, 0.9, n_dims)
    space = Space({f"x{k}": Float(0.0, 1.0) for k in range(1, n_dims + 1)})

    def evaluate(config: Config) -> float:
        return function(np.array([float(config[column]) for column in space.columns]) - optimum)

    corner = {column: 0.0 if at > 0.5 else 1.0 for column, at in zip(space.columns, optimum, strict=True)}
    return Task(
        "synthetic",
        name,
        space,
        evaluate,
        "minimize",
        conditions=(),
        best=0.0,
        median=median_of(space, evaluate),
        optimum=dict(zip(space.columns, map(float, optimum), strict=True)),
        worst=corner,
    )
