"""The Gaussian process: its model and fit on BoTorch, and the posterior of a fitted one.

Notation: n observations of p features, X `n x p` (features as made by encoding.py), y `n` standardised values,
all double precision. The model is chosen by measurement on hyperparameter surfaces (regret after 25 trials):
zero mean, ScaleKernel over Matern 5/2 with one lengthscale per feature, Kumaraswamy warping of the numeric
features, Gaussian noise; hyperparameters by maximum a posteriori. What mattered most were priors without
BoTorch's sqrt(p) shift of the lengthscales and with small noise.

Not for: turning trials into numbers (rows.py, encoding.py) or deciding what to try (acquisition.py, search.py).
"""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, cast

import torch
from botorch.exceptions.errors import BotorchError
from botorch.fit import fit_gpytorch_mll
from botorch.models import SingleTaskGP
from botorch.models.transforms.input import Warp
from botorch.models.transforms.utils import kumaraswamy_warp
from botorch.optim.fit import fit_gpytorch_mll_scipy
from gpytorch.constraints import GreaterThan
from gpytorch.kernels import MaternKernel, ScaleKernel
from gpytorch.kernels.kernel import sq_dist
from gpytorch.likelihoods import GaussianLikelihood
from gpytorch.means import ZeroMean
from gpytorch.mlls import ExactMarginalLogLikelihood
from gpytorch.priors import GammaPrior, LogNormalPrior
from gpytorch.priors.prior import Prior
from linear_operator.utils.errors import NanError, NotPSDError
from torch import Tensor

from agenttune.types import Json

logger = logging.getLogger(__name__)

MIN_LENGTHSCALE = 0.025
"""In a unit interval: finer structure than a fortieth of a range cannot be told from noise in tens of trials."""
MIN_NOISE = 1e-6
"""Variance of standardised values; keeps the Cholesky factor well-conditioned on noise-free data."""
START_NOISE, QUIET_NOISE = 1e-2, 1e-5
"""Where the two starts of a fit put the noise. The likelihood has two modes: structure, or noise. From the first
start alone exact measurements of a parabola were taken for noise, 10 nats below the other mode, and the search
stood still there; from the second alone noisy ones would be taken for structure."""
QUIET_NATS = 3.0
"""Log posterior by which the quiet mode must lead to be preferred; where both explain the data about as well, the
noisy one tells the search less of what it cannot know yet."""
IS_QUIET = 3e-4
"""Noise below which a warm fit is in the quiet mode already and has no second start: noise that shows itself later
pulls it out by its gradient, while nothing pulls the other way."""
OPTIONS = {"maxiter": 200, "ftol": 1e-6}
"""L-BFGS-B on the log posterior per observation; a tolerance of 1e-4 leaves up to 0.2 nats behind."""
FIRST_STEPS = {**OPTIONS, "maxiter": 10}
"""After which the quiet start must be ahead to be followed. Of 265 fits it won one, in which it was ahead by then; the
others took it half again as many evaluations as the noisy start, most of them to the same end."""
JITTERS = (0.0, 1e-8, 1e-6, 1e-4)
"""Added to the diagonal, in turn, until the Cholesky factor exists."""
FIT_ERRORS = (RuntimeError, ValueError, ArithmeticError, BotorchError, NotPSDError, NanError)
"""What torch, gpytorch and BoTorch raise when numbers go wrong in a fit."""


class LengthscalePrior(Prior):  # type: ignore[misc]  # gpytorch is not annotated
    """Log density -(0.1 l^2 + 0.1 / l^2), not normalised: about 1, and neither very short nor very long.

    The one of Optuna's GP, which states it for the inverse squared lengthscale.
    """

    arg_constraints: dict[str, object] = {}  # noqa: RUF012  (torch.distributions expects it on the class)

    def __init__(self) -> None:
        torch.nn.Module.__init__(self)
        torch.distributions.Distribution.__init__(self, validate_args=False)
        self._transform = None

    def log_prob(self, x: Tensor) -> Tensor:
        """Log density of lengthscales of any shape, one value each."""
        squared = x.square()
        return -0.1 * (squared + 1 / squared)

    def rsample(self, sample_shape: torch.Size | None = None) -> Tensor:
        """A lengthscale of 1: BoTorch draws anew after a failed fit, and the mode is as good a new start."""
        return torch.ones(sample_shape or torch.Size(), dtype=torch.double)


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """What a fit has learned; a few hundred bytes as JSON."""

    lengthscales: tuple[float, ...]
    """One per feature."""
    outputscale: float
    """Variance of the latent function."""
    noise: float
    """Variance of a measurement about it."""
    warps: tuple[tuple[float, float], ...]
    """Kumaraswamy concentrations (a, b) per numeric feature."""

    def to_json(self) -> dict[str, Json]:
        """Plain JSON; numbers survive it bit by bit."""
        return {
            "lengthscales": list(self.lengthscales),
            "outputscale": self.outputscale,
            "noise": self.noise,
            "warps": [list(pair) for pair in self.warps],
        }

    @classmethod
    def from_json(cls, content: dict[str, Json]) -> Hyperparameters:
        """Inverse of `to_json`."""
        stored = cast("dict[str, list[float] | list[list[float]] | float]", content)
        return cls(
            lengthscales=tuple(cast("list[float]", stored["lengthscales"])),
            outputscale=cast(float, stored["outputscale"]),
            noise=cast(float, stored["noise"]),
            warps=tuple((pair[0], pair[1]) for pair in cast("list[list[float]]", stored["warps"])),
        )


