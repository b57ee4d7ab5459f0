"""`TrustPanel`: what a study's record says of who proposed in it, read anew when the panel is opened.

Reading takes seconds, so it happens when somebody looks, not with every trial.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message

from agenttune.tui.snapshot import Snapshot
from agenttune.tui.styles import BAD, KEY, MUTED
from agenttune.tui.text import plural
from agenttune.tui.trust import trust_content
from agenttune.tui.widgets.steady import SteadyText
from agenttune.visible import clean

if TYPE_CHECKING:
    from agenttune.insight.trust import Trust

LEAST_CELLS = 20


class TrustPanel(VerticalScroll):
    """Shows how far a study's record lets one trust who proposed in it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("r", "read", "Read again", id="read-trust")]
    DEFAULT_CSS = """
    TrustPanel { padding: 0 1; scrollbar-gutter: stable; }
    TrustPanel > SteadyText { height: auto; }
    """

    class Wanted(Message):
        """What is shown is older than the study."""

        def __init__(self, study_id: str) -> None:
            super().__init__()
            self.study_id = study_id

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._study_id: str | None = None
        self._n_finished = 0
        self._trust: Trust | None = None
        self._complaint = ""
        self._is_reading = False
        self._is_shown = False

    def compose(self) -> ComposeResult:
        """One text to scroll through."""
        yield SteadyText()

    def on_mount(self) -> None:
        """Says what it waits for."""
        self._paint()

    def on_show(self) -> None:
        """Wants the state of now."""
        self._is_shown = True
        if self._trust is None or self._trust.n_finished != self._n_finished:
            self.action_read()

    def on_hide(self) -> None:
        """Nobody looks: nothing is read."""
        self._is_shown = False

    def on_resize(self) -> None:
        """Wraps anew."""
        self._paint()

    def see(self, snapshot: Snapshot) -> None:
        """Takes note of the followed study, whether the panel is visible or not."""
        if snapshot.row.id != self._study_id:
            self._study_id, self._trust, self._complaint, self._is_reading = snapshot.row.id, None, "", False
        self._n_finished = len(snapshot.view.finished)
        if self._is_shown and self._trust is None and not self._complaint:
            self.action_read()
        self._paint()

    def show(self, trust: Trust) -> None:
        """Shows what was read; that of a study no longer followed is dropped."""
        if trust.study_id == self._study_id:
            self._trust, self._complaint, self._is_reading = trust, "", False
            self._paint()

    def complain(self, sentence: str) -> None:
        """Says why it could not be read."""
        self._complaint, self._is_reading = sentence, False
        self._paint()

    def action_read(self) -> None:
        """Asks for the state of now, unless that is under way."""
        if self._study_id is not None and not self._is_reading:
            self._is_reading = True
            self.post_message(self.Wanted(self._study_id))
            self._paint()

    def _paint(self) -> None:
        if not self.is_mounted:
            return
        lines = [self._note()]
        if self._trust is not None:
            width = self.scrollable_content_region.width or self.app.size.width
            lines += [Content(""), trust_content(self._trust, max(LEAST_CELLS, width))]
        self.query_one(SteadyText).put(Content("\n").join(lines), layout=True)

    def _note(self) -> Content:
        if self._is_reading:
            return Content.styled("reading the record ...", MUTED)
        if self._complaint:
            return Content.assemble(("not read: ", BAD), f"{clean(self._complaint)}  ", ("r", KEY), " tries again")
        if self._trust is None:
            return Content.styled("no study is followed" if self._study_id is None else "not read yet", MUTED)
        told = f"as of {plural(self._trust.n_finished, 'finished trial')}"
        n_more = self._n_finished - self._trust.n_finished
        if n_more <= 0:
            return Content.styled(told, MUTED)
        return Content.assemble((f"{told}, {n_more} more since: ", MUTED), ("r", KEY), (" reads again", MUTED))
