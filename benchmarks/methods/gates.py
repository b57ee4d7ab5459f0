"""Our gate and others, on the same surrogate, the same candidates and the same rules for when to ask.

near        a model of known skill (known_skill.py) through our gate
near alone  always believed: the oracle, if it is near
near by GATE, one of
first       the first gate: one slack, +2 nats for a run that improved, -1 for one that did not (METHODS, slack)
coin        a fair coin between the model's first candidate and the surrogate's point (SLLMBO)
ratio       every third trial is the model's first candidate (Centaur's ratio of .3)
transient   the surrogate's point with probability min(t^2 / T, 1), else the model's (LLINBO)
justify     the model's, unless the surrogate's point is better by more than psi / t (LLINBO; in UCB)
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import replace

import numpy as np

from agenttune.history import StudyView
from agenttune.proposers.gated import GatedProposer
from agenttune.proposers.llm import LLMProposer
from agenttune.proposers.offers import Offer, Side, Sorted, models_offers
from agenttune.proposers.round import CANDIDATE_EVERY, Round
from agenttune.proposers.trust import runs_of
from agenttune.trial import MODEL, Proposal
from benchmarks.methods.known_skill import KnownModel, Tuner, known_arm
from benchmarks.methods.ours import HUMAN
from benchmarks.suites import Task

RATIO = 3
"""Trials of which one is the model's."""


class _Gate(GatedProposer, ABC):
    """A rule of its own, and nothing else of ours: no prior, no floor, no other arms."""

    def decide(self, view: StudyView, side: Side) -> Proposal:
        turn = Round(view, side, side.own, models_offers(view, side), [], None, self.arm.said)
        best = self.picked(turn)
        if best is None:
            return turn.own_runs()
        shown = replace(turn, found=Sorted((best,), (), ()))  # whose numbers are kept
        return shown.model_runs(best, "slack", "the model's runs")

    @abstractmethod
    def picked(self, turn: Round) -> Offer | None:
        """The model's candidate that runs; None where the surrogate's point does."""


class FirstGate(_Gate):
    """The first version of ours."""

    def picked(self, turn: Round) -> Offer | None:
        best = turn.best_candidate
        if best is None or best.gap <= first_slack(turn.view):
            return best
        return None if any(trial.arm == MODEL for trial in turn.view.trials[-(CANDIDATE_EVERY - 1) :]) else best


class Coin(_Gate):
    """A fair coin."""

    def picked(self, turn: Round) -> Offer | None:
        return _models_first(turn) if _draw(turn.view) < 0.5 else None


class Ratio(_Gate):
    """Every third trial."""

    def picked(self, turn: Round) -> Offer | None:
        return _models_first(turn) if turn.view.number % RATIO == RATIO - 1 else None


class Transient(_Gate):
    """The model less and less often."""

    def picked(self, turn: Round) -> Offer | None:
        t, total = _step(turn.view), turn.view.budget_trials or 25
        return None if _draw(turn.view) < min(t**2 / total, 1.0) else _models_first(turn)


class Justify(_Gate):
    """The model's, unless clearly worse by the upper confidence bound, ever more strictly.

    psi is the variance of the surrogate far from all trials, of standardised values: 1.
    """

    def picked(self, turn: Round) -> Offer | None:
        offer, surrogate = _models_first(turn), turn.side.surrogate
        if offer is None or surrogate is None:
            return offer
        t, n_features = _step(turn.view), len(turn.view.space.columns)
        beta = math.sqrt(2 * math.log(t * n_features * math.pi**2 / 0.6))
        means, sds = surrogate.predict([turn.side.own.config, offer.config])
        values = [turn.view.value(trial) for trial in turn.view.complete]
        bounds = turn.view.goal.sign * means + beta * sds
        return offer if bounds[1] >= bounds[0] - float(np.std(values)) / t else None


def first_slack(view: StudyView) -> float:
    """The model's slack in nats by the first gate's rule, 0 to 8."""
    earned = 1.0
    for run in runs_of(view).get(MODEL, []):
        earned = min(max(0.9 * earned + (2.0 if run.is_improvement else -1.0), 0.0), 8.0)
    return earned


def _models_first(turn: Round) -> Offer | None:
    """The candidate that the model put first, whatever the surrogate says of it."""
    found = (*turn.found.within, *turn.found.beyond, *turn.found.vetoed)
    return min(found, key=lambda offer: (offer.candidate.id or 0) if offer.candidate else 0, default=None)


def _step(view: StudyView) -> int:
    """Number of the trial among those after the shared starts, which are told as a human's, from 1 on."""
    return max(view.number - sum(trial.arm == HUMAN for trial in view.trials) + 1, 1)


def _draw(view: StudyView) -> float:
    return float(view.rng().random())


class Gated:
    """A model of known skill through a gate, or always believed."""

    def __init__(self, name: str) -> None:
        """
        Args:
            name: a kind, or "KIND alone", or "KIND by GATE".
        """
        kind, _, gate = name.partition(" by ")
        self._kind = kind.removesuffix(" alone")
        self._proposer = LLMProposer if kind.endswith(" alone") else GATES[gate]

    def tuner(self, task: Task, *, n_trials: int, seed: int) -> Tuner:
        """A run.

        Raises:
            NotPossible: nothing is known of the task's extremes.
        """
        model = KnownModel(task, self._kind)
        return Tuner(task, model, self._proposer(known_arm(model)), n_trials=n_trials, seed=seed)


GATES: dict[str, type[GatedProposer]] = {
    "": GatedProposer,
    "first": FirstGate,
    "coin": Coin,
    "ratio": Ratio,
    "transient": Transient,
    "justify": Justify,
}
