"""`Reply`: one sentence about the latest news, above the prompt; the conversation itself is the transcript."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from agenttune.tui.messages import Tone
from agenttune.visible import clean

_STYLES = {Tone.PLAIN: "", Tone.GOOD: "$success", Tone.BAD: "$error"}


class Reply(Static):
    """A few lines above the prompt; takes no room while there is nothing to say."""

    DEFAULT_CSS = """
    Reply { height: auto; max-height: 8; padding: 0 1; overflow-y: auto; display: none; }
    """

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Shows a sentence."""
        self.update(Content.styled(clean(text), _STYLES[tone]))
        self.display = True

    def take_back(self, text: str) -> bool:
        """Shows nothing, if this is what it shows; whether it was."""
        is_shown = self.display and str(self.content) == clean(text)
        if is_shown:
            self.clear()
        return is_shown

    def clear(self) -> None:
        """Shows nothing."""
        self.update("")
        self.display = False
