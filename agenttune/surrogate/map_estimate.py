"""Fits the Gaussian process: hyperparameters by maximum a posteriori.

Notation: as in model.py.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from scipy.optimize import minimize

from agenttune.surrogate.encoding import Floats
from agenttune.surrogate.model import LOG_BOUND, MIN_CONCENTRATION, Hyperparameters, Observations, log_posterior
from agenttune.surrogate.posterior import Posterior
from agenttune.surrogate.threads import single_thread

logger = logging.getLogger(__name__)

QUIET_NOISE = 1e-5
"""Where the second start of a fit puts the noise. The likelihood has two modes: structure, or noise. From `START_NOISE`
alone exact measurements of a parabola were taken for noise, 10 nats below the other mode, and the search stood still
there; from the quiet start alone noisy ones would be taken for structure."""
QUIET_NATS = 3.0
"""Log posterior by which the quiet mode must lead to be preferred; where both explain the data about as well, the
noisy one tells the search less of what it cannot know yet."""
IS_QUIET = 3e-4
"""Noise below which a warm fit is in the quiet mode already and has no second start: noise that shows itself later
pulls it out by its gradient, while nothing pulls the other way."""
MOST_STEPS = 200
"""Of L-BFGS-B."""
TOLERANCE = 1e-6
"""Relative, of the log posterior per observation: 1e-4 leaves up to 0.2 nats behind."""
FIRST_STEPS = 10
"""After which the quiet start must be ahead to be followed. Of 265 fits it won one, in which it was ahead by then; the
others took it half again as many evaluations as the noisy start, most of them to the same end."""
FIT_ERRORS = (ValueError, ArithmeticError, np.linalg.LinAlgError)
"""What numpy and scipy raise when numbers go wrong in a fit."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a fit found."""

    posterior: Posterior
    hyperparameters: Hyperparameters
    log_posterior: float
    """Of the hyperparameters, up to a constant."""


@single_thread()
def fit_posterior(data: Observations, *, start: Hyperparameters | None) -> Fitted | None:
    """Fits the model from `start`, and if that fails from the modes of the priors.

    Each time from two noise levels, of which the better end counts; the second is given up where it starts badly.

    Args:
        data: what was observed.
        start: hyperparameters of an earlier fit to the same features; None fits cold.

    Returns:
        None if no fit worked.
    """
    cold = Hyperparameters.at_prior(data.x.shape[-1], len(data.numeric))
    for begin in (start, cold) if start is not None else (cold,):
        reached = _fit_from(begin, data)
        if reached is not None:
            return reached
    logger.warning("no Gaussian process could be fitted to %d measurements", len(data.y))
    return None


def _fit_from(start: Hyperparameters, data: Observations) -> Fitted | None:
    """The better of the ends from both noise levels; None if no fit worked."""
    noisy = _fit(start, data)
    if start.noise < IS_QUIET:
        return noisy
    start = replace(start, noise=QUIET_NOISE)
    if noisy is not None:
        begun = _fit(start, data, most_steps=FIRST_STEPS)
        if begun is None or begun.log_posterior <= noisy.log_posterior:
            return noisy
    quiet = _fit(start, data)
    if noisy is None or (quiet is not None and quiet.log_posterior > noisy.log_posterior + QUIET_NATS):
        return quiet
    return noisy


def _fit(start: Hyperparameters, data: Observations, *, most_steps: int = MOST_STEPS) -> Fitted | None:
    """The maximum reached from one start; None if the numbers went wrong on the way."""
    try:
        found, reached = _maximise_posterior(start, data, most_steps)
        return Fitted(Posterior(found, data), found, reached)
    except FIT_ERRORS as reason:
        logger.info("a fit of the Gaussian process failed: %s", reason)
        return None


def _maximise_posterior(start: Hyperparameters, data: Observations, most_steps: int) -> tuple[Hyperparameters, float]:
    """The hyperparameters at a maximum, and the log posterior there.

    Raises:
        ValueError: a number is not finite.
        LinAlgError: a covariance is not positive definite.
    """

    def loss(raw: Floats) -> tuple[float, Floats]:
        value, gradient = log_posterior(raw, data)
        return -value / len(data.y), -gradient / len(data.y)

    raw = start.raw()
    # on one side only: where all are bounded on both, L-BFGS-B's first step is as long as the gradient, and goes astray
    n_logs = data.x.shape[-1] + 2
    with np.errstate(all="ignore"):  # of steps that go too far; the end is looked at below
        result = minimize(
            loss,
            raw,
            jac=True,
            method="L-BFGS-B",
            bounds=[(None, LOG_BOUND)] * n_logs + [(MIN_CONCENTRATION, None)] * (len(raw) - n_logs),
            options={"maxiter": most_steps, "ftol": TOLERANCE},
        )
    if not np.isfinite(result.fun):
        raise ValueError(f"the fit ended at a log posterior of {-result.fun}")
    return Hyperparameters.from_raw(cast(Floats, result.x), data.x.shape[-1]), -float(result.fun) * len(data.y)
