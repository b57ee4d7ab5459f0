"""The tool `show_study`."""

from __future__ import annotations

from dataclasses import asdict

from agenttune.history import StudyView, read_view
from agenttune.insight.context import study_context
from agenttune.insight.prompt import overview
from agenttune.replies.costs import costs_of, spell_spending
from agenttune.spec import StudyRow
from agenttune.study import status
from agenttune.tools.workspace import ToolResult, Workspace
from agenttune.types import Json


def show_study(workspace: Workspace, study: str | None = None) -> ToolResult:
    """Tell how a study stands: what it tunes, space, goal, budget, the best, latest and failed trials, trends.

    Args:
        study: its name; left out, the one that is spoken of.
    """
    row = workspace.row(study)
    view = read_view(workspace.store, row)
    spent = costs_of(workspace.store, row.id).spent
    told = [
        f"study: {row.name} · {status(row)}{f' ({row.end_reason})' if row.end_reason else ''}",
        f"ran for {row.active_s:.0f} s · {row.n_trials} trials · {spell_spending(spent)}",
        overview(view, study_context(row.spec)),
    ]
    return ToolResult("\n".join(told), _record(row, view) | {"spent": dict(asdict(spent))})


def _record(row: StudyRow, view: StudyView) -> dict[str, Json]:
    best = view.incumbent
    told: Json = None
    if best is not None:
        told = {"trial": best.number, "value": view.value(best), "config": dict(best.config)}
    return {
        "study": row.name,
        "status": status(row),
        "n_trials": row.n_trials,
        "active_s": row.active_s,
        "budget": dict(asdict(row.spec.budget)),
        "best": told,
    }
