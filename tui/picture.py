"""Points and curves as rows of characters: a parameter against the metric, measurements step by step. Pure.

Differs from `plotting.draw`, which knows one kind of chart: here points have marks of their own, so that
kinds are told apart without colours, and several curves carry labels at their ends.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.cells import cell_len

from agenttune.tui.glyphs import GlyphSet
from agenttune.tui.plotting import Canvas, Cell, Ink, as_cells, range_line, value_labels, value_range

LEAST_WIDTH, LEAST_HEIGHT = 12, 3
POINTS_PER_DOT = 4
"""A curve with more points than this for each dot of the width is thinned."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One point."""

    x: float
    y: float | None
    """None, NaN and infinite ones lie at the worse edge."""
    character: str
    """Of one cell."""
    ink: Ink = Ink.DOT


@dataclass(frozen=True, slots=True)
class Curve:
    """One line through points, by x."""

    points: Sequence[tuple[float, float]]
    label: str = ""
    """Stands behind its last point, where there is room."""
    ink: Ink = Ink.LINE


@dataclass(frozen=True, slots=True)
class Picture:
    """What there is to draw; later marks and curves lie over earlier ones."""

    marks: Sequence[Mark] = ()
    curves: Sequence[Curve] = ()
    x_range: tuple[float, float] = (0.0, 1.0)
    left: str = ""
    right: str = ""
    """What stands at the ends of the x axis."""
    is_maximised: bool = True


def draw_picture(picture: Picture, *, width: int, height: int, glyph_set: GlyphSet) -> list[list[Cell]]:
    """The picture as `height` rows of `width` cells, axes included; blank where there is no room."""
    if height < LEAST_HEIGHT or width < LEAST_WIDTH:
        return [[Cell(" ", Ink.BLANK)] * max(width, 0) for _ in range(max(height, 0))]
    finite = [y for y in _values(picture) if math.isfinite(y)]
    low, high, is_clipped = value_range(finite, None, is_maximised=picture.is_maximised)
    labels = value_labels(low, high, height - 1) if finite else [""] * (height - 1)
    if is_clipped:
        edge = -1 if picture.is_maximised else 0
        labels[edge] = ("<" if picture.is_maximised else ">") + labels[edge]
    labels = [label[: width - 3] for label in labels]
    gutter = max(map(len, labels)) + 2
    inner = max(width - gutter, 1)
    canvas = Canvas(inner, height - 1, glyph_set, x_range=picture.x_range, y_range=(low, high))
    for curve in picture.curves:
        _add_curve(canvas, curve)
    for mark in picture.marks:
        _add_mark(canvas, mark, is_maximised=picture.is_maximised)
    rows = [
        [*as_cells(f" {label:>{gutter - 2}}│", Ink.AXIS), *cells]
        for label, cells in zip(labels, canvas.rows(), strict=True)
    ]
    return [*rows, as_cells(range_line(picture.left, picture.right, gutter, inner), Ink.AXIS)]


def _values(picture: Picture) -> Iterator[float]:
    yield from (mark.y for mark in picture.marks if mark.y is not None)
    for curve in picture.curves:
        yield from (y for _, y in curve.points)


def _add_mark(canvas: Canvas, mark: Mark, *, is_maximised: bool) -> None:
    worse_edge = canvas.height * canvas.y_dots - 1 if is_maximised else 0
    y = worse_edge if mark.y is None or not math.isfinite(mark.y) else canvas.row(mark.y)
    canvas.signs[canvas.column(mark.x) // canvas.x_dots, y // canvas.y_dots] = Cell(mark.character, mark.ink)


def _add_curve(canvas: Canvas, curve: Curve) -> None:
    points = [(x, y) for x, y in curve.points if math.isfinite(y)]
    points = [*points[: -1 : 1 + len(points) // (POINTS_PER_DOT * canvas.width * canvas.x_dots)], *points[-1:]]
    if not points:
        return
    layer = canvas.line if curve.ink is Ink.LINE else canvas.dots
    dots = [(canvas.column(x), canvas.row(y)) for x, y in points]
    for x, y in dots:
        canvas.mark(layer, x, y)
    for (x, y), (x_next, y_next) in pairwise(dots):
        n = max(abs(x_next - x), abs(y_next - y), 1)
        for i in range(1, n):
            canvas.mark(layer, x + round((x_next - x) * i / n), y + round((y_next - y) * i / n))
    _add_label(canvas, curve, *dots[-1])


def _add_label(canvas: Canvas, curve: Curve, x: int, y: int) -> None:
    """Writes the label behind the end, or before it at the right edge; not over another one."""
    length, row = cell_len(curve.label), y // canvas.y_dots
    first = x // canvas.x_dots + 1
    if first + length > canvas.width:
        first = canvas.width - length
    cells = [(first + i, row) for i in range(length)]
    if first >= 0 and not any(cell in canvas.signs for cell in cells):
        canvas.signs.update(
            {cell: Cell(character, curve.ink) for cell, character in zip(cells, curve.label, strict=True)}
        )
