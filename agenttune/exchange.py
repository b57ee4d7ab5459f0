"""One request to a language model and its reply, as a record, and where such records are kept.

Content-addressed: the key is a digest of all that decides the reply, so that a study replays
without a model. Sending is not done here (see models/ and replies/).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Protocol

from agenttune.types import Json


@dataclass(frozen=True, slots=True)
class ExchangeRequest:
    """All that decides a reply."""

    model: str
    """Spelling of the model with its revision."""
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
class Exchange:
    """A request with what came of it."""

    request: ExchangeRequest
    reply: str | None
    """The model's text; None when none came."""
    verdict: str
    """"used", or why not: "timeout", "refused", "invalid", ..."""
    latency_s: float | None = None
    usage: dict[str, int] = field(default_factory=dict)
    """Tokens by kind: prompt, completion, cached, reasoning."""
    dollars: float | None = None
    """None when the price is unknown."""


class ExchangeLog(Protocol):
    """Keeps exchanges; the store implements it."""

    def add_exchange(self, study_id: str, exchange: Exchange) -> int:
        """Stores one exchange and returns its id."""
        ...

    def find_exchange(self, key: str) -> Exchange | None:
        """The latest exchange whose request has this key."""
        ...
