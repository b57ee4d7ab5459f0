"""The tables of phrases, one TOML file per language, as patterns.

A phrase is written as people say it: `[word]` may be left out, `(one|other)` is a choice, `<name>` stands for a
group of words of the same file, `{slot}` for a piece whose text is handed on. What a phrase asks for is its key in
`[phrases]`: the name of a rule (rules.py). Not for: what a slot's text means (known.py, amounts.py).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from agenttune.agent.offline.amounts import AMOUNT
from agenttune.agent.offline.known import TRIAL
from agenttune.errors import InternalError
from agenttune.plan.reader import any_of
from agenttune.plan.words import LONG_DURATION, NUMBER, SIZE

LANGUAGES = ("en", "de", "fr", "es", "zh")

_NAME = r"[^\W\d][\w.']*(?:[\s-]+[\w.']+){0,3}?"
_SLOTS = {
    "parameter": _NAME,
    "thing": _NAME,
    "metric": _NAME,
    "amount": AMOUNT,
    "low": AMOUNT,
    "high": AMOUNT,
    "count": NUMBER,
    "second": NUMBER,
    "unit": r"hours?|minutes?|mins?|seconds?|secs?|days?",
    "duration": LONG_DURATION,
    "size": SIZE,
    "trial": TRIAL,
    "path": r"[\"'`]?[\w./~\\-]*\w\.[a-z]\w*[\"'`]?",
    "scale": r"log|logarithmic|linear",
    "kind": r"(?:whole|integer|real)(?:\s+numbers?)?|integers?|floats?",
    "format": r"json|csv|flags|python",
    "study": r"[\"'`]?[\w.-]*\w[\"'`]?",
    "word": r"[^\W\d]\w*",
    "request": r"(?:tune|optimi[sz]e|find\s+(?:the\s+)?best\s+(?:hyper-?)?(?:parameters|settings)\s+(?:of|for))\s.+",
    "text": r".+",
    "values": r".+?",
}
"""Slot -> its pattern; a slot may be used once in a phrase."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way of asking for something."""

    rule: str
    pattern: re.Pattern[str]
    words: frozenset[str]
    """That stand in it, for finding what is nearest."""


@dataclass(frozen=True, slots=True)
class Language:
    """What is said in one language, and how."""

    phrases: tuple[Phrase, ...]
    joiners: re.Pattern[str]
    """What may stand between two wishes."""
    afterwards: re.Pattern[str]
    """A joiner that says when: "then"."""
    requests: re.Pattern[str]
    """What makes a request of a question: "could you pause?"."""
    openers: re.Pattern[str]
    """What a wish may begin with beside its own words."""
    same: tuple[tuple[re.Pattern[str], str], ...]
    """Words and what to read for them: numbers and units in English, nothing for articles and politeness."""

    def plain(self, text: str) -> str:
        """The text without what asks for nothing, its numbers and units in English."""
        for pattern, meaning in self.same:
            text = pattern.sub(meaning, text)
        return " ".join(text.split()).strip(" ,;:!?.。、¿¡")


@cache
def language(name: str) -> Language:
    """The table of one of `LANGUAGES`."""
    content = tomllib.loads((files(__package__) / f"{name}.toml").read_text(encoding="utf-8"))
    is_spaced = content.get("spaced", True)
    groups: Mapping[str, str] = content.get("groups", {})
    phrases = [
        Phrase(rule, compiled(plain), frozenset(re.findall(r"\w+", re.sub(r"\{\w+\}", "", plain))))
        for rule, texts in content["phrases"].items()
        for plain in (_expanded(text, groups) for text in texts)
    ]
    edge, behind = (r"(?<![\w./=-])", r"(?![\w/=-]|\.\w)") if is_spaced else ("", "")
    same = [
        (re.compile(rf"{edge}(?:{any_of([word])}){behind}", re.IGNORECASE), meaning if is_spaced else f" {meaning} ")
        for word, meaning in sorted(content["same"].items(), key=lambda entry: -len(entry[0]))
    ]
    words = any_of(content["joiners"])
    between = rf"\s+(?:{words})\s+" if is_spaced else rf"\s*(?:{words})\s*"
    joiners = re.compile(rf"\s*[,;.!?。、]+(?:\s+(?:{words}))*\s+|{between}", re.IGNORECASE)
    openers = re.compile(rf"^(?:(?:{any_of(content['openers'])})\s+)+", re.IGNORECASE)
    requests = re.compile(rf"{edge}(?:{any_of(content['requests'])}){behind}", re.IGNORECASE)
    afterwards = re.compile(any_of(content["afterwards"]), re.IGNORECASE)
    return Language(tuple(phrases), joiners, afterwards, requests, openers, tuple(same))


def _expanded(text: str, groups: Mapping[str, str]) -> str:
    """The phrase with the words of each group in its place; a group may name others."""
    while (done := re.sub(r"<(\w+)>", lambda match: f"({groups[match[1]]})", text)) != text:
        text = done
    return text


def compiled(text: str) -> re.Pattern[str]:
    """The pattern of a phrase without groups, for a wish with a blank before it."""
    pattern = " " + re.sub(r"[.?$^*+\\]", r"\\\g<0>", text)
    while "[" in pattern:  # from the innermost on; what may be left out takes the blank beside it along
        pattern, n_found = re.subn(r" \[([^\[\]]*)\]", "\x01 (\\1)\x02", pattern)
        if not n_found:
            pattern, n_found = re.subn(r"\[([^\[\]]*)\] ", "\x01(\\1) \x02", pattern)
        if not n_found:
            raise InternalError(f"what may be left out needs a blank beside it: {text!r}")
    for sign, meaning in (("(", "(?:"), ("\x01", "(?:"), ("\x02", ")?"), (" ", r"\s+"), ("~", r"\s*")):
        pattern = pattern.replace(sign, meaning)
    pattern = re.sub(r"\{(\w+)\}", lambda match: f"(?P<{match[1]}>{_SLOTS[match[1]]})", pattern)
    return re.compile(pattern, re.IGNORECASE)
