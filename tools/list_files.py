"""The tool `list_files`."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path

from agenttune.errors import UserError
from agenttune.tools.toolbox import Weighed, weighed_reading
from agenttune.tools.workspace import ToolResult, Workspace
from agenttune.types import Json

MOST = 200
"""Files that are listed."""
MOST_SEEN = 20_000
"""Entries that are looked at: a workspace may be somebody's home."""
SKIPPED = frozenset(("node_modules", "__pycache__", "site-packages", "venv"))


def list_files(workspace: Workspace, folder: str = ".", pattern: str = "*") -> ToolResult:
    """List files of the workspace with their sizes, those of folders inside too.

    Args:
        folder: where to look, relative to the workspace.
        pattern: which names, as in "*.py" or "train*".
    """
    place = workspace.path(folder)
    if not place.is_dir():
        raise UserError(f"there is no folder {folder!r} in the workspace {workspace.folder}")
    found: list[Json] = []
    n_seen = 0
    waiting = [place]
    while waiting and n_seen < MOST_SEEN and len(found) < MOST:
        for entry in _entries(waiting.pop(0)):
            n_seen += 1
            if entry.is_symlink() or entry.name.startswith("."):
                continue
            if entry.is_dir():
                waiting += [entry] if entry.name not in SKIPPED else []
            elif fnmatch(entry.name, pattern) and len(found) < MOST:
                found.append([str(entry.relative_to(workspace.folder)), entry.stat().st_size])
    is_cut = bool(waiting) or len(found) == MOST
    lines = [f"{entry[0]}  {entry[1]:,} bytes" for entry in found if isinstance(entry, list)]
    text = "\n".join(lines) or f"no file is called {pattern!r} there"
    return ToolResult(f"{text}\n... and perhaps more" if is_cut else text, {"files": found})


def weigh(workspace: Workspace, folder: str = ".", pattern: str = "*") -> Weighed:
    """Whether the folder is hidden."""
    return weighed_reading(workspace, workspace.path(folder))


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
