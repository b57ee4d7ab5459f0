"""Three branches with parameters of their own: does a method cope with a tree at all?

The functions are made up, with known maximum, in instances: the same shape with other optima, drawn from the instance's
number. So the names mean little; "neutral" takes that little away.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from agenttune.space import Categorical, Float, Int, Space
from agenttune.types import Config
from benchmarks.suites import Task, median_of

NEEDS_DATA = False
N_INSTANCES = 8
BRANCHES = ("tree", "kernel", "net")


def names(root: Path | None) -> list[str]:
    """Instances by number."""
    return [str(number) for number in range(N_INSTANCES)]


def load(name: str, root: Path | None) -> Task:
    """An instance."""
    made = Conditional(int(name))
    median = median_of(made.space, made.evaluate)
    return Task(
        "conditional",
        name,
        made.space,
        made.evaluate,
        "maximize",
        conditions=("neutral",),
        metric="score",
        best=made.best,
        median=median,
    )


class Conditional:
    """Three branches with parameters of their own (2, 3 and 4), two shared ones; the best branch varies."""

    space = Space(
        rate=Float(1e-4, 1.0, log=True),
        share=Float(0.1, 1.0),
        model=Categorical(
            {
                "tree": Space(depth=Int(1, 20), leaf=Int(1, 100, log=True)),
                "kernel": Space(
                    gamma=Float(1e-4, 10.0, log=True), c=Float(1e-3, 1e3, log=True), order=Categorical([1, 2, 3])
                ),
                "net": Space(
                    layers=Int(1, 6), width=Int(8, 512, log=True), dropout=Float(0.0, 0.6), momentum=Float(0.0, 0.99)
                ),
            }
        ),
    )
    best = 0.0

    def __init__(self, instance: int) -> None:
        rng = np.random.default_rng([1, instance])
        self._offsets = dict(zip(BRANCHES, rng.permutation([0.0, -0.15, -0.4]), strict=True))
        optima = self.space.from_unit(np.array([_unit(self.space, rng, branch) for branch in BRANCHES]))
        self._optima = dict(zip(BRANCHES, self.space.to_unit(optima), strict=True))
        self._weights = rng.uniform(0.5, 3.0, len(self.space.columns))

    def evaluate(self, config: Config) -> float:
        """The value to maximise; 0 at the best."""
        (point,) = self.space.to_unit([config])
        branch = str(config["model"])
        distance = (self._weights * (point - self._optima[branch]) ** 2).sum()
        return float(self._offsets[branch] - distance - 0.1 * math.sin(6 * distance) ** 2)


def _unit(space: Space, rng: np.random.Generator, branch: str) -> list[float]:
    """A random point of the unit cube in which `model` is `branch`."""
    drawn = rng.random(len(space.columns))
    drawn[space.columns.index("model")] = (BRANCHES.index(branch) + 0.5) / len(BRANCHES)
    return [float(coordinate) for coordinate in drawn]
