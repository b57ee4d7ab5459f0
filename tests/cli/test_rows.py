"""The table of trials: aligned in any width, plain in a pipe, coloured on a terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from agenttune.budget import Budget
from agenttune.cli.console import cells
from agenttune.cli.live import LiveDisplay
from agenttune.cli.progress import FinishedTrial
from agenttune.cli.rows import TrialTable, plain
from agenttune.events import AttemptStarted, Event, TrialFinished, TrialProposed, TrialReported
from agenttune.goal import Goal
from agenttune.space import Categorical, Float, Int, Space
from agenttune.spec import StudyRow, StudySpec, StudyState

GOAL = Goal("accuracy", "maximize")
SPACE = Space(C=Float(0.01, 100.0, log=True), kernel=Categorical({"rbf": None, "表表": Space(degree=Int(2, 5))}))


def ended(number: int, value: float | None, *, reason: str = "its own defaults") -> FinishedTrial:
    proposed = TrialProposed(number, "default", reason, {"C": 0.00098765, "kernel": "表表", "degree": 3})
    if value is None:
        finished = TrialFinished(number, "failed", failure_kind="timeout", failure="took longer than 10 s")
        return FinishedTrial(proposed, finished, None, 0.9, False, False)
    return FinishedTrial(proposed, TrialFinished(number, "complete", {"accuracy": value}), value, value, True, True)


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_rows_never_pass_the_terminal(width: int) -> None:
    table = TrialTable(SPACE, GOAL, width=width)
    rows = [table.header(), table.row(ended(3, 0.97, reason="very " * 80)), table.row(ended(1234, None))]
    assert all(cells(plain(row)) <= width for row in rows)


def test_columns_line_up_with_wide_characters() -> None:
    table = TrialTable(SPACE, GOAL, width=100)
    starts = {cells("  ".join(cell.text for cell in row[:-1])) for row in (table.header(), table.row(ended(1, 0.5)))}
    assert len(starts) == 1


def test_narrow_terminal_keeps_the_reason_rather_than_parameters() -> None:
    table = TrialTable(SPACE, GOAL, width=70)
    assert list(table.parameters) == ["C"]
    assert "its own defaults" in plain(table.row(ended(1, 0.5)))


def test_pipe_gets_the_whole_reason() -> None:
    row = TrialTable(SPACE, GOAL, width=None).row(ended(1, 0.5, reason="long " * 50))
    assert plain(row).endswith("long")
    assert plain(row).count("long") == 50


def test_failed_trial_shows_its_kind_and_why() -> None:
    line = plain(TrialTable(SPACE, GOAL, width=None).row(ended(2, None)))
    assert "timeout" in line and line.endswith("took longer than 10 s")


def live_display(terminal: io.StringIO, *, no_color: bool = False) -> LiveDisplay:
    spec = StudySpec("s", SPACE, GOAL, {"type": "told"}, Budget(trials=30, seconds=300.0))
    row = StudyRow("ab", spec, StudyState.RUNNING, 1, 0.0, 0.0, 0)
    console = Console(file=terminal, force_terminal=True, width=100, markup=False, emoji=False, no_color=no_color)
    return LiveDisplay(row, row_width=100, console=console)


def test_moving_line_tells_what_runs() -> None:
    display = live_display(io.StringIO())
    events: list[Event] = [
        TrialProposed(7, "gp", "why", {}),
        AttemptStarted(7, 1),
        TrialReported(7, 2, {"accuracy": 0.81}),
    ]
    for event in events:
        display.progress.apply(event, at=100.0)
    display.started_at = 90.0
    line = display.line(112.0).plain
    assert "0/30 trials · 0:22 of 5:00 · running #7 gp 0:12 step 2 0.8100" in line


def test_moving_display_colours_rows_and_never_parses_markup() -> None:
    terminal = io.StringIO()
    with live_display(terminal) as display:
        display.show(1, 0.0, TrialProposed(0, "gp", "[bold]why[/] [/nonsense]", {"C": 1.0}))
        display.show(2, 0.0, TrialFinished(0, "complete", {"accuracy": 0.5}))
        display.message("a [/] message")
    shown = terminal.getvalue()
    assert "[bold]why[/] [/nonsense]" in shown
    assert "a [/] message" in shown
    assert "\x1b[1;32m" in shown
    assert "\x1b[?25h" in shown


def test_colours_stay_away_when_not_wanted() -> None:
    terminal = io.StringIO()
    with live_display(terminal, no_color=True) as display:
        display.show(1, 0.0, TrialFinished(0, "complete", {"accuracy": 0.5}))
    assert "\x1b[32m" not in terminal.getvalue() and ";32m" not in terminal.getvalue()


def test_terminal_that_is_gone_does_not_end_the_following() -> None:
    tried: list[str] = []

    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            tried.append(text)
            raise OSError(5, "Input/output error")

    display = live_display(Gone())
    display.tick()
    display.message("hello")
    assert tried  # and what came of it ended nothing
