"""`StatusLine`: who answers, what is done without asking, and what the conversation has cost so far."""

from __future__ import annotations

from textual.content import Content

from agenttune.tui import glyphs
from agenttune.tui.messages import ConversationStands
from agenttune.tui.styles import FAINT, MUTED
from agenttune.tui.text import shorten
from agenttune.tui.widgets.steady import SteadyText
from agenttune.visible import clean

MODES = {"ask": "asks first", "auto": "acts within the budget", "plan": "only looks"}
"""Mode of approvals -> how it is told."""
NOBODY = "no model: the offline assistant answers"


class StatusLine(SteadyText):
    """`asks first · openai:gpt-5 · ctx ~3k · 12,400 tokens · $0.0421`."""

    DEFAULT_CSS = """
    StatusLine { height: 1; padding: 0 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._stands: ConversationStands | None = None
        self._activity = ""

    def on_resize(self) -> None:
        """Another part of it fits now."""
        self.call_after_refresh(self.show)

    def show(self, stands: ConversationStands | None = None, *, activity: str | None = None) -> None:
        """Shows what is new of it.

        Args:
            stands: of the conversation.
            activity: what it does now, in a word or two; "" for nothing.
        """
        self._stands = stands or self._stands
        self._activity = self._activity if activity is None else activity
        width = self.content_size.width or self.app.size.width - 2
        self.put(_line(self._stands, self._activity, width))


def _line(stands: ConversationStands | None, activity: str, width: int) -> Content:
    parts = [activity] if activity else []
    if stands is not None:
        parts += [MODES.get(stands.mode, stands.mode), NOBODY if stands.model is None else clean(stands.model)]
        if stands.model is not None:
            parts.append(f"ctx ~{stands.context_tokens:,}")
            about = "~" if stands.is_estimated else ""
            parts.append(f"{about}{stands.tokens:,} tokens")
            about = about if stands.dollars else ""  # what is free is so for sure
            parts.append("price unknown" if stands.dollars is None else f"{about}${stands.dollars:.4f}")
    told = shorten(f" {glyphs.DOT} ".join(parts), width)
    if activity and told.startswith(activity):
        return Content.assemble((activity, "$primary"), (told[len(activity) :], FAINT))
    return Content.styled(told, MUTED)
