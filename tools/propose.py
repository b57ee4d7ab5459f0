"""The tool `propose`."""

from __future__ import annotations

from typing import Any

from agenttune import steering
from agenttune.insight.quoting import spell_json
from agenttune.tools.workspace import ToolResult, Workspace


def propose(workspace: Workspace, config: dict[str, Any], reason: str, study: str | None = None) -> ToolResult:
    """Have a configuration of your own run next in a study, as a trial of arm "human" within its budget.

    Args:
        config: a value for each parameter; those left out get their default.
        reason: why this one, in a sentence; kept with the trial.
        study: its name; left out, the one that is spoken of.
    """
    row = workspace.row(study)
    filled = workspace.view(row.id).space.fill(config)
    answer = steering.add_config(workspace.store, row, filled, reason=reason)
    return ToolResult(
        f"study {row.name}: {spell_json(dict(filled))}: {answer}",
        {"config": dict(filled), "arm": "human", "reason": reason, "answer": answer},
    )
