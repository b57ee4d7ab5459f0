"""All studies of the store, newest first, to open one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from agenttune.tui.messages import Refused, StudiesListed, StudyLine
from agenttune.tui.text import clean
from agenttune.tui.widgets.welcome import study_line


class StudiesScreen(Screen[str | None]):
    """Dismissed with the id of a study, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "close", "Back", key_display="esc")]

    def __init__(self, read: Callable[[], None], *, clock: Callable[[], float]) -> None:
        super().__init__()
        self._read = read
        self._clock = clock

    def compose(self) -> ComposeResult:
        """A title and the list."""
        yield Static("studies", id="title", markup=False)
        yield OptionList(id="studies", markup=False)
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Asks for the list."""
        self._read()
        self.query_one(OptionList).focus()

    @on(StudiesListed)
    def _show(self, message: StudiesListed) -> None:
        title = "studies" if message.studies else "no study yet: describe one in the prompt"
        self.query_one("#title", Static).update(title)
        self._fill(message.studies)

    def _fill(self, studies: Sequence[StudyLine]) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(study_line(study, now=self._clock()), id=study.id) for study in studies])
        if studies:
            options.highlighted = 0

    @on(Refused)
    def _complain(self, message: Refused) -> None:
        self.query_one("#title", Static).update(clean(message.sentence))

    @on(OptionList.OptionSelected)
    def _choose(self, message: OptionList.OptionSelected) -> None:
        self.dismiss(message.option_id)

    def action_close(self) -> None:
        """Back without a choice."""
        self.dismiss(None)
