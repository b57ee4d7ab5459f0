"""What every arm would run next, and what the surrogate says of it: the material of the gate's verdict.

Not for: deciding between them (gated.py), or how far each is believed (trust.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agenttune.history import StudyView
from agenttune.insight.answers.failed import failures
from agenttune.proposers import load_proposer
from agenttune.proposers.auto import choose
from agenttune.proposers.candidates import usable
from agenttune.proposers.gp import optimal_proposals
from agenttune.proposers.unseen import Unseen, make_proposal
from agenttune.trial import MODEL, Candidate, Proposal
from agenttune.types import Config, Json

if TYPE_CHECKING:
    from agenttune.surrogate import Surrogate

CUT = 8.0
"""Nats below the surrogate's point from which a candidate is not run, whatever was earned."""
VETO = 0.2
"""Probability of success below which a candidate, or a point that a prior led to, is not run, where the surrogate's own
point has more."""
TPE_TRIALS = 10
"""Complete trials from which TPE makes an offer: Optuna's own number of start-up trials."""


@dataclass(frozen=True, slots=True)
class Side:
    """The surrogate's side."""

    own: Proposal
    """What runs if no candidate does."""
    surrogate: Surrogate | None
    """What scores both sides; None where it could not be fitted."""
    log_ei: float
    """The highest score that the surrogate found: that of `own`, unless another method proposes or the surrogate
    explores. Such points are no measure for a candidate, since they do not maximise what it is scored by."""
    arm: str
    """Who proposes on this side, whose promises are judged; `own` may stand in for it."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What one arm would run, as the surrogate sees it."""

    arm: str
    config: Config
    gap: float
    """Nats of log EI below the best point that the surrogate found; negative: above."""
    log_ei: float
    """Where the study has a budget of time, less the log seconds by the share that is left (see surrogate.py)."""
    mean: float
    sd: float
    feasibility: float
    """Probability of neither failing nor breaking a constraint of the goal."""
    seconds: float | None = None
    """What it will take; None where durations say nothing."""
    candidate: Candidate | None = None
    """The model's."""
    objection: str | None = None
    """Why it was vetoed, in a sentence; None where it was not."""

    def to_json(self) -> dict[str, Json]:
        """What `agenttune why` shows of it."""
        told: dict[str, Json] = {"arm": self.arm, "config": dict(self.config)}
        numbers = (self.log_ei, self.mean, self.sd, self.feasibility)
        for name, value in zip(("log_ei", "mean", "sd", "feasibility"), numbers, strict=True):
            told[name] = float(f"{value:.6g}")
        if self.seconds is not None:
            told["seconds"] = float(f"{self.seconds:.6g}")
        return told


@dataclass(frozen=True, slots=True)
class Sorted:
    """The model's candidates by what can be done with them."""

    within: tuple[Offer, ...]
    """May run; the best first."""
    beyond: tuple[Offer, ...]
    """More than `CUT` nats below the surrogate's point."""
    vetoed: tuple[Offer, ...]
    """Too likely to fail; the likeliest to succeed first."""


def surrogate_side(view: StudyView) -> Side | None:
    """What `auto` would run, and the surrogate that judges it; None when nothing new is left to run."""
    from agenttune.surrogate import fit, remembered  # with scipy: the start does without

    surrogate = fit(view, remembered(view), kind="best", time_left=view.time_left)
    name, _ = choose(view)
    if surrogate is None:
        own = load_proposer(name).propose(view, 1)
        return Side(own[0], None, 0.0, name) if own else None
    found = optimal_proposals(view, surrogate, 1, Unseen(view))
    if not found:
        return None
    best, optimum = found[0]
    is_surrogates = name != "tpe"
    chosen = [] if is_surrogates else load_proposer(name).propose(view, 1)
    proposal = chosen[0] if chosen else best
    remembering = replace(proposal, memory={**proposal.memory, **surrogate.memory()})
    known = [float(score) for score in surrogate.score([best.config, proposal.config])]
    log_ei = max(known if optimum is None else [*known, optimum.best_score])
    return Side(remembering, surrogate, log_ei, surrogate.kind if is_surrogates else name)


