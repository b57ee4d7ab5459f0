"""The tool `resume_study`."""

from __future__ import annotations

from agenttune import steering
from agenttune.study import status
from agenttune.tools.toolbox import Weighed
from agenttune.tools.workspace import ToolResult, Workspace


def resume_study(
    workspace: Workspace, trials: int | None = None, seconds: float | None = None, study: str | None = None
) -> ToolResult:
    """Go on with a paused, interrupted, stopped or finished study, with a larger budget if one is given.

    Args:
        trials: trials the study may run in all, those of before included; left out, as before.
        seconds: seconds the study may take in all; left out, as before.
        study: its name; left out, the one that is spoken of.
    """
    row = workspace.row(study)
    steering.resume(workspace.store, row, trials=trials, seconds=seconds)
    row = workspace.store.study(row.id)
    workspace.study_id = row.id
    return ToolResult(f"study {row.name} goes on: {status(row)}", {"study": row.name})


def weigh(
    workspace: Workspace, trials: int | None = None, seconds: float | None = None, study: str | None = None
) -> Weighed:
    """Whether more is granted than before."""
    row = workspace.row(study)
    before = row.spec.budget
    bounds = (("trials", before.trials, trials), ("seconds", before.seconds, seconds))
    changes = [(name, old, new) for name, old, new in bounds if new is not None and new != old]
    told = "".join(f"\n{name}: {'no bound' if old is None else f'{old:g}'} -> {new:g}" for name, old, new in changes)
    is_more = any(old is not None and new > old for _, old, new in changes)
    return Weighed("spend" if is_more else "start", f"go on with study {row.name}{told}")
