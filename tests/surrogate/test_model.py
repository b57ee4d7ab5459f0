"""The GP's fit and posterior: agreement with BoTorch, warm starts, failures of a fit."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
import torch
from gpytorch.mlls import ExactMarginalLogLikelihood
from torch import Tensor

from agenttune.surrogate import model as model_module
from agenttune.surrogate.model import (
    FIRST_STEPS,
    OPTIONS,
    Hyperparameters,
    LengthscalePrior,
    fit_posterior,
    log_posterior,
    single_thread,
)


def _observations(n: int = 20) -> tuple[Tensor, Tensor]:
    x = torch.rand(n, 3, generator=torch.Generator().manual_seed(1), dtype=torch.double)
    y = torch.sin(5 * x[:, 0]) + x[:, 1] ** 2
    return x, (y - y.mean()) / y.std(correction=0)


def test_posterior_agrees_with_botorch() -> None:
    x, y = _observations()
    fitted = fit_posterior(x, y, numeric=[0, 1, 2], start=None, seed=0)
    assert fitted is not None
    posterior, _ = fitted
    at = torch.rand(50, 3, generator=torch.Generator().manual_seed(2), dtype=torch.double)
    theirs = posterior._model.posterior(at)
    mean, variance = posterior.marginal(at)
    torch.testing.assert_close(mean, theirs.mean.squeeze(-1).detach())
    torch.testing.assert_close(variance, theirs.variance.squeeze(-1).detach(), atol=1e-8, rtol=1e-5)


def test_covariance_agrees_with_botorch() -> None:
    x, y = _observations()
    fitted = fit_posterior(x, y, numeric=[0], start=None, seed=0)
    assert fitted is not None
    at = torch.rand(6, 3, generator=torch.Generator().manual_seed(2), dtype=torch.double)
    theirs = fitted[0]._model.posterior(at).distribution.covariance_matrix.detach()
    torch.testing.assert_close(fitted[0].covariance(at[:4], at[4:]), theirs[:4, 4:], atol=1e-8, rtol=1e-5)


@pytest.mark.parametrize("numeric", [[], [0, 2]])
def test_log_posterior_and_its_gradient_are_those_of_gpytorch(numeric: list[int]) -> None:
    x, y = _observations()
    start = Hyperparameters((0.4, 1.1, 2.0), 1.3, 1e-3, tuple((1.2, 0.8) for _ in numeric))
    model = model_module._build(x, y, numeric=numeric)
    model_module._initialise(model, start)
    mll = ExactMarginalLogLikelihood(model.likelihood, model)
    mll.train()
    parameters = list(mll.parameters())
    theirs = len(y) * mll(model(*model.train_inputs), model.train_targets)
    ours = log_posterior(model, x, y)
    torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(torch.autograd.grad(ours, parameters), torch.autograd.grad(theirs, parameters))


def test_warm_fit_stays_at_the_optimum_it_starts_from() -> None:
    x, y = _observations()
    cold = fit_posterior(x, y, numeric=[0, 1, 2], start=None, seed=0)
    assert cold is not None
    warm = fit_posterior(x, y, numeric=[0, 1, 2], start=cold[1], seed=0)
    assert warm is not None and warm[1] is not None and cold[1] is not None
    assert warm[1].lengthscales[:2] == pytest.approx(cold[1].lengthscales[:2], rel=0.1)


def test_fit_without_numeric_features_has_no_warps() -> None:
    x, y = _observations()
    fitted = fit_posterior(x, y, numeric=[], start=None, seed=0)
    assert fitted is not None and fitted[1] is not None
    assert fitted[1].warps == ()


def test_hyperparameters_survive_json_bit_by_bit() -> None:
    found = Hyperparameters((0.1, 1 / 3), outputscale=2 / 3, noise=1e-6 / 7, warps=((1.1, 0.9),))
    assert Hyperparameters.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_lengthscale_prior_has_its_mode_at_one() -> None:
    lengthscales = torch.linspace(0.1, 3, 291, dtype=torch.double)
    assert lengthscales[LengthscalePrior().log_prob(lengthscales).argmax()] == pytest.approx(1.0)


def test_failed_recipe_falls_back_to_the_default_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("line search")

    monkeypatch.setattr(model_module, "_maximise_posterior", fail)
    state = torch.random.get_rng_state()
    fitted = fit_posterior(*_observations(), numeric=[0, 1, 2], start=None, seed=0)
    assert fitted is not None and fitted[1] is None
    assert torch.equal(torch.random.get_rng_state(), state)


def test_values_that_are_not_finite_fit_nothing() -> None:
    x, y = _observations()
    assert fit_posterior(x, y * torch.nan, numeric=[0, 1, 2], start=None, seed=0) is None


def test_repeated_points_can_be_factorised() -> None:
    x, y = _observations()
    assert fit_posterior(x.repeat(3, 1), y.repeat(3), numeric=[0, 1, 2], start=None, seed=0) is not None


def test_number_of_threads_is_restored() -> None:
    before = torch.get_num_threads()
    with single_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before


def test_quiet_start_is_followed_where_measurements_are_exact() -> None:
    x = torch.rand(25, 1, generator=torch.Generator().manual_seed(0), dtype=torch.double)
    y = -((x[:, 0] - 0.4) ** 2)
    fitted = fit_posterior(x, (y - y.mean()) / y.std(correction=0), numeric=[0], start=None, seed=0)
    assert fitted is not None and fitted[1] is not None
    assert fitted[1].noise < 2e-6  # from the noisy start alone 3e-5, 43 nats below


def test_quiet_start_is_given_up_after_its_first_steps_where_it_does_not_lead(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[float] = []
    fit = model_module._maximise_posterior

    def counted(model: object, x: Tensor, y: Tensor, options: Mapping[str, float]) -> float:
        tried.append(options["maxiter"])
        return fit(model, x, y, options)

    monkeypatch.setattr(model_module, "_maximise_posterior", counted)
    x = torch.rand(20, 3, generator=torch.Generator().manual_seed(1), dtype=torch.double)
    y = torch.randn(20, generator=torch.Generator().manual_seed(2), dtype=torch.double)
    assert fit_posterior(x, y, numeric=[0, 1, 2], start=None, seed=0) is not None
    assert tried == [OPTIONS["maxiter"], FIRST_STEPS["maxiter"]]
