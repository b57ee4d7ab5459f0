"""What a Gaussian process says: agreement with BoTorch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from agenttune.surrogate.encoding import Floats
from agenttune.surrogate.posterior import Posterior
from tests.surrogate.gpytorch_model import gpytorch_model
from tests.surrogate.observations import smooth, some_hyperparameters

AT = np.random.default_rng(2).random((50, 3))


@pytest.mark.parametrize("numeric", [[], [0, 2], [0, 1, 2]])
def test_posterior_is_that_of_botorch(numeric: list[int]) -> None:
    data, at = smooth(numeric=numeric), some_hyperparameters(len(numeric))
    theirs = gpytorch_model(data, at).posterior(torch.from_numpy(AT)).distribution
    ours = Posterior(at, data)
    mean, variance = ours.marginal(AT)
    expected = theirs.covariance_matrix.detach().numpy()
    assert mean == pytest.approx(theirs.mean.detach().numpy())
    assert variance == pytest.approx(np.diag(expected), abs=1e-8)
    assert ours.covariance(AT[:4], AT[4:]) == pytest.approx(expected[:4, 4:], abs=1e-8)


def test_repeated_points_can_be_factorised() -> None:
    data = smooth()
    thrice = data._replace(x=np.tile(data.x, (3, 1)), y=np.tile(data.y, 3))
    mean: Floats = Posterior(some_hyperparameters(3), thrice).marginal(AT)[0]
    assert np.isfinite(mean).all()
