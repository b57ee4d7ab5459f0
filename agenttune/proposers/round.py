"""One trial's round of the gate: the offers on the table, what they have earned, and the record of what ran.

Not for: the rule itself (gated.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

from agenttune.history import StudyView
from agenttune.insight.answers.why import GATE
from agenttune.proposers.candidates import model_proposal
from agenttune.proposers.leaning import Leaning
from agenttune.proposers.llm import standing_in
from agenttune.proposers.offers import CUT, Offer, Side, Sorted, offered_proposal, own_offer, rule_against
from agenttune.proposers.scatter import Scatter, scatter_of
from agenttune.proposers.trust import Trust, trust_of
from agenttune.trial import MODEL, Proposal
from agenttune.types import Json

MARGIN = 1.0
"""Nats of slack that the offers of TPE and of a small step do not use: they run where it is clear, not where even."""


@dataclass(frozen=True)
class Round:
    """All that is known when a trial's proposal is chosen."""

    view: StudyView
    side: Side
    own: Proposal
    """The surrogate's point, searched with the leaning."""
    found: Sorted
    """The model's candidates."""
    others: list[Offer]
    leaning: Leaning | None
    _trusts: dict[str, Trust] = field(default_factory=dict)

    @property
    def best_candidate(self) -> Offer | None:
        """The model's best that may run."""
        return self.found.within[0] if self.found.within else None

    @cached_property
    def scatter(self) -> Scatter | None:
        """Of the replies that the best candidate is from."""
        best = self.best_candidate
        return None if best is None or best.candidate is None else scatter_of(self.view, best.candidate.asked_at)

    def trust(self, arm: str) -> Trust:
        """How far an arm is believed."""
        if arm not in self._trusts:
            self._trusts[arm] = trust_of(self.view, arm)
        return self._trusts[arm]

    def slack(self, offer: Offer) -> float:
        """Nats that an offer may lie below the surrogate's point: what its arm has earned beyond the surrogate."""
        trust = self.trust(offer.arm)
        earned = replace(trust, mean=trust.mean - self.trust(self.side.own.arm).mean).slack
        return earned * (1 - self.scatter.share) if offer.arm == MODEL and self.scatter is not None else earned

    @cached_property
    def best_other(self) -> Offer | None:
        """The offer of TPE or of a small step that runs by its slack, the best by what is left of it."""
        within = [offer for offer in self.others if offer.gap <= self.slack(offer) - MARGIN]
        return min(within, key=lambda offer: offer.gap - self.slack(offer), default=None)

    # -- what runs -----------------------------------------------------------------------------

    def model_runs(self, offer: Offer, rule: str, sentence: str) -> Proposal:
        """The record of a candidate that runs."""
        assert offer.candidate is not None
        chosen = model_proposal(self.view, offer.candidate, reason=offer.candidate.reason, memory=self.side.own.memory)
        return self._kept(chosen, rule, sentence)

    def other_runs(self, offer: Offer) -> Proposal:
        """The record of another arm's point that runs."""
        why = (
            f"the surrogate promised more than it kept: {offer.gap:.2g} nats below its own point, with a slack of "
            f"{self.slack(offer):.2g}"
        )
        what = "a small step around the best trial" if offer.arm == "local" else "densest in good trials by TPE"
        reason = f"{what}, expected {offer.mean:.4g} ± {offer.sd:.2g}"
        return self._kept(offered_proposal(self.view, offer, reason=reason, memory=self.side.own.memory), "slack", why)

    def own_runs(self, rule: str, sentence: str) -> Proposal:
        """The record of the surrogate's point, which runs."""
        return self._kept(self.own, rule, sentence)

    def own_runs_without(self, said: str | None) -> Proposal:
        """The same where no candidate may run."""
        found = self.found
        if found.vetoed:
            best = found.vetoed[0]
            rule = rule_against(self.view, best.config)
            likely = f"the model's best candidate would fail with {1 - best.feasibility:.0%}"
            return self.own_runs("veto", likely if rule is None else f"{likely}: {rule}")
        if found.beyond:
            n = len(found.beyond)
            return self.own_runs("cut", f"none of the model's {n} candidates comes within {CUT:g} nats")
        if said is None:
            return self.own_runs("no candidate", "no candidate of the model is left")
        return replace(self.own_runs("no candidate", said), reason=standing_in(self.own, said).reason)

    def sentence(self, rule: str, best: Offer) -> str:
        """The verdict on the model's best candidate, for people."""
        numbers = f"{best.gap:.2g} nats below the surrogate's own point, with a slack of {self.slack(best):.2g}"
        if self.scatter is not None:
            n, share = self.scatter.n_samples, self.scatter.share
            numbers += f" (its {n} replies lie {share:.0%} as far apart as draws at random)"
        if rule == "slack":
            is_above = best.gap <= 0
            return (
                "the surrogate finds nothing more promising"
                if is_above
                else f"the gate lets the model's candidate run: {numbers}"
            )
        if rule == "every tenth":
            return f"{numbers}, but one trial in ten is a candidate's all the same"
        return f"the model's best candidate is {numbers}"

    # -- the record ----------------------------------------------------------------------------

    def _kept(self, proposal: Proposal, rule: str, sentence: str) -> Proposal:
        memory = {**proposal.memory, **gate_memory(rule, sentence, {**self._numbers(), **self._offers()})}
        return replace(proposal, reason=f"{proposal.reason}; {sentence}", memory=memory)

    def _numbers(self) -> dict[str, Json]:
        best, found, model = self.best_candidate, self.found, self.trust(MODEL)
        slack = model.slack if best is None else self.slack(best)
        numbers: dict[str, Json] = {
            "slack": round(slack, 3),
            "trust": round(model.mean, 3),
            "trust_sd": round(model.sd, 3),
            "trust_surrogate": round(self.trust(self.side.own.arm).mean, 3),
            "n_candidates": len(found.within),
            "n_left": len(found.beyond),
        }
        if found.vetoed:
            numbers["n_vetoed"] = len(found.vetoed)
        if self.leaning is not None and self.own is not self.side.own:
            numbers["leaning"] = round(self.leaning.weight, 3)
        if self.side.surrogate is not None:
            numbers["log_ei_surrogate"] = self.side.log_ei
        if best is None or best.candidate is None:
            return numbers
        numbers["candidate"] = best.candidate.id
        if self.scatter is not None:
            numbers |= {"scatter": round(self.scatter.share, 3), "n_samples": self.scatter.n_samples}
        if best.candidate.prediction_source not in (None, "verbal"):  # what a model merely says needs no mark
            numbers["prediction_source"] = best.candidate.prediction_source
        if self.side.surrogate is not None:
            numbers |= {
                "gap": best.gap,
                "log_ei_model": best.log_ei,
                "surrogate_mean": best.mean,
                "surrogate_sd": best.sd,
            }
        return numbers

    def _offers(self) -> dict[str, Json]:
        """What each arm would have run, the surrogate's own first."""
        own = own_offer(self.side, self.own)
        if own is None:
            return {}
        best = next(iter((*self.found.within, *self.found.vetoed, *self.found.beyond)), None)
        offers = [own, *([] if best is None else [best]), *self.others]
        return {"arms": [offer.to_json() for offer in offers]}


def gate_memory(rule: str, sentence: str, numbers: dict[str, Json]) -> dict[str, Json]:
    """The gate's part of a proposal's memory."""
    return {GATE: {"rule": rule, "sentence": sentence, **numbers}}
