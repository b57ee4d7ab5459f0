"""Ways to show a study that is being followed: JSON lines, or a plain table. Neither needs a terminal.

The moving display of a terminal is in live.py, the only module that imports rich.
"""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from agenttune.cli.console import emit, is_live, say, width
from agenttune.cli.notices import notice
from agenttune.cli.progress import Progress
from agenttune.cli.rows import Cell, TrialTable, plain
from agenttune.events import Event, event_to_json
from agenttune.space import Space
from agenttune.spec import StudyRow


class Display(Protocol):
    """Shows events as they come; a context manager around the following."""

    progress: Progress

    def show(self, event_id: int, at: float, event: Event) -> None:
        """One event, stored at `at` seconds since the epoch."""
        ...

    def tick(self) -> None:
        """Nothing new; time went by."""
        ...

    def message(self, text: str) -> None:
        """A line of our own."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class JsonDisplay:
    """One JSON object per event on stdout."""

    def __init__(self, row: StudyRow) -> None:
        self.progress = Progress(row.spec.goal)

    def show(self, event_id: int, at: float, event: Event) -> None:
        """Prints the event."""
        self.progress.apply(event, at=at)
        emit({**event_to_json(event), "id": event_id, "time": at})

    def tick(self) -> None:
        """Nothing to redraw."""

    def message(self, text: str) -> None:
        """On stderr: stdout is events alone."""
        say(text)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Nothing to put back."""


class TableDisplay:
    """A row per finished trial on stderr, a line for other news."""

    def __init__(self, row: StudyRow, *, space: Space | None = None, row_width: int | None = None) -> None:
        self.progress = Progress(row.spec.goal)
        self.row = row
        self.table = TrialTable(space or row.spec.space, row.spec.goal, width=row_width)
        self._has_header = False

    def show(self, event_id: int, at: float, event: Event) -> None:
        """Prints what the event is worth."""
        ended = self.progress.apply(event, at=at)
        if ended is not None:
            if not self._has_header:
                self._print(self.table.header())
                self._has_header = True
            self._print(self.table.row(ended))
        elif line := notice(event):
            self.message(line)

    def tick(self) -> None:
        """Nothing to redraw."""

    def message(self, text: str) -> None:
        """On stderr, set off from the rows."""
        say(f"      {text}")

    def _print(self, cells: list[Cell]) -> None:
        say(plain(cells))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Nothing to put back."""


def choose_display(row: StudyRow, *, space: Space, json: bool) -> Display:
    """JSON if asked for, the moving table on a terminal that can, else plain lines.

    Args:
        space: its current version, whose parameters are the table's columns.
    """
    if json:
        return JsonDisplay(row)
    if is_live():
        from agenttune.cli.live import LiveDisplay

        return LiveDisplay(row, space=space, row_width=width())
    return TableDisplay(row, space=space)
