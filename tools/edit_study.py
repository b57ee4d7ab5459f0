"""The tool `edit_study`."""

from __future__ import annotations

from typing import Any

from agenttune.edits import Edit, Terms, diff
from agenttune.history import read_view
from agenttune.steering import ask_driver
from agenttune.study.editing import edited, edits_of
from agenttune.tools.toolbox import Weighed
from agenttune.tools.workspace import ToolResult, Workspace

WAITS = "it waits, since no driver runs: resume_study has it applied"


def edit_study(workspace: Workspace, edits: list[dict[str, Any]], study: str | None = None) -> ToolResult:
    """Change a study while it lives: its space, goal, budget, limits or workers. Finished trials stay as they are.

    Each edit is one object: {"edit": "set_range", "name": "lr", "high": 0.1}, also "low" and "log";
    {"edit": "set_choices", "name": "optimizer", "choices": ["adam", "adamw"]}, all that may be tried;
    {"edit": "freeze", "name": "gamma", "value": 0.1}; {"edit": "add_parameter", "name": "dropout", "parameter":
    {"type": "float", "low": 0.0, "high": 0.5}}; {"edit": "remove_parameter", "name": "dropout"};
    {"edit": "add_constraint", "text": "batch * depth < 4096"}; {"edit": "add_metric_constraint", "text":
    "latency_ms < 20"}; {"edit": "set_budget", "trials": 50}, totals, also "seconds", "dollars", "requests", "tokens";
    {"edit": "set_target", "value": 0.95}; {"edit": "set_trial_limit", "seconds": 30}; {"edit": "set_workers",
    "workers": 4}. All of them are made, or none.

    Args:
        edits: the edits, in order.
        study: its name; left out, the one that is spoken of.
    """
    row = workspace.row(study)
    change = weigh(workspace, edits, study)  # raises where it cannot be, before anything is sent
    answer = ask_driver(workspace.store, row, "edit", {"edits": list(edits), "by": "the agent"})
    return ToolResult(f"study {row.name}: {answer or WAITS}\n{change.what}", {"edits": list(edits)})


def weigh(workspace: Workspace, edits: list[dict[str, Any]], study: str | None = None) -> Weighed:
    """The diff, and whether more may be spent afterwards."""
    row = workspace.row(study)
    view = read_view(workspace.store, row)
    before = Terms.of(row.spec, view.space)
    wanted: list[Edit] = edits_of({"edits": list(edits)})
    after = edited(before, wanted)
    told = diff(before, after, trials=view.trials).text
    return Weighed("spend" if grows(before, after) else "steer", f"study {row.name}\n{told}")


def grows(before: Terms, after: Terms) -> bool:
    """Whether a bound of the budget is raised or lifted, or more runs at a time."""
    names = ("trials", "seconds", "tokens", "dollars", "requests")
    pairs = [(getattr(before.budget, name), getattr(after.budget, name)) for name in names]
    pairs.append((before.limits.seconds, after.limits.seconds))
    pairs.append((before.limits.memory_bytes, after.limits.memory_bytes))
    is_raised = any(old is not None and (new is None or new > old) for old, new in pairs)
    return is_raised or after.workers > before.workers
