"""`SheetScreen`: named facts on a page to scroll, which come when they are found; nothing here is changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from agenttune.tui.messages import Fact, FactsRead, Refused
from agenttune.tui.styles import BAD, FAINT, MUTED
from agenttune.tui.text import hanging
from agenttune.tui.widgets.key_line import KeyLine
from agenttune.visible import clean

EDGE_CELLS = 3
"""The padding and the scrollbar."""


class SheetScreen(Screen[None]):
    """One line a fact, longer ones below themselves."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "close", "Back", key_display="esc", id="back")]

    def __init__(self, heading: str, read: Callable[[], None]) -> None:
        """
        Args:
            heading: what the facts are about.
            read: asks for them; they come as `FactsRead`.
        """
        super().__init__()
        self._heading = heading
        self._read = read
        self._facts: list[Fact] = []
        self._last = "looking ..."

    def compose(self) -> ComposeResult:
        """A title and the page."""
        yield Static(self._heading, id="title", markup=False)
        with VerticalScroll(id="sheet"):
            yield Static(id="facts")
        yield KeyLine()

    def on_mount(self) -> None:
        """Asks for the facts; scrolling needs the focus."""
        self.query_one("#sheet").focus()
        self._read()

    def on_facts_read(self, message: FactsRead) -> None:
        """Shows what is new below the rest."""
        self._facts += message.facts
        self._last = "looking ..." if message.last is None else message.last
        self._show()

    def on_refused(self, message: Refused) -> None:
        """Shows why there are none."""
        self._last = message.sentence
        self._show()

    def on_resize(self) -> None:
        """Lines break elsewhere now."""
        self._show()

    def _show(self) -> None:
        width = self.app.size.width - EDGE_CELLS
        self.query_one("#facts", Static).update(facts_content(self._facts, self._last, width=width))

    def action_close(self) -> None:
        """Back."""
        self.dismiss(None)


def facts_content(facts: list[Fact], last: str, *, width: int) -> Content:
    """The page in `width` cells."""
    label_cells = max((len(fact.label) + 2 for fact in facts), default=0)
    lines = []
    for fact in facts:
        rows = hanging(fact.label, clean(fact.text), label_cells=label_cells, width=width)
        lines += [Content.assemble((label, FAINT), (row, BAD if fact.is_bad else "")) for label, row in rows]
    return Content("\n").join([*lines, Content(""), Content.styled(clean(last), MUTED)])
