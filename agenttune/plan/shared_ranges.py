"""Ranges that are said of several parameters at once, written out for each: "a and b both from 1 to 8".

Also parameters that are named by their place: "the first one goes from 1 to 4". Not for: reading ranges (ranges.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agenttune.plan.reader import any_of, compiled
from agenttune.plan.words import DIGITS, NUMBER

_PLACES = "first second third fourth fifth sixth".split()
_WORD = r"(?!(?:and|or|to|from|trials?|runs?|workers?)(?!\w))[A-Za-z][\w.+-]*"
_ENDS = rf"{NUMBER}\s*(?:to|through|up\s+to|-|–|\.\.\.?)\s*{NUMBER}|between\s+{NUMBER}\s+and\s+{NUMBER}"
_LIST = rf"{DIGITS}(?:\s*,\s*(?:or\s+|and\s+)?{DIGITS})+(?:\s+(?:or|and)\s+{DIGITS})?|{DIGITS}\s+or\s+{DIGITS}"
_WORDS = rf"(?:{_WORD}\s*,\s*)*{_WORD}\s*,?\s+or\s+{_WORD}"
_SPEC = (
    rf"(?:(?:from|in|between|of|over|either|one\s+of|out\s+of|among|be|is|are)\s+)*(?:[\[(]\s*{NUMBER}\s*[,;]\s*{NUMBER}\s*[\])]"
    rf"|[\[({{]\s*(?:{_LIST})\s*[\])}}]|{_ENDS}|{_LIST}|{_WORDS})(?:\s*,?\s*\(?log(?!\w)\)?)?"
)
_EACH = r"(?:each|both|all(?:\s+(?:three|four|five|of\s+(?:them|these)))?|apiece)(?!\w)"
_SHARED = re.compile("each|every|both|all|apiece", re.IGNORECASE)
_IN_TURN = re.compile("resp|order", re.IGNORECASE)
_GO = (
    r"(?:\s*:|\s+(?:are|is|be|can|could|may|should|must|go|goes|range|ranges|run|runs|vary|lie|take|takes|searched"
    r"|varied|to)(?!\w))*\s*"
)
_GOES = r"(?:\s+(?:one|parameter|param|argument|arg|knob|option|number|value|placeholder))?"


def spread(text: str, names: Sequence[str]) -> str:
    """The sentence with what is said of several of the parameters said of each.

    Args:
        text: the sentence.
        names: of the parameters, in the order in which the program takes them.
    """
    if not names:
        return text
    one = rf"(?<![\w{{-])(?:the\s+)?(?:{any_of(names)})(?![\w}}])"
    some = rf"(?P<names>{one}(?:\s*,\s*{one})*\s*,?\s*(?:and|&|,)\s*{one})"
    # long patterns take long to compile, so what each cannot do without is looked for first
    has_two = len(re.findall(rf"(?={one})", text, re.IGNORECASE)) > 1
    for shape in (
        rf"{some}\s*,?\s*(?:{_GO}{_EACH}\s*{_GO}|{_GO}{_EACH}\s+)(?P<spec>{_SPEC})",
        rf"(?<!\w)(?:both|each\s+of|all\s+of)\s+{some}{_GO}(?P<spec>{_SPEC})",
        rf"{some}{_GO}(?P<spec>{_SPEC})\s*,?\s*\(?{_EACH}\)?",
    ):
        if has_two and _SHARED.search(text):
            text = re.sub(shape, lambda match: _for_each(match, one), text, flags=re.IGNORECASE)
    if has_two and _IN_TURN.search(text):
        text = _in_turn(text, some, one)
    if _SHARED.search(text):
        text = _of_all(text, names)
    if re.search(r"\sfor\s", text, re.IGNORECASE) is None:
        return text
    before = rf"(?:{one}{_GO}(?:(?:from|in)\s+)?)?(?:(?:anything|something|values?)\s+)?(?:(?:from|in)\s+)?"
    return re.sub(
        rf"(?<![\w.]){before}(?P<spec>{_ENDS}|{_LIST})\s+for\s+(?P<name>{one})(?!\s*[:=]?\s*[\d.])",
        lambda match: match[0] if re.match(one, match[0], re.IGNORECASE) else f"{match['name']} {match['spec']}",
        text,
        flags=re.IGNORECASE,
    )


def _in_turn(text: str, some: str, one: str) -> str:
    return re.sub(
        rf"{some}{_GO}(?:(?:integers?|whole\s+numbers|numbers|values)\s+)?(?P<specs>{_SPEC}(?:\s*,\s*(?:{_SPEC}))*\s*,?\s+and\s+(?:{_SPEC}))(?=\s*,?\s*(?:respectively|resp\.?|in\s+(?:that|this)\s+order))",
        lambda match: _one_each(match, one),
        text,
        flags=re.IGNORECASE,
    )


def _of_all(text: str, names: Sequence[str]) -> str:
    shape = (
        rf"(?<!\w)(?P<how>both|all(?:\s+(?:two|three|four))?|each|every)(?:\s+of)?(?:\s+(?:the|these|those))?\s+"
        rf"(?:parameter|param|placeholder|option|argument|arg|knob|value|of\s+them)s?{_GO}(?P<spec>{_SPEC})"
    )
    return compiled(shape).sub(lambda match: _for_all(match, names), text)


def placed(text: str, names: Sequence[str]) -> str:
    """The sentence with parameters that are named by their place under their own names: "the first one" of two."""
    for place, name in zip(_PLACES, names, strict=False):
        span = rf"(?:from|between|in)?\s*[\[(]?\s*{NUMBER}\s*(?:to|-|–|and|,|\.\.)\s*{NUMBER}"
        shape = rf"(?<!\w)(?:the\s+)?{place}{_GOES}(?={_GO}{span})"
        text = compiled(shape).sub(name, text)
    return text


def of_the_only_one(text: str, spellings: Sequence[Sequence[str]]) -> str:
    """The sentence with a range that starts a clause said of the one parameter named: "Which lr is best? 1 to 9".

    Args:
        text: the sentence.
        spellings: what each of the parameters may be called, its own name first.
    """
    named = [some for some in spellings if re.search(rf"(?<![\w{{-])(?:{any_of(some)})(?![\w}}])", text, re.IGNORECASE)]
    verb = r"(?:(?:try|search|test|sweep|use)\s+)?"
    begins = list(compiled(rf"(?<=[.?!:;]\s){verb}(?=(?:from\s+)?(?:{_ENDS}))").finditer(text))
    if len(named) != 1 or len(begins) != 1:
        return text
    if re.search(rf"(?<![\w{{-])(?:{any_of(named[0])}){_GO}(?:{_SPEC})", text, re.IGNORECASE):
        return text
    return f"{text[: begins[0].start()]}{named[0][0]} {text[begins[0].end() :]}"


def _one_each(match: re.Match[str], one: str) -> str:
    """The first range of the first name, and so on; as it was where there are more of one than of the other."""
    names = re.findall(one, match["names"], re.IGNORECASE)
    specs = [found[0] for found in compiled(rf"(?<![\w.])(?:{_SPEC})").finditer(match["specs"])]
    if len(names) != len(specs):
        return match[0]
    return "; ".join(f"{name} {spec.strip()}" for name, spec in zip(names, specs, strict=True))


def _for_all(match: re.Match[str], names: Sequence[str]) -> str:
    """The range of every parameter; as it was where "both" are not two."""
    if (match["how"].lower() == "both") != (len(names) == 2) and match["how"].lower() == "both":
        return match[0]
    return "; ".join(f"{name} {match['spec'].strip()}" for name in names)


def _for_each(match: re.Match[str], one: str) -> str:
    names = re.findall(one, match["names"], re.IGNORECASE)
    return "; ".join(f"{name} {match['spec'].strip()}" for name in names)
