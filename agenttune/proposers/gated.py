"""The gate: of what every arm would run next, the point that promises most by what each arm has earned.

At the start, while fewer than four or five trials have a value (sobol.py), the library's default runs first, then in
turn the model's best candidate and a point spread over the space. After that a Gaussian process scores what every arm
offers by log expected improvement: the surrogate's own point (what `auto` would run), the model's candidates, a small
step around the best trial, and TPE. The model's best candidate runs if its score is at most the slack below the best
that the surrogate found: the nats that its runs have earned (trust.py) beyond what the surrogate's have. The other two
run by the same rule, where the surrogate promises more than it keeps. Besides running, candidates have a say in where
the surrogate's own point is searched, as far as the trials bear them out (prior.py): what runs in the place of a
candidate may itself lie below the best that the surrogate found, and below the candidate.

What protects a study from a bad arm: a candidate more than `CUT` nats below is left, and so is one that is likely to
fail, as is a point to which the prior led; of `PLAIN_EVERY` trials in a row one at least is of no other arm: the
surrogate's own point, searched without a prior, unless a person's came or the start's. So n trials after the start
hold at least n / `PLAIN_EVERY`, rounded down, of plain Bayesian optimisation, made with more knowledge. What protects
a model from a bad start: in every `CANDIDATE_EVERY` trials one candidate runs whatever its slack. Where a question
was answered by several replies, the slack shrinks by their dispersion (dispersion.py): by all of it for a model that
answers as if at random.

Rule, numbers, sentence and all offers are kept in `Proposal.memory["gate"]` (round.py). What runs is a function of the
view; a cache of the last fit only saves time. When the model is asked depends on how its last request ended, too
(llm.py).
"""

from __future__ import annotations

from dataclasses import replace

from agenttune.history import StudyView
from agenttune.insight.answers.why import gate_of
from agenttune.proposers.auto import choose
from agenttune.proposers.candidates import model_proposal, n_requests_asked, usable
from agenttune.proposers.gp import optimal_proposals
from agenttune.proposers.llm import NOTHING_NEW, ModelArm, standing_in
from agenttune.proposers.offers import Offer, Side, least_feasibility, models_offers, other_offers, surrogate_side
from agenttune.proposers.prior import OptimumPrior, prior_of
from agenttune.proposers.round import CANDIDATE_EVERY, Round, gate_memory
from agenttune.proposers.sobol import is_start, start_proposals
from agenttune.proposers.trust import trust_of
from agenttune.proposers.unseen import Unseen
from agenttune.replies.tokens import REQUESTS_PER_TRIAL
from agenttune.trial import MODEL, Proposal, Trial, TrialState
from agenttune.types import Json

START = "at the start the model and points spread over the space take turns"
PLAIN_EVERY = 6
"""Trials in a row of which one at least no model and no other arm had a say in, whatever they have earned."""
FRESH = 5
"""Trials after which candidates were chosen knowing too little to stand in the way of a new request."""
PATIENCE = 5
"""Trials between two requests to a model that failed or has no slack left: its next run is an exception anyway."""


