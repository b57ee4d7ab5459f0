"""The tool `plot_study`."""

from __future__ import annotations

from agenttune.errors import UserError
from agenttune.tools.toolbox import Weighed, weighed_writing
from agenttune.tools.workspace import ToolResult, Workspace


def plot_study(workspace: Workspace, path: str, study: str | None = None) -> ToolResult:
    """Draw every trial by who proposed it, and the best so far, as a PNG file in the workspace.

    Args:
        path: the file, relative to the workspace; its name ends in .png, and it is overwritten if it is there.
        study: its name; left out, the one that is spoken of.
    """
    from agenttune.report.plots import plot_study as draw  # with matplotlib

    place = workspace.path(path)
    if place.suffix.lower() != ".png":
        raise UserError(f"a plot is a PNG: name a file that ends in .png, not {path!r}")
    row = workspace.row(study)
    draw(
        workspace.view(row.id), place, title=row.name if row.spec.request is None else f"{row.name}: {row.spec.request}"
    )
    return ToolResult(f"drawn: {place}", {"path": str(place)})


def weigh(workspace: Workspace, path: str, study: str | None = None) -> Weighed:
    """The file that is written."""
    return weighed_writing(workspace, workspace.path(path), "draw")
