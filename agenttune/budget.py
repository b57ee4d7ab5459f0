"""What a study may spend, and the protocol of the ledger that counts it. No clock here."""

from __future__ import annotations

import math
import operator
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Protocol

from agenttune.errors import UserError

MOST = 10**12
"""Largest bound: beyond is a typing error, and the store's integers end at 63 bits."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Upper bounds of a study; None is no bound."""

    trials: int | None = None
    """Trials, counted when one is proposed; replicates of `confirm` are outside."""
    seconds: float | None = None
    """Wall seconds during which a driver ran."""
    tokens: int | None = None
    """Prompt and completion tokens of language models."""
    dollars: float | None = None
    """US dollars paid to language models."""
    requests: int | None = None
    """Requests sent to language models."""

    def __post_init__(self) -> None:
        for entry in fields(self):
            value = getattr(self, entry.name)
            if value is None:
                continue
            if not isinstance(value, int | float):
                with suppress(TypeError):  # NumPy counts in numbers of its own
                    value = operator.index(value)
                    object.__setattr__(self, entry.name, value)
            if entry.name != "seconds" and entry.name != "dollars" and not isinstance(value, int):
                raise UserError(f"a budget of `{entry.name}` must be a whole number, but got {value!r}")
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise UserError(f"a budget of `{entry.name}` must be a number, but got {value!r}")
            if value > MOST:
                raise UserError(f"a budget of `{entry.name}` must be at most {MOST:,}, but got {value!r}")
            least = 1 if entry.name == "trials" else 0
            if not math.isfinite(value) or value < least or (value == 0 and entry.name == "seconds"):
                rule = "above 0" if entry.name == "seconds" else f"at least {least}"
                raise UserError(f"a budget of `{entry.name}` must be {rule}, but got {value!r}")


@dataclass(frozen=True, slots=True)
class Spending:
    """What one request may cost at worst, or did cost; None is unknown, never 0."""

    requests: int = 1
    tokens: int | None = None
    dollars: float | None = None


def bounds_beyond(
    spent: Spending, *, dollars: float | None = None, requests: int | None = None, tokens: int | None = None
) -> Budget:
    """Bounds on top of what is spent already, for a ledger that counts both together."""

    def raised(bound: float | None, used: float | None) -> float | None:
        return None if bound is None else bound + (used or 0)

    def whole(bound: float | None) -> int | None:
        return None if bound is None else int(bound)

    return Budget(
        dollars=raised(dollars, spent.dollars),
        requests=whole(raised(requests, spent.requests)),
        tokens=whole(raised(tokens, spent.tokens)),
    )


class Ledger(Protocol):
    """Counts spending on models before it happens; the store implements it."""

    def reserve(self, study_id: str | None, worst: Spending, budget: Budget, *, daily: Budget | None = None) -> int:
        """Reserves the worst case in one transaction and returns the reservation's id.

        Args:
            study_id: who asks; None for a request outside any study.
            worst: what the request may cost at most.
            budget: bounds of the study.
            daily: bounds of all requests of one day (UTC) together, whoever asks.

        Raises:
            BudgetExhausted: a bound would be passed; nothing was reserved.
        """
        ...

    def settle(self, reservation_id: int, actual: Spending) -> None:
        """Replaces a reservation by what it did cost."""
        ...
