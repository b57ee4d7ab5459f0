"""The tool `compare_trials`."""

from __future__ import annotations

from agenttune.insight.answers.compared import compare
from agenttune.insight.answers.worded import worded
from agenttune.tools.workspace import ToolResult, Workspace


def compare_trials(workspace: Workspace, numbers: list[int], study: str | None = None) -> ToolResult:
    """Show two to six trials side by side: who proposed them, parameters that differ, metrics, curves.

    Args:
        numbers: of the trials.
        study: the study's name; left out, the one that is spoken of.
    """
    answer = compare(workspace.view(study), numbers)
    return ToolResult(worded(answer), answer.to_json())
