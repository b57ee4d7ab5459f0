"""The table of trials while a study runs: widths fixed once, one line per finished trial.

Cells carry a style by name, so that the same row is plain text in a pipe and coloured on a terminal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agenttune.cli.console import Align, cells, clip, pad
from agenttune.cli.format import number, scalar
from agenttune.cli.progress import FinishedTrial
from agenttune.goal import Goal
from agenttune.space import Bool, Categorical, Float, Int, Parameter, Space
from agenttune.types import Scalar
from agenttune.visible import clean

Style = Literal["", "head", "best", "bad", "dim"]

GAP = "  "
NUMBER_CELLS = 4
ARM_CELLS = 7
VALUE_CELLS = 8
FLOAT_CELLS = 8
"""Three significant digits fit, as in 1.23e-05."""
PARAMETER_CELLS = 12
"""Widest column of a parameter; longer values are cut."""
REASON_CELLS = 20
"""Fewest cells for the reason: parameters that would take them are left out."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A text and how it should look."""

    text: str
    style: Style = ""


class TrialTable:
    """Lays out finished trials in `width` cells; None does not cut the reason."""

    def __init__(self, space: Space, goal: Goal, *, width: int | None) -> None:
        self.goal = goal
        self.width = width
        self.value_cells = max(VALUE_CELLS, min(cells(clean(goal.metric)), 14))
        fixed = NUMBER_CELLS + ARM_CELLS + 2 * self.value_cells + 4 * len(GAP)
        self.parameters = _fitting(space, room=None if width is None else width - fixed - REASON_CELLS)
        self.reason_cells = None
        if width is not None:
            used = fixed + sum(size + len(GAP) for size in self.parameters.values())
            self.reason_cells = max(0, width - used)

    def header(self) -> list[Cell]:
        """Names of the columns."""
        texts = ["#", "arm", clean(self.goal.metric), "best", *map(clean, self.parameters), "why"]
        return [Cell(text, "head") for text in self._fit(texts)]

    def row(self, trial: FinishedTrial) -> list[Cell]:
        """One finished trial."""
        proposed, finished = trial.proposed, trial.finished
        texts = [
            str(finished.number),
            clean(proposed.arm) if proposed.replicate_of is None else f"~{proposed.replicate_of}",
            _result(trial),
            "" if trial.best is None else _short(trial.best),
            *[_entry(proposed.config[name]) if name in proposed.config else "" for name in self.parameters],
            _why(trial, self.goal),
        ]
        style: Style = "bad" if finished.state == "failed" else "best" if trial.is_new_best else ""
        styles: list[Style] = ["dim", "dim", style, "", *[""] * len(self.parameters), "dim"]  # type: ignore[list-item]  # literals of the same set
        return [Cell(text, kind) for text, kind in zip(self._fit(texts), styles, strict=True)]

    def _fit(self, texts: list[str]) -> list[str]:
        sizes = [NUMBER_CELLS, ARM_CELLS, self.value_cells, self.value_cells, *self.parameters.values()]
        aligns: list[Align] = ["right", *["left"] * (len(sizes) - 1)]  # type: ignore[list-item]  # literals of the same set
        fitted = [pad(text, size, align) for text, size, align in zip(texts, sizes, aligns, strict=False)]
        why = texts[-1] if self.reason_cells is None else clip(texts[-1], self.reason_cells)
        return [*fitted, why]


def plain(row: list[Cell]) -> str:
    """A row without styles."""
    return GAP.join(cell.text for cell in row).rstrip()


def _fitting(space: Space, *, room: int | None) -> dict[str, int]:
    """Columns of parameters, in declared order, as many as there is room for."""
    taken: dict[str, int] = {}
    for name in space.columns:
        size = min(max(cells(clean(name)), _widest(space.parameters[name])), PARAMETER_CELLS)
        if room is not None:
            room -= size + len(GAP)
            if room < 0:
                break
        taken[name] = size
    return taken


def _widest(parameter: Parameter) -> int:
    """Cells of the longest value."""
    if isinstance(parameter, Float):
        return FLOAT_CELLS
    if isinstance(parameter, Int):
        return max(len(str(parameter.low)), len(str(parameter.high)))
    if isinstance(parameter, Bool):
        return len("false")
    values = parameter.choices if isinstance(parameter, Categorical) else getattr(parameter, "values", ())
    return max((cells(_entry(value)) for value in values), default=1)


def _entry(value: Scalar) -> str:
    return f"{value:.3g}" if isinstance(value, float) else scalar(value)


def _short(value: float) -> str:
    """A measured value in at most `VALUE_CELLS` cells: a cut exponent would lie."""
    text = number(value)
    return text if len(text) <= VALUE_CELLS else f"{value:.2g}"


def _result(trial: FinishedTrial) -> str:
    finished = trial.finished
    if finished.state == "failed":
        return finished.failure_kind or "failed"
    if trial.value is None:
        return finished.state
    return _short(trial.value)


def _why(trial: FinishedTrial, goal: Goal) -> str:
    """The failure's reason where the trial failed, else why it was proposed."""
    finished = trial.finished
    if finished.failure:
        return clean(finished.failure)
    note = ""
    if trial.value is not None and not trial.is_feasible:
        missing = goal.missing(finished.values)
        note = f"infeasible (no {clean(', '.join(missing))}); " if missing else "infeasible; "
    note += "stopped early; " if finished.state == "stopped" else ""
    return note + clean(trial.proposed.reason)
