"""How far an arm is believed: by how many nats its points promise more than the surrogate says.

Before a point runs, the surrogate gives it a probability p of improving on the best so far. Whoever knows more than
the surrogate improves more often: the log-odds of an improvement are taken as logit p + theta, with one theta per arm,
in nats, and a normal prior. What its runs did makes a posterior of theta; evidence fades with every trial that ends,
so that trust which was lost can be won back and an arm that changes is noticed. A run that was unlikely to improve
and did not says little; one that was likely to and did not, or unlikely to and did, says much.

The posterior is made of the trials at each ask, so nothing is remembered.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import log_expit, logit
from scipy.stats import norm

from agenttune.history import StudyView
from agenttune.insight.answers.why import gate_numbers
from agenttune.trial import MODEL, Trial, TrialState

PRIORS = {MODEL: (1.0, 2.0)}
"""Mean and standard deviation of theta before anything is known: a model is given the benefit of the doubt."""
PRIOR = (0.0, 1.0)
"""Of every other arm."""
FADE = 0.95
"""What is left of a run's evidence with every trial that ends after it."""
MOST = 8.0
"""Nats that can be earned at most."""
GRID = np.linspace(-10.0, 10.0, 201)
LEAST_ODDS = 1e-3
"""Probability of an improvement below which the surrogate's word is not taken for more certain."""


@dataclass(frozen=True, slots=True)
class Trust:
    """A posterior of theta."""

    mean: float
    sd: float
    n_runs: int
    """Runs of the arm that it was learnt from."""
    n_improved: int

    @property
    def slack(self) -> float:
        """Nats that the arm's point may promise less than the surrogate's own and still run, 0 to `MOST`."""
        return min(max(self.mean, 0.0), MOST)


def trust_of(view: StudyView, arm: str) -> Trust:
    """What the record says of an arm."""
    log_posterior = np.zeros_like(GRID)
    best: float | None = None
    n_runs = n_improved = 0
    for number, trial in enumerate(view.finished, start=1):
        log_posterior *= FADE
        value = _value(view, trial)
        improved = value is not None and (best is None or value > best)
        if trial.arm == arm and trial.replicate_of is None:
            n_runs, n_improved = n_runs + 1, n_improved + improved
            odds = logit(np.clip(_chance(view, trial, best, number), LEAST_ODDS, 1 - LEAST_ODDS))
            log_posterior += log_expit(GRID + odds if improved else -GRID - odds)
        if improved:
            best = value
    weights = np.exp(log_posterior - log_posterior.max()) * norm.pdf(GRID, *PRIORS.get(arm, PRIOR))
    weights /= weights.sum()
    mean = float(weights @ GRID)
    return Trust(mean, float(np.sqrt(weights @ (GRID - mean) ** 2)), n_runs, n_improved)


def _chance(view: StudyView, trial: Trial, best: float | None, number: int) -> float:
    """Probability of improving on `best` as the surrogate saw it before the run.

    Where it was not asked: that of the `number`th of equals, which is the best of them as likely as any other.
    """
    told = gate_numbers(trial)
    mean, sd = told.get("surrogate_mean"), told.get("surrogate_sd")
    if trial.arm != MODEL:  # what a model predicts is its own
        mean, sd = trial.proposal.predicted_mean, trial.proposal.predicted_sd
    if best is None or mean is None or not sd:
        return 1 / number
    return float(norm.sf(best, view.goal.sign * mean, sd))


def _value(view: StudyView, trial: Trial) -> float | None:
    """Larger is better; None where the trial gave nothing that counts."""
    if trial.state is not TrialState.COMPLETE or trial.replicate_of is not None or not view.is_feasible(trial):
        return None
    value = trial.value(view.goal.metric)
    return None if value is None else view.goal.sign * value
