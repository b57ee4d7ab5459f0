"""Hides what is nobody's words while a sentence is translated and tidied: placeholders, options, quoted commands.

Not for: finding the command of a sentence (programs.py).
"""

from __future__ import annotations

import re

_CODE = re.compile(r"`[^`\n]*`")
_NAMES = re.compile(r"\{([A-Za-z_]\w*)\}|--([A-Za-z][\w-]*)")
_MASK = re.compile(r"xq([a-z])qx")
MOST = 26
"""Names that are hidden: one per letter."""


def masked(text: str) -> tuple[str, tuple[str, ...]]:
    """(the text with code, and names in braces or behind dashes, hidden wherever they stand; what was hidden)."""
    names = _CODE.findall(text)
    names += [name for pair in _NAMES.findall(text) for name in pair if name]
    hidden = tuple(dict.fromkeys(names))[:MOST]
    for number, name in enumerate(hidden):
        border = (r"(?<!\w)", r"(?!\w)") if name[0] != "`" else ("", "")
        text = re.sub(rf"{border[0]}{re.escape(name)}{border[1]}", f"xq{chr(97 + number)}qx", text)
    return text, hidden


def unmasked(text: str, hidden: tuple[str, ...]) -> str:
    """The text with what was hidden in its place."""
    return _MASK.sub(lambda match: hidden[ord(match[1]) - 97] if ord(match[1]) - 97 < len(hidden) else match[0], text)
