"""The same Gaussian process on BoTorch, to hold ours against."""

from __future__ import annotations

from typing import Any

import torch
from botorch.models import SingleTaskGP
from botorch.models.transforms.input import Warp
from gpytorch.constraints import GreaterThan
from gpytorch.kernels import MaternKernel, ScaleKernel
from gpytorch.likelihoods import GaussianLikelihood
from gpytorch.means import ZeroMean
from gpytorch.mlls import ExactMarginalLogLikelihood
from gpytorch.priors import GammaPrior, LogNormalPrior
from gpytorch.priors.prior import Prior
from torch import Tensor

from agenttune.surrogate.model import MIN_LENGTHSCALE, MIN_NOISE, Hyperparameters, Observations


class LengthscalePrior(Prior):  # type: ignore[misc]  # gpytorch is not annotated
    """Optuna's, stated for the lengthscale."""

    arg_constraints: dict[str, object] = {}  # noqa: RUF012  (torch.distributions expects it on the class)

    def __init__(self) -> None:
        torch.nn.Module.__init__(self)
        torch.distributions.Distribution.__init__(self, validate_args=False)
        self._transform = None

    def log_prob(self, x: Tensor) -> Tensor:
        return -0.1 * (x.square() + 1 / x.square())


def gpytorch_model(data: Observations, at: Hyperparameters) -> Any:
    """Our model with these hyperparameters, in evaluation mode."""
    n_features = data.x.shape[-1]
    kernel = MaternKernel(
        nu=2.5,
        ard_num_dims=n_features,
        lengthscale_prior=LengthscalePrior(),
        lengthscale_constraint=_log_above(MIN_LENGTHSCALE),
    )
    model: Any = SingleTaskGP(
        torch.from_numpy(data.x),
        torch.from_numpy(data.y).unsqueeze(-1),
        likelihood=GaussianLikelihood(noise_prior=GammaPrior(1.1, 30.0), noise_constraint=_log_above(MIN_NOISE)),
        covar_module=ScaleKernel(
            kernel, outputscale_prior=GammaPrior(2.0, 1.0), outputscale_constraint=_log_above(0.0)
        ),
        mean_module=ZeroMean(),
        outcome_transform=None,
        input_transform=_warp(n_features, data.numeric) if data.numeric else None,
    ).double()
    model.covar_module.base_kernel.lengthscale = torch.tensor(at.lengthscales, dtype=torch.double)
    model.covar_module.outputscale = at.outputscale
    model.likelihood.noise = at.noise
    if data.numeric:
        warps = torch.tensor(at.warps, dtype=torch.double)
        model.input_transform.initialize(concentration1=warps[:, 0], concentration0=warps[:, 1])
    return model.eval()


def gpytorch_log_posterior(data: Observations, at: Hyperparameters) -> float:
    """Of the hyperparameters, constants and all."""
    model = gpytorch_model(data, at)
    mll = ExactMarginalLogLikelihood(model.likelihood, model)
    mll.train()
    return len(data.y) * float(mll(model(*model.train_inputs), model.train_targets).detach())


def _warp(n_features: int, numeric: list[int]) -> Warp:
    return Warp(
        d=n_features,
        indices=numeric,
        concentration0_prior=LogNormalPrior(0.5625, 0.75),
        concentration1_prior=LogNormalPrior(0.5625, 0.75),
        bounds=torch.tensor([[0.0] * n_features, [1.0] * n_features], dtype=torch.double),
    )


def _log_above(least: float) -> GreaterThan:
    return GreaterThan(least, transform=torch.exp, inv_transform=torch.log)
