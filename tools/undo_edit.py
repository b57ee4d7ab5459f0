"""The tool `undo_edit`."""

from __future__ import annotations

from agenttune.edits import Terms, diff
from agenttune.history import read_view
from agenttune.steering import ask_driver
from agenttune.study.editing import undoable, without
from agenttune.tools.edit_study import WAITS, grows
from agenttune.tools.toolbox import Weighed
from agenttune.tools.workspace import ToolResult, Workspace


def undo_edit(workspace: Workspace, study: str | None = None) -> ToolResult:
    """Take the latest edit of a study back that is not taken back yet. Finished trials stay as they are.

    Args:
        study: its name; left out, the one that is spoken of.
    """
    row = workspace.row(study)
    change = weigh(workspace, study)
    answer = ask_driver(workspace.store, row, "undo", {"by": "the agent"})
    return ToolResult(f"study {row.name}: {answer or WAITS}\n{change.what}")


def weigh(workspace: Workspace, study: str | None = None) -> Weighed:
    """The diff, and whether more may be spent afterwards."""
    row = workspace.row(study)
    view = read_view(workspace.store, row)
    before = Terms.of(row.spec, view.space)
    after = without(before, undoable(workspace.store, row.id))
    return Weighed(
        "spend" if grows(before, after) else "steer",
        f"study {row.name}\n{diff(before, after, trials=view.trials).text}",
    )
