"""Words and numbers for the screen: made safe, short and readable. No widgets here.

Data (names, reasons, logs, values) passes through `clean` before it is shown: a terminal obeys
control codes wherever they come from.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from rich.cells import cell_len, set_cell_size

from agenttune.redaction import redact
from agenttune.tui.glyphs import ELLIPSIS
from agenttune.units import spell_infinite
from agenttune.visible import ESCAPES, UNSEEN, clean


def clean_lines(text: str) -> list[str]:
    """The lines of a text without control codes; indents kept. A line redrawn with \\r shows its last state."""
    lines = ESCAPES.sub("", text).replace("\r\n", "\n").split("\n")
    return [UNSEEN.sub("", line.rstrip("\r").rpartition("\r")[2].expandtabs(4)).rstrip() for line in lines]


def log_lines(text: str) -> list[str]:
    """As `clean_lines`, with `***` for every secret; cleaned first, since a control code within a key hides it."""
    return redact("\n".join(clean_lines(text))).split("\n")


def code_lines(text: str) -> list[str]:
    """The lines of code with every sign that a terminal would obey or hide written out, as `\\x1b`: who reads it before
    it is taken over must see all of it. Not for output of programs, in which such signs mean something."""
    lines = [line.removesuffix("\r").expandtabs(4) for line in text.removesuffix("\n").split("\n")]
    return [UNSEEN.sub(lambda sign: sign.group().encode("unicode_escape").decode(), line) for line in lines]


def fit(text: str, width: int, *, right: bool = False) -> str:
    """The text in exactly `width` cells: cut with an ellipsis, or padded (on the left if `right`)."""
    if width <= 0:
        return ""
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + ELLIPSIS
    return " " * (width - length) + text if right else text + " " * (width - length)


def fit_name(name: str, width: int, *, right: bool = False) -> str:
    """As `fit`, but cut within: names of parameters begin alike, as those of layers do, and differ at their ends."""
    if cell_len(name) <= width:
        return fit(name, width, right=right)
    head = set_cell_size(name, max(0, width - 1) // 3)
    end = name[-max(1, width - 1 - cell_len(head)) :]
    while cell_len(head + ELLIPSIS + end) > width and end:
        end = end[1:]
    return fit(head + ELLIPSIS + end, width, right=right)


def shorten(text: str, width: int) -> str:
    """The text in at most `width` cells."""
    return fit(text, width) if cell_len(text) > width else text


def hanging(label: str, text: str, *, label_cells: int, width: int) -> list[tuple[str, str]]:
    """(label in its column, text) row by row: the text is wrapped beside the label, not below it."""
    rows = textwrap.wrap(text, max(12, width - label_cells)) or [""]
    return [(fit(label if i == 0 else "", label_cells), row) for i, row in enumerate(rows)]


def number(value: float) -> str:
    """A measured value: four decimals where that reads well, else four significant digits.

    A difference may be larger than any float.
    """
    if (beyond := spell_infinite(value)) is not None:
        return beyond
    if value == 0 or 1e-3 <= abs(value) < 1000:
        return f"{value + 0.0:.4f}"  # no minus before zero
    return f"{value:.4g}"


def scalar(value: object) -> str:
    """A parameter's value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.4g}" if value != round(value) or abs(value) >= 1e6 else f"{value:.1f}"
    return clean(str(value))


def short_scalar(value: object) -> str:
    """A parameter's value in a narrow column: three significant digits, whole numbers in full."""
    if not isinstance(value, float):
        return scalar(value)
    return f"{value:.0f}" if 100 <= abs(value) < 1e5 else f"{value:.3g}"


def config_words(config: Mapping[str, object]) -> str:
    """`C=1.0 kernel=rbf`."""
    return "  ".join(f"{clean(name)}={scalar(value)}" for name, value in config.items())


def clock(seconds: float) -> str:
    """`0:05`, `1:05`, `2:03:00`."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def duration(seconds: float) -> str:
    """`0.4s`, `12s`, `3:10`, `1:02:03`."""
    if seconds < 9.95:
        return f"{max(0.0, seconds):.1f}s"
    return f"{seconds:.0f}s" if seconds < 59.5 else clock(seconds)


def age(seconds: float) -> str:
    """`just now`, `5 min ago`, `3 h ago`, `2 d ago`."""
    for limit, unit, name in ((60, 1, ""), (3600, 60, "min"), (86400, 3600, "h"), (float("inf"), 86400, "d")):
        if seconds < limit:
            return f"{int(seconds // unit)} {name} ago" if name else "just now"
    return ""


def plural(count: int, noun: str) -> str:
    """`1 trial`, `2 trials`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
