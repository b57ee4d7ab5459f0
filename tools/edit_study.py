"""The tool `edit_study`."""

from __future__ import annotations

from typing import Any

from agenttune import steering
from agenttune.edits import Edit, edit_from_json
from agenttune.errors import UserError
from agenttune.tools.toolbox import Weighed
from agenttune.tools.workspace import ToolResult, Workspace

BY = "the assistant"
"""Who is recorded to have edited."""


def edit_study(workspace: Workspace, edits: list[dict[str, Any]], study: str | None = None) -> ToolResult:
    """Change what a study tries, counts as good, or may spend, from the next trial on; finished trials stay.

    An edit is one of these objects; fields in brackets may be left out:
    {"edit": "set_range", "name", [low], [high], [log]}: bounds of a number;
    {"edit": "set_choices", "name", "choices"}: all values that may be tried;
    {"edit": "add_parameter", "name", "parameter"}, as {"type": "float", "low": 0, "high": 1, "default": 0.5};
    {"edit": "remove_parameter", "name"}; {"edit": "freeze", "name", "value"};
    {"edit": "add_constraint" or "remove_constraint", "text"}: an expression over parameters, as "a * b < 4096";
    {"edit": "add_metric_constraint" or "remove_metric_constraint", "text"}: over metrics, as "latency_ms < 20";
    {"edit": "set_budget", [trials], [seconds], [tokens], [dollars], [requests], [lifted]}: new totals of the study,
    lifted lists the bounds that no longer hold; {"edit": "set_target", "value"}, null for none;
    {"edit": "set_trial_limit", [seconds], [memory_bytes], [lifted]}: of one trial; {"edit": "set_workers", "workers"}.

    Args:
        edits: applied in this order, all or none.
        study: its name; left out, the one that is spoken of.
    """
    row = workspace.row(study)
    change = steering.preview_edit(workspace.store, row, _read(edits)).diff
    answer = steering.edit(workspace.store, row, _read(edits), by=BY)
    return ToolResult(f"study {row.name}: {answer}\n{change.text}", {"study": row.name, "diff": change.to_json()})


def weigh(workspace: Workspace, edits: list[dict[str, Any]], study: str | None = None) -> Weighed:
    """The difference, and whether more may be spent than before."""
    row = workspace.row(study)
    preview = steering.preview_edit(workspace.store, row, _read(edits))
    return Weighed("spend" if preview.grows else "steer", f"edit study {row.name}\n{preview.diff.text}")


def _read(edits: list[dict[str, Any]]) -> list[Edit]:
    if not edits:
        raise UserError("`edits` is empty; give at least one, as in [{'edit': 'set_workers', 'workers': 2}]")
    return [edit_from_json(entry) for entry in edits]
