"""The Gaussian process's density: that of gpytorch, its gradient, and hyperparameters as searched."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from agenttune.surrogate.encoding import Floats
from agenttune.surrogate.model import MIN_LENGTHSCALE, MIN_NOISE, Hyperparameters, cholesky, log_posterior
from tests.surrogate.gpytorch_model import gpytorch_log_posterior
from tests.surrogate.observations import smooth, some_hyperparameters


@pytest.mark.parametrize("numeric", [[], [0, 2], [0, 1, 2]])
def test_log_posterior_is_that_of_gpytorch_up_to_a_constant(numeric: list[int]) -> None:
    data, one = smooth(numeric=numeric), some_hyperparameters(len(numeric))
    other = replace(one, lengthscales=(1.9, 0.3, 0.7), noise=0.05, outputscale=0.4, warps=((0.7, 1.5),) * len(numeric))
    ours = [log_posterior(at.raw(), data)[0] for at in (one, other)]
    theirs = [gpytorch_log_posterior(data, at) for at in (one, other)]
    assert ours[1] - ours[0] == pytest.approx(theirs[1] - theirs[0])


@pytest.mark.parametrize("numeric", [[], [0, 2]])
def test_gradient_is_the_slope_of_the_log_posterior(numeric: list[int]) -> None:
    data, raw = smooth(numeric=numeric), some_hyperparameters(len(numeric)).raw()

    def value(at: Floats) -> float:
        return log_posterior(at, data)[0]

    assert log_posterior(raw, data)[1] == pytest.approx(approx_fprime(raw, value, 1e-7), abs=1e-4)


def test_a_step_that_goes_too_far_is_a_bad_one_and_no_error() -> None:
    raw = some_hyperparameters(3).raw()
    raw[3] = -800.0  # an output scale of nothing
    assert np.isfinite(log_posterior(raw, smooth())[0])


def test_hyperparameters_survive_json_bit_by_bit() -> None:
    found = Hyperparameters((0.1, 1 / 3), outputscale=2 / 3, noise=1e-6 / 7, warps=((1.1, 0.9),))
    assert Hyperparameters.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_hyperparameters_survive_the_numbers_they_are_searched_in() -> None:
    found = some_hyperparameters(3)
    back = Hyperparameters.from_raw(found.raw(), 3)
    assert back.lengthscales == pytest.approx(found.lengthscales)
    assert (back.outputscale, back.noise) == pytest.approx((found.outputscale, found.noise))
    assert np.array(back.warps) == pytest.approx(np.array(found.warps))


def test_hyperparameters_at_their_least_values_have_finite_logarithms() -> None:
    least = Hyperparameters((MIN_LENGTHSCALE,), outputscale=0.0, noise=MIN_NOISE, warps=())
    assert np.isfinite(least.raw()).all()
    assert Hyperparameters.from_raw(least.raw(), 1).lengthscales == pytest.approx((MIN_LENGTHSCALE,), rel=1e-4)


def test_as_little_jitter_as_factorises_is_added() -> None:
    points = np.ones((4, 4))
    assert cholesky(np.eye(4)) == pytest.approx(np.eye(4), abs=0)
    factor = cholesky(points)
    assert factor @ factor.T == pytest.approx(points, abs=1e-7)
    with pytest.raises(np.linalg.LinAlgError, match="of 4 observations is not positive definite"):
        cholesky(-np.eye(4))
