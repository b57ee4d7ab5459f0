"""Where a model's candidates lie, as a prior over the optimum, weighted by what the trials say of it.

As in piBO (Hvarfner et al. 2022, "piBO: Augmenting acquisition functions with user beliefs"): the log of the prior is
added to the acquisition function, times a weight that falls with the number of trials. The prior is a product over
parameters, of each the mean of a kernel of peak 1 about the values in the model's latest candidates: of a model that is
right in half of the parameters and random in the others the half counts most. How much it weighs is earned: by how
surely the trials so far are better where the prior is higher, whoever proposed them. By chance alone that is a quarter
of the full weight in the mean, and a few kernels have bumps: a random model moves the search a little, too. Repeats of
a configuration are no evidence.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, spearmanr

from agenttune.history import StudyView
from agenttune.space import Bool, Categorical, Space

Floats = NDArray[np.float64]

LATEST = 12
"""Candidates that make the prior."""
NARROW, WIDE = 0.05, 0.3
"""Least and largest standard deviation of a kernel in the unit cube; between them by Scott's rule, so that a parameter
in which candidates agree counts more than one in which they do not."""
LEAST_FACTOR = 0.05
"""Least of each factor of the prior, whose peak is 1."""
BETA = 30.0
"""Weight of the log prior times trials since the start; piBO's beta is a tenth of the budget."""
FREE_TRIALS = 3
"""Trials after which the weight begins to fall."""
HALF_WEIGHT_AT = 4.0
"""Different candidates beyond the first at which half the weight is lost to their being few."""
MIN_TRIALS = 5
"""Complete trials below which a correlation means nothing."""


@dataclass(frozen=True, slots=True)
class OptimumPrior:
    """A prior over the optimum with its weight."""

    space: Space
    points: Floats
    """`k x d` of the unit cube."""
    weight: float
    """What its log is multiplied by."""
    evidence: float
    """0 to 1: how surely trials are better where the prior is higher."""

    def log_prior(self, points: Floats) -> Floats:
        """`m` weighted logs of the prior at `m x d` points."""
        return self.weight * _log_prior(self.space, self.points, points)


def prior_of(view: StudyView) -> OptimumPrior | None:
    """The prior of the model's latest candidates; None where they say nothing, or nothing is believed."""
    space = view.space
    placed = (view.placed(entry.config, entry.space_version) for entry in view.candidates[-LATEST:])
    configs = [config for config in placed if config is not None]
    complete = [trial for trial in view.complete if trial.replicate_of is None and view.is_feasible(trial)]
    known = [(config, trial) for trial in complete if (config := view.adapted(trial)) is not None]
    if not configs or len(known) < MIN_TRIALS or not space.columns:
        return None
    points = space.snap(space.to_unit(configs))
    log_priors = _log_prior(space, points, space.snap(space.to_unit([config for config, _ in known])))
    evidence = _evidence(log_priors, np.array([view.goal.sign * view.value(trial) for _, trial in known]))
    n_more = len(np.unique(np.round(points, 6), axis=0)) - 1
    n_finished = sum(trial.replicate_of is None for trial in view.finished)
    weight = evidence * n_more / (n_more + HALF_WEIGHT_AT) * BETA / max(n_finished - FREE_TRIALS, 1)
    return OptimumPrior(space, points, weight, evidence) if weight > 0 else None


def _evidence(log_priors: Floats, values: Floats) -> float:
    """How far from even the odds are that values rise with the prior: 0 where they are even or worse, at most 1."""
    if np.ptp(log_priors) == 0 or np.ptp(values) == 0:
        return 0.0
    correlation = float(np.clip(spearmanr(log_priors, values).statistic, -0.99, 0.99))
    z = math.atanh(correlation) * math.sqrt(len(values) - 3)
    return max(0.0, float(2 * norm.cdf(z) - 1))


def _log_prior(space: Space, centres: Floats, points: Floats) -> Floats:
    """`m` logs of the prior of `k x d` centres at `m x d` points, before its weight.

    Which branch is likely says its parent. So a parameter that a point lacks counts as it does in the mean of the
    centres that have it, and nothing where none has.
    """
    have = space.activity(centres)
    there = _log_factors(space, centres, have, centres)
    typical = np.where(have, there, 0.0).sum(0) / np.maximum(have.sum(0), 1)
    tells = space.activity(points) & have.any(0)
    found: Floats = np.where(tells, _log_factors(space, centres, have, points), typical).sum(1)
    return found


def _log_factors(space: Space, centres: Floats, have: NDArray[np.bool_], points: Floats) -> Floats:
    """`m x d` logs of each parameter's factor, by the centres that have it; of any worth where a point has it, too."""
    listed = np.array([isinstance(space.parameters[name], Categorical | Bool) for name in space.columns])
    counted = have | ~have.any(0)
    apart = points[:, None, :] - centres[None, :, :]
    widths = np.clip(centres.std(0, where=counted) * counted.sum(0) ** -0.2, NARROW, WIDE)
    kernel = np.where(listed, np.abs(apart) < 1e-6, np.exp(-0.5 * (apart / widths) ** 2))
    found: Floats = np.log(LEAST_FACTOR + (1 - LEAST_FACTOR) * kernel.mean(1, where=counted))
    return found
