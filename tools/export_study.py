"""The tool `export_study`."""

from __future__ import annotations

from typing import Literal

from agenttune.errors import UserError
from agenttune.report.export import config_flags, config_python, study_csv, study_json
from agenttune.tools.toolbox import Weighed, weighed_writing
from agenttune.tools.workspace import ToolResult, Workspace

Format = Literal["json", "csv", "flags", "python"]


def export_study(workspace: Workspace, path: str, format: Format = "json", study: str | None = None) -> ToolResult:
    """Write a study, or its best configuration, to a file of the workspace.

    Args:
        path: the file, relative to the workspace; it is overwritten if it is there.
        format: json or csv hold the whole study; flags or python hold the best configuration.
        study: its name; left out, the one that is spoken of.
    """
    place, row, view = workspace.path(path), workspace.row(study), workspace.view(study)
    best = view.incumbent
    if format == "json":
        text = study_json(row, view)
    elif format == "csv":
        text = study_csv(view)
    elif best is None:
        raise UserError(f"study {row.name!r} has no best configuration yet")
    else:
        comment = f"trial {best.number} of study {row.name}"
        flags = f"{config_flags(best.config, row.spec.objective)}\n"
        text = flags if format == "flags" else config_python(best.config, comment=comment)
    try:
        place.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path!r} cannot be written: {error.strerror}") from None
    return ToolResult(f"written: {place}", {"path": str(place)})


def weigh(workspace: Workspace, path: str, format: Format = "json", study: str | None = None) -> Weighed:
    """The file that is written."""
    return weighed_writing(workspace, workspace.path(path), f"write {format}")
