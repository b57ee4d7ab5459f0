"""`Plot`: a picture of points and curves in the colours of the theme."""

from __future__ import annotations

from typing import ClassVar

from textual.strip import Strip
from textual.widget import Widget

from agenttune.tui.glyphs import GlyphSet
from agenttune.tui.picture import Picture, draw_picture
from agenttune.tui.plotting import Ink
from agenttune.tui.widgets.chart import paint


class Plot(Widget):
    """Marks and curves over two axes."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"plot--{ink.value}" for ink in Ink}
    DEFAULT_CSS = """
    Plot {
        height: 10;
        .plot--blank { color: $foreground; }
        .plot--line { color: $primary; }
        .plot--dot { color: $foreground 62%; }
        .plot--failed { color: $error; }
        .plot--selected { color: $accent; text-style: bold; }
        .plot--axis { color: $foreground 40%; }
        &:ansi { .plot--dot, .plot--axis { text-style: dim; } }
    }
    """

    def __init__(self, glyph_set: GlyphSet, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._glyph_set = glyph_set
        self._picture = Picture()
        self._rows: list[Strip] = []
        self._drawn_for: tuple[object, ...] = ()

    def show(self, picture: Picture) -> None:
        """Draws this picture from now on."""
        self._picture, self._drawn_for = picture, ()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row of the picture."""
        drawn_for = (self.size, self.app.theme)
        if drawn_for != self._drawn_for:
            width, height = self.size
            rows = draw_picture(self._picture, width=width, height=height, glyph_set=self._glyph_set)
            self._rows = paint(rows, lambda ink: self.get_component_rich_style(f"plot--{ink.value}"))
            self._drawn_for = drawn_for
        return self._rows[y] if y < len(self._rows) else Strip.blank(self.size.width, self.rich_style)