class GatedProposer:
    """A model, a surrogate and what else proposes, each run where it promises more."""

    def __init__(self, arm: ModelArm) -> None:
        self.arm = arm
        self._last: tuple[StudyView, Side | None] | None = None

    def choose(self, view: StudyView) -> tuple[str, str]:
        """Who proposes, and why; the study announces it whenever it changes."""
        name, why = choose(view)
        return f"model + {name}", f"a language model and, through a gate, what promises more; {why}"

    def is_ready(self, view: StudyView) -> bool:
        """Whether a proposal can be made now; asks the model where candidates are wanted."""
        return self.arm.is_ready(view, wants=lambda: self._wants(view), hint=lambda: self._hint(view))

    def propose(self, view: StudyView, n: int) -> list[Proposal]:
        """Up to `n` new configurations, each judged as if those before it were pending."""
        proposals: list[Proposal] = []
        for _ in range(n):
            proposal = self._start(view) if is_start(view) else self._judged(view)
            if proposal is None:
                break
            proposals.append(proposal)
            view = replace(view, trials=(*view.trials, Trial(view.number, proposal, TrialState.WAITING, 0, 0.0)))
        return proposals

    # -- the start -----------------------------------------------------------------------------

    def _start(self, view: StudyView) -> Proposal | None:
        found = usable(view)
        numbers: dict[str, Json] = {"n_candidates": len(found)}
        if found and is_models_turn(view):
            reason, numbers = f"{found[0].reason}; {START}", {**numbers, "candidate": found[0].id}
            return model_proposal(view, found[0], reason=reason, memory=gate_memory("start", START, numbers))
        spread = start_proposals(view, 1, Unseen(view))
        if not spread:
            return None
        if not is_models_turn(view):
            return replace(spread[0], memory={**spread[0].memory, **gate_memory("start", START, numbers)})
        why = self.arm.said or NOTHING_NEW
        own = standing_in(spread[0], why)
        return replace(own, memory={**own.memory, **gate_memory("no candidate", why, numbers)})

    # -- once there is a surrogate -------------------------------------------------------------

    def _judged(self, view: StudyView) -> Proposal | None:
        side = self._side(view)
        return None if side is None else self.decide(view, side)

    def decide(self, view: StudyView, side: Side) -> Proposal:
        """Which of the offers runs."""
        prior = None if is_floor(view) else prior_of(view)
        own, found = own_point(view, side, prior), models_offers(view, side)
        turn = Round(view, side, own, found, other_offers(view, side, own), prior, self.arm.said)
        best = turn.best_candidate
        if is_floor(view) and (best is not None or turn.best_other is not None):
            return turn.floor_runs(f"one trial in {PLAIN_EVERY} at least is of no other arm, whatever they have earned")
        if best is not None and side.surrogate is None:
            return turn.model_runs(best, "unscored", "no surrogate could be fitted to judge it")
        if best is not None and (rule := self.rule_for(turn, best)) is not None:
            return turn.model_runs(best, rule, turn.sentence(rule, best))
        return turn.own_runs() if turn.best_other is None else turn.other_runs(turn.best_other)

    def rule_for(self, turn: Round, best: Offer) -> str | None:
        """By which rule the model's best candidate runs; None where it does not."""
        if best.gap <= turn.slack(best):
            return "slack"
        latest = _different(turn.view)[-(CANDIDATE_EVERY - 1) :]
        return None if any(trial.arm == MODEL for trial in latest) else "every tenth"

    def _side(self, view: StudyView) -> Side | None:
        """The surrogate's side for these trials; the last is kept, since `is_ready` and `propose` both need it."""
        if self._last is None or not _leads_to_the_same(self._last[0], view):
            self._last = view, surrogate_side(view)
        return self._last[1]

    # -- asking --------------------------------------------------------------------------------

    def _wants(self, view: StudyView) -> bool:
        """Whether a request is due: within the pace, and no candidate left that is worth something."""
        repair = int(self.arm.said is not None)  # which a model that failed will likely need again
        if not is_within_pace(view, more=max(1 + repair, n_requests_asked(view))):
            return False
        found = usable(view)
        if is_start(view):
            return is_models_turn(view) and not found
        if not self._is_patient(view):
            return False
        if not found:
            return True
        side = self._side(view)
        within = () if side is None else models_offers(view, side).within
        known = (offer.candidate for offer in within)
        return not any(entry is not None and view.number - entry.asked_at <= FRESH for entry in known)

    def _is_patient(self, view: StudyView) -> bool:
        """Whether enough trials have passed since the last request, for a model that failed or has lost all slack."""
        asked = [candidate.asked_at for candidate in view.candidates[-1:]]  # by a driver before this one, maybe
        last = max([*asked, *([] if self.arm.asked_for is None else [self.arm.asked_for])], default=None)
        return (
            last is None
            or view.number - last >= PATIENCE
            or (self.arm.said is None and trust_of(view, MODEL).mean > 0.0)
        )

    def _hint(self, view: StudyView) -> Proposal | None:
        side = None if is_start(view) else self._side(view)
        return None if side is None else side.own


def is_floor(view: StudyView) -> bool:
    """Whether the next trial is the surrogate's own, whatever the arms have earned: if none lately was."""
    latest = _different(view)[-(PLAIN_EVERY - 1) :]
    return len(latest) == PLAIN_EVERY - 1 and not any(_is_plain(trial) for trial in latest)


def _is_plain(trial: Trial) -> bool:
    """Whether neither a model nor another arm had a say in it."""
    told = gate_of(trial) or {}
    return trial.arm != MODEL and told.get("rule") != "other arm" and "prior" not in told


def own_point(view: StudyView, side: Side, prior: OptimumPrior | None) -> Proposal:
    """The surrogate's point, searched with a prior where there is one; that of another method as it is."""
    if prior is None or side.surrogate is None or side.own.arm != side.surrogate.kind:
        return side.own
    found = optimal_proposals(view, side.surrogate, 1, Unseen(view), log_prior=prior.log_prior)
    point, optimum = found[0] if found else (side.own, None)
    if optimum is None or optimum.is_exploration or optimum.feasibility < least_feasibility(side):
        return side.own
    return replace(point, reason=f"{point.reason}, weighed by where the model's candidates lie", memory=side.own.memory)


def is_within_pace(view: StudyView, *, more: int) -> bool:
    """Whether so many more requests keep to the pace, now and at the end; the first may run ahead of it.

    Repairs and replies that are drawn again count as requests, also those of a model that costs nothing: each takes
    its time, and what a question took so delays the next one.
    """
    if view.n_requests + more > REQUESTS_PER_TRIAL * (view.number + 1) + 1:
        return False
    total = view.budget_trials
    return total is None or not view.n_requests or view.n_requests + more <= REQUESTS_PER_TRIAL * total


def is_models_turn(view: StudyView) -> bool:
    """Whether, at the start, the model has run less often than the others."""
    n_model = sum(trial.arm == MODEL for trial in _different(view))
    n_spread = sum(trial.arm not in (MODEL, "human") for trial in _different(view))
    return n_model < n_spread


def _different(view: StudyView) -> list[Trial]:
    """The trials that were proposed; repeats, which have the arm of what they repeat, left out."""
    return [trial for trial in view.trials if trial.replicate_of is None]


def _leads_to_the_same(one: StudyView, other: StudyView) -> bool:
    """Whether two views lead to the same fit: the records themselves are compared, which are never changed."""
    terms = [(v.goal, v.budget_trials, v.budget_s, v.workers, v.seed, v.number) for v in (one, other)]
    is_same = one.space is other.space and terms[0] == terms[1]
    return is_same and list(map(id, one.trials)) == list(map(id, other.trials))
