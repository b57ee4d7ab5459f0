"""The tool `read_file`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from agenttune.errors import UserError
from agenttune.redaction import HIDDEN
from agenttune.tools.toolbox import Weighed, weighed_reading
from agenttune.tools.workspace import ToolResult, Workspace

MOST_LINES = 400
MOST_CHARS = 400
"""Of one line."""


def read_file(workspace: Workspace, path: str, first_line: int = 1, n_lines: int = 200) -> ToolResult:
    """Read lines of a text file of the workspace. For a data set use profile_data instead.

    Args:
        path: the file, relative to the workspace.
        first_line: number of the first line that is wanted, 1 or more.
        n_lines: how many lines, 1 to 400.
    """
    place = workspace.path(path)
    if first_line < 1 or not 1 <= n_lines <= MOST_LINES:
        got = f"got first_line={first_line}, n_lines={n_lines}"
        raise UserError(f"lines are counted from 1, and at most {MOST_LINES} are read, but {got}")
    if not place.is_file():
        raise UserError(f"there is no file {path!r} in {workspace.folder}; list_files shows what is there")
    try:
        with place.open("rb") as stream:
            if b"\0" in stream.read(4_096):
                raise UserError(f"{path!r} is no text file")
        with place.open(encoding="utf-8", errors="replace") as stream:
            shown = _without_keys(stream)
            lines = [line[: MOST_CHARS + 1] for line in islice(shown, first_line - 1, first_line - 1 + n_lines)]
            has_more = next(iter(stream), None) is not None
    except OSError as error:
        raise UserError(f"{path!r} cannot be read: {error.strerror}") from None
    told = [f"{number}: {_short(line)}" for number, line in enumerate(lines, first_line)]
    rest = [f"... (more from line {first_line + len(lines)} on)"] if has_more else []
    return ToolResult("\n".join(told + rest) or "(nothing there)", {"path": str(place), "n_lines": len(lines)})


def weigh(workspace: Workspace, path: str, first_line: int = 1, n_lines: int = 200) -> Weighed:
    """Whether the file is hidden."""
    return weighed_reading(workspace, workspace.path(path))


def _without_keys(lines: Iterable[str]) -> Iterator[str]:
    """Lines without private keys, which a piece from the middle of a file would not be seen to be."""
    is_key = False
    for line in lines:
        is_key = is_key or ("-----BEGIN" in line and "PRIVATE KEY-----" in line)
        yield HIDDEN if is_key else line
        is_key = is_key and "-----END" not in line


def _short(line: str) -> str:
    line = line.rstrip("\n")
    return line if len(line) <= MOST_CHARS else f"{line[:MOST_CHARS]} ..."
