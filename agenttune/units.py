"""Amounts as people write them: memory in one reading for flags, study files and sentences, and seconds.

Standard library only.
"""

from __future__ import annotations

import math
import re

SIZE_EXAMPLE = "500M, 2G, 2 GB or 1.5 GiB"

_SIZE = re.compile(r"\s*([0-9]*\.?[0-9]+(?:e[+-]?[0-9]+)?)\s*([kmgt]?)(i?)(b?)\s*", re.IGNORECASE)


def read_bytes(text: str) -> int | None:
    """Bytes of "500M", "2G", "2 GB", "1.5GiB" or "4096"; None if it is no amount of at least one byte.

    A bare letter and "GiB" count in powers of 1024, as memory limits do everywhere; "GB" in powers of 1000.
    """
    match = _SIZE.fullmatch(text)
    if match is None or (match[3] and not match[4]):
        return None
    base = 1000 if match[4] and not match[3] else 1024
    value = float(match[1]) * base ** (" kmgt".index(match[2].lower()) if match[2] else 0)
    return int(value) if math.isfinite(value) and value >= 1 else None


def spell_infinite(value: float) -> str | None:
    """How a difference is told that no float holds; None for one that is held."""
    if not math.isinf(value):
        return None
    return "over 1.8e+308" if value > 0 else "under -1.8e+308"


def spell_seconds(seconds: float) -> str:
    """`0.4 s`, `12 s`, `1,234 s`: what is only known about."""
    return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:,.0f} s"
