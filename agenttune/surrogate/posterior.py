"""What a fitted model says of the latent function: the protocol, and the posterior of a Gaussian process.

Notation: as in model.py; m and k further points.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from scipy.linalg import cho_solve, solve_triangular

from agenttune.surrogate.encoding import Floats
from agenttune.surrogate.model import Hyperparameters, Observations, cholesky, covariance, scaled

LEAST_VARIANCE = 1e-12


class Predictive(Protocol):
    """A posterior of the latent function, of whatever model."""

    noise: float
    """Variance of a measurement about the latent function."""

    def marginal(self, x: Floats) -> tuple[Floats, Floats]:
        """Mean `m` and variance `m` at `m x p` features."""
        ...

    def covariance(self, x: Floats, other: Floats) -> Floats:
        """Covariance `m x k` between `m x p` and `k x p` features."""
        ...


class Posterior:
    """That of a Gaussian process, given hyperparameters and observations; immutable."""

    def __init__(self, hyperparameters: Hyperparameters, data: Observations) -> None:
        """Factorises the covariance of the observations.

        Raises:
            LinAlgError: no jitter makes it positive definite.
        """
        self.noise = hyperparameters.noise
        self._hyperparameters = hyperparameters
        self._numeric = data.numeric
        self._x = self._scaled(data.x)
        self._factor = cholesky(self._prior(self._x, self._x) + self.noise * np.eye(len(data.y)))
        self._weights = cho_solve((self._factor, True), data.y, check_finite=False)

    def marginal(self, x: Floats) -> tuple[Floats, Floats]:
        """Mean `m` and variance `m` of the latent function at `m x p` features."""
        cross = self._prior(self._x, self._scaled(x))
        variance = self._hyperparameters.outputscale - (self._solved(cross) ** 2).sum(0)
        return self._weights @ cross, np.maximum(variance, LEAST_VARIANCE)

    def covariance(self, x: Floats, other: Floats) -> Floats:
        """Posterior covariance `m x k` between `m x p` and `k x p` features."""
        left, right = self._scaled(x), self._scaled(other)
        explained = self._solved(self._prior(self._x, left)).T @ self._solved(self._prior(self._x, right))
        return self._prior(left, right) - explained

    def _scaled(self, x: Floats) -> Floats:
        return scaled(x, self._hyperparameters, self._numeric)

    def _prior(self, left: Floats, right: Floats) -> Floats:
        return covariance(left, right, self._hyperparameters.outputscale)

    def _solved(self, cross: Floats) -> Floats:
        solved: Floats = solve_triangular(self._factor, cross, lower=True, check_finite=False)
        return solved
