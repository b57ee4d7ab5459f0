"""Three functions with a known best and worst point, to measure whether a model helps.

Parameters have real names, but the functions are made up: a bowl in the unit cube around an optimum that lies off
centre, with a ripple, so that no prior knowledge of the names finds it. Also objectives for a rehearsal:
`function = "agenttune.testing.functions:mixed"` in a study file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from agenttune.space import Bool, Categorical, Float, Int, Ordinal, Space
from agenttune.types import Config, Scalar

N_MEDIAN = 2_000
"""Random points whose median is what regret is measured against."""


@dataclass(frozen=True)
class Function:
    """Something to maximise; 0 at its best."""

    space: Space
    optimum: dict[str, Scalar]
    worst: dict[str, Scalar]
    """A corner far from the optimum."""
    weights: dict[str, float] = field(default_factory=dict)
    """Of the squared distance in each column; 1 where nothing is said."""

    def value(self, config: Config) -> float:
        """The value to maximise: minus the weighted squared distance from the optimum in the unit cube, with a ripple.

        A category counts as .5 away from another one; a parameter that only one of the two has, as .3.
        """
        here, there = self._coordinates(config), self._coordinates(self.optimum)
        distance = 0.0
        for name in self.space.columns:
            if name not in config and name not in self.optimum:
                continue
            gap = 0.3
            if name in config and name in self.optimum:
                gap = abs(here[name] - there[name])
                if isinstance(self.space.parameters[name], Categorical | Bool):
                    gap = 0.0 if config[name] == self.optimum[name] else 0.5
            distance += self.weights.get(name, 1.0) * gap**2
        return -distance - 0.02 * math.sin(9 * distance) ** 2

    def median(self) -> float:
        """The median value of random points."""
        drawn = self.space.sample(np.random.default_rng(0), N_MEDIAN)
        return float(np.median([self.value(config) for config in drawn]))

    def _coordinates(self, config: Config) -> dict[str, float]:
        (point,) = self.space.to_unit([config])
        return dict(zip(self.space.columns, point, strict=True))


SMOOTH = Function(
    Space(
        learning_rate=Float(1e-5, 1.0, log=True),
        weight_decay=Float(1e-7, 1e-1, log=True),
        dropout=Float(0.0, 0.8),
        layers=Int(1, 12),
        width=Int(16, 2048, log=True),
    ),
    optimum={"learning_rate": 0.004, "weight_decay": 2e-3, "dropout": 0.55, "layers": 4, "width": 900},
    worst={"learning_rate": 1.0, "weight_decay": 1e-7, "dropout": 0.0, "layers": 12, "width": 16},
    weights={"learning_rate": 2.5, "weight_decay": 0.6, "width": 1.5},
)
MIXED = Function(
    Space(
        learning_rate=Float(1e-5, 1.0, log=True),
        momentum=Float(0.0, 0.999),
        batch=Ordinal([16, 32, 64, 128, 256, 512]),
        optimizer=Categorical(["sgd", "adam", "adamw", "lion", "rmsprop"]),
        schedule=Categorical(["constant", "cosine", "linear"]),
        augment=Bool(),
    ),
    optimum={
        **{"learning_rate": 3e-4, "momentum": 0.7, "batch": 128},
        **{"optimizer": "lion", "schedule": "linear", "augment": True},
    },
    worst={
        **{"learning_rate": 1.0, "momentum": 0.0, "batch": 16},
        **{"optimizer": "sgd", "schedule": "constant", "augment": False},
    },
    weights={"learning_rate": 2.5, "optimizer": 1.5, "augment": 0.5},
)
BRANCHED = Function(
    Space(
        rate=Float(1e-4, 1.0, log=True),
        share=Float(0.1, 1.0),
        model=Categorical(
            {
                "tree": Space(depth=Int(1, 20), leaf=Int(1, 100, log=True)),
                "kernel": Space(gamma=Float(1e-4, 10.0, log=True), cost=Float(1e-3, 1e3, log=True)),
                "linear": Space(penalty=Float(1e-5, 10.0, log=True)),
            }
        ),
    ),
    optimum={"rate": 0.02, "share": 0.4, "model": "kernel", "gamma": 0.5, "cost": 60.0},
    worst={"rate": 1.0, "share": 1.0, "model": "tree", "depth": 20, "leaf": 1},
    weights={"model": 1.2, "gamma": 2.0, "rate": 1.5},
)
FUNCTIONS = {"smooth": SMOOTH, "mixed": MIXED, "branched": BRANCHED}


def smooth(config: Config) -> dict[str, float]:
    """`SMOOTH` as an objective: five numbers."""
    return {"value": SMOOTH.value(config)}


def mixed(config: Config) -> dict[str, float]:
    """`MIXED` as an objective: six parameters, three of them categories."""
    return {"value": MIXED.value(config)}


def branched(config: Config) -> dict[str, float]:
    """`BRANCHED` as an objective: eight parameters, five of them conditional."""
    return {"value": BRANCHED.value(config)}
