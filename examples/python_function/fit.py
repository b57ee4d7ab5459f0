"""Fits a noisy curve by ridge regression on a polynomial basis; the objective of study.toml."""

from __future__ import annotations

from typing import Any

import numpy as np


def objective(config: dict[str, Any], run: Any) -> dict[str, float]:
    """Root mean squared error on held-back points, and the largest coefficient."""
    rng = np.random.default_rng(run.study_seed)
    x = rng.uniform(-1, 1, 60)
    y = np.sin(4 * x) + 0.2 * rng.normal(size=60)
    expand = np.polynomial.chebyshev.chebvander if config["basis"] == "chebyshev" else np.vander
    rmse = largest = np.inf
    for degree in range(1, config["degree"] + 1):
        features = expand(x, degree) if config["basis"] == "chebyshev" else expand(x, degree + 1)
        gram = features[:40].T @ features[:40] + config["ridge"] * np.eye(features.shape[1])
        weights = np.linalg.solve(gram, features[:40].T @ y[:40])
        rmse = float(np.sqrt(np.mean((features[40:] @ weights - y[40:]) ** 2)))
        largest = float(np.max(np.abs(weights)))
        run.report(degree, rmse=rmse)
        if run.should_stop:
            break
    return {"rmse": rmse, "largest": largest}
