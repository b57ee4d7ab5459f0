"""A model's reply as code, or as ideas: every text gets one of these, or a reason why not.

Nothing of a reply is run, and time grows with its length alone. Not for: whether the code may be used (checking.py).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from agenttune.replies.clean import clean_text
from agenttune.replies.json_text import Unreadable, check_length, find_json, loosened, unquoted
from agenttune.variant import number_of
from agenttune.variants.refused import BlockRefused
from agenttune.variants.source import MOST_CHARS, Unparsable, parse, plain_ends
from agenttune.variants.target import Definition

MOST_REPLY_CHARS = 400_000
"""Longest reply that is looked at: the longest block, and three times as much thinking."""
MOST_FENCES = 20
"""Fences that are looked at; a reply as asked for has one."""
MOST_CLOSINGS = 8
"""Lines that are tried as the end of one fence, as code may hold such a line in a text."""
MOST_LESSONS = 20
LONGEST_IDEA = 400
"""Characters of an idea or a lesson: two long sentences."""
_OPENING = re.compile(r" {0,12}(`{3,}|~{3,})[ \t]*([^`\n]*)")
_PYTHON = re.compile(r"(?:python|py)[\d.]*", re.IGNORECASE)
_CODE = re.compile(r"^(?:(?:async +)?def|class) +\w+.*[:(,]\s*(?:#.*)?$|^import \w[\w.]*$", re.MULTILINE)
"""A line that is hardly prose."""
_ITEM = re.compile(r"^[ \t]*(?:\d{1,2}[.)]|[-*•])[ \t]+(\S.*)$", re.MULTILINE)
_VARIANT = re.compile(r"v?(\d{1,6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Ideas:
    """What a model wants tried, and what it has learnt."""

    ideas: tuple[str, ...]
    """Distinct, one line each."""
    lessons: dict[int, str]
    """Number of a variant -> what it taught."""


@dataclass(frozen=True, slots=True)
class _Fence:
    language: str
    code: str

    @property
    def is_python(self) -> bool:
        """Whether it says so."""
        return bool(_PYTHON.fullmatch(self.language))


# -- code ------------------------------------------------------------------------------------------


def read_block(reply: str) -> str:
    """The code of a reply: what its one fence holds, or the reply itself; as it stands there, it need not parse.

    Raises:
        BlockRefused: there is none, more than one, or too much.
    """
    if len(reply) > MOST_REPLY_CHARS:
        rule = f"a reply may have {MOST_REPLY_CHARS:,} characters"
        raise BlockRefused("too-long", f"{rule}, but got {len(reply):,}; answer with the code alone")
    answer = plain_ends(_after_thinking(reply))
    fences = list(_fences(answer))
    codes = [fence.code for fence in fences if fence.is_python and fence.code.strip()]
    codes += [fence.code for fence in fences if not fence.is_python and _holds_code(fence.code)]
    if not codes and not any(fence.is_python for fence in fences) and (_holds_code(answer) or _CODE.search(answer)):
        codes = [answer]
    codes = list({code.strip(): code for code in codes}.values())
    if not codes:
        raise BlockRefused(
            "no-code", "a reply holds code in one ```python fence, but this one has none; answer with it"
        )
    if len(codes) > 1:
        rule = "a reply holds all its code in one ```python fence"
        raise BlockRefused("several-blocks", f"{rule}, but this one has {len(codes)}; put it in one")
    if len(codes[0]) > MOST_CHARS:
        rule = f"code may have {MOST_CHARS:,} characters"
        raise BlockRefused("too-long", f"{rule}, but got {len(codes[0]):,}; write less")
    return codes[0].strip("\n") + "\n"


def _after_thinking(reply: str) -> str:
    """The reply without what stands in <think> marks; some servers leave the first mark out, some replies the last."""
    return reply.rpartition("</think>")[2].partition("<think>")[0]


def _fences(text: str) -> Iterator[_Fence]:
    """Fences in order; one that is never closed ends with the text."""
    lines = text.split("\n")
    at = n_found = 0
    while at < len(lines) and n_found < MOST_FENCES:
        opening = _OPENING.fullmatch(lines[at])
        at += 1
        if opening is None:
            continue
        n_found += 1
        words = opening[2].split()
        if at < len(lines) and _OPENING.fullmatch(lines[at]) and lines[at].strip("`~ \t"):
            continue  # a fence around a fence
        fence, at = _fence(lines, at, opening[1], words[0].strip("{}.,") if words else "")
        yield fence


def _fence(lines: list[str], start: int, mark: str, language: str) -> tuple[_Fence, int]:
    """(the fence that begins at a line, the line behind it).

    It ends with the first line that can close it, but for one within a text in the code: where what stands before
    it does not parse, and what stands before a later one does.
    """
    closings: list[int] = []
    for row in range(start, len(lines)):
        line = lines[row].strip()
        if len(line) >= len(mark) and line == mark[0] * len(line):
            closings.append(row)
            if len(closings) == MOST_CLOSINGS:
                break
    if not closings:
        return _Fence(language, "\n".join(lines[start:])), len(lines)
    end = closings[0]
    if _PYTHON.fullmatch(language) or not language:
        end = next((row for row in [*closings, len(lines)] if _parses("\n".join(lines[start:row]))), end)
    return _Fence(language, "\n".join(lines[start:end])), end + 1


def _parses(code: str) -> bool:
    try:
        parse(code)
    except Unparsable:
        return False
    return True


def _holds_code(code: str) -> bool:
    """Whether it parses, and is no table, no output and no word that happens to do so, too."""
    try:
        tree = parse(code)
    except Unparsable:
        return False
    return any(isinstance(node, Definition | ast.Import | ast.ImportFrom | ast.Assign) for node in tree.body)


# -- ideas -----------------------------------------------------------------------------------------


def read_ideas(reply: str, *, k: int) -> Ideas:
    """The directions and lessons of a reply: JSON with both, as asked for, or a list in prose.

    Args:
        reply: of the model.
        k: ideas that are taken at most.

    Raises:
        BlockRefused: it has neither.
    """
    try:
        check_length(reply)
        documents = _documents(_after_thinking(reply))
    except Unreadable as error:
        raise BlockRefused("unparsable", str(error)) from None
    said = next((entry for entry in documents if isinstance(entry, dict) and entry.keys() & _KEYS), None)
    if said is None:
        lists = [entry for entry in documents if isinstance(entry, list)]
        said = {"directions": _sentences(lists[0] if lists else _ITEM.findall(_after_thinking(reply)))}
    directions = next((said[key] for key in _DIRECTIONS if key in said), None)
    ideas = list(_ideas(directions))[:k]
    lessons = dict(list(_lessons(unquoted(said.get("lessons"))))[:MOST_LESSONS])
    if not ideas and not lessons:
        shape = '{"lessons": [{"variant": "v2", "lesson": "..."}], "directions": ["...", "..."]}'
        raise BlockRefused("unparsable", f"a reply holds directions as JSON, but none can be read; answer with {shape}")
    return Ideas(tuple(ideas), lessons)


_DIRECTIONS = ("directions", "ideas")
_KEYS = frozenset({*_DIRECTIONS, "lessons"})
_TEXTS = ("direction", "idea", "description", "text")
"""Keys of an object that stands where a text was asked for."""


def _documents(text: str) -> tuple[object, ...]:
    found = find_json(text).documents
    return found if any(found) else find_json(loosened(text)).documents


def _sentences(entries: list[object]) -> list[object]:
    """Those of more than one word: a list that nobody has called directions may be anything."""
    return [entry for entry in entries if not isinstance(entry, str) or " " in entry.strip()]


def _ideas(directions: object) -> Iterator[str]:
    directions = unquoted(directions)
    seen: set[str] = set()
    for entry in directions if isinstance(directions, list) else [directions]:
        if isinstance(entry, dict):
            entry = next((entry[key] for key in _TEXTS if key in entry), None)
        if not isinstance(entry, str):
            continue
        idea = clean_text(entry, limit=LONGEST_IDEA)
        key = "".join(sign for sign in idea.casefold() if sign.isalnum())
        if key and key not in seen:
            seen.add(key)
            yield idea


def _lessons(lessons: object) -> Iterator[tuple[int, str]]:
    if isinstance(lessons, dict):
        pairs = list(lessons.items())
    else:
        entries = lessons if isinstance(lessons, list) else []
        pairs = [(entry.get("variant"), entry.get("lesson")) for entry in entries if isinstance(entry, dict)]
    for variant, lesson in pairs:
        number = _VARIANT.fullmatch(str(variant).strip())
        text = clean_text(lesson, limit=LONGEST_IDEA) if isinstance(lesson, str) else ""
        if number and text:
            yield number_of(number[1]), text
