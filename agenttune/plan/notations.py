"""Notations of ranges and lists, written out as the grammar reads them.

"powers of two from 8 to 64" becomes "{8, 16, 32, 64}", "0.1 <= beta <= 0.5" "beta 0.1 to 0.5", "10% to 30%" "0.1 to
0.3", "loss ↓" "loss down". Not for: what is ranged over (ranges.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache

from agenttune.plan.words import DIGITS, NUMBER, read_number

MOST_VALUES = 64
"""Of a list that is written out; a longer one is nobody's wish."""
_BASES = {"two": 2, "2": 2, "ten": 10, "10": 10, "three": 3, "3": 3, "four": 4, "4": 4}
_BASE = r"(two|three|four|ten|2|3|4|10)"
_POWERS = rf"powers?\s+of\s+{_BASE}(?:\s+(?:only|please))?\s*[,:(]?\s*"
_FROM = r"(?:(?:ranging|going|starting|beginning)\s+)?(?:from|between|in|with|at)\s+|\[\s*"
_TO = r"\s*(?:up\s+to|to|through|thru|until|till|and|-|–|\.\.\.?|…|,)\s*"
_ENDS = (
    rf"(?:{_FROM})?(?P<low>{NUMBER})\s*(?:up\s+to|to|through|until|and|-|–|\.\.\.?|,)\s*(?P<high>{NUMBER})(?:\s*[\])])?"
)
_BY_STEPS = rf"(?:(?:in|by|with)\s+)?(?:an?\s+)?(?:steps?(?:\s+size)?|increments?)\s*(?:of|=|:)?\s*(?P<step>{NUMBER})"
_IN_PERCENT = re.compile(r"pct|perc(?:ent)?(?:age)?", re.IGNORECASE)


def written_out(text: str) -> str:
    """The sentence with such notations written out."""
    for pattern, write in _compiled():
        text = pattern.sub(write, text)
    return text


def _powers(match: re.Match[str], base: str, low: str, high: str) -> str:
    """The powers of a base between two numbers, as a list; the words, where the ends are no such powers."""
    step, value, end = _BASES[base.lower()], float(read_number(low)), float(read_number(high))
    found: list[float] = []
    power = 1.0
    while power <= end and len(found) <= MOST_VALUES:
        found += [power] if power >= value else []
        power *= step
    if not 2 <= len(found) <= MOST_VALUES or found[0] != value or found[-1] != end:
        return match[0]
    return f" {{{', '.join(f'{entry:.0f}' for entry in found)}}} "


def _steps(match: re.Match[str]) -> str:
    """ "10 to 50 in steps of 20" as a list; the words, where the last step does not end at the upper end."""
    low, high, step = (Decimal(str(read_number(match[name]))) for name in ("low", "high", "step"))
    if step <= 0 or low >= high or (high - low) % step or (high - low) / step >= MOST_VALUES:
        return match[0]
    found = [low + step * at for at in range(int((high - low) / step) + 1)]
    return f" {{{', '.join(map(_plain, found))}}} "


