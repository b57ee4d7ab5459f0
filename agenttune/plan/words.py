"""Numbers, shares, durations and sizes as people write them, as regular expressions with their readers.

Each pattern is a fragment without groups, so that a grammar can set it into larger ones. Not for:
what the numbers mean in a request (grammar.py).
"""

from __future__ import annotations

import re

from agenttune.units import read_bytes

_UNITS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen".split()
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
_ONES = "|".join(word for word, value in _UNITS.items() if 0 < value < 10)

_PLACES = {"dozen": 12, "hundred": 100, "thousand": 1000}
_WORDS = "|".join(sorted([*_UNITS, *_TENS, *_PLACES], key=len, reverse=True))
NUMBER_WORD = (
    rf"(?:(?:(?:half\s+)?a\s+(?:{'|'.join(_PLACES)})|{_WORDS})(?!\w)(?:[-\s](?:{_ONES}|{'|'.join(_PLACES)})(?!\w))*"
    rf"(?:(?:(?<=hundred)|(?<=thousand))\s+(?:and\s+)?(?:{_WORDS})(?:[-\s](?:{_ONES}))?(?!\w))?)"
)
DIGITS = (
    r"(?<![\w.])[-+]?(?:10\s*(?:\^|\*\*)\s*[-+]?\d+|(?:\d{1,3}(?:,\d{3})+|\d[\d_]*)(?:\.\d+)?(?:e[-+]?\d+)?k?"
    r"|\.\d+(?:e[-+]?\d+)?)(?![\w%])(?!\.\d)(?!\+(?!\d))"
)
"""A number in digits: 30, 10_000, 10,000, 1k, .5, 1e-3, 10^-3."""
NUMBER = rf"(?:{DIGITS}|{NUMBER_WORD})"

_PARTS = {"half": 0.5, "third": 1 / 3, "quarter": 0.25, "fifth": 0.2, "tenth": 0.1}
SHARE = rf"(?:\d+(?:\.\d+)?\s*(?:%|percent)|0?\.\d+|(?:(?:a|one)\s+)?(?:{'|'.join(_PARTS)})(?!\w))"
"""A share of something: 20%, .2, a fifth."""

_SECONDS = {"s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hr": 3600, "hour": 3600}
_SECONDS["d"] = _SECONDS["day"] = 86400
_LONG_UNIT = r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?)(?![a-z])"
_ANY_UNIT = rf"(?:{_LONG_UNIT}|[smhd](?![a-z]))"
_DECIMAL = r"(?<![\w.])(?:\d[\d_]*)?\.?\d+"
_PART = (
    rf"(?:(?:an?\s+)?half|(?:(?:a|one)\s+)?quarter(?:\s+of)?|three[\s-]+quarters\s+of)(?:\s+|-)(?:an?\s+)?{_LONG_UNIT}"
)
_SPELT = rf"(?:{NUMBER_WORD}|an?)(?:\s+|-)(?:and\s+a\s+half\s+)?{_LONG_UNIT}(?:\s+and\s+a\s+half(?!\w))?"
_COUNTED = rf"{_DECIMAL}[\s-]*(?:and\s+a\s+half\s+)?{_ANY_UNIT}(?:\s*\d+\s*{_ANY_UNIT})*"
DURATION = rf"(?:{_PART}|{_SPELT}|{_COUNTED})"
"""A time span: 5 minutes, 90 s, 2h, 1h30m, half an hour, an hour and a half."""
LONG_DURATION = rf"(?:{DURATION}(?:\s+and\s+{NUMBER}\s*(?:minutes?|mins?|seconds?|secs?)(?!\w))?)"
"""The same, and "an hour and 20 minutes"."""
_TERM = re.compile(
    rf"(?:(?<!\w)({NUMBER_WORD}|an?)(?:\s+|-)|((?:\d[\d_]*)?\.?\d+)[\s-]*)(and\s+a\s+half\s+)?"
    rf"({_ANY_UNIT})(\s+and\s+a\s+half)?",
    re.IGNORECASE,
)

