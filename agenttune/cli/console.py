"""What the terminal can do, and text made safe for it. Standard library only.

Everything the command line prints goes through here: `put` and `emit` to stdout (results), `say` to
stderr (progress). Text that comes from data is cleaned of control characters before it is printed.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Literal

from agenttune.errors import UserError
from agenttune.visible import clean

Align = Literal["left", "right"]

LABEL_CELLS = 13
"""Width of the labels before results."""


def is_interactive() -> bool:
    """Whether a question can be asked and answered."""
    return _is_terminal(sys.stdin) and _is_terminal(sys.stderr)


def is_live() -> bool:
    """Whether a line may move: stderr is a terminal that can, and nobody asked for plain lines."""
    return (
        _is_terminal(sys.stderr)
        and os.environ.get("TERM", "") not in ("", "dumb", "unknown")
        and not os.environ.get("ACCESSIBLE")
    )


def has_screen() -> bool:
    """Whether a full-screen interface can run."""
    return is_live() and _is_terminal(sys.stdin) and _is_terminal(sys.stdout)


def width() -> int:
    """Columns of the terminal, at least 40; 100 where there is none."""
    return max(40, shutil.get_terminal_size((100, 24)).columns)


def cells(text: str) -> int:
    """Terminal cells of a clean text: wide characters take two, combining ones none."""
    return sum(_cells_of(character) for character in text)


def clip(text: str, limit: int) -> str:
    """The text in at most `limit` cells, ending in "…" where something was cut."""
    if cells(text) <= limit:
        return text
    taken, room = [], limit - 1
    for character in text:
        room -= _cells_of(character)
        if room < 0:
            break
        taken.append(character)
    return "".join(taken) + "…" if limit > 0 else ""


def pad(text: str, size: int, align: Align = "left") -> str:
    """The text in exactly `size` cells."""
    text = clip(text, size)
    blanks = " " * (size - cells(text))
    return blanks + text if align == "right" else text + blanks


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], *, right: frozenset[str] = frozenset()) -> list[str]:
    """Lines of a table; the columns named in `right` are aligned there, the last one takes what is left."""
    texts = [[clean(entry) for entry in row] for row in rows]
    sizes = [max([cells(header), *(cells(row[at]) for row in texts)]) for at, header in enumerate(headers)]
    sizes[-1] = max(cells(headers[-1]), min(sizes[-1], width() - sum(sizes[:-1]) - 2 * (len(sizes) - 1)))
    aligns: list[Align] = ["right" if header in right else "left" for header in headers]
    return [
        "  ".join(pad(entry, size, align) for entry, size, align in zip(row, sizes, aligns, strict=True)).rstrip()
        for row in [list(headers), *texts]
    ]


def labelled(label: str, text: str) -> list[str]:
    """Lines of `label        text`, wrapped to the terminal with a hanging indent.

    Paths stay whole, and so do the parts between " · " where they fit on a line.
    """
    room = width() - LABEL_CELLS
    parts = clean(text).split(" · ")
    kept = " · ".join(part.replace(" ", "\xa0") if len(part) <= room else part for part in parts)
    if len(parts) == 1:
        kept = parts[0]
    wrapped = textwrap.wrap(kept, room, break_long_words=False, break_on_hyphens=False) or [""]
    heads = [pad(clean(label), LABEL_CELLS), *[" " * LABEL_CELLS] * (len(wrapped) - 1)]
    return [(head + line).replace("\xa0", " ").rstrip() for head, line in zip(heads, wrapped, strict=True)]


def put_labelled(label: str, text: str) -> None:
    """A labelled result, on stdout."""
    for line in labelled(label, text):
        put(line)


def put(text: str = "") -> None:
    """A result, on stdout.

    Raises:
        UserError: it cannot be written.
    """
    _write(text)


def emit(content: Mapping[str, object]) -> None:
    """One JSON object on one line of stdout; what is not finite becomes null."""
    _write(json.dumps(finite(content), allow_nan=False), is_flushed=True)


def say(text: str = "") -> None:
    """Progress or a complaint, on stderr; silent when nobody is there to read it."""
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except OSError:
        pass


def ask(question: str, *, way_out: str) -> bool:
    """Puts a yes-no question; Enter is yes.

    Raises:
        UserError: there is no terminal to ask at; `way_out` says what to pass instead.
    """
    if not is_interactive():
        raise UserError(f"this needs an answer and there is no terminal to ask at: {way_out}")
    while True:
        sys.stderr.write(f"{question} [Y/n] ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        answer = clean(line).lower()
        if not line or answer in ("n", "no"):
            return False
        if answer in ("", "y", "yes"):
            return True


def forget_typed() -> None:
    """Drops what was typed and not read yet, where that can be done."""
    import termios

    with suppress(termios.error, OSError, ValueError):  # no terminal
        termios.tcflush(sys.stdin, termios.TCIFLUSH)


def ask_text(mark: str) -> str:
    """One line that the person types after `mark`; nothing at the end of the input."""
    sys.stderr.write(mark)
    sys.stderr.flush()
    return clean(sys.stdin.readline()).strip()


def finite(content: object) -> object:
    """The content as JSON can hold it: no NaN, no infinity, no tuple, keys as text."""
    if isinstance(content, float):
        return content if math.isfinite(content) else None
    if isinstance(content, Mapping):
        return {str(key): finite(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [finite(value) for value in content]
    return content


def results_lost(error: OSError) -> str:
    """The sentence for a stdout that takes nothing more."""
    return f"the results cannot be written to stdout: {error.strerror or error}"


def _write(text: str, *, is_flushed: bool = False) -> None:
    try:
        sys.stdout.write(text + "\n")
        if is_flushed:
            sys.stdout.flush()
    except BrokenPipeError:  # its reader is gone, which is no fault
        raise
    except OSError as error:
        raise UserError(results_lost(error)) from error


def _is_terminal(stream: object) -> bool:
    try:
        return bool(stream.isatty())  # type: ignore[attr-defined]  # closed or missing streams are caught below
    except (AttributeError, ValueError):
        return False


def _cells_of(character: str) -> int:
    if character < "\u0300":
        return 1
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
