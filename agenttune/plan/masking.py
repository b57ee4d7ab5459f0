"""Hides what is nobody's words while a sentence is translated and tidied: placeholders, options, commands, scripts.

Not for: finding the command of a sentence (programs.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_CODE = re.compile(r"`[^`\n]*`")
_NAMES = re.compile(r"\{([A-Za-z_]\w*)\}|--([A-Za-z][\w-]*)")
_SCRIPTS = re.compile(
    r"(?<!\w)[\"'“„«]([^\"'“”„«»`\n]*\.py)[\"'”“»](?!\w)|(?<![\w./~{-])(/?(?:[\w.-]+/)*[\w.-]+\.(?:py|sh))(?!\w)"
)
"""Scripts by their names, those with blanks in quotes."""
_MASK = re.compile(r"xq([a-z])([a-z])qx")
MOST = 26 * 26
"""Names that are hidden: two letters each."""


def masked(text: str) -> tuple[str, tuple[str, ...]]:
    """(the text with code, scripts, and names in braces or behind dashes, hidden wherever they stand; what was)."""
    names = _CODE.findall(text)
    names += [name for found in (_SCRIPTS, _NAMES) for pair in found.findall(text) for name in pair if name]
    return masked_too(text, (), names)


def masked_too(
    text: str, hidden: tuple[str, ...], names: Iterable[str], *, before: str = ""
) -> tuple[str, tuple[str, ...]]:
    """The same with more names hidden.

    Args:
        text: with `hidden` hidden already.
        hidden: what is.
        names: what is to be.
        before: what must hold in front of a name, as a pattern of no width.
    """
    every = tuple(dict.fromkeys((*hidden, *names)))[:MOST]
    for number, name in enumerate(every[len(hidden) :], start=len(hidden)):
        border = (rf"(?<!\w){before}", r"(?!\w)") if name[0] != "`" else ("", "")
        mask = f"xq{chr(97 + number // 26)}{chr(97 + number % 26)}qx"
        text = re.sub(rf"{border[0]}{re.escape(name)}{border[1]}", mask, text)
    return text, every


def unmasked(text: str, hidden: tuple[str, ...]) -> str:
    """The text with what was hidden in its place."""

    def shown(match: re.Match[str]) -> str:
        number = 26 * (ord(match[1]) - 97) + ord(match[2]) - 97
        return hidden[number] if number < len(hidden) else match[0]

    return _MASK.sub(shown, text)
