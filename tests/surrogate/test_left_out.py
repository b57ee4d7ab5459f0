"""The score of trials left out: its value for a known predictor, and that it is honest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from agenttune.surrogate.encoding import Floats
from agenttune.surrogate.left_out import N_FOLDS, left_out_score

X = np.arange(12.0)[:, None]
Y = np.random.default_rng(0).standard_normal(12)


@dataclass
class _Normal:
    """The same at every point."""

    noise: float = 1.0

    def marginal(self, x: Floats) -> tuple[Floats, Floats]:
        return np.zeros(len(x)), np.full(len(x), 3.0)

    def covariance(self, x: Floats, other: Floats) -> Floats:
        return np.zeros((len(x), len(other)))


def test_score_is_the_area_between_the_distributions() -> None:
    def crps(y: float) -> float:
        below, _ = quad(lambda t: norm.cdf(t, 0, 2) ** 2, -np.inf, y)
        above, _ = quad(lambda t: (1 - norm.cdf(t, 0, 2)) ** 2, y, np.inf)
        return float(below + above)

    expected = np.mean([crps(y) for y in Y.tolist()])
    assert left_out_score(lambda x, y: _Normal(), X, Y, 0) == pytest.approx(expected, rel=1e-6)


def test_each_observation_is_left_out_once() -> None:
    seen: list[set[float]] = []

    def fit(x: Floats, y: Floats) -> _Normal:
        seen.append(set(x[:, 0].tolist()))
        return _Normal()

    left_out_score(fit, X, Y, 0)
    left = [value for known in seen for value in set(X[:, 0].tolist()) - known]
    assert (len(seen), sorted(left)) == (N_FOLDS, X[:, 0].tolist())


def test_fit_that_fails_has_no_score() -> None:
    assert left_out_score(lambda x, y: None, X, Y, 0) is None
