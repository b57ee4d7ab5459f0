"""`VariantsPanel`: the variants of a study over code as a tree, to choose one from and open it."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.message import Message

from agenttune.tui.code import best_number, tree_rows, variants_picture
from agenttune.tui.snapshot import Snapshot
from agenttune.tui.widgets.steady import SteadyText

LEAST_CELLS = 40


class VariantsPanel(VerticalScroll):
    """A row for each variant; what a row has no room for stands below the chosen one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "choose(-1)", "Variant above", show=False, id="variant-up"),
        Binding("down", "choose(1)", "Variant below", show=False, id="variant-down"),
        Binding("enter", "open", "Open", id="variant-open"),
    ]
    DEFAULT_CSS = """
    VariantsPanel { padding: 0 1; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    VariantsPanel > SteadyText { height: auto; }
    """

    class Opened(Message):
        """A variant is to be shown whole."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._snapshot: Snapshot | None = None
        self._rows: dict[int, int] = {}
        self._block = (0, 0)
        self.chosen: int | None = None
        """Number of the variant under the cursor; None is the best, whichever that is."""

    def compose(self) -> ComposeResult:
        """One text to scroll through."""
        yield SteadyText()

    def show(self, snapshot: Snapshot) -> None:
        """Shows this state of a study; the cursor stays on its variant."""
        if self._snapshot is not None and self._snapshot.row.id != snapshot.row.id:
            self.chosen = None
        self._snapshot = snapshot
        self._paint()

    def on_show(self) -> None:
        """Paints what came while it was hidden."""
        self._paint()

    def on_resize(self) -> None:
        """Other columns fit now."""
        self._paint()

    @property
    def _present(self) -> int:
        best = None if self._snapshot is None else best_number(self._snapshot.tree)
        return self.chosen if self.chosen is not None else best or 0

    def _paint(self) -> None:
        if self._snapshot is None or not self._snapshot.is_code or not self.is_mounted:
            return
        width = max(LEAST_CELLS, self.scrollable_content_region.width)
        picture = variants_picture(self._snapshot, self._present, width=width)
        self._rows, self._block = picture.rows, picture.chosen
        self.query_one(SteadyText).put(Content("\n").join(picture.lines), layout=True)

    def action_choose(self, by: int) -> None:
        """Chooses a neighbour, if there is one."""
        if self._snapshot is None:
            return
        numbers = [node.variant.number for _, node in tree_rows(self._snapshot.tree)]
        if self._present in numbers:
            at = numbers.index(self._present) + by
            self._choose(numbers[min(len(numbers) - 1, max(0, at))])

    def _choose(self, number: int) -> None:
        self.chosen = number
        self._paint()
        self.call_after_refresh(self._reveal)

    def _reveal(self) -> None:
        """Scrolls to the chosen row and what stands below it; from the first and the last one, to the ends."""
        first, last = self._block
        if first == min(self._rows, default=0):
            first = 0
        if last > max(self._rows, default=0):
            last = self.virtual_size.height
        block = Region(0, first, 1, last - first)
        self.scroll_to_region(block, animate=False, force=True, top=block.height > self.size.height)

    def action_open(self) -> None:
        """Opens the chosen variant."""
        if self._snapshot is not None and self._present in self._snapshot.tree.nodes:
            self.post_message(self.Opened(self._present))

    def on_click(self, event: events.Click) -> None:
        """Chooses a row; a second click opens it."""
        number = self._rows.get(event.screen_y - self.query_one(SteadyText).region.y)
        if number is None:
            return
        if number == self.chosen:
            self.action_open()
        self._choose(number)
