"""The tool `stop_study`."""

from __future__ import annotations

from agenttune import steering
from agenttune.tools.toolbox import Weighed
from agenttune.tools.workspace import ToolResult, Workspace


def stop_study(workspace: Workspace, kill: bool = False, study: str | None = None) -> ToolResult:
    """End a study after its running trials; its record stays, and resume_study can take the end back.

    Args:
        kill: whether running trials are killed at once; they wait for a resume.
        study: its name; left out, the one that is spoken of.
    """
    row = workspace.row(study)
    return ToolResult(f"study {row.name}: {steering.stop(workspace.store, row, kill=kill)}")


def weigh(workspace: Workspace, kill: bool = False, study: str | None = None) -> Weighed:
    """Which study it is."""
    how = "and kill its running trials" if kill else "after its running trials"
    return Weighed("steer", f"stop study {workspace.row(study).name} {how}")
