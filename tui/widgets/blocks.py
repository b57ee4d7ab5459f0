"""One widget per record of a conversation: a text painted at the width it has, and the reply that still comes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widgets import Static

from agenttune.tui import glyphs
from agenttune.tui.markdown import render_markdown
from agenttune.tui.messages import Tone
from agenttune.tui.proposals import ProposalTable, proposals_content
from agenttune.tui.records import CallRecord, CallState, NoteRecord, ReplyRecord, UserRecord
from agenttune.tui.styles import BAD, FAINT, GOOD, KEY, MUTED, STRONG, WARN
from agenttune.tui.text import clean_lines, duration, plural, shorten
from agenttune.visible import clean

FLUSH_S = 0.1
"""Laying out a growing reply costs tens of milliseconds: not at every token."""
TYPING_S = 0.3
"""After a key, typing is taken to go on for so long."""
PATIENCE_S = 0.5
"""Between two paints of a growing reply while somebody types."""
MOST_STREAMED = 12_000
"""Characters of a reply shown while it streams."""
FENCE = "```"
MOST_SHOWN = 40_000
"""Characters of a finished reply shown; the record holds all."""
MOST_ASKED_LINES = 200
MOST_RESULT_LINES = 200
MOST_RESULT = 100_000
"""Characters of a result looked at for its lines."""
UNSUPPORTED_MARK = r"\[\?\]"
_UNFINISHED_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*)?[ -/]*\Z")

_SIGNS = {
    CallState.WAITING: (glyphs.PAUSED, WARN),
    CallState.RUNNING: (glyphs.RUNNING, "$secondary"),
    CallState.OK: (glyphs.DOT, MUTED),
    CallState.FAILED: (glyphs.FAILED, BAD),
    CallState.DENIED: (glyphs.STOPPED, BAD),
}
_TONES = {Tone.PLAIN: (glyphs.DOT, MUTED), Tone.GOOD: (glyphs.DONE, GOOD), Tone.BAD: ("!", BAD)}


class Block(Static):
    """A record; what it shows depends on its width."""

    DEFAULT_CSS = "Block { height: auto; padding: 0 1; }"

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._painted_at = 0

    def content_at(self, width: int) -> Content:
        """What to show in `width` cells."""
        raise NotImplementedError

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Paints for the width it is about to get, so that one pass of layout is enough."""
        if width > 0 and width != self._painted_at:
            self._painted_at = width
            self.update(self.content_at(width), layout=False)
        return super().get_content_height(container, viewport, width)

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        """Nothing scrolls within a block: no second layout because it grew."""
        return super()._size_updated(size, virtual_size, container_size, layout=False)

    def paint(self, *, layout: bool = True) -> None:
        """Shows the record as it is now; without `layout`, in as many lines as before."""
        if self._painted_at:
            self.update(self.content_at(self._painted_at), layout=layout)


class UserBlock(Block):
    """What the person wrote."""

    DEFAULT_CSS = "UserBlock { margin: 1 0 0 0; background: $surface; }"

    def __init__(self, record: UserRecord) -> None:
        super().__init__()
        self.record = record

    def content_at(self, width: int) -> Content:
        """The text beside a pointer."""
        lines = clean_lines(self.record.text.strip("\r\n"))
        rows = [row for line in lines[:MOST_ASKED_LINES] for row in Content(line).wrap(max(4, width - 2))]
        head, *rest = rows or [Content("")]
        more = [_more(len(lines) - MOST_ASKED_LINES, "line")] if len(lines) > MOST_ASKED_LINES else []
        pointer = Content.styled(f"{glyphs.POINTER} ", KEY)
        return Content("\n").join([pointer + head, *(row.pad_left(2) for row in [*rest, *more])])


