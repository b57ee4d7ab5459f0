"""`PickScreen`: a list over the main screen, out of which one thing is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from agenttune.tui.messages import Refused
from agenttune.tui.widgets.key_line import KeyLine
from agenttune.visible import clean


class PickScreen(Screen[str | None]):
    """Dismissed with the id of what was chosen, or with None; whoever inherits tells what there is, by `offer`."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "close", "Back", key_display="esc", id="back")]
    HEADING: ClassVar[str]
    IF_EMPTY: ClassVar[str]
    """The heading where there is nothing to choose."""

    def __init__(self, read: Callable[[], None], *, clock: Callable[[], float]) -> None:
        """
        Args:
            read: asks for the list, which comes as a message.
            clock: seconds since the epoch, for ages.
        """
        super().__init__()
        self._read = read
        self._clock = clock

    def compose(self) -> ComposeResult:
        """A heading and the list."""
        yield Static(self.HEADING, id="title", markup=False)
        yield OptionList(id="choices", markup=False)
        yield KeyLine()

    def on_mount(self) -> None:
        """Asks for the list."""
        self._read()
        self.query_one(OptionList).focus()

    def offer(self, options: Sequence[Option]) -> None:
        """Shows what there is."""
        self.query_one("#title", Static).update(self.HEADING if options else self.IF_EMPTY)
        choices = self.query_one(OptionList)
        choices.clear_options()
        choices.add_options(options)
        if options:
            choices.highlighted = 0

    @on(Refused)
    def _complain(self, message: Refused) -> None:
        self.query_one("#title", Static).update(clean(message.sentence))

    @on(OptionList.OptionSelected)
    def _choose(self, message: OptionList.OptionSelected) -> None:
        self.dismiss(message.option_id)

    def action_close(self) -> None:
        """Back without a choice."""
        self.dismiss(None)
