"""The tool `outlook`."""

from __future__ import annotations

from agenttune.insight.answers.outlook import outlook as outlook_of
from agenttune.insight.answers.worded import worded
from agenttune.replies.costs import costs_of
from agenttune.tools.workspace import ToolResult, Workspace


def outlook(workspace: Workspace, study: str | None = None, n: int = 10) -> ToolResult:
    """Tell whether it is worth going on: what the next trials should gain, what they cost, what is left of the budget.

    Args:
        study: its name; left out, the one that is spoken of.
        n: how many more trials to speak of, 1 to 1000.
    """
    row = workspace.row(study)
    view = workspace.view(row.id)
    answer = outlook_of(
        view,
        workspace.surrogate(view),
        budget=row.spec.budget,
        n_trials=row.n_trials,
        active_s=row.active_s,
        dollars=costs_of(workspace.store, row.id).spent.dollars,
        workers=row.spec.workers,
        n=n,
    )
    return ToolResult(worded(answer), answer.to_json())
