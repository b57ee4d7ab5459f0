"""How far an arm is believed: by how many nats its points promise more than the surrogate says.

Before a point runs, the surrogate gives it a probability p of improving on the best so far, which is that of the
finished trials with a lower number. Whoever knows more than the surrogate improves more often: the log-odds of an
improvement are taken as logit p + theta, with one theta per arm, in nats, and a normal prior. What its runs did makes a
posterior of theta; evidence fades with every finished trial of a higher number, so that trust which was lost can be won
back and an arm that changes is noticed. A run that was unlikely to improve and did not says little; one that was likely
to and did not, or unlikely to and did, says much.

Arms are judged per unit of cost: where the study has a budget of time, the log of what a trial takes is in the score,
so the gap that an arm's offer must cover holds the difference in log cost already, and theta needs no term for it.

The posterior is made of the trials at each ask, so nothing is remembered.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import log_expit
from scipy.stats import norm

from agenttune.history import StudyView
from agenttune.insight.answers.why import gate_numbers, gate_of
from agenttune.proposers.auto import choose
from agenttune.trial import MODEL, Trial, TrialState
from agenttune.types import Json, is_number

PRIORS = {MODEL: (1.0, 2.0)}
"""Mean and standard deviation of theta before anything is known: a model is given the benefit of the doubt."""
PRIOR = (0.0, 1.0)
"""Of every other arm."""
FADE = 0.95
"""What is left of a run's evidence with every finished trial of a higher number."""
MAX_SLACK = 8.0
"""Nats that can be earned at most."""
GRID = np.linspace(-10.0, 10.0, 201)
LEAST_PROBABILITY = 1e-3
"""Probability of an improvement, or of none, below which the surrogate's word is not taken for more certain."""


@dataclass(frozen=True, slots=True)
class ArmPosterior:
    """What is believed of an arm's theta."""

    mean: float
    sd: float

    def slack(self, own: ArmPosterior) -> float:
        """Nats that the arm's point may lie below the best that the surrogate found and still run, 0 to `MAX_SLACK`.

        Args:
            own: trust in the surrogate's side: what it promised and did not keep counts for the arm.
        """
        return min(max(self.mean - own.mean, 0.0), MAX_SLACK)


@dataclass(frozen=True, slots=True)
class Run:
    """What is learnt from one finished trial of an arm."""

    log_odds: float
    """Log-odds of an improvement, as the surrogate saw it before."""
    is_improvement: bool
    age: int
    """Finished trials with a higher number."""


def runs_of(view: StudyView) -> dict[str, list[Run]]:
    """The finished trials of every arm; repeats and what was lost by no fault of the configuration are left out."""
    found: dict[str, list[Run]] = {}
    best: float | None = None
    n_finished = len(view.finished)
    for number, trial in enumerate(view.finished, start=1):
        value = _value(view, trial)
        improved = value is not None and (best is None or value > best)
        is_lost = trial.state is TrialState.FAILED and not view.is_broken(trial)
        if trial.replicate_of is None and not is_lost:
            p = _probability_of_improvement(view, trial, best, number)
            p = min(max(p, LEAST_PROBABILITY), 1 - LEAST_PROBABILITY)
            found.setdefault(trial.arm, []).append(Run(math.log(p / (1 - p)), improved, n_finished - number))
        if improved:
            best = value
    return found


def trust_of(view: StudyView, arm: str) -> ArmPosterior:
    """What the record says of an arm."""
    return learnt(arm, runs_of(view).get(arm, []))


def learnt(arm: str, runs: Sequence[Run]) -> ArmPosterior:
    """The posterior of an arm's theta after its runs."""
    log_posterior = norm.logpdf(GRID, *PRIORS.get(arm, PRIOR))
    for run in runs:
        log_likelihood = log_expit(GRID + run.log_odds if run.is_improvement else -GRID - run.log_odds)
        log_posterior += FADE**run.age * log_likelihood
    weights = np.exp(log_posterior - log_posterior.max())
    weights /= weights.sum()
    mean = float(weights @ GRID)
    sd = float(np.sqrt(weights @ (GRID - mean) ** 2))
    return ArmPosterior(mean, sd)


def models_slack(view: StudyView) -> float:
    """What the model has earned by now, beside whoever proposes on the surrogate's side."""
    runs = runs_of(view)
    own, _ = choose(view)
    return learnt(MODEL, runs.get(MODEL, [])).slack(learnt(own, runs.get(own, [])))


def _probability_of_improvement(view: StudyView, trial: Trial, best: float | None, number: int) -> float:
    """Probability of succeeding and improving on `best` as the surrogate saw it before the run.

    Where it was not asked: that of the `number`th of equals, which is the best of them as likely as any other.
    """
    offered = _offered(trial)
    mean, sd = _expected(trial, offered)
    if best is None or mean is None or not sd:
        return 1 / number
    said = offered.get("feasibility")
    feasibility = min(max(float(said), 0.0), 1.0) if is_number(said) else 1.0
    return float(norm.sf(best, view.goal.sign * mean, sd)) * feasibility


def _expected(trial: Trial, offered: dict[str, Json]) -> tuple[float | None, float | None]:
    """Mean and standard deviation by the surrogate: as the proposal has them, else as the gate kept them, rounded."""
    told = gate_numbers(trial)
    mean, sd = told.get("surrogate_mean"), told.get("surrogate_sd")
    if trial.arm != MODEL:  # what a model predicts is its own
        mean, sd = trial.proposal.predicted_mean, trial.proposal.predicted_sd
    kept_mean, kept_sd = offered.get("mean"), offered.get("sd")
    if mean is None and is_number(kept_mean) and is_number(kept_sd):  # TPE predicts nothing
        return kept_mean, kept_sd
    return mean, sd


def _offered(trial: Trial) -> dict[str, Json]:
    """What the gate kept of the offer of the arm that ran; empty where it kept none."""
    offers = (gate_of(trial) or {}).get("arms")
    found = (offer for offer in (offers if isinstance(offers, list) else []) if isinstance(offer, dict))
    return next((offer for offer in found if offer.get("arm") == trial.arm), {})


def _value(view: StudyView, trial: Trial) -> float | None:
    """Larger is better; None where the trial gave nothing that counts."""
    if trial.state is not TrialState.COMPLETE or trial.replicate_of is not None or not view.is_feasible(trial):
        return None
    value = trial.value(view.goal.metric)
    return None if value is None else view.goal.sign * value
