"""The fit: what it reaches, warm starts, its two starts, and failures."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from agenttune.surrogate import map_estimate
from agenttune.surrogate.map_estimate import FIRST_STEPS, MOST_STEPS, fit_posterior
from agenttune.surrogate.model import Hyperparameters, Observations, log_posterior
from tests.surrogate.observations import exact_parabola, observed, smooth


def test_fit_ends_at_a_maximum() -> None:
    data = smooth()
    fitted = fit_posterior(data, start=None)
    assert fitted is not None
    value, gradient = log_posterior(fitted.hyperparameters.raw(), data)
    assert value == pytest.approx(fitted.log_posterior)
    assert np.abs(gradient).max() < 0.2
    start, _ = log_posterior(Hyperparameters.at_prior(3, 3).raw(), data)
    assert value > start + 10


def test_warm_fit_stays_at_the_optimum_it_starts_from() -> None:
    cold = fit_posterior(smooth(), start=None)
    assert cold is not None
    warm = fit_posterior(smooth(), start=cold.hyperparameters)
    assert warm is not None
    assert warm.hyperparameters.lengthscales[:2] == pytest.approx(cold.hyperparameters.lengthscales[:2], rel=0.1)


def test_fit_without_numeric_features_has_no_warps() -> None:
    fitted = fit_posterior(smooth(numeric=[]), start=None)
    assert fitted is not None
    assert fitted.hyperparameters.warps == ()


def test_warm_fit_that_fails_starts_again_from_the_priors(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Hyperparameters] = []
    fit = map_estimate._maximise_posterior

    def fails_warm(start: Hyperparameters, data: Observations, most_steps: int) -> tuple[Hyperparameters, float]:
        begun.append(start)
        if start.lengthscales == (9.0, 9.0, 9.0):
            raise np.linalg.LinAlgError("not positive definite")
        return fit(start, data, most_steps)

    monkeypatch.setattr(map_estimate, "_maximise_posterior", fails_warm)
    warm = Hyperparameters((9.0, 9.0, 9.0), 1.0, 1e-4, ((1.0, 1.0),) * 3)
    assert fit_posterior(smooth(), start=warm) is not None
    assert [start.lengthscales for start in begun][:2] == [(9.0, 9.0, 9.0), (1.0, 1.0, 1.0)]


def test_values_that_are_not_finite_fit_nothing(caplog: pytest.LogCaptureFixture) -> None:
    data = smooth()
    with caplog.at_level(logging.WARNING):
        assert fit_posterior(data._replace(y=data.y * np.nan), start=None) is None
    assert "no Gaussian process could be fitted to 20 measurements" in caplog.text


def test_quiet_start_is_followed_where_measurements_are_exact() -> None:
    fitted = fit_posterior(exact_parabola(), start=None)
    assert fitted is not None
    assert fitted.hyperparameters.noise < 2e-6  # from the noisy start alone 3e-5, 43 nats below


def test_quiet_start_is_given_up_after_its_first_steps_where_it_does_not_lead(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []
    fit = map_estimate._maximise_posterior

    def counted(start: Hyperparameters, data: Observations, most_steps: int) -> tuple[Hyperparameters, float]:
        tried.append(most_steps)
        return fit(start, data, most_steps)

    monkeypatch.setattr(map_estimate, "_maximise_posterior", counted)
    rng = np.random.default_rng(2)
    assert fit_posterior(observed(rng.random((20, 3)), rng.standard_normal(20), [0, 1, 2]), start=None) is not None
    assert tried == [MOST_STEPS, FIRST_STEPS]
