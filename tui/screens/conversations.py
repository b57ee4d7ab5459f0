"""Earlier conversations, newest first, to go on with one."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from agenttune.tui.messages import ConversationsListed, Refused
from agenttune.tui.styles import MUTED
from agenttune.tui.text import age, clean, fit

TITLE_CELLS = 56


class ConversationsScreen(Screen[str | None]):
    """Dismissed with the id of a conversation, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "close", "Back", key_display="esc")]

    def __init__(self, read: Callable[[], None], *, clock: Callable[[], float]) -> None:
        super().__init__()
        self._read = read
        self._clock = clock

    def compose(self) -> ComposeResult:
        """A title and the list."""
        yield Static("conversations", id="title", markup=False)
        yield OptionList(id="conversations", markup=False)
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Asks for the list."""
        self._read()
        self.query_one(OptionList).focus()

    @on(ConversationsListed)
    def _show(self, message: ConversationsListed) -> None:
        if not message.conversations:
            self.query_one("#title", Static).update("no conversation yet: say something in the prompt")
        options = self.query_one(OptionList)
        options.clear_options()
        for row in message.conversations:
            when = age(self._clock() - row.created_at)
            line = Content.assemble(fit(clean(row.title), TITLE_CELLS), (f"  {when}  {clean(row.id)}", MUTED))
            options.add_option(Option(line, id=row.id))
        if message.conversations:
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
