"""From a variant back to the user's file: a diff to read or to apply elsewhere, and the change itself, with a backup.

Not for: what the file becomes (target.py puts a block into it).
"""

from __future__ import annotations

import contextlib
import difflib
import io
import os
import tempfile
from itertools import count
from pathlib import Path

from agenttune.errors import UserError
from agenttune.inspection.script import parse_source, read_content

N_CONTEXT = 3
"""Unchanged lines around each change in a diff."""
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
    hunks = list(difflib.unified_diff(old, new, n=N_CONTEXT))[2:]
    return "".join(told + [line if line.endswith("\n") else f"{line}\n{_NO_END}" for line in hunks])


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
