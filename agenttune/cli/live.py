"""The moving display of a terminal: finished trials scroll by, one line below them tells what runs now."""

from __future__ import annotations

import contextlib
import itertools
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from agenttune.cli.console import clip
from agenttune.cli.displays import TableDisplay
from agenttune.cli.format import clock, number
from agenttune.cli.progress import RunningTrial
from agenttune.cli.rows import GAP, Cell
from agenttune.events import Event
from agenttune.space import Space
from agenttune.spec import StudyRow
from agenttune.visible import clean

STYLES = {"": "", "head": "bold", "best": "bold green", "bad": "red", "dim": "dim"}
REDRAW_S = 0.09
"""Least time between two drawings of the line: events may come by the hundred."""
RUNNING_SHOWN = 3
"""Running trials named in the line; more are counted."""


class LiveDisplay(TableDisplay):
    """Rows as in a pipe, coloured, above a line that is redrawn ten times a second."""

    def __init__(
        self, row: StudyRow, *, row_width: int, space: Space | None = None, console: Console | None = None
    ) -> None:
        super().__init__(row, space=space, row_width=row_width)
        self.console = console or Console(stderr=True, markup=False, highlight=False, emoji=False)
        self.live = Live(
            Text(""),
            console=self.console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self.started_at = time.time() - row.active_s
        self._drawn_at = 0.0
        self._spinner = itertools.cycle("|/-\\")

    def show(self, event_id: int, at: float, event: Event) -> None:
        """Prints what the event is worth and redraws the line."""
        super().show(event_id, at, event)
        self.tick()

    def tick(self) -> None:
        """Redraws the line, unless that was done just now."""
        now = time.time()
        if 0 <= now - self._drawn_at < REDRAW_S:
            return
        self._drawn_at = now
        with contextlib.suppress(OSError):  # the terminal may be gone
            self.live.update(self.line(now), refresh=True)

    def message(self, text: str) -> None:
        """Between the rows."""
        self._put(Text(f"      {clean(text)}", style="dim"), wrap=True)

    def line(self, now: float) -> Text:
        """What runs now, in one line."""
        progress, budget = self.progress, self.row.spec.budget
        done = f"{progress.n_finished}/{budget.trials} trials" if budget.trials else f"{progress.n_finished} trials"
        parts = [f"{next(self._spinner)} {done}"]
        if progress.n_replicates:
            parts.append(f"{progress.n_replicates_finished}/{progress.n_replicates} replicates")
        if progress.state == "paused":
            parts.append("paused (agenttune resume)")
        spent = clock(max(0.0, now - self.started_at))
        parts.append(f"{spent} of {clock(budget.seconds)}" if budget.seconds else spent)
        if progress.best is not None:
            parts.append(f"best {number(progress.best)} (#{progress.best_number})")
        running = sorted(progress.running.values(), key=lambda trial: trial.number)
        shown = [self._running(trial, now) for trial in running[:RUNNING_SHOWN]]
        if len(running) > RUNNING_SHOWN:
            shown.append(f"and {len(running) - RUNNING_SHOWN} more")
        if shown:
            parts.append("running " + ", ".join(shown))
        return Text(clip(" · ".join(parts), max(1, self.console.width - 1)), no_wrap=True)

    def _running(self, trial: RunningTrial, now: float) -> str:
        proposed = self.progress.proposed.get(trial.number)
        arm = f" {clean(proposed.arm)}" if proposed else ""
        value = trial.metrics.get(self.row.spec.goal.metric)
        step = "" if trial.step is None else f" step {trial.step}" + ("" if value is None else f" {number(value)}")
        return f"#{trial.number}{arm} {clock(max(0.0, now - trial.since))}{step}"

    def _print(self, cells: list[Cell]) -> None:
        line = Text(no_wrap=True, overflow="crop")
        for at, cell in enumerate(cells):
            line.append(GAP if at else "")
            line.append(cell.text, style=STYLES[cell.style])
        line.rstrip()
        self._put(line, wrap=False)

    def _put(self, text: Text, *, wrap: bool) -> None:
        with contextlib.suppress(OSError):  # the terminal may be gone
            if wrap:
                self.console.print(text)
            else:
                self.console.print(text, no_wrap=True, overflow="crop", crop=True)

    def __enter__(self) -> Self:
        self.live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self.live.update(Text(""), refresh=True)
            self.live.stop()
