"""A conversation as a record: who spoke, which tools ran, what was approved. Kept by the store, append-only."""

from __future__ import annotations

from dataclasses import dataclass

from agenttune.types import Json


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One conversation."""

    id: str
    """Short, random, never reused."""
    created_at: float
    """Seconds since the epoch."""
    workspace: str
    """Absolute folder whose files it is about."""
    title: str
    """How it began."""


@dataclass(frozen=True, slots=True)
class SessionEntry:
    """One thing that happened in it."""

    id: int
    created_at: float
    kind: str
    """What kind of entry; whoever holds the conversation decides which there are."""
    content: dict[str, Json]
