"""`Prompt`: one line to type in, with a history and completion of commands.

Up and Down walk through what was sent before; Right or Tab takes the completion offered in grey. A
pasted text of several lines becomes one line and is never sent by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input

from agenttune.tui.text import clean

PLACEHOLDER = "Say what to tune, or / for commands"


class _Completions(Suggester):
    """Offers the first command, or example, that begins with what was typed."""

    def __init__(self, offers: Callable[[], Sequence[str]]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._offers = offers

    async def get_suggestion(self, value: str) -> str | None:
        """The completion of `value`."""
        return next((offer for offer in self._offers() if offer.startswith(value) and offer != value), None)


class Prompt(Input):
    """Posts `Sent` with each line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "older", "Earlier line", show=False),
        Binding("down", "newer", "Later line", show=False),
        Binding("tab", "complete", "Complete", show=False),
        Binding("escape", "leave", "Trials", key_display="esc"),
    ]
    DEFAULT_CSS = """
    Prompt, Prompt:focus {
        border: none;
        height: 1;
        padding: 0;
        background: transparent;
        background-tint: transparent 0%;
    }
    """

    class Sent(Message):
        """A line was sent; it is not empty."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The person wants to go elsewhere."""

    def __init__(self, offers: Callable[[], Sequence[str]], *, id: str | None = None) -> None:
        super().__init__(placeholder=PLACEHOLDER, suggester=_Completions(offers), select_on_focus=False, id=id)
        self.cursor_blink = False  # calm, and half a percent of a core less
        self._offers = offers
        self._sent: list[str] = []
        self._position = 0
        self._draft = ""

    def write(self, text: str) -> None:
        """Replaces what stands in the line."""
        self.value = text
        self.cursor_position = len(text)

    async def action_submit(self) -> None:
        """Sends the line unless it is empty."""
        text = self.value.strip()
        if not text:
            return
        if not self._sent or self._sent[-1] != text:
            self._sent.append(text)
        self._position, self._draft = len(self._sent), ""
        self.write("")
        self.post_message(self.Sent(text))

    def action_older(self) -> None:
        """The line sent before."""
        if self._position == len(self._sent):
            self._draft = self.value
        if self._position > 0:
            self._position -= 1
            self.write(self._sent[self._position])

    def action_newer(self) -> None:
        """The line sent after, down to the draft."""
        if self._position < len(self._sent):
            self._position += 1
            is_draft = self._position == len(self._sent)
            self.write(self._draft if is_draft else self._sent[self._position])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leaving is offered where there is somewhere to go."""
        return self.value != "" or self.screen.has_class("-study") if action == "leave" else True

    def action_complete(self) -> None:
        """Takes the completion that is offered; an empty line without any is left."""
        offer = next((o for o in self._offers() if o.startswith(self.value) and o != self.value), None)
        if offer is not None:
            self.write(offer)
        elif not self.value:
            self.post_message(self.Left())

    def action_leave(self) -> None:
        """Empties the line first, then leaves it."""
        if self.value:
            self.write("")
        else:
            self.post_message(self.Left())

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.insert_text_at_cursor(clean(event.text))
