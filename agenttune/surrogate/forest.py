"""A random forest as a surrogate, for objectives with steps and branches, which a Gaussian process smooths over.

Notation: n observations of p features, X `n x p` (features as made by encoding.py), y `n` standardised values.
The mean at a point is that of the trees, its variance that between the trees plus that within their leaves (Hutter et
al. 2014, "Algorithm runtime prediction", section 4.3.2). Not for: choosing between the two (choosing.py).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestRegressor

from agenttune.surrogate.encoding import Floats

N_TREES = 50
LEAST_VARIANCE = 1e-4
"""Of standardised values: where all trees agree they still may all be wrong."""


class Forest:
    """Trees fitted to the observations, each to a sample of them; immutable."""

    def __init__(self, x: Floats, y: Floats, seed: int) -> None:
        """Fits the trees.

        Args:
            x: `n x p` features.
            y: `n` standardised values.
            seed: decides samples and splits.
        """
        forest = RandomForestRegressor(N_TREES, random_state=seed % 2**32).fit(x, y)
        self._trees = [tree.tree_ for tree in forest.estimators_]
        drawn = np.stack([np.bincount(chosen, minlength=len(y)) for chosen in forest.estimators_samples_])
        means, variances = self._by_tree(x)
        is_out = drawn == 0
        out_mean, out_variance = _mixed(means, variances, is_out)
        unexplained = float(((y - out_mean) ** 2 - out_variance).mean())
        self.noise = max(unexplained, LEAST_VARIANCE)
        """Variance that trees which did not see a measurement leave unexplained."""

    def marginal(self, x: Floats) -> tuple[Floats, Floats]:
        """Mean `m` and variance `m` of the latent function at `m x p` features."""
        means, variances = self._by_tree(x)
        mean, variance = _mixed(means, variances, np.ones((N_TREES, 1), dtype=np.bool_))
        return mean, variance

    def covariance(self, x: Floats, other: Floats) -> Floats:
        """Covariance over the trees, `m x k`, between `m x p` and `k x p` features."""
        left, right = self._by_tree(x)[0], self._by_tree(other)[0]
        found: Floats = (left - left.mean(0)).T @ (right - right.mean(0)) / N_TREES
        return found

    def _by_tree(self, x: Floats) -> tuple[Floats, Floats]:
        """Mean and variance, `N_TREES x m`, of the leaves that `m x p` features fall into."""
        rows = x.astype(np.float32)
        leaves = [tree.apply(rows) for tree in self._trees]
        means = np.stack([tree.value[at, 0, 0] for tree, at in zip(self._trees, leaves, strict=True)])
        variances = np.stack([tree.impurity[at] for tree, at in zip(self._trees, leaves, strict=True)])
        return means, variances


def _mixed(means: Floats, variances: Floats, weights: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Mean and variance over the chosen trees, all of them where none is."""
    chosen = np.where(weights.any(0), weights, True)
    mean = np.average(means, axis=0, weights=np.broadcast_to(chosen, means.shape))
    spread = np.average((means - mean) ** 2 + variances, axis=0, weights=np.broadcast_to(chosen, means.shape))
    return mean, np.maximum(spread, LEAST_VARIANCE)
