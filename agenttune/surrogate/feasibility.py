"""Probability that a trial neither fails nor breaks a constraint of the goal.

Least-squares classification (Rasmussen and Williams 2006, section 6.5): the GP of the metric on labels -1 and +1,
squashed by the normal distribution; a few hundredths of a second, where a Laplace fit takes many times that. Fitted
labels leave no noise and so no doubt, on three failures as on thirty: the squashing adds some (`DOUBT`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr

from agenttune.surrogate.encoding import Encoding, Floats
from agenttune.surrogate.map_estimate import fit_posterior
from agenttune.surrogate.model import Hyperparameters, Observations
from agenttune.surrogate.posterior import Predictive
from agenttune.surrogate.rows import Rows
from agenttune.surrogate.scale import standard

DOUBT = 0.3
"""Variance that a label of -1 or +1 has beyond the fit. On rules that were drawn for 6 to 25 trials any from .2 to .5
more than halves the log loss, and fewer of the vetoed would have succeeded (docs/decisions, 0018)."""


@dataclass(frozen=True, slots=True)
class Feasibility:
    """A fitted classifier."""

    posterior: Predictive
    threshold: float
    """Standardised label between the classes."""
    scale: float
    """Labels in a standard deviation."""
    hyperparameters: Hyperparameters

    def log_probability(self, x: Floats) -> Floats:
        """`m` log probabilities at `m x p` features."""
        mean, variance = self.posterior.marginal(x)
        z = (mean - self.threshold) / np.sqrt(variance + self.posterior.noise + DOUBT / self.scale**2)
        return log_ndtr(z)


def fit_feasibility(data: Rows, encoding: Encoding, *, start: Hyperparameters | None) -> Feasibility | None:
    """None while nothing failed, nothing succeeded, or no fit worked.

    Args:
        data: the trials.
        encoding: of their space.
        start: hyperparameters of an earlier fit; None fits cold.
    """
    if not len(data.failed) or not len(data.succeeded):
        return None
    labels = np.concatenate([np.full(len(data.failed), -1.0), np.ones(len(data.succeeded))])
    centre, scale = standard(labels)
    x = encoding.features(np.vstack([data.failed, data.succeeded]))
    fitted = fit_posterior(Observations(x, (labels - centre) / scale, encoding.numeric), start=start)
    return None if fitted is None else Feasibility(fitted.posterior, -centre / scale, scale, fitted.hyperparameters)
