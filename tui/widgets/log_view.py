"""`LogView`: the end of a text that grows, painted line by line; it follows the newest, unless the person scrolled up.

Differs from Textual's `Log`: what is read stays where it is while old lines are dropped above it, no thread measures
lines, and a line costs what is shown of it, however long it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from agenttune.tui.text import shorten

MOST_CELLS = 2_000
"""Of one line; nobody scrolls further sideways."""


class LogView(ScrollView, can_focus=True):
    """Lines, newest last. What is given is clean."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("end", "scroll_end", "Follow the newest", show=False, id="log-follow")
    ]
    ALLOW_SELECT = True
    DEFAULT_CSS = """
    LogView { padding: 0 1; scrollbar-size: 1 1; overflow-x: auto; }
    """

    class Turned(Message):
        """The newest is followed from now on, or no more."""

    def __init__(self, most_lines: int, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._most_lines = most_lines
        self._lines: list[str] = []
        self._unfinished = ""
        self._n_cells = 0
        self.is_following = True
        """Whether what comes will be shown."""

    @property
    def lines(self) -> Sequence[str]:
        """What can be scrolled through."""
        return [*self._lines, self._unfinished] if self._unfinished else self._lines

    def add(self, lines: Sequence[str], unfinished: str = "") -> None:
        """Adds finished lines below; `unfinished` stands under them until the next call."""
        came = [shorten(line, MOST_CELLS) for line in lines]
        self._unfinished = shorten(unfinished, MOST_CELLS)
        self._lines += came
        n_dropped = max(0, len(self._lines) - self._most_lines)
        del self._lines[:n_dropped]
        self._n_cells = max(self._n_cells, *map(cell_len, [*came, self._unfinished]), 0)
        self._settle(up_rows=n_dropped)

    def clear(self) -> None:
        """Begins anew, and follows."""
        self._lines.clear()
        self._unfinished, self._n_cells, self.is_following = "", 0, True
        self.add(())

    def _settle(self, *, up_rows: int = 0) -> None:
        """After a change of the lines: shows the newest, or what is read stays."""
        self.virtual_size = Size(self._n_cells, len(self._lines) + bool(self._unfinished))
        if self.is_following:
            self.scroll_end(animate=False, force=True, immediate=True, x_axis=False)
        elif up_rows:
            self.scroll_to(y=self.scroll_target_y - up_rows, animate=False, force=True, immediate=True)
        self.refresh()

    def on_resize(self) -> None:
        """The newest stays in sight."""
        self._settle()

    def watch_scroll_target_y(self, target: float) -> None:
        """Whoever scrolls up wants to read; at the end they want to follow."""
        is_following = target >= self.max_scroll_y
        if is_following is not self.is_following:
            self.is_following = is_following
            self.post_message(self.Turned())

    def render_line(self, y: int) -> Strip:
        """One line, as far as it is in sight."""
        left, top = self.scroll_offset
        width, row = self.scrollable_content_region.width, top + y
        line = self._lines[row] if row < len(self._lines) else self._unfinished if row == len(self._lines) else ""
        strip = Strip(self._segments(line, row)).crop_extend(left, left + width, self.rich_style)
        return strip.apply_offsets(left, row)

    def _segments(self, line: str, row: int) -> list[Segment]:
        """The line, with what is selected of it marked."""
        span = None if self.text_selection is None else self.text_selection.get_span(row)
        if span is None:
            return [Segment(line, self.rich_style)]
        start, end = span[0], len(line) if span[1] == -1 else span[1]
        marked = self.rich_style + self.screen.get_component_rich_style("screen--selection")
        parts = [(line[:start], self.rich_style), (line[start:end], marked), (line[end:], self.rich_style)]
        return [Segment(*part) for part in parts]

    def get_selection(self, selection: Selection) -> tuple[str, str]:
        """What is selected, as it was printed."""
        return selection.extract("\n".join(self.lines)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Marks it."""
        self.refresh()
