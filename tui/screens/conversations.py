"""Earlier conversations, newest first, to go on with one."""

from __future__ import annotations

from textual import on
from textual.content import Content
from textual.widgets.option_list import Option

from agenttune.session import SessionRow
from agenttune.tui.messages import ConversationsListed
from agenttune.tui.screens.picking import PickScreen
from agenttune.tui.styles import MUTED
from agenttune.tui.text import age, fit
from agenttune.visible import clean

TITLE_CELLS = 56


class ConversationsScreen(PickScreen):
    """Dismissed with the id of a conversation, or with None."""

    HEADING = "conversations"
    IF_EMPTY = "no conversation yet: say something in the prompt"

    @on(ConversationsListed)
    def _show(self, message: ConversationsListed) -> None:
        self.offer([Option(self._line(row), id=row.id) for row in message.conversations])

    def _line(self, row: SessionRow) -> Content:
        when = age(self._clock() - row.created_at)
        return Content.assemble(fit(clean(row.title), TITLE_CELLS), (f"  {when}  {clean(row.id)}", MUTED))
