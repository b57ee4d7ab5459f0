"""The Gaussian process: its kernel, the priors of its hyperparameters, and their posterior density.

Notation: n observations of p features, of which q are numeric, X `n x p` (features as made by encoding.py), y `n`
standardised values; D = p + 2 + 2 q numbers that stand for the hyperparameters (see `Hyperparameters.raw`). The model
is chosen by measurement on hyperparameter surfaces (regret after 25 trials): zero mean, a scaled Matern 5/2 with one
lengthscale per feature, Kumaraswamy warping of the numeric features, Gaussian noise. What mattered most were priors
without BoTorch's sqrt(p) shift of the lengthscales and with small noise.

It is written out here, on numpy and scipy: with torch the same fits took seven times as long, and seconds of import in
every process that proposes (docs/decisions, 0020). Tests hold it against gpytorch's.

Not for: finding hyperparameters (map_estimate.py), what a fitted model says (posterior.py), turning trials
into numbers (rows.py, encoding.py).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple, cast

import numpy as np
from scipy.linalg import cho_solve

from agenttune.surrogate.encoding import Floats
from agenttune.types import Json

MIN_LENGTHSCALE = 0.025
"""In a unit interval: finer structure than a fortieth of a range cannot be told from noise in tens of trials."""
MIN_NOISE = 1e-6
"""Variance of standardised values; keeps the Cholesky factor well-conditioned on noise-free data."""
START_NOISE = 1e-2
"""Where a cold fit starts."""
OUTPUTSCALE_SHAPE, OUTPUTSCALE_RATE = 2.0, 1.0
"""Gamma prior."""
NOISE_SHAPE, NOISE_RATE = 1.1, 30.0
"""Gamma prior: small."""
WARP_MEAN, WARP_SD = 0.5625, 0.75
"""Log-normal prior of a concentration: about 1 (mode), where warping is the identity."""
WARP_EPS = 1e-7
"""What warping keeps from both ends of a range, where its derivatives are infinite."""
LOG_BOUND = 16.0
"""Largest logarithm of a hyperparameter: no optimum lies there, and no number overflows before it."""
LEAST_LOG = -700.0
"""Below it a step of a search would underflow to nothing, whose logarithm is an error."""
MIN_CONCENTRATION = 1e-4
"""Of the warping."""
JITTERS = (0.0, 1e-8, 1e-6, 1e-4)
"""Added to the diagonal, in turn, until the Cholesky factor exists."""


class Observations(NamedTuple):
    """What a Gaussian process is fitted to."""

    x: Floats
    """`n x p` features."""
    y: Floats
    """`n` standardised values."""
    numeric: list[int]
    """Columns of `x` that are warped."""


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """What a fit has learned; a few hundred bytes as JSON."""

    lengthscales: tuple[float, ...]
    """One per feature."""
    outputscale: float
    """Variance of the latent function."""
    noise: float
    """Variance of a measurement about it."""
    warps: tuple[tuple[float, float], ...]
    """Kumaraswamy concentrations (a, b) per numeric feature."""

    def to_json(self) -> dict[str, Json]:
        """Plain JSON; numbers survive it bit by bit."""
        return {
            "lengthscales": list(self.lengthscales),
            "outputscale": self.outputscale,
            "noise": self.noise,
            "warps": [list(pair) for pair in self.warps],
        }

    @classmethod
    def from_json(cls, content: dict[str, Json]) -> Hyperparameters:
        """Inverse of `to_json`."""
        stored = cast("dict[str, list[float] | list[list[float]] | float]", content)
        return cls(
            lengthscales=tuple(cast("list[float]", stored["lengthscales"])),
            outputscale=cast(float, stored["outputscale"]),
            noise=cast(float, stored["noise"]),
            warps=tuple((pair[0], pair[1]) for pair in cast("list[list[float]]", stored["warps"])),
        )

    @classmethod
    def at_prior(cls, n_features: int, n_numeric: int) -> Hyperparameters:
        """Where a cold fit starts: every value at the mode of its prior or near it."""
        return cls((1.0,) * n_features, outputscale=1.0, noise=START_NOISE, warps=((1.0, 1.0),) * n_numeric)

    @classmethod
    def from_raw(cls, raw: Floats, n_features: int) -> Hyperparameters:
        """Inverse of `raw`."""
        natural, warps = np.exp(raw[: n_features + 2].clip(LEAST_LOG)), raw[n_features + 2 :].reshape(-1, 2)
        return cls(
            lengthscales=tuple((MIN_LENGTHSCALE + natural[:n_features]).tolist()),
            outputscale=float(natural[n_features]),
            noise=MIN_NOISE + float(natural[n_features + 1]),
            warps=tuple((a, b) for a, b in warps.tolist()),
        )

    def raw(self) -> Floats:
        """`D` numbers in which hyperparameters are searched.

        Logarithms but for concentrations; those of lengthscales and noise are above their least values, which takes a
        third of the evaluations of plain bounds. In logarithms of concentrations a first step went far astray.
        """
        lengthscales = [lengthscale - MIN_LENGTHSCALE for lengthscale in self.lengthscales]
        positive = np.array([*lengthscales, self.outputscale, self.noise - MIN_NOISE], dtype=np.float64)
        logs = np.log(positive.clip(math.exp(-LOG_BOUND), math.exp(LOG_BOUND)))
        return np.concatenate([logs, np.array(self.warps, dtype=np.float64).ravel().clip(MIN_CONCENTRATION)])


def scaled(x: Floats, at: Hyperparameters, numeric: list[int]) -> Floats:
    """Features `n x p` as the kernel compares them: warped, and divided by their lengthscales."""
    if numeric:
        a, b = np.array(at.warps).T
        x = x.copy()
        x[:, numeric] = 1 - (1 - _inside(x[:, numeric]) ** a) ** b  # Kumaraswamy's distribution function
    return np.asarray(x / np.array(at.lengthscales))


def covariance(left: Floats, right: Floats, outputscale: float) -> Floats:
    """Prior covariance `m x k` of the latent function between `m x p` and `k x p` scaled features."""
    distance = _distance(left, right)
    return np.asarray(outputscale * (1 + distance + distance**2 / 3) * np.exp(-distance))


def log_posterior(raw: Floats, data: Observations) -> tuple[float, Floats]:
    """Log posterior density of the hyperparameters, up to a constant, and its gradient `D` with respect to `raw`.

    Raises:
        LinAlgError: no jitter makes the covariance positive definite.
    """
    n, p = data.x.shape
    at = Hyperparameters.from_raw(raw, p)
    points = scaled(data.x, at, data.numeric)
    distance = _distance(points, points)
    decay = at.outputscale * np.exp(-distance)
    kernel = decay * (1 + distance + distance**2 / 3)
    factor = cholesky(kernel + at.noise * np.eye(n))
    inverse = cho_solve((factor, True), np.eye(n), check_finite=False)
    weights = inverse @ data.y
    prior, by_prior = _log_prior(at)
    value = -0.5 * float(data.y @ weights) - float(np.log(np.diagonal(factor)).sum()) + prior

    by_kernel = 0.5 * (np.outer(weights, weights) - inverse)
    by_squared = by_kernel * decay * (1 + distance) * (-5 / 6)  # of the squared distances of scaled features
    by_points = 4 * (by_squared.sum(1)[:, None] * points - by_squared @ points)
    lengthscales = np.array(at.lengthscales)
    by_lengthscales = -(by_points * points).sum(0) / lengthscales
    gradient = np.concatenate(
        [
            by_lengthscales,
            [(by_kernel * kernel).sum() / at.outputscale, np.trace(by_kernel)],
            _by_warps(by_points / lengthscales, at, data).ravel(),
        ]
    )
    slopes = [*(lengthscales - MIN_LENGTHSCALE), at.outputscale, at.noise - MIN_NOISE, *np.ones(2 * len(at.warps))]
    return value, (gradient + by_prior) * slopes


def cholesky(matrix: Floats) -> Floats:
    """Cholesky factor of `n x n`, with as little jitter as lets it exist.

    Raises:
        LinAlgError: no jitter does.
    """
    scale = np.trace(matrix) / len(matrix)
    for jitter in JITTERS:
        try:
            return np.linalg.cholesky(matrix + jitter * scale * np.eye(len(matrix)))
        except np.linalg.LinAlgError:
            continue
    raise np.linalg.LinAlgError(f"the covariance of {len(matrix)} observations is not positive definite")


def _inside(x: Floats) -> Floats:
    """Off the ends of the unit interval, where derivatives of the warping are infinite."""
    return x * (1 - 2 * WARP_EPS) + WARP_EPS


def _distance(left: Floats, right: Floats) -> Floats:
    """sqrt(5) times the distances `m x k` of `m x p` and `k x p` points."""
    middle = left.mean(0)  # about which the rounding of squared distances is better
    left, right = left - middle, right - middle
    squared = (left**2).sum(1)[:, None] + (right**2).sum(1) - 2 * left @ right.T
    return np.asarray(np.sqrt(5 * squared.clip(0)))


def _log_prior(at: Hyperparameters) -> tuple[float, Floats]:
    """Up to a constant, and its gradient `D`; that of lengthscales is about 1, neither very short nor very long.

    It is the one of Optuna's GP, which states it for the inverse squared lengthscale.
    """
    lengthscales, warps = np.array(at.lengthscales), np.array(at.warps)
    squared, deviations = lengthscales**2, (np.log(warps) - WARP_MEAN) / WARP_SD
    value = (
        -0.1 * (squared + 1 / squared).sum()
        + (OUTPUTSCALE_SHAPE - 1) * math.log(at.outputscale)
        - OUTPUTSCALE_RATE * at.outputscale
        + (NOISE_SHAPE - 1) * math.log(at.noise)
        - NOISE_RATE * at.noise
        - (np.log(warps) + deviations**2 / 2).sum()
    )
    gradient = [
        *(-0.2 * (lengthscales - 1 / (lengthscales * squared))),
        (OUTPUTSCALE_SHAPE - 1) / at.outputscale - OUTPUTSCALE_RATE,
        (NOISE_SHAPE - 1) / at.noise - NOISE_RATE,
        *(-(1 + deviations / WARP_SD) / warps).ravel(),
    ]
    return float(value), np.array(gradient)


def _by_warps(by_warped: Floats, at: Hyperparameters, data: Observations) -> Floats:
    """Gradient `q x 2` with respect to the concentrations, from that `n x p` with respect to warped features."""
    a, b = np.array(at.warps).reshape(-1, 2).T
    inside = _inside(data.x[:, data.numeric])
    power = inside**a
    rest = 1 - power
    by = by_warped[:, data.numeric]
    by_a = (by * b * rest ** (b - 1) * power * np.log(inside)).sum(0)
    by_b = -(by * rest**b * np.log(rest)).sum(0)
    return np.stack([by_a, by_b], -1)
