"""Mean and standard deviation of a number that a model is about to write, from the probabilities of how it may go on.

A number is written digit by digit, so what a model believes of it is a tree: after "0.8" may come "7", "9" or the end.
Branches that were not followed to their end stand for the interval of the numbers that begin so, "0.8" for .8 to .9,
within which nothing is known and all values count alike. Token probabilities are those of texts, not densities, but
texts of one length share an interval width, and the few shorter ones are point masses: that is what is averaged.

Not for getting the probabilities: a local model is asked (models/local/numbers.py), a server tells some of them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

_OPEN = re.compile(r"(-?)(\d+)\.(\d*)")
"""A number that goes on after its point: the only kind whose interval is known."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One way the number may be written."""

    text: str
    """Its characters so far."""
    probability: float
    is_whole: bool
    """Whether the number ends here."""


def interval(branch: Branch) -> tuple[float, float] | None:
    """(low, high) of the numbers that the branch stands for; None where it cannot be told.

    A whole number is a point. An open one without a decimal point may still become any size.
    """
    if branch.is_whole:
        value = _value(branch.text)
        return None if value is None else (value, value)
    found = _OPEN.fullmatch(branch.text)
    if found is None:
        return None
    sign, whole, decimals = found.groups()
    low = float(f"{whole}.{decimals or 0}")
    high = low + 10.0 ** -len(decimals)
    return (-high, -low) if sign else (low, high)


def number_distribution(branches: Sequence[Branch]) -> tuple[float, float, float] | None:
    """(mean, sd, resolved) of the number; resolved is the share of the probability whose interval is known.

    Args:
        branches: which exclude each other; their probabilities need not sum to one.

    Returns:
        None where nothing is known of the number.
    """
    total = sum(branch.probability for branch in branches)
    known = [(branch.probability, *within) for branch in branches if (within := interval(branch)) is not None]
    share = sum(probability for probability, _, _ in known)
    if not share > 0:
        return None
    mean = sum(probability * (low / 2 + high / 2) for probability, low, high in known) / share
    variance = sum(
        probability * ((low / 2 + high / 2 - mean) ** 2 + (high - low) ** 2 / 12) for probability, low, high in known
    )
    sd = math.sqrt(variance / share)
    return (mean, sd, share / total) if math.isfinite(mean) and math.isfinite(sd) else None


def _value(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
