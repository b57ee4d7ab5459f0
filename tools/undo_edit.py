"""The tool `undo_edit`."""

from __future__ import annotations

from agenttune import steering
from agenttune.tools.edit_study import BY
from agenttune.tools.toolbox import Weighed
from agenttune.tools.workspace import ToolResult, Workspace


def undo_edit(workspace: Workspace, edit_id: int | None = None, study: str | None = None) -> ToolResult:
    """Take an edit of a study back; what has run since stays.

    Args:
        edit_id: which; left out, the latest that still stands.
        study: its name; left out, the one that is spoken of.
    """
    row = workspace.row(study)
    entry = steering.last_edit(workspace.store, row, edit_id)
    change = steering.preview_undo(workspace.store, row, entry).diff
    answer = steering.undo(workspace.store, row, entry, by=BY)
    return ToolResult(f"study {row.name}: {answer}\n{change.text}", {"study": row.name, "diff": change.to_json()})


def weigh(workspace: Workspace, edit_id: int | None = None, study: str | None = None) -> Weighed:
    """The difference, and whether more may be spent than before; settles which edit it is."""
    row = workspace.row(study)
    entry = steering.last_edit(workspace.store, row, edit_id)
    preview = steering.preview_undo(workspace.store, row, entry)
    what = f"undo edit {entry.edit_id} of study {row.name} ({entry.summary})\n{preview.diff.text}"
    return Weighed("spend" if preview.grows else "steer", what, {"edit_id": entry.edit_id})
