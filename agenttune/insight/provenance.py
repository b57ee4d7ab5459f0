"""Which numbers of a text stand in the record, and a mark behind those that do not.

A number is supported if one of the record, rounded to the digits shown, is the same, whatever its sign: as it stands,
or by the unit behind it as a percentage, in seconds, minutes, hours, days, thousands or bytes. So is how long a list
of the record is. Numbers in names ("F1", "top-5", "gpt-4.1"), versions, dates, ordinals, the numbering of lists, and
0 and 1 are not looked at. A sum or difference that somebody worked out is not supported, and whose a number is cannot
be told.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from agenttune.types import Json, is_number

MARK = "[?]"
"""Behind a number that no record holds."""
SCALES = {
    ("%", "percent", "per cent", "percentage points", "pp", "cents"): (1.0, 100.0),
    ("s", "sec", "second", "seconds"): (1.0, 60.0, 3_600.0, 0.001),
    ("ms", "milliseconds"): (1.0, 1_000.0),
    ("min", "mins", "minute", "minutes"): (1.0, 1 / 60),
    ("h", "hr", "hour", "hours"): (1.0, 1 / 60, 1 / 3_600),
    ("d", "day", "days"): (1.0, 1 / 24, 1 / 86_400),
    ("k", "K", "thousand"): (1.0, 1e-3),
    ("M", "million"): (1.0, 1e-6),
    ("B", "billion"): (1.0, 1e-9),
    ("kB", "KB", "KiB"): (1.0, 1e-3, 2**-10),
    ("MB", "MiB"): (1.0, 1e-6, 2**-20),
    ("GB", "GiB"): (1.0, 1e-9, 2**-30),
    ("x", "×"): (1.0,),
}
"""Units behind a number -> factors from the record's number to the one that is said."""
_FACTORS = {unit: factors for units, factors in SCALES.items() for unit in units}
_UNIT = re.compile(rf"[ \u202f]?({'|'.join(sorted(map(re.escape, _FACTORS), key=len, reverse=True))})(?!\w)")
_SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")
_DIGITS = r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?|\.\d+)"
_POWER = r"(?:[eE](?P<e>[-+−]?\d+)|\s?[x×·*]\s?10(?:\^\{?(?P<power>[-−]?\d+)\}?|(?P<raised>[⁻⁰¹²³⁴-⁹]+)))?"
_NUMBER = re.compile(rf"(?<![\w.])(?P<sign>[-+−]?)(?<!\d\.){_DIGITS}{_POWER}(?!\.\d)")
_ANY = re.compile(_DIGITS + _POWER)
"""Of the record, where a number inside a name counts, too."""
_IN_NAME = re.compile(r"[^\W\d]-$")
_PASSED = re.compile(r"\d{4}-\d\d-\d\d|\b\d{1,2}:\d\d(?::\d\d)?\b|^\s*(?:#+ *)?\d+[.)](?=\s)", re.MULTILINE)
"""Dates, times of day, numbering of lists and headings."""


@dataclass(frozen=True, slots=True)
class _Said:
    start: int
    end: int
    """Behind its percent sign."""
    text: str
    value: float
    step: float
    """Half of it is what rounding may have changed."""
    factors: tuple[float, ...]


def unsupported_numbers(text: str, record: Collection[Json]) -> list[tuple[int, int, str]]:
    """(start, end, as written) of every number of a text that no record holds.

    Args:
        text: what somebody says.
        record: texts and JSON-like values in which numbers may stand.
    """
    said = list(_said(text))
    if not said:
        return []
    known = sorted({number for entry in record for number in _known(entry)})
    return [(entry.start, entry.end, entry.text) for entry in said if not _is_known(entry, known)]


def marked_numbers(text: str, record: Collection[Json]) -> tuple[str, tuple[str, ...]]:
    """(the text with a mark behind every number that no record holds, those numbers)."""
    found = unsupported_numbers(text, record)
    for _, end, _ in reversed(found):
        text = text[:end] + MARK + text[end:]
    return text, tuple(number for _, _, number in found)


def _said(text: str) -> Iterator[_Said]:
    passed = [found.span() for found in _PASSED.finditer(text)]
    for found in _NUMBER.finditer(text):
        start, end = found.span()
        if any(first <= start < last for first, last in passed):
            continue
        if _IN_NAME.search(text, max(start - 2, 0), start):  # "top-5"
            continue
        unit = _UNIT.match(text, end)
        if unit is None and (text[end : end + 1].isalpha() or text[end : end + 1] == "_"):  # "3rd", "4bit"
            continue
        value, step = _read(found)
        if value in (0.0, 1.0):
            continue
        factors = (1.0,) if unit is None else _FACTORS[unit[1]]
        last = unit.end() if unit is not None and unit[1] == "%" else end
        yield _Said(start, last, text[start:last], value, step, factors)


def _read(found: re.Match[str]) -> tuple[float, float]:
    """(absolute value, place value of its last digit); of 1,200 the zeros are taken for rounded, of 100 not."""
    digits = found["digits"].replace(",", "")
    exponent = int((found["e"] or found["power"] or found["raised"] or "0").translate(_SUPERSCRIPTS)[:5])
    _, _, decimals = digits.partition(".")
    place = exponent - len(decimals)
    if not decimals:
        bare = digits.rstrip("0")
        place += len(digits) - len(bare) if len(bare) > 1 else 0
    return float(f"{digits}e{exponent}"), float(f"1e{place}")


def _known(record: Json) -> Iterator[float]:
    """Absolute values of all numbers of the record, and the lengths of its lists."""
    if isinstance(record, str):
        for found in _ANY.finditer(record):
            yield _read(found)[0]
    elif isinstance(record, dict):
        yield float(len(record))
        for name, value in record.items():
            yield from _known(name)
            yield from _known(value)
    elif isinstance(record, list | tuple):
        yield float(len(record))
        for value in record:
            yield from _known(value)
    elif is_number(record):
        yield abs(float(record))


def _is_known(said: _Said, known: list[float]) -> bool:
    """Whether a number of the record, times one of the factors, rounds to the one that is said."""
    if math.isinf(said.value):
        return False
    for factor in said.factors:
        slack = said.step / 2 + 1e-9 * said.value
        at = bisect_left(known, (said.value - slack) / factor)
        if at < len(known) and known[at] <= (said.value + slack) / factor:
            return True
    return False
