"""The tool `read_file`."""

from __future__ import annotations

from itertools import islice

from agenttune.errors import UserError
from agenttune.tools.toolbox import Weighed
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
            lines = [line[: MOST_CHARS + 1] for line in islice(stream, first_line - 1, first_line - 1 + n_lines)]
            has_more = next(iter(stream), None) is not None
    except OSError as error:
        raise UserError(f"{path!r} cannot be read: {error.strerror}") from None
    told = [f"{number}: {_short(line)}" for number, line in enumerate(lines, first_line)]
    rest = [f"... (more from line {first_line + len(lines)} on)"] if has_more else []
    return ToolResult("\n".join(told + rest) or "(nothing there)", {"path": str(place), "n_lines": len(lines)})


def weigh(workspace: Workspace, path: str, first_line: int = 1, n_lines: int = 200) -> Weighed:
    """Whether the file is hidden."""
    place = workspace.path(path)
    return Weighed("outside" if workspace.is_hidden(place) else "read", f"read {place}")


def _short(line: str) -> str:
    line = line.rstrip("\n")
    return line if len(line) <= MOST_CHARS else f"{line[:MOST_CHARS]} ..."
