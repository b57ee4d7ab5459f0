"""One trial's round of the gate: the offers on the table, what they have earned, and the record of what ran.

Not for: the rule itself (gated.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from agenttune.history import StudyView
from agenttune.insight.answers.why import GATE
from agenttune.proposers.candidates import model_proposal
from agenttune.proposers.dispersion import Dispersion, dispersion_of
from agenttune.proposers.llm import standing_in
from agenttune.proposers.offers import CUT, Offer, Side, Sorted, offered_proposal, own_offer
from agenttune.proposers.prior import OptimumPrior
from agenttune.proposers.trust import ArmPosterior, learnt, runs_of
from agenttune.trial import MODEL, Proposal
from agenttune.types import Json

MARGIN = 1.0
"""Nats of slack that the offers of TPE and of a small step do not use: they run where it is clear, not where even."""
CANDIDATE_EVERY = 10
"""Trials of which one is a candidate's even when the slack says no, counted from the first trial on: a study begun by
a person's five has its first candidate at the sixth, whatever that promises."""
MAX_VETOED_TOLD = 4
"""Vetoed candidates that are kept with a trial, for the model to hear of."""


@dataclass(frozen=True)
class Round:
    """All that is known when a trial's proposal is chosen."""

    view: StudyView
    side: Side
    own: Proposal
    """The surrogate's point, searched with the prior."""
    found: Sorted
    """The model's candidates."""
    others: list[Offer]
    prior: OptimumPrior | None
    said: str | None
    """Why the model has nothing to offer; None while it answers."""

    @property
    def best_candidate(self) -> Offer | None:
        """The model's best that may run."""
        return self.found.within[0] if self.found.within else None

    @cached_property
    def own_judged(self) -> Offer | None:
        """The surrogate's point as an offer; None where nothing judges it."""
        return own_offer(self.side, self.own)

    @property
    def has_prior(self) -> bool:
        """Whether the surrogate's point was searched with the prior."""
        return self.prior is not None and self.own is not self.side.own

    @cached_property
    def dispersion(self) -> Dispersion | None:
        """Of the replies that the best candidate is from."""
        best = self.best_candidate
        return None if best is None or best.candidate is None else dispersion_of(self.view, best.candidate.asked_at)

    @cached_property
    def trusts(self) -> dict[str, ArmPosterior]:
        """How far the arms are believed that offer something: the model, the surrogate's side, and the others."""
        runs = runs_of(self.view)
        names = (MODEL, self.side.arm, *(offer.arm for offer in self.others))
        return {arm: learnt(arm, runs.get(arm, [])) for arm in names}

    def slack(self, offer: Offer) -> float:
        """Nats that an offer may lie below the surrogate's best point: what its arm has earned beyond the surrogate."""
        earned = self.trusts[offer.arm].slack(self.trusts[self.side.arm])
        return earned * (1 - self.dispersion.share) if offer.arm == MODEL and self.dispersion is not None else earned

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
        what = "a small step around the best trial" if offer.arm == "local" else "densest in good trials by TPE"
        why = "the surrogate finds nothing more promising"
        if offer.gap > 0:
            gap, slack = f"{offer.gap:.2g}", f"{self.slack(offer):.2g}"
            why = f"{gap} nats below the best point that the surrogate found, with a slack of {slack} that it earned"
        reason = f"{what}, expected {offer.mean:.4g} ± {offer.sd:.2g}; {why}"
        proposal = offered_proposal(self.view, offer, reason=reason, memory=self.side.own.memory)
        return self._stands_in(proposal, "other arm", self._verdict()[1])

    def own_runs(self) -> Proposal:
        """The record of the surrogate's point, which runs."""
        rule, sentence = self._verdict()
        return self._stands_in(self.own, rule, sentence + (self._own_gap() if rule == "surrogate" else ""))

    def floor_runs(self, sentence: str) -> Proposal:
        """The same by the rule that protects it."""
        return self._stands_in(self.own, "floor", sentence)

    def _stands_in(self, proposal: Proposal, rule: str, sentence: str) -> Proposal:
        """The record of a point in whose place the model had nothing to offer, if it had not, says so."""
        kept = self._kept(proposal, rule, sentence)
        is_without = not (self.found.within or self.found.beyond or self.found.vetoed)
        if self.said is None or not is_without:
            return kept
        told = "" if sentence == self.said else f"; {sentence}"
        return replace(kept, reason=f"{standing_in(proposal, self.said).reason}{told}")

    def _verdict(self) -> tuple[str, str]:
        """Rule and sentence where no candidate runs: what became of the best one."""
        found = self.found
        if found.within:
            return "surrogate", self.sentence("surrogate", found.within[0])
        if found.vetoed:
            return "veto", f"the model's best candidate {found.vetoed[0].objection}"
        if found.beyond:
            return "cut", f"none of the model's {len(found.beyond)} candidates comes within {CUT:g} nats"
        return "no candidate", self.said or "no candidate of the model is left"

    def _own_gap(self) -> str:
        """By how much the surrogate's point is not the most promising one, where the prior moved it."""
        gap = 0.0 if self.own_judged is None or not self.has_prior else self.own_judged.gap
        if round(gap, 2) <= 0:
            return ""
        return f"; what runs was searched where the candidates lie, {gap:.2g} nats below that point"

    def sentence(self, rule: str, best: Offer) -> str:
        """The verdict on the model's best candidate, for people."""
        numbers = (
            f"{best.gap:.2g} nats below the best point that the surrogate found, with a slack of {self.slack(best):.2g}"
        )
        if self.dispersion is not None:
            n, share = self.dispersion.n_samples, self.dispersion.share
            numbers += f" (its {n} replies lie {share:.0%} as far apart as draws at random)"
        if rule == "slack" and best.gap <= 0:
            return "the surrogate finds nothing more promising"
        if rule == "slack":
            return f"the gate lets the model's candidate run: {numbers}"
        if rule == "every tenth":
            return f"{numbers}, but one trial in {CANDIDATE_EVERY} is a candidate's all the same"
        return f"the model's best candidate is {numbers}"

    # -- the record ----------------------------------------------------------------------------

    def _kept(self, proposal: Proposal, rule: str, sentence: str) -> Proposal:
        memory = {**proposal.memory, **gate_memory(rule, sentence, {**self._numbers(), **self._offers()})}
        return replace(proposal, reason=f"{proposal.reason}; {sentence}", memory=memory)

    def _numbers(self) -> dict[str, Json]:
        best, found, model = self.best_candidate, self.found, self.trusts[MODEL]
        slack = model.slack(self.trusts[self.side.arm]) if best is None else self.slack(best)
        numbers: dict[str, Json] = {
            "slack": round(slack, 3),
            "trust": round(model.mean, 3),
            "trust_sd": round(model.sd, 3),
            "trust_surrogate": round(self.trusts[self.side.arm].mean, 3),
            "n_candidates": len(found.within),
            "n_left": len(found.beyond),
        }
        if found.vetoed:
            numbers["n_vetoed"] = len(found.vetoed)
            numbers["vetoed"] = [
                {"config": dict(offer.config), "reason": offer.objection} for offer in found.vetoed[:MAX_VETOED_TOLD]
            ]
        if self.prior is not None and self.has_prior:
            numbers |= {"prior": round(self.prior.weight, 3), "prior_evidence": round(self.prior.evidence, 3)}
        if self.side.surrogate is not None:
            numbers["log_ei_surrogate"] = self.side.log_ei
        if best is None or best.candidate is None:
            return numbers
        numbers["candidate"] = best.candidate.id
        if self.dispersion is not None:
            numbers |= {"dispersion": round(self.dispersion.share, 3), "n_samples": self.dispersion.n_samples}
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
        if self.own_judged is None:
            return {}
        best = next(iter((*self.found.within, *self.found.vetoed, *self.found.beyond)), None)
        offers = [self.own_judged, *([] if best is None else [best]), *self.others]
        return {"arms": [offer.to_json() for offer in offers]}


def gate_memory(rule: str, sentence: str, numbers: dict[str, Json]) -> dict[str, Json]:
    """The gate's part of a proposal's memory."""
    return {GATE: {"rule": rule, "sentence": sentence, **numbers}}
