"""`GuardedCard`: a card that may appear while a person types, and is not answered by accident.

Keys typed before it could have been read, and while typing goes on, answer nothing: they are handed on
to the draft.
"""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.message import Message
from textual.widgets import Static

GRACE_S = 0.5
"""A card answers no key before this, counted from its appearance or the last key typed too early."""
FRAME_CELLS = 4
"""Columns of a card's border and padding."""


class GuardedCard(Static, can_focus=True):
    """Base of the cards that are answered by a key."""

    class TypedEarly(Message, namespace="question_card"):
        """Characters that were meant for the prompt; one message for all cards, since one draft takes them."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, clock: Callable[[], float], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._clock = clock
        self._armed_at = 0.0

    def arm(self) -> None:
        """Starts the grace: the card shows something new."""
        self._armed_at = self._clock() + GRACE_S

    def on_key(self, event: events.Key) -> None:
        """Catches what was typed too early."""
        if self._clock() >= self._armed_at:
            return
        event.stop()
        event.prevent_default()
        self.arm()
        if event.is_printable and event.character:
            self.post_message(self.TypedEarly(event.character))
