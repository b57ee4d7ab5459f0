"""`TypingApp`: no key is lost because the focus was elsewhere. Not for: what a key does, which the bindings say.

Textual hands a key to what has the focus when the key arrives, and looks for its binding when nothing there has taken
it. Of keys that arrive together (a fast hand, a slow line) the first may move the focus: the others follow it here.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from textual import events
from textual.app import App
from textual.widget import Widget


class TypingApp(App[None]):
    """Keys go where the focus is by the time it is their turn; what is no key there is typed."""

    def __init__(self, *, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self._aims: WeakKeyDictionary[events.Key, Widget | None] = WeakKeyDictionary()
        """Key -> what had the focus when it came."""

    async def on_event(self, event: events.Event) -> None:
        """Notes whom a key was meant for."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            self._aims[event] = self.focused
        await super().on_event(event)

    async def on_key(self, event: events.Key) -> None:
        """Decides over a key that nothing on its way has taken."""
        event.prevent_default()
        aimed_at, focused = self._aims.get(event), self.focused
        if focused is not None and focused is not aimed_at:
            self.hand_on(event, focused)
        elif not await self._check_bindings(event.key) and event.is_printable:
            self.type_ahead(event)

    def hand_on(self, event: events.Key, receiver: Widget) -> None:
        """Has a widget take a key that another one got, in its turn."""
        key = events.Key(event.key, event.character)
        self._aims[key] = receiver
        receiver._forward_event(key)  # as Textual does with each key; there is no public way

    def type_ahead(self, event: events.Key) -> None:
        """Takes a character that is no key here."""
