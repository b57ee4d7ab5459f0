"""The gate: a model's best candidate runs unless the surrogate knows better by more than the model has earned.

At the start, while no model of the objective can be fitted, the library's default runs first, then in turn the
model's best candidate and a point spread over the space. After that a Gaussian process scores everybody by log
expected improvement: the surrogate's side (what `auto` would run) and the model's candidates. The best candidate
runs if its score is at most the slack (trust.py) below the surrogate's; candidates more than 8 nats below
are left; and in every ten trials one candidate runs whatever its slack, so that trust can be won back. Where a
question was answered by several replies, the slack shrinks by how far these lie apart (scatter.py): by all of it for
a model that answers as if at random.

Rule, numbers and sentence are kept in `Proposal.memory["gate"]`. What runs is a function of the view; a cache of
the last fit only saves time. When the model is asked depends on how its last request ended, too (llm.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agenttune.history import StudyView
from agenttune.proposers import load_proposer
from agenttune.proposers.auto import choose
from agenttune.proposers.candidates import model_proposal, n_requests_asked, usable
from agenttune.proposers.gp import optimal_proposals
from agenttune.proposers.llm import NOTHING_NEW, ModelArm, standing_in
from agenttune.proposers.scatter import Scatter, scatter_of
from agenttune.proposers.sobol import is_start, start_proposals
from agenttune.proposers.trust import slack
from agenttune.proposers.unseen import Unseen
from agenttune.replies.tokens import REQUESTS_PER_TRIAL
from agenttune.trial import MODEL, Candidate, Proposal, Trial, TrialState
from agenttune.types import Json

if TYPE_CHECKING:
    from agenttune.surrogate import Surrogate

START = "at the start the model and points spread over the space take turns"
MEMORY = "gate"
"""Key of the gate's part in `Proposal.memory`."""
CUT = 8.0
"""Nats below the surrogate's point from which a candidate is not run, whatever was earned."""
EVERY = 10
"""Trials of which one is a candidate's even when the slack says no."""
FRESH = 5
"""Trials after which candidates were chosen knowing too little to stand in the way of a new request."""
PATIENCE = 5
"""Trials between two requests to a model that failed or has no slack left: its next run is an exception anyway."""
SCORED_TRIALS = 250
"""Trials the gate's Gaussian process is fitted to at most, the best and the latest: its cost is cubic."""


@dataclass(frozen=True, slots=True)
class Side:
    """The surrogate's side."""

    own: Proposal
    """What runs if no candidate does."""
    surrogate: Surrogate | None
    """What scores both sides; None where it could not be fitted."""
    log_ei: float
    """Of the best point the surrogate knows, which is `own` unless another method proposes: TPE's points are no
    measure for a candidate, since they do not maximise what it is scored by."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with what the surrogate says of it."""

    candidate: Candidate
    gap: float
    """Nats of log EI below the surrogate's own point; negative: above."""
    log_ei: float
    mean: float
    sd: float


class GatedProposer:
    """A model and a surrogate, each run where it promises more."""

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
            return model_proposal(view, found[0], reason=reason, memory=_memory("start", START, numbers))
        spread = start_proposals(view, 1, Unseen(view))
        if not spread:
            return None
        if not is_models_turn(view):
            return replace(spread[0], memory={**spread[0].memory, **_memory("start", START, numbers)})
        why = self.arm.said or NOTHING_NEW
        own = standing_in(spread[0], why)
        return replace(own, memory={**own.memory, **_memory("no candidate", why, numbers)})

    # -- once there is a surrogate -------------------------------------------------------------

    def _judged(self, view: StudyView) -> Proposal | None:
        side = self._side(view)
        if side is None:
            return None
        found, n_left = scored(view, side)
        earned = slack(view)
        if not found:
            return _run_own(side, n_left, earned, self.arm.said)
        best = found[0]
        scatter = scatter_of(view, best.candidate.asked_at)
        if scatter is not None:
            earned *= 1 - scatter.share
        rule, sentence = _verdict(view, best, earned, scatter, is_scored=side.surrogate is not None)
        numbers: dict[str, Json] = {
            "slack": round(earned, 3),
            "n_candidates": len(found),
            "n_left": n_left,
            "candidate": best.candidate.id,
        }
        if scatter is not None:
            numbers |= {"scatter": round(scatter.share, 3), "n_samples": scatter.n_samples}
        if best.candidate.prediction_source not in (None, "verbal"):  # what a model merely says needs no mark
            numbers["prediction_source"] = best.candidate.prediction_source
        if side.surrogate is not None:
            numbers |= {
                "gap": best.gap,
                "log_ei_model": best.log_ei,
                "log_ei_surrogate": side.log_ei,
                "surrogate_mean": best.mean,
                "surrogate_sd": best.sd,
            }
        if rule == "surrogate":
            return _kept(side.own, rule, sentence, numbers)
        chosen = model_proposal(view, best.candidate, reason=best.candidate.reason, memory=side.own.memory)
        return _kept(chosen, rule, sentence, numbers)

    def _side(self, view: StudyView) -> Side | None:
        """The surrogate's side for these trials; the last is kept, since `is_ready` and `propose` both need it."""
        if self._last is None or not _has_same_trials(self._last[0], view):
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
        within = [] if side is None else scored(view, side)[0]
        return not any(view.number - entry.candidate.asked_at <= FRESH for entry in within)

    def _is_patient(self, view: StudyView) -> bool:
        """Whether enough trials have passed since the last request, for a model that failed or has lost all slack."""
        asked = [candidate.asked_at for candidate in view.candidates[-1:]]  # by a driver before this one, maybe
        last = max([*asked, *([] if self.arm.asked_for is None else [self.arm.asked_for])], default=None)
        return last is None or view.number - last >= PATIENCE or (self.arm.said is None and slack(view) > 0.0)

    def _hint(self, view: StudyView) -> Proposal | None:
        side = None if is_start(view) else self._side(view)
        return None if side is None else side.own


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
    n_model = sum(trial.arm == MODEL for trial in view.trials)
    n_spread = sum(trial.arm not in (MODEL, "human") for trial in view.trials)
    return n_model < n_spread


