"""From a variant back to the user's file: a diff to read or to apply elsewhere, and the change itself, with a backup.

Not for: what the file becomes (target.py puts a block into it).
"""

from __future__ import annotations

import contextlib
import difflib
import io
import os
import tempfile
from collections.abc import Iterator, Sequence
from itertools import count, takewhile
from pathlib import Path
from typing import TypeAlias

from agenttune.errors import UserError
from agenttune.inspection.script import parse_source, read_content

N_CONTEXT = 3
"""Unchanged lines around each change in a diff."""
MOST_PAIRS = 4_000_000
"""Lines before times lines after that are compared: 2,000 each, far beyond a block; twice as many take a second."""
Change: TypeAlias = tuple[str, int, int, int, int]
"""(what, first line before, line behind the last, the same after), as difflib tells it."""
_NO_END = "\\ No newline at end of file\n"
_ESCAPED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def unified_diff(before: str, after: str, *, path: str) -> str:
    """The change of a file as `patch -p1` and `git apply` take it; "" where there is none.

    Args:
        before: its text, with its line ends as they are.
        after: the same.
        path: of the file, from the folder that the patch is applied in.
    """
    if before == after:
        return ""
    old, new = _lines(before), _lines(after)
    told = [f"--- {_named('a/' + path)}\n", f"+++ {_named('b/' + path)}\n"]
    for hunk in _hunks(old, new):
        (_, old_start, _, new_start, _), (_, _, old_end, _, new_end) = hunk[0], hunk[-1]
        told.append(f"@@ -{_span(old_start, old_end)} +{_span(new_start, new_end)} @@\n")
        for kind, first, last, new_first, new_last in hunk:
            told += [f" {line}" for line in old[first:last] if kind == "equal"]
            told += [f"-{line}" for line in old[first:last] if kind != "equal"]
            told += [f"+{line}" for line in new[new_first:new_last] if kind != "equal"]
    return "".join(line if line.endswith("\n") else f"{line}\n{_NO_END}" for line in told)


def apply_text(path: Path, *, expected: str, after: str) -> Path:
    """Writes the new text into a file that still is what was expected, and returns where the former one is kept.

    Args:
        path: the file; one that a link leads to is the one behind it.
        expected: its text as it was read, with its line ends as they are.
        after: what it is to be.

    Raises:
        UserError: it has changed since, or it cannot be written; then it is as it was.
    """
    path = path.resolve()
    content = read_content(path)
    source = parse_source(content, path.name)
    if source.text != expected:
        raise UserError(
            f"{path.name} is changed only while it is what the study began with, but it is something else by now; "
            "put it back as it was, or apply the diff by hand"
        )
    try:
        encoded = after.encode(source.encoding)
    except UnicodeEncodeError as error:
        raise UserError(
            f"{path.name} is written in {source.encoding}, which has no {error.object[error.start : error.end]!r}; "
            "save it as UTF-8, and start anew"
        ) from None
    try:
        mode = path.stat().st_mode & 0o7777
        backup = _keep(path, content, mode)
        _write(path, encoded, mode)
    except OSError as error:
        raise UserError(f"{path.name} cannot be changed: {error}; nothing is written into it") from None
    return backup


def _lines(text: str) -> list[str]:
    """Lines as patch and git count them, which end with \\n alone."""
    return list(io.StringIO(text, newline="\n"))


def _changes(old: list[str], new: list[str]) -> list[Change]:
    """Which lines stay. Where comparing would take long, all between the first and the last change counts as new."""
    top = _n_same(old, new)
    below = _n_same(old[top:][::-1], new[top:][::-1])
    old_end, new_end = len(old) - below, len(new) - below
    if (old_end - top) * (new_end - top) > MOST_PAIRS:
        inner: Sequence[Change] = [("replace", 0, old_end - top, 0, new_end - top)]
    else:
        inner = difflib.SequenceMatcher(None, old[top:old_end], new[top:new_end]).get_opcodes()
    moved = [(kind, a + top, b + top, c + top, d + top) for kind, a, b, c, d in inner]
    return [("equal", 0, top, 0, top), *moved, ("equal", old_end, len(old), new_end, len(new))]


def _n_same(old: list[str], new: list[str]) -> int:
    """How many lines they begin with in common."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _hunks(old: list[str], new: list[str]) -> Iterator[list[Change]]:
    """Changes with the lines around them, those that are near each other in one."""
    matcher = difflib.SequenceMatcher(None, "", "")
    changes = [change for change in _changes(old, new) if change[2] > change[1] or change[4] > change[3]]
    matcher.opcodes = changes  # type: ignore[attr-defined]  # what get_opcodes hands out once it is there
    yield from matcher.get_grouped_opcodes(N_CONTEXT)


def _span(start: int, end: int) -> str:
    """A range of lines as the head of a hunk tells it: of no lines, it is the line before them."""
    n = end - start
    return f"{start + (n > 0)}" if n == 1 else f"{start + (n > 0)},{n}"


def _named(path: str) -> str:
    """A path in the head of a diff: quoted as git does where it must be, with a tab behind it where it has a space."""
    if any(sign in _ESCAPED for sign in path):
        return '"' + "".join(_ESCAPED.get(sign, sign) for sign in path) + '"'
    return f"{path}\t" if " " in path else path


def _keep(path: Path, content: bytes, mode: int) -> Path:
    """Writes the backup beside the file, under a name that nothing has yet, and that no import finds."""
    for number in count(1):
        backup = path.with_name(f"{path.name}.orig{'' if number == 1 else number}")
        try:
            with backup.open("xb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
        except FileExistsError:
            continue
        backup.chmod(mode)
        return backup
    raise AssertionError("there is always a next number")


def _write(path: Path, content: bytes, mode: int) -> None:
    """Puts the content in the file's place in one step: whoever reads it sees the former or the new one."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", suffix=".new", delete=False) as stream:
        try:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
            Path(stream.name).chmod(mode)
            os.replace(stream.name, path)  # noqa: PTH105  # the atomic one, by its name
        except OSError:
            with contextlib.suppress(OSError):
                Path(stream.name).unlink()
            raise
