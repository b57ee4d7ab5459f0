"""`ParametersPanel`: which parameters matter, one of them against the metric, and how the space changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.widgets import Static

from agenttune.tui.glyphs import GlyphSet
from agenttune.tui.messages import ImportanceShares
from agenttune.tui.parameters import (
    chosen_content,
    head_content,
    row_contents,
    slice_legend,
    slice_picture,
    values_content,
    versions_content,
)
from agenttune.tui.snapshot import Snapshot
from agenttune.tui.widgets.plot import Plot

STALE_SHARE = 0.05
"""Importance is asked for again once there are this much more complete trials: below 20 trials, with every one."""


class ParametersPanel(VerticalScroll):
    """A row for each parameter; below the chosen one's row stands how the metric went along it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "choose(-1)", "Parameter above", show=False, id="parameter-up"),
        Binding("down", "choose(1)", "Parameter below", show=False, id="parameter-down"),
    ]
    DEFAULT_CSS = """
    ParametersPanel {
        padding: 0 1;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        Static { height: auto; }
        Plot { height: 10; margin: 0 0 0 2; }
        .versions { margin: 1 0 0 0; }
    }
    """

    class ImportanceWanted(Message):
        """The panel is looked at, and the importance it shows is not that of the trials so far."""

        def __init__(self, study_id: str) -> None:
            super().__init__()
            self.study_id = study_id

    def __init__(self, glyph_set: GlyphSet, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._glyph_set = glyph_set
        self._snapshot: Snapshot | None = None
        self._importance: ImportanceShares | None = None
        self._edits: Mapping[int, str] = {}
        self._asked: tuple[str, int] | None = None
        self._is_shown = False
        self.chosen: str | None = None
        """Name of the parameter that is shown against the metric."""

    def compose(self) -> ComposeResult:
        """Rows, the chosen one's picture between them, versions."""
        yield Static(classes="head", markup=False)
        yield Static(classes="above", markup=False)
        yield Static(classes="about", markup=False)
        yield Plot(self._glyph_set)
        yield Static(classes="legend", markup=False)
        yield Static(classes="below", markup=False)
        yield Static(classes="versions", markup=False)

    def show(
        self, snapshot: Snapshot, importance: ImportanceShares | None, *, edits: Mapping[int, str] | None = None
    ) -> None:
        """Shows this state of a study.

        Args:
            snapshot: the study.
            importance: the latest that was worked out; one of another study counts as none.
            edits: version of the space -> the edit that led to it, as `Engine.space_edits` tells.
        """
        self._snapshot, self._edits = snapshot, edits or {}
        self._importance = importance if importance is not None and importance.study_id == snapshot.row.id else None
        if self.chosen not in snapshot.space.parameters:
            self.chosen = next(iter(snapshot.space.parameters), None)
        self._paint()
        self._ask()

    def on_show(self) -> None:
        """Paints what came while it was hidden."""
        self._is_shown = True
        self._paint()
        self._ask()

    def on_hide(self) -> None:
        """Nobody looks: nothing is painted or asked for."""
        self._is_shown = False

    def on_resize(self) -> None:
        """Other columns fit now."""
        self._paint()

    def _ask(self) -> None:
        """Asks for importance, at most once for each number of complete trials."""
        if self._snapshot is None or not self._is_shown:
            return
        study_id, n_complete = present = (self._snapshot.row.id, len(self._snapshot.view.complete))
        known = None if self._importance is None else self._importance.n_complete
        is_stale = known is None or (n_complete != known and n_complete >= known * (1 + STALE_SHARE))
        if is_stale and self._asked != present:
            self._asked = present
            self.post_message(self.ImportanceWanted(study_id))

    def _paint(self) -> None:
        if self._snapshot is None or self.chosen is None or not self._is_shown:
            return
        snapshot, width = self._snapshot, max(20, self.scrollable_content_region.width)
        rows = row_contents(snapshot, self._importance, chosen=self.chosen, width=width)
        place = self._place + 1
        self._part("head").update(head_content(snapshot, self._importance))
        self._part("above").update(Content("\n").join(rows[:place]))
        below = self._part("below")
        below.display = place < len(rows)
        below.update(Content("\n").join(rows[place:]))
        self._part("about").update(chosen_content(snapshot, self.chosen, width=width))
        self._paint_slice(snapshot, self.chosen, width)
        self._part("versions").update(versions_content(snapshot, self._edits, width=width))

    def _paint_slice(self, snapshot: Snapshot, name: str, width: int) -> None:
        picture, plot = slice_picture(snapshot, name), self.query_one(Plot)
        plot.display = picture is not None
        if picture is not None:
            plot.show(picture)
        values = values_content(snapshot, name, width=width)
        self._part("legend").update(values if values is not None else slice_legend(snapshot, name, width=width))

    def _part(self, name: str) -> Static:
        return self.query_one(f".{name}", Static)

    @property
    def _place(self) -> int:
        """Which of the parameters is the chosen one."""
        return 0 if self._snapshot is None else list(self._snapshot.space.parameters).index(self.chosen or "")

    def action_choose(self, by: int) -> None:
        """Chooses a neighbour, if there is one."""
        if self._snapshot is None or self.chosen is None:
            return
        names = list(self._snapshot.space.parameters)
        self._choose(names[min(len(names) - 1, max(0, self._place + by))])

    def _choose(self, name: str) -> None:
        self.chosen = name
        self._paint()
        self.call_after_refresh(self._reveal)

    def _reveal(self) -> None:
        """Scrolls to the chosen row and what stands below it."""
        first = self._part("above").virtual_region.bottom - 1
        last = self._part("legend").virtual_region.bottom
        if self._place == 0:
            first = 0
        block = Region(0, first, 1, last - first)
        self.scroll_to_region(block, animate=False, force=True, top=block.height > self.size.height)

    def on_click(self, event: events.Click) -> None:
        """Chooses the parameter of a row."""
        if self._snapshot is None or not isinstance(event.widget, Static):
            return
        row = event.screen_y - event.widget.region.y
        if event.widget.has_class("below"):
            row += self._place + 1
        elif not event.widget.has_class("above"):
            return
        names = list(self._snapshot.space.parameters)
        if 0 <= row < len(names):
            self._choose(names[row])
