"""One request to a language model and its reply, as a record, and where such records are kept.

Content-addressed: the key is a digest of all that decides the reply, so that a study replays
without a model. Sending is not done here (see models/ and replies/).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agenttune.trial import Candidate, Proposal
from agenttune.types import Json

VERDICTS = (
    "used",
    "repaired",
    "unparsable",
    "illegal",
    "duplicate",
    "infeasible",
    "refused",
    "cut",
    "empty",
    "timeout",
    "rate-limited",
    "no-quota",
    "unauthorised",
    "unreachable",
    "unsupported",
    "over-budget",
    "error",
)
"""What became of a request. "used": at least one candidate was taken; "repaired": so it was after the one repair
request; "unparsable" to "infeasible": why nothing of the reply could be taken; "refused": the model would not;
"cut", "empty": the reply ended too soon, or before it began; "unsupported": the server refused a part of the request;
"over-budget": not sent. The rest is between us and the server."""


def estimate_tokens(text: str) -> int:
    """Tokens of a text until `usage` says better: a third of its UTF-8 bytes, as suits number-heavy text; on the safe
    side for English prose."""
    return -(-len(text.encode("utf-8", "replace")) // 3)


@dataclass(frozen=True, slots=True)
class Prompt:
    """Messages to a model, and the files they were rendered from."""

    messages: tuple[dict[str, Json], ...]
    """`{"role": "system" | "user" | "assistant", "content": text}`; what never changes comes first."""
    hashes: dict[str, str] = field(default_factory=dict)
    """Prompt file -> sha256 of its text."""


@dataclass(frozen=True, slots=True)
class ExchangeRequest:
    """All that decides a reply."""

    model: str
    """Spelling of the model."""
    messages: tuple[dict[str, Json], ...]
    schema: dict[str, Json] | None = None
    sampling: dict[str, Json] = field(default_factory=dict)
    prompt_hashes: dict[str, str] = field(default_factory=dict)
    """Prompt file -> sha256 of its text."""
    sample_index: int = 0
    """Which of n samples of the same request this is."""

    @property
    def key(self) -> str:
        """Sha256 of the canonical JSON of the request."""
        content = {name: getattr(self, name) for name in self.__slots__}
        return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class NumberSaid:
    """The distribution of a number in a reply, from the probabilities of the tokens it could have been."""

    field: str
    """Its name in the JSON object that holds it: one of those the request wants measured."""
    at: int
    """Where the number begins in the text of the reply, in characters."""
    mean: float
    sd: float
    resolved: float
    """Probability of the numbers told apart, 0 to 1; mean and sd are theirs."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One more reply drawn for the same prompt."""

    text: str
    numbers: tuple[NumberSaid, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request with what came of it."""

    request: ExchangeRequest
    reply: str | None
    """The model's text; None when none came."""
    verdict: str
    """One of `VERDICTS`."""
    latency_s: float | None = None
    usage: dict[str, int] = field(default_factory=dict)
    """Tokens by kind: prompt, completion, cached, reasoning."""
    dollars: float | None = None
    """None when the price is unknown."""
    why: str | None = None
    """The verdict in a sentence, where there is more to say."""
    revision: str | None = None
    """The model as its server names it, known once it answers."""
    numbers: tuple[NumberSaid, ...] = ()
    """Of the reply, where the model told token probabilities."""
    others: tuple[Sample, ...] = ()
    """Further replies that the same request drew."""
    reused_from: str | None = None
    """The exchange of another study whose reply this is, "exchange 17 of study 'wine'"; nothing was sent then."""


class ExchangeLog(Protocol):
    """Keeps exchanges; the store implements it."""

    def add_exchange(
        self,
        study_id: str | None,
        exchange: Exchange,
        *,
        candidates: Sequence[Candidate] = (),
        refused: Sequence[tuple[Proposal, str, str]] = (),
    ) -> int:
        """Stores one exchange, what may be run of it and what was refused, in one transaction; returns its id."""
        ...

    def find_answered(self, study_id: str | None, key: str) -> tuple[int, Exchange] | None:
        """(id, exchange): the study's latest one whose request has this key and got a reply."""
        ...

    def find_reusable(self, key: str, fingerprint: str = "") -> tuple[str, Exchange] | None:
        """(which exchange of which study, exchange): the latest one of any study that got a whole reply to it.

        Args:
            key: of the request.
            fingerprint: what the revision of the reply begins with.
        """
        ...

    def add_unsent(self, study_id: str | None, model: str, verdict: str, why: str) -> None:
        """Announces that a request was not sent, and why; once until the model is asked again or the reason changes."""
        ...
