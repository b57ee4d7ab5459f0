"""Log expected improvement: closed forms, extremes, and what pending points change."""

from __future__ import annotations

import math

import numpy as np
import pytest

from agenttune.surrogate.acquisition import Pending, log_ei, log_h, pending_log_ei
from agenttune.surrogate.map_estimate import fit_posterior
from agenttune.surrogate.posterior import Posterior
from tests.surrogate.observations import observed


def _posterior() -> tuple[Posterior, float]:
    x = np.linspace(0, 1, 7)[:, None]
    data = observed(x, -((x[:, 0] - 0.6) ** 2), [0])
    fitted = fit_posterior(data, start=None)
    assert fitted is not None
    return fitted.posterior, float(data.y.max())


@pytest.mark.parametrize("z", [-1.5, -1.0, -0.5, 0.0, 2.0])
def test_log_h_is_the_logarithm_of_expected_improvement(z: float) -> None:
    phi, cdf = math.exp(-z * z / 2) / math.sqrt(2 * math.pi), 0.5 * math.erfc(-z / math.sqrt(2))
    assert float(log_h(np.array(z))) == pytest.approx(math.log(phi + z * cdf))


def test_log_h_stays_finite_and_increasing_far_out() -> None:
    z = np.array([-1e8, -1e6, -1e4, -100.0, -10.0, -1.0, 0.0, 1e3])
    values = log_h(z)
    assert np.isfinite(values).all()
    assert (np.diff(values) > 0).all()


def test_log_h_is_the_known_asymptote_far_out() -> None:
    z = np.array(-1e3)
    expected = -0.5 * z**2 - 0.5 * math.log(2 * math.pi) - 2 * math.log(1e3)
    assert float(log_h(z)) == pytest.approx(float(expected), abs=1e-4)


def test_log_ei_grows_with_uncertainty() -> None:
    sd = np.array([0.1, 0.2, 0.4])
    assert (np.diff(log_ei(np.zeros(3), sd, 0.5)) > 0).all()


def test_pending_point_is_not_worth_trying_again() -> None:
    posterior, best = _posterior()
    at = np.array([[0.62], [0.9]])
    before = pending_log_ei(posterior, at, best, None)
    after = pending_log_ei(posterior, at, best, Pending.sample(posterior, at[:1], 0))
    assert after[0] < before[0] - 2


def test_far_pending_point_changes_little() -> None:
    posterior, _ = _posterior()
    at = np.array([[0.62]])
    far = Pending.sample(posterior, np.array([[0.0]]), 0)
    best = 0.9
    assert float(pending_log_ei(posterior, at, best, far)[0]) == pytest.approx(
        float(pending_log_ei(posterior, at, best, None)[0]), abs=0.05
    )


def test_pending_points_that_coincide_do_no_harm() -> None:
    posterior, best = _posterior()
    twice = np.array([[0.5], [0.5]])
    values = pending_log_ei(posterior, twice, best, Pending.sample(posterior, twice, 0))
    assert np.isfinite(values).all()


def test_samples_of_pending_values_have_the_posterior_mean() -> None:
    posterior, _ = _posterior()
    at = np.array([[0.33], [0.8]])
    mean, variance = posterior.marginal(at)
    samples = Pending.sample(posterior, at, 3).latent
    assert np.abs(samples.mean(-1) - mean).max() < 0.2 * float(np.sqrt(variance.max())) + 1e-6