class ReplyBlock(Block):
    """A finished answer."""

    DEFAULT_CSS = "ReplyBlock { margin: 1 0 0 0; }"

    def __init__(self, record: ReplyRecord) -> None:
        super().__init__()
        self.record = record

    def content_at(self, width: int) -> Content:
        """The answer, what of it no record holds, and who worded it."""
        text = "\n".join(clean_lines(self.record.text[:MOST_SHOWN])).strip("\n")
        content = Content(text) if self.record.is_plain else render_markdown(text, width)
        parts = [content.highlight_regex(UNSUPPORTED_MARK, style=WARN)]
        if (n_more := len(self.record.text) - MOST_SHOWN) > 0:
            parts.append(_more(n_more, "character"))
        if self.record.unsupported:
            numbers = ", ".join(map(clean, self.record.unsupported))
            parts.append(Content.styled(f"! not in the record: {numbers}", WARN))
        if self.record.by:
            parts.append(Content.styled(clean(self.record.by), FAINT))
        return Content("\n").join(parts)


class NoteBlock(Block):
    """Something that happened."""

    def __init__(self, record: NoteRecord) -> None:
        super().__init__()
        self.record = record

    def content_at(self, width: int) -> Content:
        """The sentence beside a sign."""
        return _note_content(self.record, width)


class FoldingBlock(Block, can_focus=True):
    """A record in few lines, of which there is more to see."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "unfold", "Unfold", key_display="space", id="unfold-call")
    ]
    DEFAULT_CSS = """
    FoldingBlock:focus { background: $primary-muted; }
    FoldingBlock:focus:ansi { background: $background; text-style: reverse; }
    FoldingBlock:focus:nocolor { text-style: reverse; }
    """

    class Toggled(Message):
        """The rest is to be shown, or hidden."""

        def __init__(self, block: FoldingBlock) -> None:
            super().__init__()
            self.block = block

    def __init__(self, *, is_unfolded: bool) -> None:
        super().__init__()
        self.is_unfolded = is_unfolded

    def fold(self, *, is_unfolded: bool) -> None:
        """Shows the record as it is now, the rest of it or not."""
        self.is_unfolded = is_unfolded
        self.paint()

    @property
    def fold_sign(self) -> Content:
        """Tells whether there is more to see."""
        return Content.styled(f"{glyphs.UNFOLDED if self.is_unfolded else glyphs.FOLDED} ", FAINT)

    def on_click(self, event: events.Click) -> None:
        """A click on the line unfolds; below it, text may be selected."""
        if event.y == 0:
            event.stop()
            self.action_unfold()

    def action_unfold(self) -> None:
        """Asks for the rest, or for less."""
        self.post_message(self.Toggled(self))


class NewsBlock(FoldingBlock):
    """News of trials in a sentence; where these came from unfolds below."""

    def __init__(self, record: NoteRecord, *, is_unfolded: bool) -> None:
        super().__init__(is_unfolded=is_unfolded)
        self.record = record

    def content_at(self, width: int) -> Content:
        """The sentence, and below it the proposals."""
        head, *rest = _note_content(self.record, width - 2).split("\n")
        lines = [self.fold_sign + head, *(line.pad_left(2) for line in rest)]
        return Content("\n").join([*lines, *(_table_lines(self.record.proposals, width) if self.is_unfolded else [])])


class CallBlock(FoldingBlock):
    """A tool's call in one line; its result unfolds below."""

    def __init__(self, record: CallRecord, clock: Callable[[], float], *, is_unfolded: bool) -> None:
        super().__init__(is_unfolded=is_unfolded)
        self.record = record
        self._clock = clock

    def tick(self) -> None:
        """A running call's time grows."""
        if self.record.state.is_open:
            self.paint(layout=False)

    def content_at(self, width: int) -> Content:
        """The line, and below it proposals and the result, or what a failed call said first."""
        if self.is_unfolded:
            table = _table_lines(self.record.proposals, width)
            return Content("\n").join([self._head(width), *table, *self._result_lines(width)])
        if self.record.state in (CallState.FAILED, CallState.DENIED):
            first = next((line for line in self._result_lines(width) if line.plain.strip()), Content(""))
            return Content("\n").join([self._head(width), first.stylize(BAD)])
        return self._head(width)

    def _head(self, width: int) -> Content:
        call = self.record
        sign, style = _SIGNS[call.state]
        seconds = self._clock() - call.started_at if call.seconds is None else call.seconds
        state = f"  {call.state.value} {duration(seconds)}"
        room = max(8, width - len(f"  {sign} ") - len(state))
        name = shorten(clean(call.name), room)
        arguments = shorten(clean(call.arguments), room - len(name) - 1)
        return Content.assemble(
            self.fold_sign, (f"{sign} ", style), (name, STRONG), (f" {arguments}".rstrip(), MUTED), (state, style)
        )

    def _result_lines(self, width: int) -> list[Content]:
        lines = clean_lines(self.record.result[:MOST_RESULT].strip("\r\n"))
        room = max(4, width - 4)
        shown = [Content(shorten(line, room)).stylize(MUTED).pad_left(4) for line in lines[:MOST_RESULT_LINES]]
        n_more = self.record.result.strip("\r\n").count("\n") + 1 - len(shown)
        return shown + ([_more(n_more, "line").pad_left(4)] if n_more > 0 else [])


