"""`TrialsTable`: all trials, newest first, painted line by line so that thousands cost as much as ten."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from agenttune.trial import Trial
from agenttune.tui.columns import GAP, Column, Tone, cells, header, lay_out
from agenttune.tui.snapshot import Snapshot

HEAD_ROWS = 1


class TrialsTable(ScrollView, can_focus=True):
    """One row a trial. The cursor belongs to a trial, not to a row: it stays on it while others arrive."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("pageup", "move_page(-1)", "Page up", show=False),
        Binding("pagedown", "move_page(1)", "Page down", show=False),
        Binding("home", "newest", "Newest trial, and follow", show=False),
        Binding("end", "oldest", "Oldest trial", show=False),
        Binding("enter", "open", "Open trial"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"trials--cursor", *(f"trials--{tone.value}" for tone in Tone)}
    DEFAULT_CSS = """
    TrialsTable {
        padding: 0 1;
        scrollbar-size-vertical: 1;
        overflow-x: hidden;
        .trials--plain { color: $foreground; }
        .trials--dim { color: $foreground 62%; }
        .trials--head { color: $foreground 40%; }
        .trials--best { color: $accent; text-style: bold; }
        .trials--improved { color: $primary; }
        .trials--running { color: $secondary; }
        .trials--failed { color: $error; }
        .trials--cursor { background: $panel; }
        &:focus .trials--cursor { background: $primary-muted; }
        &:nocolor .trials--cursor { text-style: reverse; }
    }
    """

    class Selected(Message):
        """The cursor is on another trial, or on none."""

        def __init__(self, number: int | None) -> None:
            super().__init__()
            self.number = number

    class Opened(Message):
        """A trial is to be shown whole."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, clock: Callable[[], float], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._clock = clock
        self._snapshot: Snapshot | None = None
        self._columns: list[Column] = []
        self._trials: list[Trial] = []
        self._rows: dict[int, int] = {}
        self.selected: int | None = None
        """Number of the trial under the cursor; None follows the newest."""

    def show(self, snapshot: Snapshot) -> None:
        """Shows this state of a study; the cursor stays on its trial, and where it is on the screen."""
        before = self._rows.get(self.selected) if self.selected is not None else None
        if self._snapshot is not None and snapshot.row.id != self._snapshot.row.id:
            self.selected, before = None, None
        self._snapshot = snapshot
        self._trials = list(reversed(snapshot.trials))
        self._rows = {trial.number: row for row, trial in enumerate(self._trials)}
        self._lay_out()
        after = self._rows.get(self.selected) if self.selected is not None else None
        if before is not None and after is not None and (self.scroll_offset.y > 0 or after >= self._n_visible):
            self.scroll_to(y=self.scroll_offset.y + after - before, animate=False, force=True)
        self.refresh()

    def tick(self) -> None:
        """Repaints the rows whose times grow."""
        if self._snapshot is None:
            return
        width, top = self.scrollable_content_region.width, self.scroll_offset.y
        for trial in self._snapshot.running:
            y = self._rows[trial.number] - top + HEAD_ROWS
            if HEAD_ROWS <= y <= self._n_visible:
                self.refresh(Region(0, y, width, 1))

    def on_resize(self) -> None:
        """Other columns fit now."""
        self._lay_out()

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width
        if self._snapshot is None:
            return
        budget = self._snapshot.row.spec.budget.trials or 0
        self._columns = lay_out(
            self._snapshot.space, self._snapshot.metric, width=width, n_trials=max(budget, len(self._trials))
        )
        self.virtual_size = Size(width, len(self._trials) + HEAD_ROWS)

    @property
    def _n_visible(self) -> int:
        return max(1, self.scrollable_content_region.height - HEAD_ROWS)

    def render_line(self, y: int) -> Strip:
        """The head, or one trial."""
        width = self.scrollable_content_region.width
        if self._snapshot is None:
            return Strip.blank(width, self.rich_style)
        if y < HEAD_ROWS:
            return self._strip(header(self._columns), Style(), width)
        row = self.scroll_offset.y + y - HEAD_ROWS
        if row >= len(self._trials):
            return Strip.blank(width, self.rich_style)
        trial = self._trials[row]
        cursor = self.get_component_rich_style("trials--cursor", partial=True)
        texts = cells(trial, self._snapshot, self._columns, now=self._clock())
        return self._strip(texts, cursor if trial.number == self.selected else Style(), width)

    def _strip(self, texts: list[tuple[str, Tone]], over: Style, width: int) -> Strip:
        segments: list[Segment] = []
        for text, tone in texts:
            style = self.get_component_rich_style(f"trials--{tone.value}") + over
            segments += [Segment(text, style), Segment(" " * GAP, style)]
        return Strip(segments).adjust_cell_length(width, self.rich_style + over)

    def action_move(self, rows: int) -> None:
        """Moves the cursor; down from nowhere selects the newest, up from the newest selects none."""
        if not self._trials:
            return
        row = self._rows[self.selected] + rows if self.selected is not None else (0 if rows > 0 else -1)
        self._select(None if row < 0 else self._trials[min(row, len(self._trials) - 1)].number)

    def action_move_page(self, pages: int) -> None:
        """Moves the cursor by what is visible; never past an end."""
        row = self._rows[self.selected] if self.selected is not None else 0
        if self._trials:
            row = min(len(self._trials) - 1, max(0, row + pages * self._n_visible))
            self._select(self._trials[row].number)

    def action_newest(self) -> None:
        """Takes the cursor away and follows the newest trials."""
        self._select(None)

    def action_oldest(self) -> None:
        """Moves the cursor to the first trial of the study."""
        if self._trials:
            self._select(self._trials[-1].number)

    def action_open(self) -> None:
        """Opens the trial under the cursor, or the newest."""
        if self._trials:
            self.post_message(self.Opened(self._trials[0].number if self.selected is None else self.selected))

    def on_click(self, event: events.Click) -> None:
        """Selects a row; a second click opens it."""
        row = self.scroll_offset.y + event.y - HEAD_ROWS
        if event.y < HEAD_ROWS or not 0 <= row < len(self._trials):
            return
        number = self._trials[row].number
        if number == self.selected:
            self.action_open()
        self._select(number)

    def _select(self, number: int | None) -> None:
        self.selected = number
        row = 0 if number is None else self._rows[number]
        top = self.scroll_offset.y
        if row < top or number is None:
            self.scroll_to(y=row, animate=False, force=True)
        elif row >= top + self._n_visible:
            self.scroll_to(y=row - self._n_visible + 1, animate=False, force=True)
        self.refresh()
        self.post_message(self.Selected(number))
