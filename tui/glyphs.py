"""The one place for characters beyond ASCII: which a terminal can show, and what to show instead.

Everything is drawn in Unicode. A terminal without UTF-8 gets a last filter over the painted lines
that replaces what it cannot show, so that no widget has to know; only the chart asks, because its
way of drawing depends on the set.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

from rich.cells import cell_len

BEST, RUNNING, WAITING, PAUSED, FAILED, STOPPED = "★", "▶", "·", "‖", "✖", "■"
DONE, INTERRUPTED = "✔", "▲"
ELLIPSIS, DOT, DASH, TIMES = "…", "·", "–", "×"
BAR_FULL, BAR_HALF, BAR_EMPTY = "━", "╸", "─"
POINTER = "❯"
SELECTED = "◆"
FOLDED, UNFOLDED = "▸", "▾"
BULLET, QUOTE_BAR, RULE = "•", "│", "─"
UP, DOWN, TO = "↑", "↓", "→"
OVER = "÷"
MARKS = ("●", "○", "◇", "△", "□", "+")
"""Points of different kinds in one chart; the last stands for all further kinds."""

_TO_ASCII = {
    BEST: "*",
    RUNNING: ">",
    DOT: ".",
    PAUSED: "=",
    FAILED: "x",
    STOPPED: "#",
    DONE: "+",
    INTERRUPTED: "!",
    ELLIPSIS: "~",
    DASH: "-",
    TIMES: "x",
    BAR_FULL: "=",
    BAR_HALF: "-",
    BAR_EMPTY: ".",
    POINTER: ">",
    SELECTED: "o",
    FOLDED: ">",
    UNFOLDED: "v",
    BULLET: "*",
    "●": "@",
    "○": "o",
    "◇": "%",
    "△": "^",
    "□": "#",
    "±": "~",
    "│": "|",
    "┃": "|",
    UP: "^",
    DOWN: "v",
    TO: ">",
    OVER: "/",
    "←": "<",
    "⏎": "<",
    "“": '"',
    "”": '"',
    "’": "'",
    "‘": "'",
    "—": "-",
}
_BOXES, _BLOCKS = range(0x2500, 0x2580), range(0x2580, 0x25A0)


class GlyphSet(StrEnum):
    """What a terminal can show."""

    BRAILLE = "braille"
    BLOCKS = "blocks"
    """Unicode without braille, as on the Linux console."""
    ASCII = "ascii"


def choose_glyphs(environ: Mapping[str, str]) -> GlyphSet:
    """What this terminal can show, from its environment; `AGENTTUNE_GLYPHS` decides over all."""
    wanted = environ.get("AGENTTUNE_GLYPHS", "").lower()
    if wanted in set(GlyphSet):
        return GlyphSet(wanted)
    locale = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or "UTF-8"
    if "utf8" not in locale.lower().replace("-", ""):
        return GlyphSet.ASCII
    return GlyphSet.BLOCKS if environ.get("TERM") == "linux" else GlyphSet.BRAILLE


@lru_cache(maxsize=4096)
def to_ascii(text: str) -> str:
    """The text in ASCII, of the same width in cells; "?" for what has no likeness."""
    return text if text.isascii() else "".join(map(_likeness, text))


def _likeness(character: str) -> str:
    if character.isascii():
        return character
    if character in _TO_ASCII:
        return _TO_ASCII[character]
    if ord(character) in _BLOCKS:
        return "#"
    return "+" if ord(character) in _BOXES else "?" * cell_len(character)