SIZE = r"(?<![\w.])\d+(?:\.\d+)?\s*(?:[kmgt]i?b)(?!\w|/s)"
"""An amount of memory: 2 GB, 500MB, 1.5 GiB."""


def read_number(text: str) -> float:
    """The value of a `NUMBER`; an int where it is whole."""
    word = re.sub(r"[-\s]+", " ", text.strip().lower())
    if re.match(r"[a-z]", word):
        return _read_words(word)
    digits = text.strip().lower().replace("_", "")
    if "^" in digits or "**" in digits:
        value = 10.0 ** int(re.split(r"\^|\*\*", digits)[1])
    else:
        value = float(digits.rstrip("k").replace(",", "")) * (1000 if digits.endswith("k") else 1)
    return int(value) if value.is_integer() and "." not in digits else value


def _read_words(words: str) -> int:
    """The value of words: "a dozen", "two hundred and fifty", "thirty five"."""
    total, ahead = 0, 0
    for word in words.split():
        if word in _PLACES:
            total += (ahead or 1) * _PLACES[word]
            ahead = 0
        else:
            ahead += _TENS.get(word, _UNITS.get(word, 0))
    return total // 2 if words.startswith("half") else total + ahead


def read_share(text: str) -> float:
    """The value of a `SHARE`."""
    word = text.strip().lower()
    for name, value in _PARTS.items():
        if word.endswith(name):
            return value
    percent = re.match(r"([\d.]+)\s*(?:%|percent)", word)
    return float(percent[1]) / 100 if percent else float(word)


def read_duration(text: str) -> float:
    """The seconds of a `DURATION` or `LONG_DURATION`."""
    words = text.strip().lower()
    part = re.fullmatch(rf"(?:(?:an?|one)\s+)?(half|quarter|three[\s-]+quarters)\b.*?({_LONG_UNIT})", words)
    if part:
        share = 0.5 if part[1] == "half" else 0.25 if part[1] == "quarter" else 0.75
        return share * _unit_seconds(part[2])
    total = 0.0
    for word, digits, half_before, unit, half_after in _TERM.findall(words):
        number = 1.0 if word in ("a", "an") else float(read_number(word or digits))
        total += (number + (0.5 if half_before or half_after else 0.0)) * _unit_seconds(unit)
    return total


def _unit_seconds(unit: str) -> int:
    return _SECONDS.get(unit) or _SECONDS[unit.rstrip("s")]


def read_size(text: str) -> int:
    """The bytes of a `SIZE`: GB is 10^9, GiB 2^30."""
    n_bytes = read_bytes(text)
    if n_bytes is None:
        raise ValueError(f"{text!r} is no amount of memory")
    return n_bytes


def duration_text(seconds: float) -> str:
    """ "90 s", "5 min", "2 h": the largest unit that divides it evenly, else two units."""
    if seconds < 60 or seconds != int(seconds):
        return f"{seconds:g} s"
    whole = int(seconds)
    for size, unit in ((3600, "h"), (60, "min")):
        if whole % size == 0:
            return f"{whole // size} {unit}"
    if whole < 120:
        return f"{whole} s"
    if whole >= 3600:
        return f"{whole // 3600} h {duration_text(whole % 3600)}"
    return f"{whole // 60} min {whole % 60} s"


def size_text(n_bytes: int) -> str:
    """ "2 GB", "512 MiB"."""
    for size, unit in ((10**9, "GB"), (2**30, "GiB"), (10**6, "MB"), (2**20, "MiB")):
        if n_bytes >= size and n_bytes % size == 0:
            return f"{n_bytes // size} {unit}"
    return f"{n_bytes / 1e9:.3g} GB" if n_bytes >= 10**9 else f"{n_bytes / 1e6:.3g} MB"
