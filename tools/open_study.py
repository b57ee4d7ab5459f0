"""The tool `open_study`."""

from __future__ import annotations

from agenttune.insight.quoting import quote
from agenttune.study import status
from agenttune.tools.workspace import ToolResult, Workspace


def open_study(workspace: Workspace, study: str | None = None) -> ToolResult:
    """Speak of another study from now on: tools that name none mean this one.

    Args:
        study: its name or the beginning of it; left out, the latest.
    """
    row = workspace.store.study(study)
    workspace.study_id = row.id
    return ToolResult(
        f"study {quote(row.name)} is spoken of now: {status(row)}, {row.n_trials} trials", {"study": row.name}
    )
