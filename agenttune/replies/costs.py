"""What a study's requests cost, out of the record: one sum for the command line, and a line for sheets."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Protocol

from agenttune.budget import Spending
from agenttune.replies.sender import NOT_BILLED

KINDS = ("prompt", "cached", "completion", "reasoning")
"""Tokens by kind: cached ones are among those of the prompt, reasoning among the completion's."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Of one study, or of the requests outside any."""

    spent: Spending
    """As the ledger counts: what is not settled, or was never told, at its worst case; None is unknown."""
    unsettled: Spending
    """The part of it that is under way, or was when its process died."""
    usage: dict[str, int]
    """Tokens by kind, as the servers told; a kind that none told is absent."""
    n_untold: int
    """Requests that a model may have worked on, without a word on tokens."""
    n_reused: int
    """Requests that were not sent, since another study had the reply; `verdicts` has them, too."""
    verdicts: dict[str, int]
    """How many requests came to what, the most frequent first."""


class CostStore(Protocol):
    """What costs are read from."""

    def spent(self, study_id: str | None) -> Spending:
        """What the requests cost so far."""
        ...

    def unsettled(self, study_id: str | None) -> Spending:
        """The worst case of those that are not settled."""
        ...

    def usages(self, study_id: str | None) -> list[tuple[str, dict[str, int], bool]]:
        """(verdict, tokens by kind, whether an earlier reply was used) of every exchange, in order."""
        ...


def costs_of(store: CostStore, study_id: str | None) -> Costs:
    """The costs of one study; None: of the requests outside any."""
    usage: Counter[str] = Counter()
    verdicts: Counter[str] = Counter()
    n_untold = n_reused = 0
    for verdict, tokens, is_reused in store.usages(study_id):
        verdicts[verdict] += 1
        usage.update({kind: tokens[kind] for kind in KINDS if kind in tokens})
        n_reused += is_reused
        n_untold += not tokens and not is_reused and verdict not in NOT_BILLED
    return Costs(
        store.spent(study_id),
        store.unsettled(study_id),
        dict(usage),
        n_untold,
        n_reused,
        dict(verdicts.most_common()),
    )


def spell_spending(spent: Spending) -> str:
    """`7 requests, 12,345 tokens, $0.0312`."""
    return ", ".join((counted(spent.requests, "request"), spell_tokens(spent.tokens), spell_dollars(spent.dollars)))


def spell_tokens(tokens: int | None) -> str:
    """`12,345 tokens`."""
    return "unknown tokens" if tokens is None else counted(tokens, "token")


def spell_dollars(dollars: float | None) -> str:
    """`$0.0312`, `$12.50`; unknown is no 0."""
    if dollars is None:
        return "unknown dollars"
    if 0 < dollars < 1e-4:
        return "under $0.0001"
    return f"${dollars:,.4f}" if 0 < dollars < 1 else f"${dollars:,.2f}"


def counted(n: int, noun: str) -> str:
    """`1 request`, `7 requests`."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