def models_offers(view: StudyView, side: Side) -> Sorted:
    """The model's candidates, judged."""
    found = usable(view)
    if not found or side.surrogate is None:
        unjudged = (Offer(MODEL, entry.config, 0.0, 0.0, 0.0, 0.0, 1.0, candidate=entry) for entry in found)
        return Sorted(tuple(unjudged), (), ())
    offers = _judged(side, [(MODEL, entry.config) for entry in found], found)
    limit = least_feasibility(side)
    vetoed = [replace(o, objection=_objection(view, o)) for o in offers if o.feasibility < limit]
    rest = sorted((offer for offer in offers if offer.feasibility >= limit), key=lambda offer: offer.gap)
    return Sorted(
        tuple(offer for offer in rest if offer.gap <= CUT),
        tuple(offer for offer in rest if offer.gap > CUT),
        tuple(sorted(vetoed, key=lambda offer: -offer.feasibility)),
    )


def least_feasibility(side: Side) -> float:
    """Probability of success below which no candidate runs, and no point that a prior led to."""
    assert side.surrogate is not None
    return min(VETO, float(side.surrogate.feasibility([side.own.config])[0]))


def other_offers(view: StudyView, side: Side, own: Proposal) -> list[Offer]:
    """What TPE and a small step around the best trial would run, where that is new and not `own`, which runs anyway."""
    if side.surrogate is None:
        return []
    found: list[tuple[str, Config]] = []
    if (step := side.surrogate.local_step(view.rng())) is not None:
        found.append(("local", step))
    if side.own.arm != "tpe" and len(view.complete) >= TPE_TRIALS:
        found += [(p.arm, p.config) for p in load_proposer("tpe").propose(view, 1) if p.arm == "tpe"]
    unseen = Unseen(view)
    unseen.take(own.config)
    return _judged(side, [(arm, config) for arm, config in found if unseen.take(config)])


def own_offer(side: Side, proposal: Proposal) -> Offer | None:
    """The surrogate's side as an offer; None where nothing judges it."""
    return None if side.surrogate is None else _judged(side, [(proposal.arm, proposal.config)])[0]


def offered_proposal(view: StudyView, offer: Offer, *, reason: str, memory: dict[str, Json]) -> Proposal:
    """The record of an offer of no model that is run."""
    predicted = (offer.mean, offer.sd)
    return make_proposal(view, offer.config, arm=offer.arm, reason=reason, predicted=predicted, memory=memory)


def _objection(view: StudyView, offer: Offer) -> str:
    """Why a candidate is vetoed, with the rule of what went wrong so far that it falls under, if there is one."""
    likely = f"would fail with {1 - offer.feasibility:.0%}, above {1 - VETO:.0%} and more than the surrogate's point"
    for rule in failures(view).rules:
        if rule.is_about(view.space, offer.config):
            value = format(rule.value, ".6g") if isinstance(rule.value, float) else str(rule.value)
            return f"{likely}: {rule.n_bad} of {rule.n} trials with {rule.name} {rule.relation} {value} {rule.what}"
    return likely


def _judged(side: Side, found: Sequence[tuple[str, Config]], candidates: Sequence[Candidate] = ()) -> list[Offer]:
    if not found:
        return []
    assert side.surrogate is not None
    configs = [config for _, config in found]
    columns = zip(
        side.surrogate.score(configs),
        *side.surrogate.predict(configs),
        side.surrogate.feasibility(configs),
        strict=True,
    )
    durations = side.surrogate.seconds(configs)
    seconds = [None] * len(configs) if durations is None else [float(entry) for entry in durations]
    of_model: Sequence[Candidate | None] = candidates or [None] * len(found)
    return [
        Offer(
            arm,
            config,
            gap=side.log_ei - float(log_ei),
            log_ei=float(log_ei),
            mean=float(mean),
            sd=float(sd),
            feasibility=float(feasibility),
            seconds=takes,
            candidate=entry,
        )
        for (arm, config), (log_ei, mean, sd, feasibility), takes, entry in zip(
            found, columns, seconds, of_model, strict=True
        )
    ]
