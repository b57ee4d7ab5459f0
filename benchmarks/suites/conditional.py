"""Three branches with parameters of their own (surfaces.py): does a method cope with a tree at all?

The functions are made up, so the names mean little; "neutral" takes that little away.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.suites import Task, median_of
from benchmarks.surfaces import Conditional

NEEDS_DATA = False
N_INSTANCES = 8


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