class LiveReply(Block):
    """The answer that still comes: pieces are gathered, and shown a few times a second.

    Paragraphs that are over are rendered once; what is rendered anew is the one that grows. A widget per paragraph, as
    Textual's Markdown has, would be laid out as a whole each time.
    """

    DEFAULT_CSS = "LiveReply { margin: 1 0 0 0; }"

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._came = text[:MOST_STREAMED]
        self._over: list[Content] = []
        self._over_to = self._over_at = self._n_lines = 0
        self._gives_way_to = self._flushed_at = 0.0
        self.source = ""
        """What is shown of it."""

    def on_mount(self) -> None:
        """Begins to look for what came."""
        self.set_interval(FLUSH_S, self.flush)

    def feed(self, text: str) -> None:
        """Takes the next piece."""
        if (room := MOST_STREAMED - len(self._came)) > 0:
            self._came += text[:room]

    def give_way(self) -> None:
        """Somebody types: for a moment this is painted less often."""
        self._gives_way_to = time.monotonic() + TYPING_S

    async def flush(self) -> None:
        """Shows what came since the last time."""
        now = time.monotonic()
        if now < self._gives_way_to and now - self._flushed_at < PATIENCE_S:
            return
        self._flushed_at = now
        came = _UNFINISHED_ESCAPE.sub("", self._came.replace("\r", ""))
        text = "\n".join(clean_lines(came))
        if len(text) <= len(self.source) or not text.startswith(self.source):
            return
        self.source = text
        if not self._painted_at:
            self.refresh(layout=True)
            return
        n_before, content = self._n_lines, self.content_at(self._painted_at)
        self.update(content, layout=self._n_lines != n_before)

    def content_at(self, width: int) -> Content:
        """What has come, as Markdown."""
        if width != self._over_at:
            self._over, self._over_to, self._over_at = [], 0, width
        end = self.source.rfind("\n\n", self._over_to)
        if end > self._over_to and self.source.count(FENCE, self._over_to, end) % 2 == 0:
            self._over.append(render_markdown(self.source[self._over_to : end], width))
            self._over_to = end + 2
        tail = self.source[self._over_to :].strip("\n")
        content = Content("\n\n").join([*self._over, *([render_markdown(tail, width)] if tail else [])])
        self._n_lines = content.plain.count("\n")
        return content


def _note_content(record: NoteRecord, width: int) -> Content:
    sign, style = _TONES[record.tone]
    head, *rest = Content.styled(clean(record.text), style).wrap(max(4, width - 2)) or [Content("")]
    return Content("\n").join([Content.styled(f"{sign} ", style) + head, *(row.pad_left(2) for row in rest)])


def _table_lines(proposals: ProposalTable | None, width: int) -> list[Content]:
    if proposals is None:
        return []
    return [line.pad_left(4) for line in proposals_content(proposals, width - 4).split("\n")]


def _more(count: int, noun: str) -> Content:
    return Content.styled(f"{glyphs.ELLIPSIS} {plural(count, f'more {noun}')}", MUTED)
