"""Three synthetic functions with known maximum: one conditional, one of categories, one that fails in a third.

Each comes in instances: the same shape with other optima, drawn from the instance's number. Not meant to be
like anything real; meant to show whether a proposer copes with such a space at all.
"""

from __future__ import annotations

import math
from itertools import product

import numpy as np

from agenttune.space import Categorical, Float, Int, Space
from agenttune.types import Config

BRANCHES = ("tree", "kernel", "net")
LEVELS = (3, 4, 6, 8)


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


class Categories:
    """Four categories of 3 to 8 levels that interact in pairs, and two numbers whose optimum moves with them."""

    space = Space(
        {f"choice{n}": Categorical([f"c{k}" for k in range(n)]) for n in LEVELS},
        x=Float(0.0, 1.0),
        y=Float(0.0, 1.0),
    )

    def __init__(self, instance: int) -> None:
        rng = np.random.default_rng([2, instance])
        self._main = [rng.normal(0.0, 1.0, n) for n in LEVELS]
        self._pairs = {(i, j): rng.normal(0.0, 0.5, (LEVELS[i], LEVELS[j])) for i, j in ((0, 1), (1, 2), (2, 3))}
        self._x, self._y = rng.uniform(0, 1, LEVELS[2]), rng.uniform(0, 1, LEVELS[3])
        self.best = max(self._table(codes) for codes in product(*(range(n) for n in LEVELS)))

    def evaluate(self, config: Config) -> float:
        """The value to maximise."""
        codes = tuple(int(str(config[f"choice{n}"])[1:]) for n in LEVELS)
        off = (float(config["x"]) - self._x[codes[2]]) ** 2 + (float(config["y"]) - self._y[codes[3]]) ** 2
        return float(self._table(codes) - 4.0 * off)

    def _table(self, codes: tuple[int, ...]) -> float:
        main = sum(effects[code] for effects, code in zip(self._main, codes, strict=True))
        return float(main + sum(table[codes[i], codes[j]] for (i, j), table in self._pairs.items()))


class Failing:
    """Four numbers; a third of the space fails, and the optimum lies close to that third."""

    space = Space(a=Float(1e-5, 1.0, log=True), b=Float(0.0, 1.0), c=Float(1.0, 1e4, log=True), d=Float(-1.0, 1.0))
    best = 0.0
    EDGE = 1.1835
    """Two coordinates of the unit square add up to more than this in a third of it."""

    def __init__(self, instance: int) -> None:
        rng = np.random.default_rng([3, instance])
        first = rng.uniform(0.3, 0.9)
        self._optimum = np.array([first, self.EDGE - 0.05 - first, *rng.uniform(0.1, 0.9, 2)])
        self._weights = rng.uniform(0.5, 3.0, 4)

    def evaluate(self, config: Config) -> float | None:
        """The value to maximise, None where a trial fails; 0 at the best."""
        (point,) = self.space.to_unit([config])
        if point[0] + point[1] > self.EDGE:
            return None
        distance = (self._weights * (point - self._optimum) ** 2).sum()
        return float(-distance - 0.05 * math.sin(8 * distance) ** 2)


def _unit(space: Space, rng: np.random.Generator, branch: str) -> list[float]:
    """A random point of the unit cube in which `model` is `branch`."""
    drawn = rng.random(len(space.columns))
    drawn[space.columns.index("model")] = (BRANCHES.index(branch) + 0.5) / len(BRANCHES)
    return [float(coordinate) for coordinate in drawn]
