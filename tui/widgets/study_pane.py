"""`StudyPane`: one study by several views, of which one is shown."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from agenttune.tui.glyphs import GlyphSet
from agenttune.tui.messages import ImportanceRead
from agenttune.tui.snapshot import Snapshot
from agenttune.tui.widgets.best import BestPanel
from agenttune.tui.widgets.chart import Chart
from agenttune.tui.widgets.curves import CurvesPanel
from agenttune.tui.widgets.log import LogPanel
from agenttune.tui.widgets.panes import OVER_CODE, PANES, PaneBar, panes_of
from agenttune.tui.widgets.parameters import ParametersPanel
from agenttune.tui.widgets.trials import TrialsTable
from agenttune.tui.widgets.trust import TrustPanel
from agenttune.tui.widgets.variants import VariantsPanel

OVERVIEW = PANES[0][0]


class StudyPane(Vertical):
    """Chart, best and trials; variants of code; parameters; learning curves; trust; what a trial prints."""

    def __init__(self, clock: Callable[[], float], glyph_set: GlyphSet, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._clock = clock
        self._glyph_set = glyph_set
        self._read: ImportanceRead | None = None
        self._snapshot: Snapshot | None = None
        self._is_roomy = False

    def compose(self) -> ComposeResult:
        """The names of the views, and the views."""
        yield PaneBar(id="panebar")
        with ContentSwitcher(id="panes", initial=OVERVIEW):
            with Vertical(id="overview"):
                yield Chart(self._glyph_set, id="chart")
                yield BestPanel(id="best")
                yield TrialsTable(self._clock, id="trials")
            yield VariantsPanel(id=OVER_CODE)
            yield ParametersPanel(self._glyph_set, id="parameters")
            yield CurvesPanel(self._glyph_set, id="curves")
            yield TrustPanel(id="trust")
            yield LogPanel(id="log")

    @property
    def pane(self) -> str:
        """The view that is chosen."""
        return self.query_one(ContentSwitcher).current or OVERVIEW

    @property
    def next_pane(self) -> str:
        """The one after it."""
        names = [key for key, _ in self.query_one(PaneBar).panes]
        return names[(names.index(self.pane) + 1) % len(names)]

    @property
    def view(self) -> Widget:
        """What takes the keys in the view that is chosen."""
        if self.pane == "log":
            return self.query_one(LogPanel).view
        return self.query_one(TrialsTable) if self.pane == OVERVIEW else self.query_one(f"#{self.pane}")

    def choose(self, pane: str) -> None:
        """Shows another view."""
        self.query_one(ContentSwitcher).current = pane
        self.query_one(PaneBar).show(pane)

    def show(self, snapshot: Snapshot, *, is_roomy: bool, width: int) -> None:
        """Shows this state of a study, in the view that is chosen.

        Args:
            snapshot: the study.
            is_roomy: whether there are rows for all of the best configuration.
            width: cells there are.
        """
        self._snapshot, self._is_roomy = snapshot, is_roomy
        self._offer(panes_of(is_code=snapshot.is_code))
        self.query_one(TrustPanel).see(snapshot)
        self.query_one(LogPanel).see(snapshot)
        if self.pane == "parameters":
            read = self._read
            importance, edits = (None, None) if read is None else (read.importance, read.edits)
            self.query_one(ParametersPanel).show(snapshot, importance, edits=edits)
        elif self.pane == "curves":
            self.query_one(CurvesPanel).show(snapshot)
        elif self.pane == OVER_CODE:
            self.query_one(VariantsPanel).show(snapshot)
        elif self.pane == OVERVIEW:
            self.query_one(TrialsTable).show(snapshot)
            self.query_one(BestPanel).show(snapshot, is_wide=is_roomy, width=width)
            self._show_chart()

    def on_resize(self) -> None:
        """Wraps texts to the cells there are now: before the first layout nobody knows them."""
        if self._snapshot is not None:
            self.show(self._snapshot, is_roomy=self._is_roomy, width=self.content_size.width - 2)

    def _offer(self, panes: tuple[tuple[str, str], ...]) -> None:
        """Offers the views that this study has; one that it has not gives way to the first."""
        bar = self.query_one(PaneBar)
        if bar.panes != panes:
            bar.panes = panes
            self.choose(self.pane if self.pane in dict(panes) else OVERVIEW)

    @on(TrialsTable.Selected)
    def _show_chart(self) -> None:
        if self._snapshot is not None:
            self.query_one(Chart).show(self._snapshot.points.selecting(self.query_one(TrialsTable).selected))

    def show_importance(self, read: ImportanceRead) -> None:
        """Keeps how much each parameter matters, for the next `show`."""
        self._read = read

    def set_filter(self, text: str, snapshot: Snapshot) -> None:
        """Shows only the trials that fit.

        Raises:
            UserError: it is no condition over this study.
        """
        table = self.query_one(TrialsTable)
        table.show(snapshot)
        table.set_filter(text)

    def tick(self) -> None:
        """The times of running trials grow."""
        self.query_one(TrialsTable).tick()
