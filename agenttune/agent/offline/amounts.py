"""A number with its unit, and the same in the unit that is wanted: "20 ms", "0.5", "2 GB", "98%".

Not for: time spans and sizes of a budget, which plan/words.py reads.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from agenttune.errors import RequestNotUnderstood
from agenttune.insight.quoting import quote
from agenttune.plan.words import NUMBER, read_duration, read_number, read_size
from agenttune.types import is_number

_TIMES = {
    1e-6: ("us", "µs", "μs", "microsecond", "microseconds"),
    1e-3: ("ms", "msec", "millisecond", "milliseconds"),
    1.0: ("s", "sec", "secs", "second", "seconds"),
    60.0: ("m", "min", "mins", "minute", "minutes"),
    3600.0: ("h", "hr", "hrs", "hour", "hours"),
}
SECONDS = {name: seconds for seconds, names in _TIMES.items() for name in names}
"""Unit of time -> seconds."""
SIZES = ("b", "bytes", "kb", "mb", "gb", "tb", "kib", "mib", "gib", "tib")
_UNIT_WORDS = "|".join(sorted([*SECONDS, *SIZES, "percent", "%"], key=len, reverse=True))
AMOUNT = (
    rf"(?:{NUMBER}|(?<![\w.])[-+]?\d[\d_,]*(?:\.\d+)?(?:e[-+]?\d+)?(?=\s*(?:{_UNIT_WORDS})(?![^\W\d])|,\d))"
    rf"(?:\s*(?:{_UNIT_WORDS})(?!\w)|,\d+)?"
)
_PARTS = re.compile(rf"(.+?)\s*((?<![^\W\d])(?:{_UNIT_WORDS}))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as it was said."""

    text: str
    value: float
    """An int where it is whole and was written so."""
    unit: str | None


def read_amount(text: str) -> Amount:
    """The value of an `AMOUNT`.

    Raises:
        RequestNotUnderstood: it is no number, or its comma can mean two things.
    """
    parts = _PARTS.fullmatch(text.strip())
    number = parts[1] if parts else text.strip()
    if re.match(r"[-+]?(?:0,|\d+,\d{1,2}$)", number):
        raise RequestNotUnderstood(f"is {quote(number)} with a comma for the decimal point? Write it with a point")
    if not re.fullmatch(NUMBER, number, re.IGNORECASE):
        raise RequestNotUnderstood(f"{quote(text)} is no number", fragments=(text,))
    return Amount(text.strip(), _finite(read_number, number), parts[2].lower() if parts and parts[2] else None)


def whole_number(text: str) -> int:
    """A number that must be whole, as `read_amount`."""
    number = _finite(read_number, text)
    if number != int(number):
        raise RequestNotUnderstood(f"{quote(text)} should be a whole number", fragments=(text,))
    return int(number)


def seconds_of(text: str) -> float:
    """The seconds of a time span, as `read_amount`."""
    return float(_finite(read_duration, text))


def bytes_of(text: str) -> int:
    """The bytes of an amount of memory, as `read_amount`."""
    return int(_finite(read_size, text))


def _finite(read: Callable[[str], float], text: str) -> float:
    try:
        number = read(text)
    except (OverflowError, ValueError):
        number = math.inf
    if not is_number(number):
        raise RequestNotUnderstood(f"{quote(text)} is no number that I can count with", fragments=(text,))
    return number


def unit_of(name: str) -> str | None:
    """The unit a name ends in: "latency_ms" is in ms."""
    last = re.split(r"[\s_-]+", name.lower())[-1]
    return last if last in SECONDS or last in SIZES else None


def in_unit(amount: Amount, unit: str | None, *, what: str, is_share: bool) -> float:
    """The amount in the unit of what it is an amount of.

    Args:
        amount: as it was said.
        unit: that `what` is in; None where it has none.
        what: a parameter or a metric, for the sentence.
        is_share: whether it lies between 0 and 1, so that a percentage of it has a meaning.

    Raises:
        RequestNotUnderstood: the two units do not go together.
    """
    said, unit = amount.unit, None if unit is None else unit.lower()
    if said is None or said == unit:
        return amount.value
    if said in ("%", "percent") and unit is None and is_share:
        return amount.value / 100
    if said in SECONDS and unit in SECONDS:
        return float(f"{amount.value * SECONDS[said] / SECONDS[unit]:.12g}")
    measured = f"is in {unit}" if unit else "has no unit that I know"
    raise RequestNotUnderstood(f"{what} {measured}, but you say {quote(amount.text)}: give the bare number it shall be")
