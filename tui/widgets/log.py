"""`LogPanel`: what one trial prints, as it comes: the chosen trial, else the newest that runs or has ended."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from agenttune.tui.glyphs import DOT
from agenttune.tui.log_feed import MOST_LINES
from agenttune.tui.messages import LogRead
from agenttune.tui.snapshot import Snapshot
from agenttune.tui.styles import KEY, MUTED
from agenttune.tui.text import plural
from agenttune.tui.widgets.log_view import LogView


class LogPanel(Vertical):
    """A line that tells whose log it is, and its end to scroll through. Nothing is read while nobody looks."""

    DEFAULT_CSS = """
    LogPanel > Static { height: auto; max-height: 2; padding: 0 1; }
    LogPanel > #below { background: $panel; }
    """

    class Wanted(Message):
        """The log of this trial is to be read from now on, in place of any other; None: of no trial."""

        def __init__(self, study_id: str, number: int | None) -> None:
            super().__init__()
            self.study_id = study_id
            self.number = number

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._snapshot: Snapshot | None = None
        self._chosen: int | None = None
        self._number: int | None = None
        """The trial whose log is read."""
        self._n_new = 0
        self._is_shown = False

    def compose(self) -> ComposeResult:
        """Whose log, its lines, and what came while the person reads further up."""
        yield Static(id="whose", markup=False)
        yield LogView(MOST_LINES)
        yield Static(id="below", markup=False)

    @property
    def view(self) -> LogView:
        """The lines."""
        return self.query_one(LogView)

    def on_mount(self) -> None:
        """Says what it waits for."""
        self._paint()

    def on_show(self) -> None:
        """Wants what is printed now."""
        self._is_shown = True
        self._turn()

    def on_hide(self) -> None:
        """Nobody looks: nothing is read."""
        self._is_shown = False
        self._turn()

    def choose(self, number: int | None) -> None:
        """Shows the log of one trial; None: of the newest."""
        self._chosen, self._number = number, None
        self.view.clear()
        self._turn()

    def see(self, snapshot: Snapshot) -> None:
        """Takes note of the followed study, whether the panel is visible or not."""
        if self._snapshot is not None and snapshot.row.id != self._snapshot.row.id:
            self._chosen = self._number = None
            self.view.clear()
        self._snapshot = snapshot
        self._turn()

    def take(self, read: LogRead) -> None:
        """Shows what was read; that of a trial no longer followed is dropped."""
        if self._snapshot is None or (read.study_id, read.number) != (self._snapshot.row.id, self._number):
            return
        if read.is_new:
            self.view.clear()
            self._n_new = 0
        self.view.add(read.lines, read.unfinished)
        self._n_new += len(read.lines)
        self._paint()

    @on(LogView.Turned)
    def _turn_back(self) -> None:
        self._n_new = 0
        self._turn()

    def _turn(self) -> None:
        """Follows the log that is worth it now."""
        number = self._worth() if self._is_shown else None
        if self._snapshot is not None and number != self._number:
            self._number = number
            self.post_message(self.Wanted(self._snapshot.row.id, number))
        self._paint()

    def _worth(self) -> int | None:
        """The chosen trial; else the one at hand while it runs or is read; else the newest."""
        from agenttune.report.logs import worth_reading  # the store comes with it, after the first paint

        if self._chosen is not None or self._snapshot is None:
            return self._chosen
        is_running = any(trial.number == self._number for trial in self._snapshot.running)
        if self._number is not None and (is_running or not self.view.is_following):
            return self._number
        return worth_reading(self._snapshot.trials)

    def _paint(self) -> None:
        if not self.is_mounted:
            return
        self.query_one("#whose", Static).update(self._whose())
        below = self.query_one("#below", Static)
        below.display = not self.view.is_following
        words = f"{plural(self._n_new, 'new line')} below" if self._n_new else "more below"
        below.update(Content.assemble(words, (f" {DOT} ", MUTED), ("End", KEY)), layout=False)

    def _whose(self) -> Content:
        if self._snapshot is None or self._number is None:
            return Content.styled("no trial has started yet", MUTED)
        trial = self._snapshot.trials[self._number]
        others = ("/log", " follows the newest") if self._chosen is not None else ("/log N", " shows another")
        silent = "" if self.view.lines else f" {DOT} nothing was printed"
        return Content.assemble(
            (f"trial {trial.number}", KEY),
            f" {DOT} {trial.state.value}{silent}",
            (f" {DOT} ", MUTED),
            (others[0], KEY),
            (others[1], MUTED),
        )
