"""`Transcript`: what was said and done in a conversation. It follows the newest, unless the person scrolled up.

The records are all kept, the widgets are a window over them. While the person reads further up,
what is shown stays where it is: what comes is counted in a line at the bottom.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.layout import ArrangeResult
from textual.layouts.stream import StreamLayout
from textual.widget import Widget
from textual.widgets import Static

from agenttune.tui.glyphs import DOT
from agenttune.tui.messages import Tone
from agenttune.tui.proposals import ProposalTable
from agenttune.tui.records import (
    CallRecord,
    CallState,
    NoteRecord,
    Record,
    ReplyRecord,
    UserRecord,
    words_of,
)
from agenttune.tui.styles import KEY, MUTED
from agenttune.tui.widgets.blocks import (
    CallBlock,
    FoldingBlock,
    LiveReply,
    NewsBlock,
    NoteBlock,
    ReplyBlock,
    UserBlock,
)
from agenttune.tui.window import Window

LEFT_RUNNING = "no result: the conversation was left while this ran"


class GroundedStream(StreamLayout):
    """`layout: stream` whose widgets, while they are few, stand at the bottom, next to the prompt.

    An anchored container scrolls its end to its lower edge, above the first line if need be; so
    there must be no room left, or what is shown would jump as soon as something releases the anchor.
    """

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        """The placements of a stream, moved down by what they leave free."""
        placements = super().arrange(parent, children, size, greedy)
        n_free = size.height - placements[-1].region.bottom if placements else 0
        if n_free <= 0:
            return placements
        return [placement._replace(region=placement.region.translate((0, n_free))) for placement in placements]


class Transcript(VerticalScroll, can_focus=True):
    """A conversation, newest last."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+o", "fold_all", "Unfold calls", show=False, id="unfold")]
    DEFAULT_CSS = """
    Transcript {
        scrollbar-size-vertical: 1;
        .transcript--earlier { padding: 0 1; }
        .transcript--below { dock: bottom; padding: 0 1; background: $panel; display: none; }
    }
    """

    def __init__(self, clock: Callable[[], float], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.styles.layout = GroundedStream()
        self._clock = clock
        self._earlier = Static("", classes="transcript--earlier", markup=False)
        self._below = Static("", classes="transcript--below", markup=False)
        self._records: list[Record] = []
        self._window = Window()
        self._blocks: dict[int, Widget] = {}
        self._unfolded: set[int] = set()
        self._calls: dict[str, int] = {}
        self._live_at: int | None = None
        """Index of the reply that streams."""
        self._said: list[str] = []
        """Its pieces."""
        self._n_seen = 0
        self._found: int | None = None
        self._held: tuple[Widget, float] | None = None
        """A record, and the row it is to be on after the next layout."""
        self._top: tuple[Widget, float] | None = None
        """The uppermost record on the screen and its row, when the person last scrolled."""
        self._width = 0

    def compose(self) -> ComposeResult:
        """The two lines around the records."""
        yield self._earlier
        yield self._below

    def on_mount(self) -> None:
        """Shows what was added before."""
        self.follow()

    # -- what is said --------------------------------------------------------------------------------

    @property
    def records(self) -> tuple[Record, ...]:
        """All of it, with what has come of the reply that streams."""
        records = list(self._records)
        if self._live_at is not None:
            records[self._live_at] = ReplyRecord("".join(self._said))
        return tuple(records)

    @property
    def last_reply(self) -> str | None:
        """The newest reply's text."""
        return next((record.text for record in reversed(self.records) if isinstance(record, ReplyRecord)), None)

    def add_user(self, text: str) -> None:
        """Shows what the person wrote; the newest is followed again."""
        self._settle()
        self._append(UserRecord(text))
        self.follow()

    def add_note(self, text: str, tone: Tone = Tone.PLAIN, proposals: ProposalTable | None = None) -> None:
        """Shows something that happened; it unfolds to the proposals it is about."""
        self._append(NoteRecord(text, tone, proposals))

    def stream(self, text: str) -> None:
        """Takes a piece of the reply; the first one begins it."""
        if self._live_at is None:
            if not text.strip():
                return
            self._said = []
            self._live_at = len(self._records)
            self._append(ReplyRecord(""))
        self._said.append(text)
        live = self._blocks.get(self._live_at)
        if isinstance(live, LiveReply):
            live.feed(text)

    def give_way(self) -> None:
        """Somebody types, which goes before what streams."""
        live = None if self._live_at is None else self._blocks.get(self._live_at)
        if isinstance(live, LiveReply):
            live.give_way()

    def end_reply(self, text: str, by: str, unsupported: Sequence[str] = (), *, is_plain: bool = False) -> None:
        """Shows the whole reply in place of what was streamed; with an empty text, what was streamed stays.

        `is_plain` shows its lines as they are, not as Markdown.
        """
        reply = ReplyRecord(text, by, tuple(unsupported), is_plain)
        if self._live_at is not None:
            self._settle(reply if text else replace(reply, text="".join(self._said), is_plain=False))
        elif text.strip():
            self._append(reply)

    def add_call(self, id: str, name: str, arguments: str) -> None:
        """Shows that a tool runs; what was said on the way to it is finished."""
        self._settle()
        self._calls[id] = len(self._records)
        self._append(CallRecord(id, name, arguments, self._clock()))

    def turn_call(self, id: str, state: CallState) -> None:
        """Shows that a call waits for a person, or runs after all; its time begins anew."""
        if (index := self._calls.get(id)) is not None:
            call = self._records[index]
            assert isinstance(call, CallRecord)
            self._records[index] = replace(call, state=state, started_at=self._clock())
            self._fold(index)

    def end_call(self, id: str, text: str, *, state: CallState, proposals: ProposalTable | None = None) -> None:
        """Shows what became of a call."""
        index = self._calls.pop(id, None)
        if index is None:
            return
        call = self._records[index]
        assert isinstance(call, CallRecord)
        seconds = self._clock() - call.started_at
        self._records[index] = replace(call, state=state, result=text, seconds=seconds, proposals=proposals)
        self._fold(index)

    def clear(self) -> None:
        """Forgets all."""
        self.restore([])

    def restore(self, records: Iterable[Record]) -> None:
        """Shows another conversation; only its tail is mounted."""
        if self._blocks:
            self.remove_children(self._blocks.values())
        self._records = [_ended(record) for record in records]
        self._blocks = {}
        self._window = Window()
        self._unfolded, self._calls = set(), {}
        self._live_at, self._said, self._found, self._top = None, [], None, None
        self.follow()

    def tick(self) -> None:
        """The times of running calls grow."""
        for index in self._calls.values():
            if isinstance(block := self._blocks.get(index), CallBlock):
                block.tick()

    def _append(self, record: Record) -> None:
        is_following = self.is_following
        self._records.append(record)
        if is_following:
            self.follow()
        else:
            self._show(self._window.grown(len(self._records)))

    def _settle(self, reply: ReplyRecord | None = None) -> None:
        """The reply that streams is finished: as it came, or as told."""
        if self._live_at is None:
            return
        index, self._live_at = self._live_at, None
        self._records[index] = reply or ReplyRecord("".join(self._said))
        live = self._blocks.get(index)
        if live is None:
            return
        live.display = False
        self._blocks[index] = block = self._make_block(index)
        self.mount(block, after=live)
        live.remove()
        if after := self._blocks.get(index + 1):
            after.refresh(layout=True)  # `layout: stream` keeps the places of what follows an exchanged widget

    @property
    def _is_composed(self) -> bool:
        return self._earlier.parent is not None

    # -- the window ----------------------------------------------------------------------------------

    @property
    def is_following(self) -> bool:
        """Whether the newest is shown, and what comes will be."""
        is_at_end = not self._anchor_released or self.scroll_y >= self.max_scroll_y
        return is_at_end and self._held is None and self._window.stop == len(self._records)

    def follow(self) -> None:
        """Goes to the newest, and stays there."""
        self._n_seen = len(self._records)
        self._held = None
        if not self._is_composed:
            return
        self.anchor()
        self._show(Window.tail(len(self._records)))

    def _show(self, window: Window) -> None:
        """Mounts what the window holds, removes the rest."""
        if not self._is_composed:
            return
        self.remove_children([self._blocks.pop(index) for index in list(self._blocks) if index not in window])
        first = min(self._blocks, default=0)
        wanted = [index for index in range(window.start, window.stop) if index not in self._blocks]
        made = {index: self._make_block(index) for index in wanted}
        if heads := [block for index, block in made.items() if index < first]:
            self.mount(*heads, after=self._earlier)
        if tails := [block for index, block in made.items() if index >= first]:
            self.mount(*tails)
        self._blocks |= made
        self._window = window
        self._show_lines()

    def _make_block(self, index: int) -> Widget:
        record = self._records[index]
        match record:
            case UserRecord():
                return UserBlock(record)
            case ReplyRecord():
                return LiveReply("".join(self._said)) if index == self._live_at else ReplyBlock(record)
            case CallRecord():
                return CallBlock(record, self._clock, is_unfolded=index in self._unfolded)
            case NoteRecord(proposals=None):
                return NoteBlock(record)
            case NoteRecord():
                return NewsBlock(record, is_unfolded=index in self._unfolded)

    def _show_lines(self) -> None:
        has_earlier = self._window.start > 0
        earlier = Content.assemble(("earlier messages: ", MUTED), ("PageUp", KEY)) if has_earlier else Content("")
        self._earlier.update(earlier, layout=False)
        n_new = len(self._records) - self._n_seen
        has_more = self._window.stop < len(self._records)
        self._below.display = not self.is_following and (n_new > 0 or has_more)
        words = f"{n_new} new below" if n_new else "more below"
        self._below.update(Content.assemble(words, (f" {DOT} ", MUTED), ("End", KEY)), layout=False)

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        """Textual lays out once more whenever the content grows, for the scrollbar; that comes but once."""
        has_scrollbar = virtual_size.height > container_size.height
        layout = layout and has_scrollbar != (self.virtual_size.height > container_size.height)
        return super()._size_updated(size, virtual_size, container_size, layout)

    # -- moving --------------------------------------------------------------------------------------

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """At the lower end of the window the next records are shown, and those seen are counted."""
        is_at_end = new_value >= self.max_scroll_y
        super().watch_scroll_y(old_value, new_value)
        if not self._is_composed:
            return
        if self.size.width == self._width:  # else this is but a consequence of a new size
            self._top = self._find_top()
        if is_at_end:
            self._n_seen = max(self._n_seen, self._window.stop)
            if self._window.stop < len(self._records):
                self.release_anchor()  # the end of the window is not the end
                self.call_later(self._move, self._window.later(len(self._records)))
        self._show_lines()

    def on_resize(self) -> None:
        """Whoever reads further up finds the same record at the top."""
        if self.size.width != self._width:
            self._width = self.size.width
            if self._top is not None and not self.is_following:
                self._hold(*self._top)

    def _find_top(self) -> tuple[Widget, float] | None:
        """The uppermost record on the screen, and its row."""
        for index in sorted(self._blocks):
            region = self._blocks[index].virtual_region
            if region.bottom > self.scroll_y:
                return self._blocks[index], region.y - self.scroll_y
        return None

    def _hold(self, block: Widget, row: float) -> None:
        """After the next layout, a record is to be on this row."""
        self._held = block, row
        self.call_after_refresh(self._settle_row)

    def _settle_row(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            block, row = held
            self.scroll_to(y=block.virtual_region.y - row, animate=False, force=True, immediate=True)
            self._show_lines()

    def _move(self, window: Window, *, up_rows: int = 0) -> None:
        """Shows another part; what both have in common stays where it is, but for `up_rows`."""
        common = [index for index in self._blocks if index in window]
        if self._held is not None or not common or window == self._window:
            return
        self.release_anchor()
        block = self._blocks[common[len(common) // 2]]
        row = block.virtual_region.y - self.scroll_y
        self._show(window)
        self._hold(block, row + up_rows)

    def action_scroll_end(self) -> None:
        """The newest, and what comes."""
        self.follow()

    def action_page_up(self) -> None:
        """A page up; from the top, to what was said earlier."""
        if self.scroll_y <= 0 and self._window.start > 0:
            self._move(self._window.earlier(), up_rows=self.scrollable_content_region.height - 2)
        else:
            super().action_page_up()

    def on_click(self, event: events.Click) -> None:
        """The two lines do what they say."""
        if event.widget is self._below:
            self.follow()
        elif event.widget is self._earlier and self._window.start > 0:
            self._move(self._window.earlier())

    # -- calls, search -------------------------------------------------------------------------------

    def on_folding_block_toggled(self, message: FoldingBlock.Toggled) -> None:
        """Unfolds or folds one call, or one piece of news."""
        message.stop()
        for index, block in self._blocks.items():
            if block is message.block:
                self._unfolded ^= {index}
                self._fold(index)

    def action_fold_all(self) -> None:
        """Unfolds all calls and news, or folds them if all are unfolded."""
        folding = {index for index, record in enumerate(self._records) if _has_more(record)}
        self._unfolded = set() if folding <= self._unfolded else folding
        top = None if self.is_following else self._find_top()
        for index in folding:
            self._fold(index)
        if top is not None:
            self._hold(*top)

    def _fold(self, index: int) -> None:
        """Shows a record as it is now, folded or not."""
        block, record = self._blocks.get(index), self._records[index]
        if isinstance(block, CallBlock) and isinstance(record, CallRecord):
            block.record = record
        if isinstance(block, FoldingBlock):
            block.fold(is_unfolded=index in self._unfolded)

    def find(self, text: str) -> int:
        """Scrolls to the next record, going back from the newest, that holds the text; tells how many do."""
        wanted = text.casefold()
        found = [index for index, record in enumerate(self.records) if wanted and wanted in words_of(record).casefold()]
        if not found:
            return 0
        last = self._found
        index = max((index for index in found if last is None or index < last), default=found[-1])
        self._found = index
        self.release_anchor()
        if index not in self._window:
            self._show(Window.around(index, len(self._records)))
        self.call_after_refresh(self._go_to, index)
        return len(found)

    def _go_to(self, index: int) -> None:
        if (block := self._blocks.get(index)) is not None:
            self.scroll_to_widget(block, top=True, animate=False, force=True)


def _has_more(record: Record) -> bool:
    """Whether there is something to unfold."""
    return isinstance(record, CallRecord) or (isinstance(record, NoteRecord) and record.proposals is not None)


def _ended(record: Record) -> Record:
    """A record of another run of the program: nothing of it runs any more."""
    if isinstance(record, CallRecord) and record.state.is_open:
        return replace(record, state=CallState.FAILED, result=LEFT_RUNNING, seconds=0.0)
    return record
