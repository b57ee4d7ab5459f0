"""What the assistant makes of a sentence: calls of tools, or a question back."""

from __future__ import annotations

from dataclasses import dataclass, field

from agenttune.types import Json


@dataclass(frozen=True, slots=True)
class Call:
    """One tool to call."""

    tool: str
    """Its name in `agenttune.tools.REGISTRY`."""
    arguments: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Understood:
    """All that was asked for, or what has to be asked back; never both, never neither."""

    calls: tuple[Call, ...] = ()
    question: str | None = None
