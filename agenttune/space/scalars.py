"""What one value is: plain Python scalars out of whatever was handed over, their identity and their spelling."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable

import numpy as np

from agenttune.types import Scalar

ScalarKey = tuple[bool, Scalar]
"""Identity of a value: True and 1 differ, 1 and 1.0 do not."""


def scalar_key(value: Scalar) -> ScalarKey:
    """What makes two values the same choice."""
    return isinstance(value, bool), value


def typed_key(value: Scalar | None) -> tuple[str, Scalar | None]:
    """What makes two values the same to the letter: also 1 and 1.0 differ."""
    return type(value).__name__, value


def plain(value: object) -> Scalar | None:
    """The value as exactly bool, int, float or str; None if it is none of these (NaN and infinities pass)."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        return str.__str__(value)
    return None


def is_finite(value: Scalar) -> bool:
    """Whether it is no NaN and no infinity."""
    return not isinstance(value, float) or math.isfinite(value)


def as_float(value: object) -> float | None:
    """A finite number as a float; None for anything else, truth values and text included."""
    number = plain(value)
    if number is None or isinstance(number, bool | str):
        return None
    try:
        number = float(number)
    except OverflowError:
        return None
    return number + 0.0 if math.isfinite(number) else None  # + 0.0 makes -0.0 an ordinary 0


def as_int(value: object) -> int | None:
    """A whole number as an int, 3.0 included; None for anything else, truth values and text included."""
    number = plain(value)
    if isinstance(number, float):
        return int(number) if number.is_integer() else None
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def spell(value: Scalar) -> str:
    """A value for people, exact and short: 1e-3, 0.05, 100, true, rbf; text that could mislead in quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return repr(value) if _is_misleading(value) else value
    if isinstance(value, int) and abs(value) < 100_000:
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    text = repr(value)
    digits, _, exponent = text.partition("e")
    whole, _, fraction = digits.lstrip("-").partition(".")
    if fraction == "0":
        fraction = ""
    power = int(exponent or 0) - len(fraction)
    significant = (whole + fraction).lstrip("0") or "0"
    stripped = significant.rstrip("0") or "0"
    power += len(significant) - len(stripped) if stripped != "0" else -power
    sign = "-" if value < 0 else ""
    mantissa = stripped[0] + ("." + stripped[1:] if len(stripped) > 1 else "")
    scientific = f"{sign}{mantissa}e{power + len(stripped) - 1}"
    decimal = text.removesuffix(".0")
    return decimal if "e" not in decimal and len(decimal) <= len(scientific) else scientific


def spell_given(value: object) -> str:
    """A value somebody handed over, short enough for a sentence."""
    try:
        text = repr(value.item() if isinstance(value, np.generic) else value)
    except ValueError:  # an int of more than 4300 digits
        text = "a huge number"
    if isinstance(value, str):
        text += " (text)"
    return text if len(text) <= 80 else f"{text[:77]}..."


def _is_misleading(text: str) -> bool:
    """Whether a text looks like nothing, like several words of a list, or like another kind of value."""
    if not text or text != text.strip() or not text.isprintable() or "|" in text or text.lower() in ("true", "false"):
        return True
    try:
        float(text)
    except ValueError:
        return False
    return True


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name a typing error most likely meant."""
    names = list(known)
    folded = {entry.lower(): entry for entry in names}
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return close[0]
    close = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def suggestion(name: str, known: Iterable[str], *, limit: int = 12) -> str:
    """The end of a sentence about an unknown name: the nearest one, or what there is."""
    names = list(known)
    close = nearest(name, names)
    if close is not None:
        return f"did you mean `{close}`?"
    shown = ", ".join(f"`{entry}`" for entry in names[:limit])
    return f"there are {shown}{', ...' if len(names) > limit else ''}" if names else "there are none"
