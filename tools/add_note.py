"""The tool `add_note`."""

from __future__ import annotations

from agenttune.tools.workspace import ToolResult, Workspace


def add_note(workspace: Workspace, text: str, number: int | None = None, study: str | None = None) -> ToolResult:
    """Keep a note with a study, or with one of its trials; the model that proposes is shown it.

    Args:
        text: the note.
        number: of the trial it is about; left out, the whole study.
        study: its name; left out, the one that is spoken of.
    """
    row = workspace.row(study)
    workspace.store.note(row.id, text, number=number)
    return ToolResult(f"noted with {'study' if number is None else f'trial {number} of study'} {row.name}")
