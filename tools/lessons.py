"""The tool `lessons`."""

from __future__ import annotations

from agenttune.insight.answers import lessons as learnt
from agenttune.insight.answers.worded import worded
from agenttune.tools.workspace import ToolResult, Workspace


def lessons(workspace: Workspace, study: str | None = None) -> ToolResult:
    """Tell what a study has taught: gain over the default, which parameters decide, pairs, choices that never worked.

    Of a study over code also what each variant taught the model that wrote it.

    Args:
        study: its name; left out, the one that is spoken of.
    """
    view = workspace.view(study)
    answer = learnt.lessons(view, workspace.surrogate(view))
    return ToolResult(worded(answer), answer.to_json())
