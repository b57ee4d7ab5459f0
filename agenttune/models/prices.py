"""What models cost, from a dated file that anybody may edit. An unknown price is unknown, never 0."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens."""

    prompt: float
    completion: float
    cached: float | None = None
    """Of prompt tokens read from the server's cache; None: as other prompt tokens."""
    as_of: str | None = None
    """Date the price was read, ISO."""


FREE = Price(0.0, 0.0)
"""Of a model on this machine."""