class Predictive(Protocol):
    """A posterior of the latent function, of whatever model."""

    noise: float
    """Variance of a measurement about the latent function."""

    def marginal(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean `m` and variance `m` at `m x p` features."""
        ...

    def covariance(self, x: Tensor, other: Tensor) -> Tensor:
        """Covariance `m x k` between `m x p` and `k x p` features."""
        ...


class Posterior:
    """The posterior of the latent function, given hyperparameters and observations; immutable."""

    def __init__(self, model: SingleTaskGP, x: Tensor, y: Tensor) -> None:
        """Factorises the covariance of the observations.

        Args:
            model: a fitted model, in evaluation mode.
            x: `n x p` features.
            y: `n` standardised values.

        Raises:
            NotPSDError: no jitter makes the covariance positive definite.
        """
        self._model: Any = model  # torch calls every attribute of a module a tensor or a module
        self.noise = float(self._model.likelihood.noise.detach())
        self._x = self._warped(x)
        covariance = self._kernel(self._x, self._x)
        self._factor = _cholesky(covariance + self.noise * torch.eye(len(x), dtype=x.dtype))
        residual = (y - self._mean_of(self._x)).unsqueeze(-1)
        self._weights = torch.cholesky_solve(residual, self._factor).squeeze(-1)

    @torch.no_grad()
    def marginal(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean `m` and variance `m` of the latent function at `m x p` features."""
        warped = self._warped(x)
        cross = self._kernel(warped, self._x)
        mean = self._mean_of(warped) + cross @ self._weights
        solved = torch.linalg.solve_triangular(self._factor, cross.T, upper=False)
        prior = self._kernel(warped[:1], warped[:1]).squeeze()  # stationary: the same variance everywhere
        return mean, (prior - solved.square().sum(0)).clamp_min(1e-12)

    @torch.no_grad()
    def covariance(self, x: Tensor, other: Tensor) -> Tensor:
        """Posterior covariance `m x k` between `m x p` and `k x p` features."""
        left, right = self._warped(x), self._warped(other)
        solved = [
            torch.linalg.solve_triangular(self._factor, self._kernel(self._x, side), upper=False)
            for side in (left, right)
        ]
        return self._kernel(left, right).sub(solved[0].T @ solved[1])

    def _warped(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            warped: Tensor = self._model.transform_inputs(x)
            return warped

    def _kernel(self, left: Tensor, right: Tensor) -> Tensor:
        with torch.no_grad():
            covariance: Tensor = self._model.covar_module(left, right).to_dense()
            return covariance

    def _mean_of(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            mean: Tensor = self._model.mean_module(x)
            return mean


@contextmanager
def single_thread() -> Iterator[None]:
    """Runs torch on one thread: threads cost more than they bring at this size, and would change last bits."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@single_thread()
def fit_posterior(
    x: Tensor, y: Tensor, *, numeric: list[int], start: Hyperparameters | None, seed: int
) -> tuple[Posterior, Hyperparameters | None] | None:
    """Fits the model: from `start`, if that fails from the priors' modes, then BoTorch's own model.

    Each time from two noise levels, of which the better end counts; the second is given up where it starts badly.

    Args:
        x: `n x p` features.
        y: `n` standardised values.
        numeric: columns of `x` to warp.
        start: hyperparameters of an earlier fit to the same features; None fits cold.
        seed: decides the restarts of BoTorch's own fit, should it come to that.

    Returns:
        The posterior with its hyperparameters, which are None for BoTorch's own model; None if no fit worked.
    """
    for begin in (start, None) if start is not None else (None,):
        reached = _fit_from(x, y, numeric=numeric, start=begin)
        if reached is not None:
            return reached.posterior, reached.hyperparameters
    try:
        return Posterior(_fit_default(x, y, seed), x, y), None
    except FIT_ERRORS as reason:
        logger.warning("no Gaussian process could be fitted: %s", reason)
        return None


@dataclass(frozen=True, slots=True)
class _End:
    """Where one start led."""

    posterior: Posterior
    hyperparameters: Hyperparameters
    log_posterior: float
    """Up to a constant."""


def _fit_from(x: Tensor, y: Tensor, *, numeric: list[int], start: Hyperparameters | None) -> _End | None:
    """The better of the ends from both noise levels; None if no fit worked."""
    noise = START_NOISE if start is None else start.noise
    fit = partial(_fit, x, y, numeric=numeric, start=start)
    noisy = fit(noise=noise)
    if noise < IS_QUIET:
        return noisy
    if noisy is not None:
        begun = fit(noise=QUIET_NOISE, options=FIRST_STEPS)
        if begun is None or begun.log_posterior <= noisy.log_posterior:
            return noisy
    quiet = fit(noise=QUIET_NOISE)
    if noisy is None or (quiet is not None and quiet.log_posterior > noisy.log_posterior + QUIET_NATS):
        return quiet
    return noisy


def _fit(
    x: Tensor,
    y: Tensor,
    *,
    numeric: list[int],
    start: Hyperparameters | None,
    noise: float,
    options: Mapping[str, float] = OPTIONS,
) -> _End | None:
    """The maximum reached from one start; None if the numbers went wrong on the way."""
    try:
        model = _build(x, y, numeric=numeric)
        if start is not None:
            _initialise(model, start)
        model.likelihood.noise = max(noise, MIN_NOISE * 1.001)
        reached = _maximise_posterior(model, x, y, options)
        return _End(Posterior(model, x, y), _hyperparameters(model), reached * len(y))
    except FIT_ERRORS as reason:
        logger.info("a fit of the Gaussian process failed: %s", reason)
        return None


def _build(x: Tensor, y: Tensor, *, numeric: list[int]) -> Any:
    """The model, hyperparameters at the modes of their priors."""
    n_features = x.shape[-1]
    kernel = ScaleKernel(
        MaternKernel(
            nu=2.5,
            ard_num_dims=n_features,
            lengthscale_prior=LengthscalePrior(),
            lengthscale_constraint=_log_above(MIN_LENGTHSCALE, 1.0),
        ),
        outputscale_prior=GammaPrior(2.0, 1.0),
        outputscale_constraint=_log_above(0.0, 1.0),
    )
    likelihood = GaussianLikelihood(
        noise_prior=GammaPrior(1.1, 30.0), noise_constraint=_log_above(MIN_NOISE, START_NOISE)
    )
    return SingleTaskGP(
        x,
        y.unsqueeze(-1),
        likelihood=likelihood,
        covar_module=kernel,
        mean_module=ZeroMean(),
        outcome_transform=None,
        input_transform=_warp(n_features, numeric) if numeric else None,
    ).to(x)


def _log_above(least: float, start: float) -> GreaterThan:
    """A positive quantity optimised by its logarithm above `least`: a third of the evaluations of plain bounds."""
    start_value = torch.tensor(start, dtype=torch.double)
    return GreaterThan(least, transform=torch.exp, inv_transform=torch.log, initial_value=start_value)


def _warp(n_features: int, numeric: list[int]) -> Warp:
    """Kumaraswamy warping with concentrations about 1 (mode), where it is the identity."""
    return Warp(
        d=n_features,
        indices=numeric,
        concentration0_prior=LogNormalPrior(0.5625, 0.75),
        concentration1_prior=LogNormalPrior(0.5625, 0.75),
        bounds=torch.tensor([[0.0] * n_features, [1.0] * n_features], dtype=torch.double),  # else learned, worse
    )


def _initialise(model: Any, start: Hyperparameters) -> None:
    """Puts a model's hyperparameters where an earlier fit ended, a touch inside their bounds."""
    lengthscales = torch.tensor(start.lengthscales, dtype=torch.double).clamp_min(MIN_LENGTHSCALE * 1.001)
    model.covar_module.base_kernel.lengthscale = lengthscales
    model.covar_module.outputscale = max(start.outputscale, 1e-6)
    if start.warps:
        warps = torch.tensor(start.warps, dtype=torch.double)
        model.input_transform.initialize(concentration1=warps[:, 0], concentration0=warps[:, 1])


def _maximise_posterior(model: Any, x: Tensor, y: Tensor, options: Mapping[str, float]) -> float:
    """Moves the hyperparameters to a maximum and returns the log posterior there, per observation."""
    mll = ExactMarginalLogLikelihood(model.likelihood, model)
    mll.train()
    parameters = {name: value for name, value in mll.named_parameters() if value.requires_grad}

    def loss() -> tuple[Tensor, tuple[Tensor, ...]]:
        with torch.enable_grad():
            value = -log_posterior(model, x, y) / len(y)
            return value.detach(), torch.autograd.grad(value, list(parameters.values()))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of line searches that stall near an optimum
        result = fit_gpytorch_mll_scipy(mll, parameters=parameters, closure=loss, options=dict(options))
    mll.eval()
    return -float(result.fval)


def log_posterior(model: Any, x: Tensor, y: Tensor) -> Tensor:
    """Log posterior of the hyperparameters of a model made here, with a graph for its gradient.

    The number that gpytorch computes, at a quarter of its time: for tens of observations, its lazy tensors
    cost more than the arithmetic.

    Args:
        model: hyperparameters are read from it.
        x: `n x p` features.
        y: `n` standardised values.

    Raises:
        NotPSDError: no jitter makes the covariance positive definite.
    """
    kernel, transform = model.covar_module, getattr(model, "input_transform", None)
    if transform is not None:
        x = x.clone()
        x[:, transform.indices] = kumaraswamy_warp(
            x[:, transform.indices],
            transform.concentration0,
            transform.concentration1,
            transform._eps,
        )
    scaled = x / kernel.base_kernel.lengthscale
    scaled = scaled - scaled.mean(0)  # which the rounding of squared distances is better for
    root5 = math.sqrt(5.0) * sq_dist(scaled, scaled, x1_eq_x2=True).clamp_min(1e-30).sqrt()
    matern = (1.0 + root5 + root5.square() / 3.0) * torch.exp(-root5)
    factor = _cholesky(kernel.outputscale * matern + model.likelihood.noise * torch.eye(len(x), dtype=x.dtype))
    solved = torch.linalg.solve_triangular(factor, y.unsqueeze(-1), upper=False)
    total: Tensor = (
        -0.5 * solved.square().sum() - factor.diagonal().log().sum() - 0.5 * len(y) * math.log(2.0 * math.pi)
    )
    for _, module, prior, value_of, _ in model.named_priors():
        total = total + prior.log_prob(value_of(module)).sum()
    return total


def _hyperparameters(model: Any) -> Hyperparameters:
    """Reads the fitted values off a model.

    Raises:
        ValueError: one is not finite.
    """
    kernel = model.covar_module
    transform = getattr(model, "input_transform", None)
    pairs: list[list[float]] = []
    if transform is not None:
        pairs = torch.stack([transform.concentration1, transform.concentration0], -1).tolist()
    found = Hyperparameters(
        lengthscales=tuple(kernel.base_kernel.lengthscale.detach().reshape(-1).tolist()),
        outputscale=float(kernel.outputscale.detach()),
        noise=float(model.likelihood.noise.detach()),
        warps=tuple((pair[0], pair[1]) for pair in pairs),
    )
    numbers = [*found.lengthscales, found.outputscale, found.noise, *(c for pair in found.warps for c in pair)]
    if not torch.tensor(numbers, dtype=torch.double).isfinite().all():
        raise ValueError(f"the fit ended at {found}")
    return found


def _fit_default(x: Tensor, y: Tensor, seed: int) -> SingleTaskGP:
    """BoTorch's own model and fit, which restarts at random; global random state is left as it was."""
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        torch.manual_seed(seed)
        warnings.simplefilter("ignore")
        model = SingleTaskGP(x, y.unsqueeze(-1), outcome_transform=None)
        fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
    return model


def _cholesky(matrix: Tensor) -> Tensor:
    scale = matrix.diagonal().mean()
    for jitter in JITTERS:
        factor, failed = torch.linalg.cholesky_ex(matrix + jitter * scale * torch.eye(len(matrix), dtype=matrix.dtype))
        if int(failed) == 0:
            return cast(Tensor, factor)
    raise NotPSDError(f"the covariance of {len(matrix)} observations is not positive definite")
