"""Columns of numbers that a few cells keep from being read as such: a typing error, an unusual mark for missing.

pandas makes text of the whole column then. Here it becomes numbers again, the odd cells missing, and
a sentence names them. Not for: reading the file (csv_file.py), or what the columns mean (data.py).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from agenttune.cards.csv_file import DASHES, decimal_sign, line_of

ODD_SHARE = 0.05
"""A column with more cells that are no numbers than this is text on purpose. One odd cell is always few."""
LEAST_NUMBERS = 10
"""Fewer numbers than this make no column of numbers."""

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_DECIMAL_COMMA = re.compile(r"[-+]?(\d+,?\d*|,\d+)([eE][-+]?\d+)?")


def settle(path: Path, frame: Any, *, target: str, most_classes: int) -> list[str]:
    """Turns such columns of the frame into numbers, in place.

    A target whose numbers may be classes (at most `most_classes` values) is left alone: losing rows
    would be worse than a class too many.

    Args:
        path: the file the frame was read from.
        frame: a pandas frame.

    Returns:
        A sentence per column with odd cells: which line, which cell, and what was assumed.
    """
    notes = []
    sign = decimal_sign(path)
    for name in frame.columns:
        present = frame[name].dropna()
        if not len(present) or not all(isinstance(value, str) for value in present):
            continue
        texts = present.str.strip()
        if "+" not in set(texts):  # beside a plus, a minus is a value
            texts = texts[~texts.isin(DASHES)]
            frame[name] = frame[name].where(frame.index.isin(texts.index))
        numbers = _numbers(texts, sign)
        odd = texts[~texts.index.isin(numbers.index)]
        if len(numbers) < (LEAST_NUMBERS if len(odd) else 1) or len(odd) > max(1, ODD_SHARE * len(texts)):
            continue
        is_kept = name == target and len(odd) > 0 and numbers.nunique() <= most_classes
        if len(odd):
            notes.append(_note(path, frame, str(name), odd, is_kept=is_kept))
        if not is_kept:
            frame[name] = numbers.reindex(frame.index)
    return notes


def _numbers(texts: Any, sign: str) -> Any:
    """The cells that are numbers, as floats, under their index."""
    found = texts[texts.str.fullmatch(_DECIMAL_COMMA if sign == "," else _NUMBER)]
    return found.str.replace(",", ".").astype(float)


def _note(path: Path, frame: Any, name: str, odd: Any, *, is_kept: bool) -> str:
    first = odd.iloc[0]
    line = line_of(path, first, column=frame.columns.get_loc(name))
    taken = "taken for a class" if is_kept else "taken as missing"
    more = "" if len(odd) == 1 else f", as {'is' if len(odd) == 2 else 'are'} {len(odd) - 1} more of {name!r}"
    return f"{name!r} holds numbers, but {first!r} in line {line}: {taken}{more}"
