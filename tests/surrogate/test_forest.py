"""The random forest: mean, variance, covariance, noise, and that its seed decides it."""

from __future__ import annotations

import numpy as np

from agenttune.surrogate.forest import LEAST_VARIANCE, Forest

X = np.random.default_rng(0).random((40, 2))
STEP = np.where(X[:, 0] > 0.5, 1.0, -1.0)


def test_mean_follows_a_step() -> None:
    mean, _ = Forest(X, STEP, 0).marginal(np.array([[0.1, 0.5], [0.9, 0.5]]))
    assert np.allclose(mean, [-1.0, 1.0], atol=0.1)


def test_variance_is_largest_at_the_step() -> None:
    grid = np.stack([np.linspace(0, 1, 41), np.full(41, 0.5)], 1)
    _, variance = Forest(X, STEP, 0).marginal(grid)
    assert abs(float(grid[variance.argmax(), 0]) - 0.5) < 0.1


def test_variance_is_never_nothing() -> None:
    _, variance = Forest(X, np.zeros(40), 0).marginal(X)
    assert float(variance.min()) == LEAST_VARIANCE


def test_covariance_is_symmetric_and_no_larger_than_the_variance() -> None:
    forest = Forest(X, STEP, 0)
    covariance, (_, variance) = forest.covariance(X, X), forest.marginal(X)
    assert np.allclose(covariance, covariance.T)
    assert bool((covariance.diagonal() <= variance + 1e-12).all())


def test_noise_is_what_trees_cannot_predict() -> None:
    drawn = np.random.default_rng(1).standard_normal(40)
    assert Forest(X, STEP, 0).noise < 0.1 < Forest(X, drawn, 0).noise


def test_same_seed_grows_the_same_trees() -> None:
    means = [Forest(X, STEP + X[:, 1], seed).marginal(X)[0] for seed in (3, 3, 4)]
    assert np.array_equal(means[0], means[1])
    assert not np.array_equal(means[0], means[2])


def test_any_seed_of_a_study_grows_trees() -> None:
    assert Forest(X, STEP, 2**40 + 1).noise > 0
