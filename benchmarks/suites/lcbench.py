"""LCBench's trusted instances: nets of funnel shape trained on tabular data, as YAHPO Gym's surrogate has them."""

from __future__ import annotations

from pathlib import Path

from benchmarks.suites import Task
from benchmarks.suites.yahpo_tasks import surface_names, surface_task

NEEDS_DATA = True
SCENARIO = "lcbench"
MEANINGS = {
    "batch_size": "rows per step of stochastic gradient descent",
    "learning_rate": "initial step size, annealed by a cosine",
    "momentum": "of stochastic gradient descent",
    "weight_decay": "L2 penalty on the weights",
    "num_layers": "layers of the network, shrinking like a funnel",
    "max_units": "neurons of the widest, first layer",
    "max_dropout": "dropout rate of the first layer",
}
DEFAULT = {
    **{"batch_size": 128, "learning_rate": 0.01, "momentum": 0.9, "weight_decay": 1e-4},
    **{"num_layers": 3, "max_units": 256, "max_dropout": 0.5},
}
"""What a handbook would say: the networks have no library default of their own."""


def names(root: Path | None) -> list[str]:
    """Instances by their OpenML task."""
    return surface_names(SCENARIO, root)


def load(name: str, root: Path | None) -> Task:
    """An instance: validation accuracy after 52 epochs."""
    return surface_task("lcbench", SCENARIO, name, root, metric="val_accuracy", meanings=MEANINGS, default=DEFAULT)
