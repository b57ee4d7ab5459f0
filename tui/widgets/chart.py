"""`Chart`: the best-so-far chart, drawn from `plotting` in the colours of the theme."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from agenttune.tui.glyphs import GlyphSet
from agenttune.tui.plotting import Cell, Ink, Points, draw

NO_POINTS = Points((), ())


class Chart(Widget):
    """Trials as dots, the incumbent as a step line, failed trials as crosses."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"chart--{ink.value}" for ink in Ink}
    DEFAULT_CSS = """
    Chart {
        height: 8;
        .chart--blank { color: $foreground; }
        .chart--line { color: $primary; }
        .chart--dot { color: $foreground 62%; }
        .chart--failed { color: $error; }
        .chart--selected { color: $accent; text-style: bold; }
        .chart--axis { color: $foreground 40%; }
        &:ansi { .chart--dot, .chart--axis { text-style: dim; } }
    }
    """

    def __init__(self, glyph_set: GlyphSet, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._glyph_set = glyph_set
        self._points = NO_POINTS
        self._rows: list[Strip] = []
        self._drawn_for: tuple[object, ...] = ()

    def show(self, points: Points) -> None:
        """Draws these points from now on."""
        if points != self._points:
            self._points = points
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row of the chart."""
        drawn_for = (self._points, self.size, self.app.theme)
        if drawn_for != self._drawn_for:
            self._rows, self._drawn_for = self._draw(), drawn_for
        return self._rows[y] if y < len(self._rows) else Strip.blank(self.size.width, self.rich_style)

    def _draw(self) -> list[Strip]:
        rows = draw(self._points, width=self.size.width, height=self.size.height, glyph_set=self._glyph_set)
        return paint(rows, self._style)

    def _style(self, ink: Ink) -> Style:
        return self.get_component_rich_style(f"chart--{ink.value}")


def paint(rows: Sequence[Sequence[Cell]], style: Callable[[Ink], Style]) -> list[Strip]:
    """Drawn rows in their styles."""
    return [
        Strip(
            [
                Segment("".join(cell.character for cell in cells), style(ink))
                for ink, cells in groupby(row, key=lambda cell: cell.ink)
            ],
            len(row),
        )
        for row in rows
    ]
