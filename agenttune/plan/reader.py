"""`Reader`: a sentence that is read piece by piece; what nobody read is what nobody understood.

And the few ways of reading a piece that all rules share. Not for: any rule (clauses.py, grammar.py).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache
from typing import TypeVar

from agenttune.errors import RequestNotUnderstood
from agenttune.plan.harmless import FILLERS
from agenttune.plan.request import Request
from agenttune.plan.words import read_number

T = TypeVar("T")

_TAKEN = "\x00"
"""Stands where words were read; no pattern matches across it."""

__all__ = [
    "FILLERS",
    "NEGATIONS",
    "Reader",
    "any_of",
    "as_whole",
    "compiled",
    "either",
    "every",
    "first",
    "folded",
    "loosely",
    "same",
    "whole",
]

NEGATIONS = frozenset(
    """
    not no without except never excluding but don't dont instead nor neither none cannot can't won't isn't aren't
    doesn't didn't shouldn't mustn't avoid skip ignore exclude rather
    """.split()
)
_WORD = re.compile(r"[^\s\x00]+")
_PUNCTUATION = ".,;:!?()[]{}\"'`-–—·&+/|="


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern, compiled once: the cache of `re` is too small for all of them."""
    return re.compile(pattern, re.IGNORECASE)


class Reader:
    """Holds what of a sentence is still unread.

    A pattern that names parameters takes long to compile, and every request has others. So a caller may tell what the
    pattern `needs`: a piece of it without names, compiled once, without which it is not tried.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._open = text

    def take(self, pattern: str, *, needs: str = "") -> re.Match[str] | None:
        """Reads the first match of a pattern, whatever its case; None if there is none."""
        match = self.peek(pattern, needs=needs)
        if match:
            self.take_span(*match.span())
        return match

    def take_span(self, start: int, end: int) -> None:
        """Reads what stands there."""
        self._open = self._open[:start] + _TAKEN * (end - start) + self._open[end:]

    def take_all(self, pattern: str, *, needs: str = "") -> list[re.Match[str]]:
        """Reads every match of a pattern."""
        found = []
        while match := self.take(pattern, needs=needs):
            found.append(match)
        return found

    def peek(self, pattern: str, *, needs: str = "") -> re.Match[str] | None:
        """The first match of a pattern, left unread."""
        if needs and compiled(needs).search(self._open) is None:
            return None
        return compiled(pattern).search(self._open)

    def peek_said(self, pattern: str) -> re.Match[str] | None:
        """The first match of a pattern in the whole sentence, read or not."""
        return compiled(pattern).search(self.text)

    def peek_all(self) -> str:
        """What is unread, with marks where words were read."""
        return self._open

    def fragments(self, related: Collection[str] = ()) -> tuple[str, ...]:
        """What was not read, verbatim: runs of words that are no fillers, nor among `related`.

        A word of denial drags the words after it along, read or not: it is they that it denies.
        """
        spans: list[tuple[int, int]] = []
        for word in _WORD.finditer(self._open):
            bare = word[0].strip(_PUNCTUATION)
            if not bare or bare.lower() in FILLERS or bare.lower() in related:
                continue
            start = word.start() + word[0].index(bare)
            end = start + len(bare)
            if bare.lower() in NEGATIONS:
                end = self._end_of_phrase(end)
            if spans and (start <= spans[-1][1] or not self.text[spans[-1][1] : start].strip()):
                spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
            else:
                spans.append((start, end))
        return tuple(self.text[start:end] for start, end in spans)

    def _end_of_phrase(self, end: int) -> int:
        """Where the two words after a denial end, or its clause."""
        following = re.match(r"(?:\s+[^\s,.;]+){1,2}", self.text[end:])
        return end + following.end() if following else end


def first(reader: Reader, pattern: str, convert: Callable[[str], T]) -> T | None:
    """The first group of the first match, converted; None without a match."""
    match = reader.take(rf"(?<!\w){pattern}")
    return convert(match[1]) if match else None


def every(reader: Reader, pattern: str, convert: Callable[[str], T], what: str) -> T | None:
    """The one value that every match gives.

    Raises:
        RequestNotUnderstood: two matches give different values.
    """
    return same(what, [convert(match[1]) for match in reader.take_all(rf"(?<!\w){pattern}")])


def whole(reader: Reader, pattern: str) -> int | None:
    """The first group of the first match as a whole number."""
    return first(reader, pattern, as_whole)


def as_whole(text: str) -> int:
    """A number that must be whole.

    Raises:
        RequestNotUnderstood: it is not.
    """
    value = read_number(text)
    if not math.isfinite(value) or value != int(value):
        raise RequestNotUnderstood(f"{text.strip()!r} should be a whole number", fragments=(text.strip(),))
    return int(value)


def same(what: str, values: Sequence[T | None]) -> T | None:
    """The one value that was said; None if nothing was.

    Raises:
        RequestNotUnderstood: two different values were.
    """
    said = list(dict.fromkeys(value for value in values if value is not None))
    if len(said) > 1:
        sentence = f"the sentence gives two values for the {what}, {said[0]} and {said[1]}: say one"
        raise RequestNotUnderstood(sentence, fields=(what,) if what in Request.model_fields else ())
    return said[0] if said else None


def either(what: str, said: T | None, flag: T | None) -> T | None:
    """The value of the sentence or of the flag.

    Raises:
        RequestNotUnderstood: both are given and differ.
    """
    if said is not None and flag is not None and said != flag:
        raise RequestNotUnderstood(f"the sentence gives {said} for the {what}, the flag {flag}: say one")
    return flag if said is None else said


def any_of(spellings: Iterable[str]) -> str:
    """Any of the spellings as a pattern, the longest first, with blanks, underscores and hyphens as in `loosely`."""
    return "|".join(map(loosely, sorted(spellings, key=len, reverse=True)))


def loosely(name: str) -> str:
    """A name as a pattern, with blanks, underscores and hyphens taken for one another."""
    return r"[\s_-]+".join(re.escape(part) for part in re.split(r"[\s_-]+", name) if part)


def folded(text: str, known: Iterable[str]) -> str:
    """The one of `known` that `text` spells."""
    plain = re.sub(r"[\s_-]+", " ", text.lower())
    return next(key for key in known if re.sub(r"[\s_-]+", " ", key.lower()) == plain)
