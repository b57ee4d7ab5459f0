"""Draws a study's picture from the command line: quietly, with its name and request above it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agenttune.cli.quiet import quiet_libraries
from agenttune.history import StudyView
from agenttune.spec import StudyRow

if TYPE_CHECKING:
    from agenttune.store import Store


def plot_path(store: Store, row: StudyRow) -> Path:
    """Where a study's picture is kept."""
    return store.study_dir(row.id) / "plot.png"


def draw(view: StudyView, row: StudyRow, path: Path) -> None:
    """Saves the picture.

    Raises:
        UserError: the file cannot be written.
    """
    quiet_libraries()  # before matplotlib is imported
    from agenttune.report.plots import plot_study

    plot_study(view, path, title=row.name if row.spec.request is None else f"{row.name}: {row.spec.request}")
