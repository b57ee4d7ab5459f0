"""The tool `explain_trial`."""

from __future__ import annotations

from agenttune.insight.answers.why import why_trial
from agenttune.insight.answers.worded import worded
from agenttune.tools.workspace import ToolResult, Workspace


def explain_trial(workspace: Workspace, number: int, study: str | None = None) -> ToolResult:
    """Tell why a trial was run (who, the gate's rule, what each arm would have run and who was right) and its result.

    Args:
        number: of the trial.
        study: the study's name; left out, the one that is spoken of.
    """
    row = workspace.row(study)
    view = workspace.view(row.id)
    answer = why_trial(view, number, workspace.surrogate(view))
    return ToolResult(worded(answer), answer.to_json())