def surrogate_side(view: StudyView) -> Side | None:
    """What `auto` would run, and the surrogate that judges it; None when nothing new is left to run."""
    from agenttune.surrogate import fit, remembered  # with torch: the start does without

    surrogate = fit(bounded(view), remembered(view))
    name, _ = choose(view)
    if surrogate is None:
        own = load_proposer(name).propose(view, 1)
        return Side(own[0], None, 0.0) if own else None
    best = optimal_proposals(view, surrogate, 1, Unseen(view))
    if not best:
        return None
    own = best if name == "gp" else load_proposer(name).propose(view, 1) or best
    remembering = replace(own[0], memory={**own[0].memory, **surrogate.memory()})
    log_ei = surrogate.score([best[0].config, own[0].config]).max()
    return Side(remembering, surrogate, float(log_ei))


def scored(view: StudyView, side: Side) -> tuple[list[Scored], int]:
    """The model's candidates within `CUT` of the surrogate's point, best first, and how many lie beyond."""
    found = usable(view)
    if not found:
        return [], 0
    if side.surrogate is None:
        return [Scored(candidate, 0.0, 0.0, 0.0, 0.0) for candidate in found], 0
    configs = [candidate.config for candidate in found]
    columns = zip(found, side.surrogate.score(configs), *side.surrogate.predict(configs), strict=True)
    entries = [
        Scored(candidate, side.log_ei - float(log_ei), float(log_ei), float(mean), float(sd))
        for candidate, log_ei, mean, sd in columns
    ]
    within = sorted((entry for entry in entries if entry.gap <= CUT), key=lambda entry: entry.gap)
    return within, len(entries) - len(within)


def bounded(view: StudyView) -> StudyView:
    """The view with at most `SCORED_TRIALS` finished trials: the best half and the latest half of them."""
    if len(view.finished) <= SCORED_TRIALS:
        return view
    half = SCORED_TRIALS // 2
    kept = {trial.number for trial in (*view.ranked()[:half], *view.finished[-half:], *view.pending)}
    return replace(view, trials=tuple(trial for trial in view.trials if trial.number in kept))


def _verdict(
    view: StudyView, best: Scored, earned: float, scatter: Scatter | None, *, is_scored: bool
) -> tuple[str, str]:
    """(rule, sentence) for the best candidate."""
    if not is_scored:
        return "unscored", "no surrogate could be fitted to judge it"
    numbers = f"{best.gap:.2g} nats below the surrogate's own point, with a slack of {earned:.2g}"
    if scatter is not None:
        numbers += f" (its {scatter.n_samples} replies lie {scatter.share:.0%} as far apart as draws at random)"
    if best.gap <= 0:
        return "slack", "the surrogate finds nothing more promising"
    if best.gap <= earned:
        return "slack", f"the gate lets the model's candidate run: {numbers}"
    if not any(trial.arm == MODEL for trial in view.trials[-(EVERY - 1) :]):
        return "every tenth", f"{numbers}, but one trial in ten is a candidate's all the same"
    return "surrogate", f"the model's best candidate is {numbers}"


def _run_own(side: Side, n_left: int, earned: float, said: str | None) -> Proposal:
    numbers: dict[str, Json] = {
        "slack": round(earned, 3),
        "log_ei_surrogate": None if side.surrogate is None else side.log_ei,
        "n_candidates": 0,
        "n_left": n_left,
    }
    if n_left:
        return _kept(side.own, "cut", f"none of the model's {n_left} candidates comes within {CUT:g} nats", numbers)
    if said is None:
        return _kept(side.own, "no candidate", "no candidate of the model is left", numbers)
    return replace(_kept(side.own, "no candidate", said, numbers), reason=standing_in(side.own, said).reason)


def _kept(proposal: Proposal, rule: str, sentence: str, numbers: dict[str, Json]) -> Proposal:
    """The proposal with the gate's rule, numbers and sentence."""
    memory = {**proposal.memory, **_memory(rule, sentence, numbers)}
    return replace(proposal, reason=f"{proposal.reason}; {sentence}", memory=memory)


def _memory(rule: str, sentence: str, numbers: dict[str, Json]) -> dict[str, Json]:
    return {MEMORY: {"rule": rule, "sentence": sentence, **numbers}}


def _has_same_trials(one: StudyView, other: StudyView) -> bool:
    """Whether two views lead to the same fit: the records themselves are compared, which are never changed."""
    return one.space is other.space and list(map(id, one.trials)) == list(map(id, other.trials))