def _multiples(match: re.Match[str]) -> str:
    """ "multiples of 16 between 30 and 70" as a list."""
    low, high, step = (Decimal(str(read_number(match[name]))) for name in ("low", "high", "step"))
    if step <= 0 or not 1 < (high - low) / step <= MOST_VALUES:
        return match[0]
    first = -(-low // step)
    return f" {{{', '.join(_plain(step * at) for at in range(int(first), int(high // step) + 1))}}} "


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _exponents(match: re.Match[str]) -> str:
    """ "2^4 to 2^8" in digits."""
    return f"{int(match[1]) ** int(match[2])}" if int(match[2]) <= MOST_VALUES else match[0]


def _spaced(match: re.Match[str]) -> str:
    """ "32,64,128" as three numbers: only "10,000,000" is one."""
    numbers = match[0].split(",")
    is_listed = match.start() > 0 and match.string[: match.start()].rstrip()[-1:] in ("[", "{", "(")
    is_one = not is_listed and all(len(number) == 3 for number in numbers[1:])
    return match[0] if is_one else ", ".join(numbers)


def _between(match: re.Match[str]) -> str:
    """ "0.1 <= beta <= 0.5" as "beta 0.1 to 0.5", "1 < k < 5" as "k from >1 to <5": whole ends may be left out."""
    before = "" if match[1] in (None, match[3]) else f"{match[1]} "
    signs = [sign == "<" for sign in re.findall(r"<=|≤|<|⩽", match[0])]
    is_out = [sign and end.isdecimal() for sign, end in zip(signs, (match[2], match[4]), strict=True)]
    low, high = f"{'from >' if is_out[0] else ''}{match[2]}", f"{'<' if is_out[1] else ''}{match[4]}"
    return f"{before}{match[3]} {low} to {high}"


def _shares(match: re.Match[str]) -> str:
    """ "10% to 30%" as shares, unless something in the sentence is counted in percent by its name."""
    if _IN_PERCENT.search(match.string):
        return match[0]
    if "%" not in match[0][: match.start(3) - match.start()] and 0 < float(match[2]) < 1:
        return match[0]  # "0.1 to 50%": who knows which
    join = "and" if match[1] else "to"
    return f"{match[1]}{float(match[2]) / 100:g} {join} {float(match[3]) / 100:g}"


@cache
def _compiled() -> list[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]]:
    name = r"([A-Za-z_][\w-]*)"
    below = r"\s*(?:<=|≤|<|⩽)\s*"
    listed = r"(?:(?<=[\[{(])|(?<=[\[{(]\s))\d+(?:,\d+)+(?=\s*[\]})])|(?<![\w.,])\d+(?:,\d+){2,}(?!\w|,\d|\.\d)"
    rules: list[tuple[str, Callable[[re.Match[str]], str]]] = [
        (r"(?<![\w.^])(2)\s*(?:\^|\*\*)\s*(\d{1,2})(?![\w.]\w)", _exponents),
        (listed, _spaced),
        (
            rf"(?<!\w)(?:all\s+|the\s+)*{_POWERS}(?:{_FROM})?({NUMBER}){_TO}({NUMBER})(?:\s*[\])])?",
            lambda match: _powers(match, match[1], match[2], match[3]),
        ),
        (
            rf"(?<!\w)(?:all\s+|the\s+)*{_POWERS}(?:up\s+to|until|to)\s+({NUMBER})\s*,?\s+(?:(?:starting|beginning)\s+)?"
            rf"(?:from|with|at|starting\s+at)\s+({NUMBER})",
            lambda match: _powers(match, match[1], match[3], match[2]),
        ),
        (
            rf"(?<!\w)({NUMBER}){_TO}({NUMBER})\s*,?\s*(?:in|as|by|only|all)?\s*powers?\s+of\s+{_BASE}(?!\w)",
            lambda match: _powers(match, match[3], match[1], match[2]),
        ),
        (rf"(?<![\w.]){_ENDS}\s*[,;(]?\s*{_BY_STEPS}\)?", _steps),
        (rf"(?<![\w.]){_ENDS}\s*,?\s*every\s+(?P<step>{NUMBER})(?!\s*[a-z])", _steps),
        (rf"(?<!\w)(?:{_BY_STEPS})\s*[,:]?\s*{_ENDS}", _steps),
        (rf"(?<!\w)every\s+(?P<step>{NUMBER})\s*[,:]?\s*{_ENDS}", _steps),
        (rf"(?<!\w)(?:an?\s+)?multiples?\s+of\s+(?P<step>{NUMBER})\s*[,:(]?\s*{_ENDS}", _multiples),
        (rf"(?<![\w.]){_ENDS}\s*,?\s*(?:in|only)?\s*multiples?\s+of\s+(?P<step>{NUMBER})", _multiples),
        (
            rf"(?:(?<![\w-]){name}\s*[,:]?\s*)?(?<![\w.])({DIGITS}){below}{name}{below}({DIGITS})",
            _between,
        ),
        (
            r"(?<![\w.])()(\d+(?:\.\d+)?)\s*%?\s*(?:to|-|–|\.\.\.?|through)\s*(\d+(?:\.\d+)?)\s*%(?!\w)",
            _shares,
        ),
        (r"(?<!\w)(between\s+)(\d+(?:\.\d+)?)\s*%?\s+and\s+(\d+(?:\.\d+)?)\s*%(?!\w)", _shares),
        (
            r"(?<![\w.])((?:\d+(?:\.\d+)?)\s*(?:to|-|–|and|or|up\s+to|through)\s*\d+(?:\.\d+)?)(ms|s|min|[kmg]i?b)(?!\w)",
            lambda match: f"{match[1]} {match[2]}",
        ),
        (r"(?<![\w./])1/2\s*(?:an?\s+)?(?=(?:h|hr|hours?|days?|min|minutes?)(?!\w))", lambda match: "0.5 "),
        (r"(?<![\w.])(\d+)\s*h\s*(\d\d)(?![\w:.])", lambda match: f"{match[1]}h{match[2]}m"),
        (
            r"(?<=hour)(s?)\s+(?:and\s+)?(ten|fifteen|twenty|thirty|forty|forty[-\s]five|fifty|[1-5]\d)(?=\s*(?:[.,;!)]|$))",
            lambda match: f"{match[1]} and {match[2]} minutes",
        ),
        (r"\s*[↑⬆⇧]+", lambda match: " up "),
        (r"\s*[↓⬇⇩]+", lambda match: " down "),
    ]
    return [(re.compile(pattern, re.IGNORECASE), write) for pattern, write in rules]
