"""The tool `failures`."""

from __future__ import annotations

from agenttune.insight.answers import failed
from agenttune.insight.answers.worded import worded
from agenttune.tools.workspace import ToolResult, Workspace


def failures(workspace: Workspace, study: str | None = None) -> ToolResult:
    """Tell what failed, was stopped or broke a constraint, grouped by kind and message, and what such trials share.

    Args:
        study: its name; left out, the one that is spoken of.
    """
    answer = failed.failures(workspace.view(study))
    return ToolResult(worded(answer), answer.to_json())
