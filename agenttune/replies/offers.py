"""What became of all that a study's model offered, out of the record: how much of it could never run.

Judged when it was read (decode.py); what a gate did with the rest is not told here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from agenttune.replies.turn import N_OFFERED
from agenttune.space.scalars import scalar_key
from agenttune.trial import MODEL, Candidate, Proposal


@dataclass(frozen=True, slots=True)
class Offers:
    """How many candidates a study's model offered, and how many of them could never run.

    Counted are those of every reply, repairs and redraws too, as far as it was read: not what follows the last
    candidate that was wanted of it. Replies that hold no candidate are verdicts, and count nothing here.
    """

    n_offered: int
    n_infeasible: int
    """Well formed, and against a constraint between parameters."""
    n_duplicate: int
    """In the study already, or twice in one reply, or in another reply to the same question (`n_repeated`)."""
    n_repeated: int
    """Of the duplicates, those that only another reply to the same question has, too: not refused, since agreement
    says how sure the model is, but it runs once."""
    n_illegal: int
    """Of another form, or outside the space."""


class OfferStore(Protocol):
    """What offers are read from."""

    def candidates(self, study_id: str) -> Sequence[Candidate]:
        """What may be run, in order."""
        ...

    def refused(self, study_id: str) -> Sequence[tuple[Proposal, str, str]]:
        """(proposal, kind, reason) of what may not."""
        ...


def offers_of(store: OfferStore, study_id: str) -> Offers:
    """The offers of one study's model."""
    candidates = store.candidates(study_id)
    kinds: Counter[str] = Counter()
    for proposal, kind, _ in store.refused(study_id):
        if proposal.arm == MODEL:
            n_offered = proposal.memory.get(N_OFFERED)
            kinds[kind] += n_offered if isinstance(n_offered, int) else 1
    n_repeated = len(candidates) - len(set(map(_place, candidates)))
    return Offers(
        n_offered=len(candidates) + kinds["infeasible"] + kinds["duplicate"] + kinds["illegal"],
        n_infeasible=kinds["infeasible"],
        n_duplicate=kinds["duplicate"] + n_repeated,
        n_repeated=n_repeated,
        n_illegal=kinds["illegal"],
    )


def spell_offers(offers: Offers) -> str:
    """`48 candidates: 3 (6%) against a constraint of the space, 9 (19%) duplicate, 0 illegal`."""
    repeated = f", {offers.n_repeated:,} of them between replies to one question" if offers.n_repeated else ""
    return (
        f"{offers.n_offered:,} candidate{'' if offers.n_offered == 1 else 's'}: "
        f"{_share(offers.n_infeasible, offers)} against a constraint of the space, "
        f"{_share(offers.n_duplicate, offers)} duplicate{repeated}, {_share(offers.n_illegal, offers)} illegal"
    )


def _share(n: int, offers: Offers) -> str:
    return f"{n:,} ({n / offers.n_offered:.0%})" if n else "0"


def _place(candidate: Candidate) -> object:
    """The same for candidates of one question with one configuration."""
    config = frozenset((name, scalar_key(value)) for name, value in candidate.config.items())
    return candidate.asked_at, candidate.space_version, config
