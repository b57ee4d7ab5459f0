"""Bayesmark's 8 tasks with a small net (MLP, stochastic gradient descent), as bayesmark.py has the others."""

from __future__ import annotations

from pathlib import Path

from benchmarks.suites import Task
from benchmarks.suites.bayesmark import DATA_SETS, bayesmark_task

NEEDS_DATA = True


def names(root: Path | None) -> list[str]:
    """Data set by data set."""
    return [f"MLP_SGD-{data_set}" for data_set in DATA_SETS]


def load(name: str, root: Path | None) -> Task:
    """A task."""
    return bayesmark_task("bayesmark-mlp", name, root)
