"""TEMP until the offline package is merged."""

from __future__ import annotations

from dataclasses import dataclass, field

from agenttune.types import Json


@dataclass(frozen=True, slots=True)
class Call:
    tool: str
    arguments: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Understood:
    calls: tuple[Call, ...] = ()
    question: str | None = None


def read(text: str, view: object) -> Understood:
    return Understood(question="I do not understand; say `pause`")
