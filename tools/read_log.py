"""The tool `read_log`."""

from __future__ import annotations

from agenttune.errors import UserError
from agenttune.report.logs import log_of, tail
from agenttune.tools.workspace import ToolResult, Workspace

MOST_LINES = 200


def read_log(workspace: Workspace, number: int, n_lines: int = 40, study: str | None = None) -> ToolResult:
    """Read the last lines that a trial's program printed, to see why it failed or how it went.

    Args:
        number: of the trial.
        n_lines: how many lines from the end, 1 to 200.
        study: the study's name; left out, the one that is spoken of.
    """
    if not 1 <= n_lines <= MOST_LINES:
        raise UserError(f"`n_lines` must be from 1 to {MOST_LINES}, but got {n_lines}")
    row = workspace.row(study)
    path = log_of(workspace.store, row.id, number)
    lines = [] if path is None else tail(path, n_lines)
    return ToolResult(
        "\n".join(lines) or f"trial {number} has printed nothing", {"trial": number, "n_lines": len(lines)}
    )
