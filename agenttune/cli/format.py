"""Numbers, durations, sizes and configurations as people read them, and read back what people type."""

from __future__ import annotations

import argparse
import math
import re
import time
from collections.abc import Mapping

from agenttune.units import SIZE_EXAMPLE, read_bytes
from agenttune.visible import clean

_DURATION_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


def number(value: float) -> str:
    """A measured value: four decimals where that reads well, else four significant digits."""
    if isinstance(value, int):
        return str(value)
    if value == 0 or 1e-3 <= abs(value) < 1000:
        return f"{value + 0.0:.4f}"  # no minus before zero
    return f"{value:.4g}"


def scalar(value: object) -> str:
    """A parameter's value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.4g}" if value != int(value) or abs(value) >= 1e6 else f"{value:.1f}"
    return clean(str(value))


def config(values: Mapping[str, object]) -> str:
    """`C=1.0 kernel=rbf`."""
    return " ".join(f"{clean(name)}={scalar(value)}" for name, value in values.items())


def seconds(value: float) -> str:
    """`8.2 s`, `1 min 5 s`, `2 h 3 min`."""
    if value < 9.95:
        return f"{value:.1f} s"
    whole = round(value)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    minutes = whole // 60
    return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"


def clock(value: float) -> str:
    """`1:05`, `2:03:00`."""
    whole = int(value)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def size(n_bytes: float) -> str:
    """`3.2 GB`, in powers of 1000."""
    for unit in ("B", "kB", "MB", "GB"):
        if n_bytes < 1000:
            return f"{n_bytes:.0f} {unit}" if unit == "B" else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.1f} TB"


def ago(moment: float) -> str:
    """`12 s ago`, `3 h ago`, `2026-01-31` beyond a month."""
    past = max(0.0, time.time() - moment)
    if past < 60:
        return f"{past:.0f} s ago"
    if past < 3600:
        return f"{past // 60:.0f} min ago"
    if past < 86400:
        return f"{past // 3600:.0f} h ago"
    if past < 30 * 86400:
        return f"{past // 86400:.0f} d ago"
    return time.strftime("%Y-%m-%d", time.localtime(moment))


def change(value: object, reference: object) -> str:
    """How a value compares with a reference: `x10` or `+12%` for numbers, else empty."""
    numeric = (int, float)
    if isinstance(value, bool) or isinstance(reference, bool):
        return ""
    if not isinstance(value, numeric) or not isinstance(reference, numeric) or reference == 0:
        return ""
    ratio = value / reference
    if ratio > 0 and not 0.5 <= ratio <= 2:
        return f"x{ratio:.3g}"
    return f"{(value - reference) / abs(reference):+.1%}"


def parse_seconds(text: str) -> float:
    """An argparse type: `90`, `90s`, `5m`, `1.5h`."""
    value = _parse_unit(text, r"(s|m|min|h|d|)", _DURATION_UNITS)
    if value is None:
        raise argparse.ArgumentTypeError(f"a duration must be positive, like 90, 90s, 5m or 1.5h, but got {text!r}")
    return value


def parse_size(text: str) -> int:
    """An argparse type: `500M`, `2G`, `1.5GiB`, or bytes."""
    value = read_bytes(text)
    if value is None:
        raise argparse.ArgumentTypeError(f"a size must be positive, like {SIZE_EXAMPLE}, but got {text!r}")
    return value


def parse_positive(text: str) -> int:
    """An argparse type: a whole number of at least 1."""
    value = _whole(text)
    if value is None or value < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, but got {text!r}")
    return value


def parse_count(text: str) -> int:
    """An argparse type: a whole number of at least 0."""
    value = _whole(text)
    if value is None or value < 0:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 0, but got {text!r}")
    return value


def parse_dollars(text: str) -> float:
    """An argparse type: US dollars, "2", "0.5" or "$2"."""
    try:
        value = float(text.removeprefix("$"))
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise argparse.ArgumentTypeError(f"must be US dollars of at least 0, as in 2 or 0.50, but got {text!r}")
    return value


def _whole(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def _parse_unit(text: str, unit: str, factors: Mapping[str, float]) -> float | None:
    match = re.fullmatch(rf"\s*([0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?)\s*{unit}\s*", text)
    if match is None:
        return None
    word = match[2]
    value = float(match[1]) * factors.get(word, factors.get(word.upper(), 1.0))
    return value if math.isfinite(value) and value > 0 else None
