"""The tool `pause_study`."""

from __future__ import annotations

from agenttune import steering
from agenttune.tools.toolbox import Weighed
from agenttune.tools.workspace import ToolResult, Workspace


def pause_study(workspace: Workspace, study: str | None = None) -> ToolResult:
    """Have a study start no new trials; those that run go on, and resume_study takes it back.

    Args:
        study: its name; left out, the one that is spoken of.
    """
    row = workspace.row(study)
    return ToolResult(f"study {row.name}: {steering.pause(workspace.store, row)}")


def weigh(workspace: Workspace, study: str | None = None) -> Weighed:
    """Which study it is."""
    return Weighed("steer", f"pause study {workspace.row(study).name}")
