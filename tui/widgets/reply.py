"""`Reply`: one sentence about the latest news, above the prompt; the conversation itself is the transcript."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from agenttune.tui import glyphs
from agenttune.tui.messages import Tone
from agenttune.tui.styles import FAINT, MUTED
from agenttune.visible import clean

_STYLES = {Tone.PLAIN: "", Tone.GOOD: "$success", Tone.BAD: "$error"}


class Reply(Static):
    """A few lines above the prompt; takes no room while there is nothing to say."""

    DEFAULT_CSS = """
    Reply { height: auto; max-height: 8; padding: 0 1; overflow-y: auto; display: none; }
    """

    def say(self, text: str, tone: Tone = Tone.PLAIN, *, request: Content | None = None) -> None:
        """Shows a sentence, below the request it answers if there is one."""
        said = Content.styled(clean(text), _STYLES[tone])
        self.update(said if request is None else Content("\n").join([request, said]))
        self.display = True

    def clear(self) -> None:
        """Shows nothing."""
        self.update("")
        self.display = False


def quoted(request: str, unread: tuple[str, ...] = ()) -> Content:
    """What was typed, with the words nobody could read marked."""
    content = Content(clean(request)).stylize(MUTED)
    for fragment in unread:
        start = content.plain.find(clean(fragment))
        if fragment and start >= 0:
            content = content.stylize("bold $error underline", start, start + len(clean(fragment)))
    return Content.assemble((f"{glyphs.POINTER} ", FAINT), content)
