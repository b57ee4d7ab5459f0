"""The tool `predict`."""

from __future__ import annotations

from typing import Any

from agenttune.insight.answers import foreseen
from agenttune.insight.answers.worded import worded
from agenttune.tools.workspace import ToolResult, Workspace


def predict(workspace: Workspace, configs: list[dict[str, Any]], study: str | None = None) -> ToolResult:
    """Predict what configurations would measure, how sure that is, and rank them; nothing is run.

    Args:
        configs: one to twenty, each with a value per parameter; those left out get their default.
        study: its name; left out, the one that is spoken of.
    """
    view = workspace.view(study)
    answer = foreseen.rank(view, workspace.surrogate(view), configs)
    return ToolResult(worded(answer), answer.to_json())
