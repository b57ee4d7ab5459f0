"""Language-model backends: one file per kind of server, one line each in the registry below.

The interface every backend meets; requests and replies are stored as `agenttune.exchange` records.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agenttune.types import Json

REGISTRY: dict[str, str] = {}
"""Scheme -> "module:Class", loaded on first use."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered to one request."""

    text: str
    usage: Mapping[str, int] = field(default_factory=dict)
    """Tokens by kind: prompt, completion, cached, reasoning."""
    latency_s: float | None = None


class Model(Protocol):
    """One request in, one reply out."""

    def complete(
        self,
        messages: Sequence[Mapping[str, Json]],
        *,
        schema: Mapping[str, Json] | None = None,
        tools: Sequence[Mapping[str, Json]] = (),
        sampling: Mapping[str, Json] | None = None,
    ) -> Reply:
        """Answers `messages`, held to a JSON `schema` where the backend can."""
        ...
