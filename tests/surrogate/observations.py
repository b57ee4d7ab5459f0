"""Measurements that tests fit a Gaussian process to."""

from __future__ import annotations

import numpy as np

from agenttune.surrogate.encoding import Floats
from agenttune.surrogate.model import Hyperparameters, Observations


def observed(x: Floats, y: Floats, numeric: list[int]) -> Observations:
    """With the values standardised."""
    return Observations(x, (y - y.mean()) / y.std(), numeric)


def smooth(n: int = 20, *, numeric: list[int] | None = None) -> Observations:
    """Of a smooth function of the first two of three features."""
    x = np.random.default_rng(1).random((n, 3))
    return observed(x, np.sin(5 * x[:, 0]) + x[:, 1] ** 2, [0, 1, 2] if numeric is None else numeric)


def exact_parabola(n: int = 25) -> Observations:
    """Of one feature, without noise."""
    x = np.random.default_rng(0).random((n, 1))
    return observed(x, -((x[:, 0] - 0.4) ** 2), [0])


def some_hyperparameters(n_numeric: int) -> Hyperparameters:
    """Of three features, none of them where a fit would start."""
    return Hyperparameters((0.4, 1.1, 2.0), 1.3, 1e-3, ((1.2, 0.8), (0.6, 1.7), (1.1, 1.4))[:n_numeric])
