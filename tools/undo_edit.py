"""The tool `undo_edit`."""

from __future__ import annotations

from agenttune import steering
from agenttune.edits import Diff, Terms, diff
from agenttune.spec import StudyRow
from agenttune.study.editing import without
from agenttune.tools.edit_study import BY, grows
from agenttune.tools.toolbox import Weighed
from agenttune.tools.workspace import ToolResult, Workspace


def undo_edit(workspace: Workspace, study: str | None = None) -> ToolResult:
    """Take the latest edit of a study back that still stands; what has run since stays.

    Args:
        study: its name; left out, the one that is spoken of.
    """
    row = workspace.row(study)
    change = _change(workspace, row)[2]
    answer = steering.undo(workspace.store, row, steering.last_edit(workspace.store, row), by=BY)
    return ToolResult(f"study {row.name}: {answer}\n{change.text}", {"study": row.name, "diff": change.to_json()})


def weigh(workspace: Workspace, study: str | None = None) -> Weighed:
    """The difference, and whether more may be spent than before."""
    row = workspace.row(study)
    before, after, change = _change(workspace, row)
    entry = steering.last_edit(workspace.store, row)
    what = f"undo edit {entry.edit_id} of study {row.name} ({entry.summary})\n{change.text}"
    return Weighed("spend" if grows(before, after) else "steer", what)


def _change(workspace: Workspace, row: StudyRow) -> tuple[Terms, Terms, Diff]:
    before = steering.current_terms(workspace.store, row)
    after = without(before, steering.last_edit(workspace.store, row))
    return before, after, diff(before, after, trials=workspace.store.trials(row.id))
