"""Small nets on raw features whose learning rates diverge in a good part of the space: real failures, not made up."""

from __future__ import annotations

from pathlib import Path

from agenttune.space import Float, Int, Space
from agenttune.types import Config
from benchmarks.suites import Task
from benchmarks.suites.nets import accuracy

NEEDS_DATA = False
DATA_SETS = ("wine", "breast_cancer", "digits")
"""Bundled with scikit-learn, the quickest first."""
SPACE = Space(
    learning_rate=Float(1e-6, 1e3, log=True, meaning="step size"),
    momentum=Float(0.0, 0.999, meaning="of stochastic gradient descent"),
    weight_decay=Float(1e-7, 10.0, log=True, meaning="L2 penalty on the weights"),
    width=Int(4, 128, log=True, meaning="neurons of the hidden layer"),
    batch_size=Int(8, 256, log=True, meaning="rows per step"),
)
DEFAULT = {"learning_rate": 1e-3, "momentum": 0.0, "weight_decay": 1e-7, "width": 64, "batch_size": 32}
"""torch's SGD, as its documentation has it in examples."""


def names(root: Path | None) -> list[str]:
    """Data sets bundled with scikit-learn."""
    return list(DATA_SETS)


def load(name: str, root: Path | None) -> Task:
    """A net on one of them."""

    def evaluate(config: Config) -> float | None:
        return accuracy(name, config, is_scaled=False)

    conditions = ("neutral", "shifted", "default")
    return Task("failing", name, SPACE, evaluate, "maximize", conditions, metric="accuracy", default=DEFAULT)
