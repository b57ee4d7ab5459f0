"""A best-so-far chart as rows of characters. Pure: points in, cells out; no widget, no colours.

Notation: a canvas is `width x height` cells, each of `X x Y` dots (braille 2 x 4, half blocks 1 x 2,
ASCII 1 x 1); dot (0, 0) is at the top left. Trials are dots, the incumbent is a step line, failed
trials are crosses at the worse edge. Values that are None, NaN or infinite count as failed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise
from typing import NamedTuple

from agenttune.tui import glyphs
from agenttune.tui.glyphs import GlyphSet
from agenttune.tui.text import number

CLIP_FACTOR = 2.5
"""Worse trials are clipped when they would take more than this many times the height of what matters."""
START_FACTOR = 4.0
"""Where the incumbent started matters, unless it lies this many times further off than the rest of what matters."""
LEAST_SHARE = 0.3
"""At least this share of the trials matters, and never fewer than `LEAST_KEPT`."""
LEAST_KEPT = 3

_BRAILLE_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))  # [x][y] within a cell
_BLOCKS = {1: "▀", 2: "▄", 3: "█"}
_DOTS_PER_CELL = {GlyphSet.BRAILLE: (2, 4), GlyphSet.BLOCKS: (1, 2), GlyphSet.ASCII: (1, 1)}


class Ink(Enum):
    """What a cell shows; the widget gives each a colour."""

    BLANK = "blank"
    LINE = "line"
    DOT = "dot"
    FAILED = "failed"
    SELECTED = "selected"
    AXIS = "axis"


class Cell(NamedTuple):
    """One character and what it stands for."""

    character: str
    ink: Ink


@dataclass(frozen=True, slots=True)
class Points:
    """What there is to draw."""

    values: Sequence[tuple[int, float | None]]
    """(trial number, value) of finished trials, by number; None for one that failed."""
    best: Sequence[tuple[int, float]]
    """(trial number, incumbent's value), by number, as `StudyView.best_so_far` tells."""
    is_maximised: bool = True
    selected: int | None = None
    """Number of the trial to point out."""
    least_span: int = 10
    """The x axis spans at least this many, so that the first trials do not stretch over the screen."""
    unit: str = "#"
    """What stands before the numbers on the x axis."""

    def selecting(self, trial: int | None) -> Points:
        """The same points with this trial pointed out."""
        return replace(self, selected=trial)


def draw(points: Points, *, width: int, height: int, glyph_set: GlyphSet) -> list[list[Cell]]:
    """The chart as `height` rows of `width` cells, axes included; blank where there is no room or nothing to draw."""
    finite = [value for _, value in points.values if value is not None and math.isfinite(value)]
    if height < 3 or width < 12:
        return [[Cell(" ", Ink.BLANK)] * width for _ in range(max(height, 0))]
    start = points.best[0][1] if points.best else None
    low, high, is_clipped = value_range(finite, start, is_maximised=points.is_maximised)
    labels = value_labels(low, high, height - 1) if finite else [""] * (height - 1)
    if is_clipped:
        edge = -1 if points.is_maximised else 0
        labels[edge] = ("<" if points.is_maximised else ">") + labels[edge]
    labels = [label[: width - 3] for label in labels]  # so that one column is left to draw in
    gutter = max((len(label) for label in labels), default=0) + 2
    inner = max(width - gutter, 1)
    first = points.values[0][0] if points.values else 0
    last = max(points.values[-1][0] if points.values else 0, first + max(points.least_span, 2) - 1)
    canvas = Canvas(inner, height - 1, glyph_set, x_range=(first, last), y_range=(low, high))
    canvas.add_trials(points)
    canvas.add_best(points)
    rows = [
        [*as_cells(f" {label:>{gutter - 2}}│", Ink.AXIS), *cells]
        for label, cells in zip(labels, canvas.rows(), strict=True)
    ]
    return [*rows, as_cells(range_line(f"{points.unit}{first}", f"{points.unit}{last}", gutter, inner), Ink.AXIS)]


def value_range(values: Sequence[float], start: float | None, *, is_maximised: bool) -> tuple[float, float, bool]:
    """(low, high, whether some values lie outside): what the height should span.

    All values, or the better ones and the incumbent's way up (`start` is its first value) where the
    rest would flatten them: those beyond a gap, or beyond the median when they reach far below it.
    """
    if not values:
        return 0.0, 1.0, False
    ranked = sorted(values, reverse=is_maximised)
    best, middle, worst = ranked[0], ranked[len(ranked) // 2], ranked[-1]
    edge = _before_gap(ranked)
    if abs(edge - best) > CLIP_FACTOR * abs(middle - best) > 0:
        edge = middle
    reach = abs(edge - best)
    if start is not None and reach < abs(start - best) <= START_FACTOR * reach:
        edge, reach = start, abs(start - best)
    if abs(worst - best) <= CLIP_FACTOR * reach:
        edge = worst
    low, high = sorted((best, edge))
    margin = (high - low) * 0.04 if high > low else abs(low) * 0.05 or 1.0
    if not math.isfinite(high - low + 2 * margin):
        low, high, margin = low / 4, high / 4, 0.0  # values near the largest float: no span to compute with
    return low - margin, high + margin, edge != worst


def _before_gap(ranked: Sequence[float]) -> float:
    """The worst value before the first gap that dwarfs all that is better; the worst of all without one."""
    best = ranked[0]
    first = max(LEAST_KEPT, math.ceil(LEAST_SHARE * len(ranked))) - 1
    for value, next_value in pairwise(ranked[first:]):
        if abs(next_value - best) > CLIP_FACTOR * abs(value - best) > 0:
            return value
    return ranked[-1]


def as_cells(text: str, ink: Ink) -> list[Cell]:
    """One cell a character."""
    return [Cell(character, ink) for character in text]


def value_labels(low: float, high: float, height: int) -> list[str]:
    """What stands beside each row of the value axis; "" for most."""
    labels = [""] * height
    for row in {0, height // 2, height - 1} if height >= 5 else {0, height - 1}:
        value = high - (high - low) * (row + 0.5) / height
        labels[row] = _axis_number(value, high - low)
    return labels


def _axis_number(value: float, span: float) -> str:
    if not 1e-3 <= max(abs(value), span) < 1e5:
        return f"{value:.2e}"
    digits = min(6, max(0, 2 - math.floor(math.log10(span)))) if span > 0 else 4
    return f"{value:.{digits}f}" if digits <= 6 else number(value)


def range_line(left: str, right: str, gutter: int, inner: int) -> str:
    """The axis below a chart, with what stands at its ends."""
    middle = glyphs.BAR_EMPTY * max(0, inner - len(left) - len(right) - 2)
    return (" " * (gutter - 1) + "└" + left + " " + middle + " " + right).ljust(gutter + inner)[: gutter + inner]


class Canvas:
    """Dots by layer, turned into characters at the end."""

    def __init__(
        self,
        width: int,
        height: int,
        glyph_set: GlyphSet,
        *,
        x_range: tuple[float, float],
        y_range: tuple[float, float],
    ) -> None:
        self.width, self.height, self.glyph_set = width, height, glyph_set
        self.x_dots, self.y_dots = _DOTS_PER_CELL[glyph_set]
        self.x_range, self.y_range = x_range, y_range
        self.line: dict[tuple[int, int], int] = {}
        self.dots: dict[tuple[int, int], int] = {}
        self.signs: dict[tuple[int, int], Cell] = {}

    def add_trials(self, points: Points) -> None:
        """Dots of all trials, crosses of failed ones, a sign for the selected one."""
        worse_edge = self.height * self.y_dots - 1 if points.is_maximised else 0
        selected = None
        for trial, value in points.values:
            is_value = value is not None and math.isfinite(value)
            x, y = self.column(trial), self.row(value) if is_value and value is not None else worse_edge
            if is_value:
                self.mark(self.dots, x, y)
            else:
                self.signs[x // self.x_dots, y // self.y_dots] = Cell(glyphs.TIMES, Ink.FAILED)
            if trial == points.selected:
                selected = (x // self.x_dots, y // self.y_dots)
        if selected is not None:
            self.signs[selected] = Cell(glyphs.SELECTED, Ink.SELECTED)

    def add_best(self, points: Points) -> None:
        """The incumbent's value as a step line that reaches to the last trial."""
        steps: list[tuple[int, int]] = []
        for trial, value in points.best:
            if math.isfinite(value):
                y = self.row(value)
                if not steps or steps[-1][1] != y:
                    steps.append((self.column(trial), y))
        if not steps or not points.values:
            return
        end = self.column(max(points.values[-1][0], points.best[-1][0]))
        for (x, y), (x_next, y_next) in zip(steps, [*steps[1:], (end, steps[-1][1])], strict=True):
            for column in range(x, x_next + 1):
                self.mark(self.line, column, y)
            for row in range(min(y, y_next), max(y, y_next) + 1):
                self.mark(self.line, x_next, row)

    def rows(self) -> list[list[Cell]]:
        """All cells, row by row."""
        return [[self._cell(x, y) for x in range(self.width)] for y in range(self.height)]

    def column(self, x: float) -> int:
        """The dot at this place on the x axis."""
        first, last = self.x_range
        half_span = last / 2 - first / 2  # halves, as below
        share = (x / 2 - first / 2) / half_span if half_span > 0 else 0.0
        return round(min(1.0, max(0.0, share)) * (self.width * self.x_dots - 1))

    def row(self, value: float) -> int:
        """The dot at this value; values outside the range lie at its edge."""
        low, high = self.y_range
        rows = self.height * self.y_dots
        half_span = high / 2 - low / 2  # halves: the whole may be more than a float holds
        share = (high / 2 - value / 2) / half_span if half_span > 0 else 0.5
        return rows // 2 if math.isnan(share) else min(rows - 1, int(min(1.0, max(0.0, share)) * rows))

    def mark(self, layer: dict[tuple[int, int], int], x: int, y: int) -> None:
        """Sets one dot of a layer."""
        cell, column, row = (x // self.x_dots, y // self.y_dots), x % self.x_dots, y % self.y_dots
        bit = _BRAILLE_BITS[column][row] if self.glyph_set is GlyphSet.BRAILLE else 1 << row
        layer[cell] = layer.get(cell, 0) | bit

    def _cell(self, x: int, y: int) -> Cell:
        if (x, y) in self.signs:
            return self.signs[x, y]
        line, dots = self.line.get((x, y), 0), self.dots.get((x, y), 0)
        if line:
            return Cell(self._character(line | dots, is_line=True), Ink.LINE)
        return Cell(self._character(dots, is_line=False), Ink.DOT) if dots else Cell(" ", Ink.BLANK)

    def _character(self, bits: int, *, is_line: bool) -> str:
        if self.glyph_set is GlyphSet.BRAILLE:
            return chr(0x2800 + bits)
        if self.glyph_set is GlyphSet.BLOCKS:
            return _BLOCKS[bits]
        return "#" if is_line else "."
