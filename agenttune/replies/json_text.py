"""JSON out of a model's text: from fences, from prose, in several pieces. Not for what the JSON means (decode.py).

Reads what Python's json reads and no more: NaN, infinities, numbers that overflow and keys given twice
become a `Misfit`, which no parameter takes. Time grows with the text's length alone, whatever it holds.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

MAX_CHARS = 200_000
"""Longest text that is read: some 60,000 tokens, far beyond what is asked for."""
MAX_DEPTH = 32
"""Deepest nesting that is read; a reply as asked for has 4 levels."""
MAX_DIGITS = 40
"""Longest whole number that is read: twice what any parameter holds."""
MAX_ATTEMPTS = 1000
"""Most brackets that are tried as the start of JSON: prose has some, and each costs a look at the whole text."""
MAX_READINGS = 10
"""How often, in all, the text's length may be read by attempts that fail: 9 is a cut reply with 9 open brackets."""

_START = re.compile(r"[\[{]")
_LOOSE = re.compile(r'"(?:[^"\\]|\\.|\\\Z)*(?:"|\Z)|,(?=\s*[\]}])|\b(?:True|False|None)\b', re.DOTALL)
"""A string, closed or not (one that could fail to match would be tried again from each of its quotes), or a slip."""
_SPELLINGS = {"True": "true", "False": "false", "None": "null", ",": ""}
_FENCES = re.compile(r"```\w*|\s+")


class Misfit:
    """Stands where the text has a value that JSON must not hold, or that cannot be told."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


class Unreadable(Exception):
    """A text that is not even looked through: too long or too deep; its text is the sentence."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a text holds."""

    documents: tuple[object, ...]
    """Objects and lists, outermost ones, in order."""
    has_prose: bool
    """Whether there is more in the text than these, code fences aside."""


def find_json(text: str) -> Found:
    """Every object and list in the text.

    Raises:
        Unreadable: the text is too long, or something in it too deep.
    """
    documents: list[object] = []
    prose: list[str] = []
    at = searched = n_failed = n_read = 0
    while (match := _START.search(text, searched)) and n_failed < MAX_ATTEMPTS and n_read <= MAX_READINGS * len(text):
        start = match.start()
        try:
            document, end = _DECODER.raw_decode(text, start)
        except json.JSONDecodeError as error:
            searched = start + 1
            n_failed += 1
            n_read += (len(text) if error.msg.startswith("Unterminated") else error.pos) - start
            continue
        except RecursionError:
            raise _too_deep() from None
        _check_depth(document)
        documents.append(document)
        prose.append(text[at:start])
        at = searched = end
    prose.append(text[at:])
    return Found(tuple(documents), any(_FENCES.sub("", piece) for piece in prose))


def read_at(text: str, start: int) -> tuple[object, int]:
    """(the document that begins at a place, where it ends); (None, start) where none does, or it is too deep."""
    try:
        return _DECODER.raw_decode(text, start)
    except (json.JSONDecodeError, RecursionError):
        return None, start


def check_length(text: str) -> None:
    """Refuses a text that is too long.

    Raises:
        Unreadable: it is.
    """
    if len(text) > MAX_CHARS:
        raise Unreadable(f"a reply may have {MAX_CHARS:,} characters, but got {len(text):,}; ask for fewer tokens")


def loosened(text: str) -> str:
    """The text without commas before a closing bracket, and with Python's True, False and None as in JSON.

    Only for text that cannot be read as it is: a stray quote in prose makes inside and outside of strings swap.
    """
    start = _START.search(text)
    if start is None:
        return text
    head, tail = text[: start.start()], text[start.start() :]
    return head + _LOOSE.sub(lambda match: _SPELLINGS.get(match[0], match[0]), tail)


def unquoted(value: object) -> object:
    """The document in a string that holds JSON (encoded twice); any other value as it is."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    try:
        found = find_json(value)
    except Unreadable:
        return value
    return found.documents[0] if len(found.documents) == 1 and not found.has_prose else value


def _float(text: str) -> float | Misfit:
    value = float(text)
    return value if math.isfinite(value) else Misfit(text[:MAX_DIGITS])


def _int(text: str) -> int | Misfit:
    return int(text) if len(text) <= MAX_DIGITS else Misfit(f"a number of {len(text):,} digits")


def _object(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        found[name] = Misfit("two values for one name") if name in found else value
    return found


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_float=_float,
    parse_int=_int,
    parse_constant=Misfit,
    strict=False,  # line ends within strings: they harm nothing, and models write them
)


def _check_depth(document: object) -> None:
    level = [document]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for parent in level
            if isinstance(parent, dict | list)
            for child in (parent.values() if isinstance(parent, dict) else parent)
        ]
        if not level:
            return
    raise _too_deep()


def _too_deep() -> Unreadable:
    return Unreadable(f"a reply may be nested {MAX_DEPTH} deep, but got more; answer in the shape that was asked for")
