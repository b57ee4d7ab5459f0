"""Ranges whose ends are said apart, or that stand in front of their parameter, written as the grammar reads them.

"ttl at least 30 and at most 600 s" becomes "ttl from 30 to 600 s", "k above 3 and below 9" "k from >3 to <9", "between
50 and 600 trees" "trees from 50 to 600", "Learning rate (--lr)" "lr". Not for: what several parameters
share (shared_ranges.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agenttune.plan.range_words import EXCLUDING, NO_COUNT
from agenttune.plan.reader import any_of, compiled
from agenttune.plan.words import NUMBER

_IS = (
    r"(?:\s*[:=,]|\s+(?:is|be|can|could|may|must|should|go|goes|has|to|have|it|never|values?|of|with"
    r"|between)(?!\w))*\s*"
)
_LOW = (
    r"(?:at\s+least|no\s+less\s+than|not\s+below|above|>=?|≥|min(?:imum|imal)?|(?:as\s+)?low(?:\s+as)?|lowest"
    r"|starts?\s+(?:at|from|with)"
    r"|lower\s+(?:bound|limit|end)|minimally)"
)
_HIGH = (
    r"(?:at\s+most|no\s+more\s+than|not\s+above|up\s+to|below|under|<=?|≤|max(?:imum|imal)?"
    r"|(?:as\s+)?high(?:\s+as)?|highest"
    r"|(?:ends?|stops?)\s+(?:at|with)|upper(?:\s+(?:bound|limit|end))?|maximally)"
)
_AND = r"(?:\s*[,;]|\s+(?:and|but|to|also|then|it|must|should|may|can|be|go|goes|is|never)(?!\w))*\s*"
_BEHIND = r"(?=\s*(?:[,.;!?)](?!\d)|$|(?:and|with|but|while|plus|in|for|log)(?!\w)))"
_SPAN = (
    rf"(?:(?P<between>between)\s+|from\s+)?(?P<low>{NUMBER})\s*(?(between)(?:and|to|-)|(?:to|up\s+to|-|–"
    rf"|\.\.\.?))\s*(?P<high>{NUMBER})"
)


def in_order(text: str, spellings: Sequence[Sequence[str]]) -> str:
    """The sentence with each such range behind its parameter.

    Args:
        text: the sentence.
        spellings: what each of the parameters may be called, its own name first.
    """
    for some in spellings:
        text = _by_its_name(text, some)
    every = [name for some in spellings for name in some]
    if not every:
        return text
    # patterns with names take long to compile, so what each cannot do without is looked for first
    one = rf"(?<![\w{{-])(?:{any_of(every)})(?![\w}}])"
    for first, second in ((_LOW, _HIGH), (_HIGH, _LOW)):
        low, high = ("a", "b") if first is _LOW else ("b", "a")
        ends = rf"{first}{_end('a')}(?P<join>{_AND}){second}{_end('b')}(?!\w){NO_COUNT}"
        if compiled(ends).search(text) is None:
            continue

        def ordered(match: re.Match[str], low: str = low, high: str = high) -> str:
            unit = match["aunit"] or match["bunit"]
            if unit and not match["aunit"] and re.fullmatch(r"\s*[,;]\s*", match["join"]):
                return match[0]  # "k at least 3, at most 10 min"
            above, under = _sign(match, low, ">"), _sign(match, high, "<")
            return f"{match['name']} from {above}{match[low]} to {under}{match[high]}{f' {unit}' if unit else ''}"

        text = re.sub(rf"(?P<name>{one}){_IS}{ends}", ordered, text, flags=re.IGNORECASE)
    span = rf"(?<=[,;:(])[ \t]*(?:(?:and|with|try|use|search|say|over)\s+)*{_SPAN}[ \t]+(?:different\s+)?"
    if compiled(span).search(text) is None:
        return text
    return re.sub(
        rf"{span}(?P<name>{one}){_BEHIND}",
        lambda match: _turned(match, one),
        text,
        flags=re.IGNORECASE,
    )


def _turned(match: re.Match[str], one: str) -> str:
    """The range behind its parameter, unless another parameter stands before it: "lr, 1 to 9 dropout, 2 to 5"."""
    if re.search(rf"{one}\s*[,;:(]\s*$", match.string[: match.start()], re.IGNORECASE):
        return match[0]
    return f" {match['name']} from {match['low']} to {match['high']}"


def _end(group: str) -> str:
    """One end of a range, with its unit."""
    unit = rf"(?:\s*(?P<{group}unit>ms|s|secs?|seconds|min|minutes|[kmg]i?b)(?!\w))?"
    return rf"\s*(?:(?:of|is|at)\s|[:=])?\s*(?P<{group}>{NUMBER}){unit}"


def _sign(match: re.Match[str], group: str, sign: str) -> str:
    """The sign for a whole number that the words in front of it leave out; none else."""
    is_excluded = re.search(rf"(?:{EXCLUDING})\s*$", match.string[: match.start(group)], re.IGNORECASE)
    return sign if is_excluded and match[group].isdecimal() else ""


def _by_its_name(text: str, spellings: Sequence[str]) -> str:
    """The sentence with "learning rate (--lr)" as "lr"."""
    own, *others = spellings
    if not others:
        return text
    words = any_of([*others, *(f"{other}s" for other in others)])
    return re.sub(
        rf"(?<![\w{{-])(?:the\s+)?(?:{words})\s*\(\s*(?:--?)?{re.escape(own)}\s*\)", own, text, flags=re.IGNORECASE
    )
