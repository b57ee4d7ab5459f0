"""The tool `confirm_winner`."""

from __future__ import annotations

from agenttune.errors import UserError
from agenttune.report.replicates import confirmation
from agenttune.spec import StudyState
from agenttune.steering import ask_driver, ensure_driver
from agenttune.study.step import best_to_confirm
from agenttune.tools.toolbox import Weighed
from agenttune.tools.workspace import ToolResult, Workspace


def confirm_winner(workspace: Workspace, top: int = 3, replicates: int = 5, study: str | None = None) -> ToolResult:
    """Run the best configurations again with other seeds, outside the budget, to see whether the winner holds.

    Asked again later, it tells what the repeats say so far and starts none.

    Args:
        top: how many configurations.
        replicates: how often each is run.
        study: its name; left out, the one that is spoken of.
    """
    row = workspace.row(study)
    view = workspace.view(row.id)
    found = confirmation(view)
    if found is not None:
        n_waiting = sum(trial.replicate_of is not None for trial in view.pending)
        rest = f" ({n_waiting} repeats are not finished yet)" if n_waiting else ""
        return ToolResult(found.sentence + rest, {"winner": found.winner, "verdict": found.verdict})
    if row.state is StudyState.PAUSED:
        raise UserError(f"study {row.name!r} is paused, so nothing would run: resume it first")
    best_to_confirm(view, top, name=row.name)
    answer = ask_driver(workspace.store, row, "confirm", {"top": top, "replicates": replicates})
    ensure_driver(workspace.store, row)
    return ToolResult(f"study {row.name}: {answer or 'the repeats start'}; they take a while", {"top": top})


def weigh(workspace: Workspace, top: int = 3, replicates: int = 5, study: str | None = None) -> Weighed:
    """How many trials are run outside the budget."""
    view = workspace.view(study)
    if confirmation(view) is not None:
        return Weighed("read", "tell what the repeats say")
    return Weighed("spend", f"run {min(top, len(view.ranked())) * replicates} more trials, outside the budget")
