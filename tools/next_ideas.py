"""The tool `next_ideas`."""

from __future__ import annotations

from agenttune.insight.answers import ideas
from agenttune.insight.answers.worded import worded
from agenttune.tools.workspace import ToolResult, Workspace


def next_ideas(workspace: Workspace, study: str | None = None, k: int = 3) -> ToolResult:
    """Tell what the surrogate would try next, with what it expects there and why, and where it is least certain.

    Args:
        study: its name; left out, the one that is spoken of.
        k: how many configurations, 1 to 10.
    """
    view = workspace.view(study)
    answer = ideas.next_ideas(view, workspace.surrogate(view), k=k)
    return ToolResult(worded(answer), answer.to_json())
