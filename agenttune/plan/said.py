"""The amounts that a text states, in English, German, French, Spanish and Chinese: numbers, time spans, sizes, times.

Generous on purpose: all readings of an ambiguous spelling count as said ("10,000" is ten thousand and ten; "2 GB" is
both sizes). It serves to check what somebody else made of the text (literal.py). Not for: what an amount is meant for.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise

from agenttune.plan.numerals import CHINESE, chinese_value, number_words
from agenttune.plan.words import NUMBER_WORD, read_number
from agenttune.units import read_bytes

WORDS: dict[str, float] = {
    word: value for language in ("en", "de", "fr", "es") for word, value in number_words(language).items()
}
_ENGLISH = re.compile(rf"(?<!\w){NUMBER_WORD}", re.IGNORECASE)
"""Several words of one number too: "a hundred and fifty"."""
_WORD = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(WORDS, key=len, reverse=True)))})(?!\w)", re.IGNORECASE)
_DIGITS = re.compile(
    r"10\s*(?:\^|\*\*)\s*[-+]?\d{1,3}|\d+\s+\d/\d|(?:\d[\d_]*(?:[.,]\d+)*"
    r"|(?<![.,\d])[.,]\d+)(?:e[-+]?\d{1,3})?(?:k(?![a-z]))?|[½¼¾]",
    re.IGNORECASE,
)
_CHINESE = re.compile(CHINESE)
_PERCENT = re.compile(r"\s*(?:%|percent|prozent|pour\s+cent|por\s+ciento)", re.IGNORECASE)
_GROUPED = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")
_LIST = re.compile(r"[\d.]+(?:,[\d.]+)+")
_FRACTION_SIGNS = {"½": 0.5, "¼": 0.25, "¾": 0.75}

_UNITS = (
    (r"(?:milliseconds?|ms|毫秒)", 0.001),
    (r"(?:seconds?|secs?|s|sekunden?|sek|secondes?|segundos?|秒钟?)", 1),
    (r"(?:minutes?|mins?|m|minuten?|minutos?|分钟|分)", 60),
    (r"(?:hours?|hrs?|h|stunden?|std|heures?|horas?|个?小时|个?钟头)", 3600),
    (r"(?:days?|d|tage?n?|jours?|días?|dias?|天)", 86400),
)
"""(unit, seconds); a unit ends where its letters do."""
_HALF_AFTER = r"(?:\s+and\s+a\s+half|\s+et\s+demie?|\s+y\s+media|个?半)"
_PARTS = (
    (r"(?:an?|eine[rn]?|une?|una)(?=\s)", 1.0),
    (r"(?:half|halbe[nr]?|demi[e]?|media|半个?)", 0.5),
    (r"(?:quarter\s+of|viertel|quart\s+d['’]|cuarto\s+de)", 0.25),
    (r"(?:three[\s-]quarters\s+of|dreiviertel|trois\s+quarts\s+d['’]|tres\s+cuartos\s+de)", 0.75),
    (r"(?:anderthalb|eineinhalb)", 1.5),
    (r"(?:zweieinhalb)", 2.5),
)
_SHARES = (
    (r"hal(?:f|b\w*)|moitié|mitad|一半", 0.5),
    (r"(?:a|one)\s+third|drittel|tiers|tercio|三分之一", 1 / 3),
    (r"quarter|viertel|quart|cuarto|四分之一", 0.25),
    (r"fifth|fünftel|cinquième|quinta?\s+parte|quinto|五分之一", 0.2),
    (r"tenth|zehntel|dixième|décim[ao]|十分之一", 0.1),
)
_SIZE = re.compile(r"(\d+(?:[.,]\d+)?)\s*([kmgt])(?:i?b|o|ig|egabytes?|igabytes?)?(?![a-z])", re.IGNORECASE)
_NOON = re.compile(r"\b(?:noon|mittags?|midi|mediodía)\b|中午", re.IGNORECASE)
_MIDNIGHT = re.compile(r"\b(?:midnight|mitternacht|minuit|medianoche)\b|午夜|半夜", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?P<early>早上|上午|凌晨)?(?P<late>晚上|下午|傍晚)?\s*(?<!\d)(?P<hour>\d{1,2})"
    r"(?:\s*[:h点時时](?P<minute>\d{2})(?!\d)|(?P<o>\s*(?:uhr|h|o['’]?clock|点|时)(?![a-z0-9]))|)"
    r"\s*(?P<half>(?:a\.?m\.?|p\.?m\.?)(?![a-z])|abends|nachmittags|morgens|du\s+soir|du\s+matin"
    r"|de\s+la\s+(?:tarde|noche|mañana))?",
    re.IGNORECASE,
)
_BEFORE_H = re.compile(r"(?:à|avant|vers|las|until|till|by|before|at|um|bis)\s*$", re.IGNORECASE)
"""What makes "18h" a time of day; else it is a span."""
_LATE = re.compile(r"^p|abends|nachmittags|du\s+soir|tarde|noche", re.IGNORECASE)
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[T\s]+(\d{2}:\d{2})")


def numbers(text: str) -> frozenset[float]:
    """Every number the text states, percentages also as shares, each also without its sign's doubt."""
    found = {value for _, _, values in _numbers_at(text) for value in values}
    found |= {value for listed in _LIST.findall(text) for value in _floats(listed.split(","))}
    return frozenset(found | {-value for value in found})


def counts(text: str) -> frozenset[float]:
    """Every number the text states that has no unit of time or memory and is no percentage: of something counted."""
    taken = [(start, end) for start, end, _ in _spans_at(text)]
    taken += [match.span() for match in _SIZE.finditer(text) if match[0][-1] not in "kK"]  # "1k" is a thousand
    return frozenset(
        value
        for start, end, values in _numbers_at(text)
        if not any(first <= start < last for first, last in taken) and not _PERCENT.match(text, end)
        for value in values
    )


