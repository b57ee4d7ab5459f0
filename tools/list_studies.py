"""The tool `list_studies`."""

from __future__ import annotations

from agenttune.history import read_view
from agenttune.insight.quoting import quote, spell_number
from agenttune.study import status
from agenttune.tools.workspace import ToolResult, Workspace
from agenttune.types import Json

MOST = 30


def list_studies(workspace: Workspace) -> ToolResult:
    """List the studies of the store, newest first, with their state and best value."""
    rows = workspace.store.studies(on_damage=lambda error: None)
    told, record = [], list[Json]()
    for row in rows[:MOST]:
        best = read_view(workspace.store, row).incumbent
        value = None if best is None else best.value(row.spec.goal.metric)
        measured = "nothing measured" if value is None else f"best {quote(row.spec.goal.metric)} {spell_number(value)}"
        here = " (the one spoken of)" if row.id == workspace.study_id else ""
        told.append(f"{quote(row.name)}: {status(row)}, {row.n_trials} trials, {measured}{here}")
        record.append({"study": row.name, "status": status(row), "n_trials": row.n_trials, "best": value})
    more = [f"... and {len(rows) - MOST} older ones"] if len(rows) > MOST else []
    return ToolResult("\n".join(told + more) or "there is no study yet", {"studies": record})
