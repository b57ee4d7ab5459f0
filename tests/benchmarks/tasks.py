"""Small tasks for tests: a bowl with names, categories and a default, nothing else installed or read."""

from __future__ import annotations

from agenttune.space import Bool, Categorical, Float, Int, Ordinal, Space
from agenttune.types import Config, Scalar
from benchmarks.suites import Task

SPACE = Space(
    learning_rate=Float(1e-4, 1.0, log=True, unit="1/step", meaning="step size"),
    depth=Int(1, 9, meaning="layers"),
    kernel=Categorical(["rbf", "poly", "sigmoid"], meaning="kind of kernel"),
    level=Ordinal(["low", "mid", "high"]),
    batch=Ordinal([16, 32, 64]),
    flip=Bool(),
)
BEST: dict[str, Scalar] = {
    **{"learning_rate": 0.01, "depth": 3, "kernel": "poly"},
    **{"level": "high", "batch": 32, "flip": True},
}
WORST: dict[str, Scalar] = {
    "learning_rate": 1.0,
    "depth": 9,
    "kernel": "rbf",
    "level": "low",
    "batch": 64,
    "flip": False,
}
DEFAULT: dict[str, Scalar] = {
    "learning_rate": 0.1,
    "depth": 5,
    "kernel": "poly",
    "level": "mid",
    "batch": 32,
    "flip": True,
}


def value(config: Config) -> float:
    """Minus the distance from the best in the unit cube; 0 there."""
    here, there = SPACE.to_unit([config, BEST])
    return -float(((here - there) ** 2).sum())


def bowl() -> Task:
    """To maximise; every condition applies."""
    return Task(
        "tests",
        "bowl",
        SPACE,
        value,
        "maximize",
        conditions=("neutral", "shifted", "default"),
        metric="accuracy",
        best=0.0,
        median=-1.0,
        default=DEFAULT,
        optimum=BEST,
        worst=WORST,
    )
