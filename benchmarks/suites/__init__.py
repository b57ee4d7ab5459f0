"""What methods are compared on: one file per suite, one line each in the registry below.

A suite is a module with `NEEDS_DATA` (whether it reads the folder given by `--data`), `names(root)` of its tasks and
`load(name, root)`. What a method may know of a task is its space, its goal and, where it is granted, the default;
the rest is for whoever scores. Conditions (conditions.py) make another task out of one.
"""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Protocol, cast

import numpy as np

from agenttune.errors import UserError
from agenttune.goal import Direction, Goal
from agenttune.space import Space
from agenttune.types import Config

REGISTRY = {
    "synthetic": "benchmarks.suites.synthetic",
    "conditional": "benchmarks.suites.conditional",
    "failing": "benchmarks.suites.failing",
    "live": "benchmarks.suites.live",
    "lcbench": "benchmarks.suites.lcbench",
    "rpart": "benchmarks.suites.rpart",
    "tables": "benchmarks.suites.tables",
    "bayesmark": "benchmarks.suites.bayesmark",
    "bayesmark-mlp": "benchmarks.suites.bayesmark_mlp",
}
"""Name -> module, loaded on first use."""
FIXED = (
    *(("lcbench", name) for name in ("167201", "168335", "168868", "189905")),
    *(("rpart", name) for name in ("4135", "40981", "31")),
    *(("synthetic", name) for name in ("rosenbrock-0", "ackley-1", "rastrigin-0")),
    *(("conditional", name) for name in ("0", "1")),
    *(("tables", name) for name in ("sw_storm_buffers", "sw_llvm", "sw_multigrid", "chem_buchwald_hartwig")),
    *(("bayesmark", name) for name in ("DecisionTree-breast", "DecisionTree-digits")),
)
"""The fixed set: some of every suite whose values cost little; none of those that the gate's constants were chosen on,
which were six others of lcbench, two of rpart, two synthetic ones, a conditional one and three tables."""
N_STARTS = 5
"""Starting points that every method gets alike."""

Evaluate = Callable[[Config], float | None]
"""The value of a configuration; None: the trial failed."""


@dataclass(frozen=True, slots=True)
class Task:
    """One function to tune."""

    suite: str
    name: str
    space: Space
    evaluate: Evaluate
    direction: Direction
    conditions: tuple[str, ...]
    """Those of conditions.py that mean something here; "real" always does."""
    metric: str = "value"
    best: float | None = None
    """The best known value; None: unknown, and regret is normalised by what the compared methods found."""
    median: float | None = None
    """The median value of random configurations."""
    default: Config | None = None
    """The library's own configuration, where there is a library."""
    is_default_granted: bool = False
    """Whether it is every method's sixth start."""
    optimum: Config | None = None
    """The best known configuration, for models of known skill."""
    worst: Config | None = None
    given_starts: Callable[[int], Sequence[Config]] | None = None
    """Published starting points of a seed; None: drawn at random."""
    condition: str = "real"
    """What was made of the published task, as conditions.py spells it."""
    is_pooled: bool = False
    """Whether regret is normalised by the best and the worst value that any of the compared methods found."""

    @property
    def goal(self) -> Goal:
        """What a method is told to do."""
        return Goal(self.metric, self.direction)

    @property
    def checksum(self) -> int:
        """Of its name, for random generators of its own."""
        return zlib.crc32(f"{self.suite}/{self.name}".encode())

    def starts(self, seed: int) -> list[Config]:
        """The points every method starts from: the same under every condition, as far as it changes names only."""
        if self.given_starts is not None:
            drawn = list(self.given_starts(seed))
        else:
            rng = np.random.default_rng([self.checksum, seed])
            drawn = [*self.space.sample(rng, N_STARTS)]
        return [*drawn, self.default] if self.is_default_granted and self.default is not None else drawn


class Suite(Protocol):
    """What a module of a suite has."""

    NEEDS_DATA: bool

    def names(self, root: Path | None) -> list[str]:
        """Its tasks, in the order in which a small campaign takes the first ones."""
        ...

    def load(self, name: str, root: Path | None) -> Task:
        """One of them, without what is known of its extremes."""
        ...


def suite(name: str) -> Suite:
    """The suite of that name.

    Raises:
        UserError: there is none.
    """
    if name not in REGISTRY:
        raise UserError(f"no suite is called {name!r}; there are {', '.join(REGISTRY)}")
    return cast(Suite, importlib.import_module(REGISTRY[name]))


def names_of(name: str, root: Path | None) -> list[str]:
    """Names of a suite's tasks.

    Raises:
        UserError: there is no such suite, it needs data and there is none, or files of it are missing.
    """
    found = suite(name)
    if root is None and found.NEEDS_DATA:
        raise UserError(f"the suite {name!r} needs the tuning data: name its folder with --data")
    if root is not None and not root.is_dir():
        raise UserError(f"--data must name the folder of the tuning data, but there is no folder {str(root)!r}")
    try:
        return found.names(root)
    except FileNotFoundError as missing:
        raise UserError(
            f"the suite {name!r} needs {missing.filename!r}, which is not there: "
            "name the folder of the tuning data with --data, or other suites with --suite"
        ) from missing


@cache
def base_task(name: str, task: str, root: Path | None) -> Task:
    """A task as published, with the extremes that are known of it (extremes.json)."""
    from benchmarks.extremes import known

    loaded = suite(name).load(task, root)
    extremes = known().get(name, {}).get(task)
    if extremes is None:
        return loaded
    better = max if loaded.direction == "maximize" else min
    found = extremes["best"]["value"]
    return replace(
        loaded,
        best=found if loaded.best is None else better(loaded.best, found),
        median=extremes["median"] if loaded.median is None else loaded.median,
        optimum=loaded.optimum or extremes["best"]["config"],
        worst=loaded.worst or extremes["worst"]["config"],
    )


def median_of(space: Space, evaluate: Evaluate, n: int = 2_000) -> float:
    """The median value of random configurations, failed ones left out."""
    values = [evaluate(config) for config in space.sample(np.random.default_rng(0), n)]
    return float(np.median([value for value in values if value is not None]))