def spans(text: str) -> frozenset[float]:
    """Seconds of every time span that the text states, and of those that stand side by side together."""
    every = set(_spans_at(text))
    found = sorted(span for span in every if not any(_is_within(span, other) for other in every))
    alone = {seconds for _, _, seconds in found}
    together: set[float] = set()
    for (_, end, first), (start, _, second) in pairwise(found):
        if start >= end and re.fullmatch(r"\s*(?:,|and|und|et|y|plus|又)?\s*", text[end:start], re.IGNORECASE):
            together.add(first + second)
    return frozenset(alone | together)


def sizes(text: str) -> frozenset[int]:
    """Bytes of every amount of memory that the text states; "2 GB" in powers of 1000 and of 1024."""
    found: set[int] = set()
    for digits, letter in _SIZE.findall(text):
        number = digits.replace(",", ".")
        read = (read_bytes(f"{number}{letter}{unit}") for unit in ("B", "iB"))
        found |= {size for size in read if size is not None}
    return frozenset(found)


def shares(text: str) -> frozenset[float]:
    """Every share of a whole that the text states: "30%", "a fifth", "0.2", "30"."""
    found = set(numbers(text)) | {value for pattern, value in _SHARES if re.search(pattern, text, re.IGNORECASE)}
    return frozenset(found | {value / 100 for value in found if value > 1})


def clock_times(text: str) -> frozenset[str]:
    """Every time of day that the text may state, "18:00", and every moment, "2026-03-01T08:00"."""
    found = {f"{day}T{time}" for day, time in _MOMENT.findall(text)}
    found |= {"12:00"} if _NOON.search(text) else set()
    found |= {"00:00", "24:00"} if _MIDNIGHT.search(text) else set()
    for match in _CLOCK.finditer(text):
        hour, minute, half = int(match["hour"]), int(match["minute"] or 0), match["half"] or ""
        if not (match["minute"] or match["o"] or half) or hour > 24 or minute > 59:
            continue
        if (match["o"] or "").strip().lower() == "h" and not _BEFORE_H.search(text[: match.start("hour")]):
            continue
        if match["late"] or _LATE.search(half):
            hour = hour % 12 + 12
        elif half and hour == 12:
            hour = 0
        found.add(f"{hour:02d}:{minute:02d}")
    return frozenset(found)


def _is_within(span: tuple[int, int, float], other: tuple[int, int, float]) -> bool:
    """Whether it is a part of a longer one, as "an hour" of "half an hour"."""
    return other[0] <= span[0] and span[1] <= other[1] and other[1] - other[0] > span[1] - span[0]


def holds(said: Collection[float], value: float) -> bool:
    """Whether the value is among them, but for rounding."""
    return any(math.isclose(value, entry, rel_tol=1e-6, abs_tol=1e-12) for entry in said)


def _numbers_at(text: str) -> Iterator[tuple[int, int, tuple[float, ...]]]:
    """(start, end, all the values it can have) of every number."""
    for match in _DIGITS.finditer(text):
        values = tuple(_digit_values(match[0]))
        if _PERCENT.match(text, match.end()):
            values += tuple(value / 100 for value in values)
        yield match.start(), match.end(), values
    for match in _WORD.finditer(text):
        yield match.start(), match.end(), (WORDS[" ".join(match[0].lower().split())],)
    for match in _ENGLISH.finditer(text):
        yield match.start(), match.end(), (float(read_number(match[0])),)
    for match in _CHINESE.finditer(text):
        yield match.start(), match.end(), (float(chinese_value(match[0])),)


def _digit_values(text: str) -> Iterator[float]:
    text = text.lower().replace("_", "")
    if text in _FRACTION_SIGNS:
        yield _FRACTION_SIGNS[text]
    elif "/" in text:
        whole, _, part = text.partition(" ")
        above, below = map(int, part.strip().split("/"))
        yield int(whole) + (above / below if below else 0)
    elif "^" in text or "**" in text:
        yield 10.0 ** int(re.split(r"\^|\*\*", text)[1])
    else:
        times = 1000.0 if text.endswith("k") else 1.0
        number = text.removesuffix("k")
        is_grouped = _GROUPED.fullmatch(number) is not None  # "1,000" or "10.000"
        for plain in {number, number.replace(",", "."), re.sub("[.,]", "", number) if is_grouped else number}:
            yield from _floats((plain,), times)


def _floats(texts: Iterable[str], times: float = 1.0) -> Iterator[float]:
    for text in texts:
        try:
            value = float(text) * times
        except ValueError:
            continue
        if math.isfinite(value):
            yield value


def _spans_at(text: str) -> Iterator[tuple[int, int, float]]:
    """(start, end, seconds) of every number with a unit, and of "half an hour" or "an hour and a half"."""
    for start, end, values in _numbers_at(text):
        for unit, seconds in _UNITS:
            match = re.compile(rf"({_HALF_AFTER})?[\s-]*{unit}(?![a-zäöüé])({_HALF_AFTER})?", re.IGNORECASE).match(
                text, end
            )
            for value in values if match else ():
                half = 0.5 if match and (match[1] or match[2]) else 0.0
                yield start, match.end() if match else end, (value + half) * seconds
    for part, value in _PARTS:
        for unit, seconds in _UNITS[1:]:
            pattern = rf"(?<![a-zäöüéß]){part}[\s-]*(?:an?\s+|einer?\s+|una?\s+)?{unit}(?![a-zäöüé])({_HALF_AFTER})?"
            for match in re.finditer(pattern, text, re.IGNORECASE):
                yield match.start(), match.end(), (value + (0.5 if match[1] else 0.0)) * seconds
