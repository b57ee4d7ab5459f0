"""The table of trials as text: which columns fit, and what stands in them. Pure: no widget, no colours.

Columns: a sign, the number, the arm, the metric, the time, one per parameter while they fit, and the
reason in what is left. Newest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from rich.cells import cell_len

from agenttune.trial import Trial, TrialState
from agenttune.tui import glyphs
from agenttune.tui.snapshot import Snapshot
from agenttune.tui.text import duration, fit, fit_name, number, scalar, short_scalar
from agenttune.visible import clean

if TYPE_CHECKING:
    from agenttune.space import Space

GAP = 2
"""Blanks between columns."""
SIGN_CELLS = 1
TIME_CELLS = 6
FLOAT_CELLS = 8
"""Three significant digits with an exponent: 1.23e-05."""
VALUE_CELLS = 8
LONGEST_NAME = 12
"""Cells after which names of arms, metrics, parameters and choices are cut."""
N_FIXED = 5
"""Columns before those of the parameters."""
LEAST_REASON = 16
"""The reason is shown if it gets at least this many cells."""


class Tone(Enum):
    """How a cell should look; the widget gives each a style."""

    PLAIN = "plain"
    DIM = "dim"
    HEAD = "head"
    BEST = "best"
    IMPROVED = "improved"
    RUNNING = "running"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `name` of a parameter is its own, the others' start with a colon."""

    name: str
    title: str
    width: int
    is_right: bool = False


def lay_out(
    space: Space, metric: str, *, width: int, n_trials: int, names: Sequence[str] | None = None
) -> list[Column]:
    """The columns that fit into `width` cells for a study of up to `n_trials` trials.

    Args:
        space: whose parameters get columns.
        metric: of the goal.
        width: cells there are.
        n_trials: as many as there may be.
        names: the parameters that get columns; None is all.
    """
    names = space.columns if names is None else names
    columns = [
        Column(":sign", "", SIGN_CELLS),
        Column(":number", "#", max(2, len(str(max(0, n_trials - 1)))), is_right=True),
        Column(":arm", "arm", 7),
        Column(":value", clean(metric), min(LONGEST_NAME, max(VALUE_CELLS, cell_len(clean(metric)))), is_right=True),
        Column(":time", "time", TIME_CELLS, is_right=True),
    ]
    room = width - sum(column.width + GAP for column in columns)
    for name in names:
        column = _parameter_column(space, name)
        if room < column.width:
            n_left = len(names) - len(columns) + N_FIXED
            columns += [Column(":rest", f"+{n_left}", min(room, 3))] if room >= 2 else []
            return columns
        columns.append(column)
        room -= column.width + GAP
    if room >= LEAST_REASON:
        columns.append(Column(":reason", "why", room))
    return columns


def _parameter_column(space: Space, name: str) -> Column:
    from agenttune.space import Bool, Categorical, Int, Ordinal  # numpy comes with it, after the first paint

    parameter = space.parameters[name]
    title = clean(name)
    match parameter:
        case Int():
            value_cells = max(len(str(parameter.low)), len(str(parameter.high)))
        case Categorical():
            value_cells = max(cell_len(scalar(choice)) for choice in parameter.choices)
        case Ordinal():
            value_cells = max(cell_len(short_scalar(value)) for value in parameter.values)
        case Bool():
            value_cells = len("false")
        case _:
            value_cells = FLOAT_CELLS
    return Column(name, title, min(LONGEST_NAME, max(value_cells, cell_len(title))))


def header(columns: Sequence[Column]) -> list[tuple[str, Tone]]:
    """The titles, each in its column's width."""
    return [(fit_name(column.title, column.width, right=column.is_right), Tone.HEAD) for column in columns]


def cells(trial: Trial, snapshot: Snapshot, columns: Sequence[Column], *, now: float) -> list[tuple[str, Tone]]:
    """One trial's texts, each in its column's width."""
    return [
        (fit(text, column.width, right=column.is_right), tone)
        for column in columns
        for text, tone in [_cell(trial, snapshot, column.name, now)]
    ]


def _cell(trial: Trial, snapshot: Snapshot, column: str, now: float) -> tuple[str, Tone]:
    match column:
        case ":sign":
            return _sign(trial, snapshot)
        case ":number":
            return str(trial.number), Tone.DIM
        case ":arm":
            return clean(trial.arm) if trial.replicate_of is None else f"{glyphs.TIMES}{trial.replicate_of}", Tone.PLAIN
        case ":value":
            return _value(trial, snapshot)
        case ":time":
            return _time(trial, snapshot, now), Tone.DIM
        case ":rest":
            return "", Tone.PLAIN
        case ":reason":
            return clean(trial.failure.message if trial.failure else trial.reason), Tone.DIM
    if column not in trial.config:
        return glyphs.DOT, Tone.DIM
    return short_scalar(trial.config[column]), Tone.DIM if trial.failure else Tone.PLAIN


def _sign(trial: Trial, snapshot: Snapshot) -> tuple[str, Tone]:
    if snapshot.best is not None and trial.number == snapshot.best.number:
        return glyphs.BEST, Tone.BEST
    match trial.state:
        case TrialState.RUNNING:
            return glyphs.RUNNING, Tone.RUNNING
        case TrialState.WAITING:
            return glyphs.WAITING, Tone.DIM
        case TrialState.PAUSED:
            return glyphs.PAUSED, Tone.DIM
        case TrialState.FAILED:
            return glyphs.FAILED, Tone.FAILED
        case TrialState.STOPPED:
            return glyphs.STOPPED, Tone.DIM
    return ("↑", Tone.IMPROVED) if trial.number in snapshot.improvements else ("", Tone.PLAIN)


def _value(trial: Trial, snapshot: Snapshot) -> tuple[str, Tone]:
    if trial.state is TrialState.FAILED:
        return trial.failure.kind.value if trial.failure else "failed", Tone.FAILED
    value = trial.value(snapshot.metric)
    if value is None and trial.reports:
        value = trial.reports[-1].metrics.get(snapshot.metric)
    if value is None:
        return trial.state.value, Tone.RUNNING if trial.state is TrialState.RUNNING else Tone.DIM
    if trial.state is not TrialState.COMPLETE:
        return number(value), Tone.DIM
    if snapshot.best is not None and trial.number == snapshot.best.number:
        return number(value), Tone.BEST
    if not snapshot.view.is_feasible(trial):
        return f"{number(value)}!", Tone.DIM
    return number(value), Tone.IMPROVED if trial.number in snapshot.improvements else Tone.PLAIN


def _time(trial: Trial, snapshot: Snapshot, now: float) -> str:
    if trial.outcome is not None:
        return duration(trial.outcome.elapsed_s)
    if trial.state is TrialState.RUNNING and trial.number in snapshot.started:
        return duration(now - snapshot.started[trial.number])
    return ""
