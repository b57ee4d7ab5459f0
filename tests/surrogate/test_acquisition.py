"""Log expected improvement: closed forms, extremes, and what pending points change."""

from __future__ import annotations

import math

import pytest
import torch

from agenttune.surrogate.acquisition import Pending, log_ei, log_h, pending_log_ei
from agenttune.surrogate.model import Posterior, fit_posterior


def _posterior() -> tuple[Posterior, float]:
    x = torch.linspace(0, 1, 7, dtype=torch.double).unsqueeze(-1)
    y = -((x.squeeze(-1) - 0.6) ** 2)
    y = (y - y.mean()) / y.std(correction=0)
    fitted = fit_posterior(x, y, numeric=[0], start=None, seed=0)
    assert fitted is not None
    return fitted[0], float(y.max())


@pytest.mark.parametrize("z", [-1.5, -1.0, -0.5, 0.0, 2.0])
def test_log_h_is_the_logarithm_of_expected_improvement(z: float) -> None:
    phi, cdf = math.exp(-z * z / 2) / math.sqrt(2 * math.pi), 0.5 * math.erfc(-z / math.sqrt(2))
    assert float(log_h(torch.tensor(z, dtype=torch.double))) == pytest.approx(math.log(phi + z * cdf))


def test_log_h_stays_finite_and_increasing_far_out() -> None:
    z = torch.tensor([-1e8, -1e6, -1e4, -100.0, -10.0, -1.0, 0.0, 1e3], dtype=torch.double)
    values = log_h(z)
    assert values.isfinite().all()
    assert (values.diff() > 0).all()


def test_log_h_is_the_known_asymptote_far_out() -> None:
    z = torch.tensor(-1e3, dtype=torch.double)
    expected = -0.5 * z**2 - 0.5 * math.log(2 * math.pi) - 2 * math.log(1e3)
    assert float(log_h(z)) == pytest.approx(float(expected), abs=1e-4)


def test_log_ei_grows_with_uncertainty() -> None:
    sd = torch.tensor([0.1, 0.2, 0.4], dtype=torch.double)
    assert (log_ei(torch.zeros(3, dtype=torch.double), sd, 0.5).diff() > 0).all()


def test_pending_point_is_not_worth_trying_again() -> None:
    posterior, best = _posterior()
    at = torch.tensor([[0.62], [0.9]], dtype=torch.double)
    before = pending_log_ei(posterior, at, best, None)
    after = pending_log_ei(posterior, at, best, Pending.sample(posterior, at[:1], 0))
    assert after[0] < before[0] - 2


def test_far_pending_point_changes_little() -> None:
    posterior, _ = _posterior()
    at = torch.tensor([[0.62]], dtype=torch.double)
    far = Pending.sample(posterior, torch.tensor([[0.0]], dtype=torch.double), 0)
    best = 0.9
    assert float(pending_log_ei(posterior, at, best, far)) == pytest.approx(
        float(pending_log_ei(posterior, at, best, None)), abs=0.05
    )


def test_pending_points_that_coincide_do_no_harm() -> None:
    posterior, best = _posterior()
    twice = torch.tensor([[0.5], [0.5]], dtype=torch.double)
    values = pending_log_ei(posterior, twice, best, Pending.sample(posterior, twice, 0))
    assert values.isfinite().all()


def test_samples_of_pending_values_have_the_posterior_mean() -> None:
    posterior, _ = _posterior()
    at = torch.tensor([[0.33], [0.8]], dtype=torch.double)
    mean, variance = posterior.marginal(at)
    samples = Pending.sample(posterior, at, 3).latent
    assert (samples.mean(-1) - mean).abs().max() < 0.2 * float(variance.max().sqrt()) + 1e-6
