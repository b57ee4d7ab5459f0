"""`TrialsTable`: trials, filtered and sorted, painted line by line so that thousands cost as much as ten."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from agenttune.trial import Trial
from agenttune.tui import glyphs, messages
from agenttune.tui.columns import GAP, Column, Tone, cells, header, lay_out
from agenttune.tui.filters import NEWEST_FIRST, Filter, Order, read_filter, sort_trials
from agenttune.tui.snapshot import Snapshot
from agenttune.tui.text import shorten
from agenttune.variant import PARAMETER

MOST_MARKED = 4
"""Trials that fit side by side."""


class TrialsTable(ScrollView, can_focus=True):
    """One row a trial. The cursor belongs to a trial, not to a row: it stays on it while others arrive."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False, id="trials-up"),
        Binding("down", "move(1)", "Down", show=False, id="trials-down"),
        Binding("pageup", "move_page(-1)", "Page up", show=False, id="trials-page-up"),
        Binding("pagedown", "move_page(1)", "Page down", show=False, id="trials-page-down"),
        Binding("home", "newest", "Newest trial, and follow", show=False, id="trials-newest"),
        Binding("end", "oldest", "Oldest trial", show=False, id="trials-oldest"),
        Binding("enter", "open", "Open", id="trials-open"),
        Binding("space", "mark", "Mark for comparing", show=False, id="trials-mark"),
        Binding("c", "compare", "Compare marked trials", show=False, id="trials-compare"),
        Binding("f", "filter", "Filter", show=False, id="trials-filter"),
        Binding("o", "sort", "Sort by the next key", show=False, id="trials-sort"),
        Binding("O", "reverse", "Sort the other way", show=False, id="trials-reverse"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"trials--cursor", *(f"trials--{tone.value}" for tone in Tone)}
    DEFAULT_CSS = """
    TrialsTable {
        padding: 0 1;
        scrollbar-size-vertical: 1;
        overflow-x: hidden;
        .trials--plain { color: $foreground; }
        .trials--dim { color: $foreground 62%; }
        .trials--head { color: $foreground 40%; }
        .trials--best { color: $accent; text-style: bold; }
        .trials--improved { color: $primary; }
        .trials--running { color: $secondary; }
        .trials--failed { color: $error; }
        .trials--cursor { background: $panel; }
        &:focus .trials--cursor { background: $primary-muted; }
        &:ansi { .trials--dim, .trials--head { text-style: dim; } }
        &:ansi .trials--cursor { background: $background; text-style: reverse; }
        &:nocolor .trials--cursor { text-style: reverse; }
    }
    """

    class Selected(Message):
        """The cursor is on another trial, or on none."""

        def __init__(self, number: int | None) -> None:
            super().__init__()
            self.number = number

    class Opened(Message):
        """A trial is to be shown whole."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    class FilterWanted(Message):
        """A filter is to be typed; `text` is the present one, "" without."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class CompareWanted(Message):
        """Two to four trials are to be shown side by side."""

        def __init__(self, numbers: tuple[int, ...]) -> None:
            super().__init__()
            self.numbers = numbers

    def __init__(self, clock: Callable[[], float], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._clock = clock
        self._snapshot: Snapshot | None = None
        self._columns: list[Column] = []
        self._laid_out_for = -1
        """Cells of width that the columns are for."""
        self._trials: list[Trial] = []
        self._rows: dict[int, int] = {}
        self._filter: Filter | None = None
        self._order = NEWEST_FIRST
        self._marked: list[int] = []
        self.selected: int | None = None
        """Number of the trial under the cursor; None follows the top."""

    @property
    def marked(self) -> tuple[int, ...]:
        """Numbers of the marked trials, in the order they were marked; at most four."""
        return tuple(self._marked)

    @property
    def filter_text(self) -> str:
        """What decides which trials are shown; "" shows all."""
        return "" if self._filter is None else self._filter.text

    def set_filter(self, text: str) -> None:
        """Shows only some trials: of a state, of an arm, or those for which an expression holds; "" shows all.

        Raises:
            UserError: the text is none of these; the filter stays as it was.
        """
        if self._snapshot is not None:
            self._filter = read_filter(text, self._snapshot)
            self._arrange()

    def show(self, snapshot: Snapshot) -> None:
        """Shows this state of a study; the cursor stays on its trial, and where it is on the screen."""
        if self._snapshot is not None and snapshot.row.id != self._snapshot.row.id:
            self.selected, self._filter = None, None
            self._marked.clear()
            self._rows.clear()
        self._snapshot = snapshot
        self._arrange()

    def _arrange(self) -> None:
        """Works out the rows; the cursor stays on its trial unless that is no longer shown."""
        if self._snapshot is None:
            return
        before = None if self.selected is None else self._rows.get(self.selected)
        shown = [trial for trial in self._snapshot.trials if self._filter is None or self._filter.passes(trial)]
        self._trials = sort_trials(shown, self._snapshot, self._order, now=self._clock())
        self._rows = {trial.number: row for row, trial in enumerate(self._trials)}
        self._lay_out()
        after = None if self.selected is None else self._rows.get(self.selected)
        if self.selected is not None and after is None:
            self._select(None)
        elif before is not None and after is not None and (self.scroll_offset.y > 0 or after >= self._n_visible):
            self.scroll_to(y=self.scroll_offset.y + after - before, animate=False, force=True)
        self.refresh()

    def tick(self) -> None:
        """Repaints the rows whose times grow."""
        if self._snapshot is None:
            return
        width, top = self.scrollable_content_region.width, self.scroll_offset.y
        for trial in self._snapshot.running:
            if trial.number not in self._rows:
                continue
            y = self._rows[trial.number] - top + self._n_head
            if self._n_head <= y < self._n_head + self._n_visible:
                self.refresh(Region(0, y, width, 1))

    def on_resize(self) -> None:
        """Other columns fit now."""
        self._lay_out()

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width
        if self._snapshot is None:
            return
        self._fit_columns(self._snapshot, width)
        self.virtual_size = Size(width, len(self._trials) + self._n_head)

    def _fit_columns(self, snapshot: Snapshot, width: int) -> None:
        budget = snapshot.row.spec.budget.trials or 0
        self._columns = lay_out(
            snapshot.space,
            snapshot.metric,
            width=width,
            n_trials=max(budget, len(snapshot.trials)),
            names=(PARAMETER,) if snapshot.is_code else None,  # numbers of all variants would fill the row
        )
        self._laid_out_for = width

    @property
    def _n_head(self) -> int:
        return 1 if self._filter is None else 2

    @property
    def _n_visible(self) -> int:
        return max(1, self.scrollable_content_region.height - self._n_head)

    def render_line(self, y: int) -> Strip:
        """The head, or one trial."""
        width = self.scrollable_content_region.width
        if self._snapshot is None:
            return Strip.blank(width, self.rich_style)
        if width != self._laid_out_for:  # it may be painted in a new width before it is told of it
            self._fit_columns(self._snapshot, width)
        if y < self._n_head - 1:
            return self._strip([(shorten(self._filter_words(), width), Tone.RUNNING)], Style(), width)
        if y < self._n_head:
            return self._strip(header(self._columns), Style(), width, sign=self._order_sign())
        row = self.scroll_offset.y + y - self._n_head
        if row >= len(self._trials):
            return Strip.blank(width, self.rich_style)
        trial = self._trials[row]
        cursor = self.get_component_rich_style("trials--cursor", partial=True)
        texts = cells(trial, self._snapshot, self._columns, now=self._clock())
        over = cursor if trial.number == self.selected else Style()
        return self._strip(texts, over, width, sign=(0, glyphs.SELECTED) if trial.number in self._marked else None)

    def _order_sign(self) -> tuple[int, str] | None:
        """An arrow behind the head of the column that decides, unless the order is the usual one."""
        if self._order == NEWEST_FIRST:
            return None
        place = [column.name for column in self._columns].index(self._order.key.value)
        return place, glyphs.UP if self._order.is_reversed else glyphs.DOWN

    def _filter_words(self) -> str:
        n_all = 0 if self._snapshot is None else len(self._snapshot.trials)
        return f"{len(self._trials)} of {n_all} trials: {self.filter_text}"

    def _strip(
        self, texts: list[tuple[str, Tone]], over: Style, width: int, *, sign: tuple[int, str] | None = None
    ) -> Strip:
        """Cells with their gaps; `sign` is (place of a cell, what stands first in the gap behind it)."""
        segments: list[Segment] = []
        for i, (text, tone) in enumerate(texts):
            style = self.get_component_rich_style(f"trials--{tone.value}") + over
            segments.append(Segment(text, style))
            if sign is not None and sign[0] == i:
                bright = self.get_component_rich_style(f"trials--{Tone.BEST.value}") + over
                segments += [Segment(sign[1], bright), Segment(" " * (GAP - 1), style)]
            else:
                segments.append(Segment(" " * GAP, style))
        return Strip(segments).adjust_cell_length(width, self.rich_style + over)

    def action_move(self, rows: int) -> None:
        """Moves the cursor; down from nowhere selects the newest, up from the newest selects none."""
        if not self._trials:
            return
        row = self._rows[self.selected] + rows if self.selected is not None else (0 if rows > 0 else -1)
        self._select(None if row < 0 else self._trials[min(row, len(self._trials) - 1)].number)

    def action_move_page(self, pages: int) -> None:
        """Moves the cursor by what is visible; never past an end."""
        row = self._rows[self.selected] if self.selected is not None else 0
        if self._trials:
            row = min(len(self._trials) - 1, max(0, row + pages * self._n_visible))
            self._select(self._trials[row].number)

    def action_newest(self) -> None:
        """Takes the cursor away and follows the top: the newest trials, unless sorted otherwise."""
        self._select(None)

    def action_oldest(self) -> None:
        """Moves the cursor to the last row: the first trial, unless sorted otherwise."""
        if self._trials:
            self._select(self._trials[-1].number)

    def action_open(self) -> None:
        """Opens the trial under the cursor, or the one on top."""
        if self._trials:
            self.post_message(self.Opened(self._trials[0].number if self.selected is None else self.selected))

    def action_mark(self) -> None:
        """Marks the trial under the cursor, or takes its mark away."""
        number = self.selected
        if number is None:
            self._say("the arrows choose a trial, Space marks it")
        elif number in self._marked:
            self._marked.remove(number)
        elif len(self._marked) == MOST_MARKED:
            self._say(f"{MOST_MARKED} trials are marked, no more fit side by side; Space takes a mark away")
        else:
            self._marked.append(number)
        self.refresh()

    def action_compare(self) -> None:
        """Compares the marked trials; if fewer than two are, the one under the cursor or the best is the second."""
        numbers = self._marked
        if len(numbers) < 2:
            best = None if self._snapshot is None else self._snapshot.best
            others = [self.selected, None if best is None else best.number]
            numbers = list(dict.fromkeys([*numbers, *(number for number in others if number is not None)]))[:2]
        if len(numbers) < 2:
            self._say("mark two to four trials with Space, then c compares them")
        else:
            self.post_message(self.CompareWanted(tuple(numbers)))

    def action_filter(self) -> None:
        """Asks for a filter."""
        self.post_message(self.FilterWanted(self.filter_text))

    def action_sort(self) -> None:
        """Sorts by the next key."""
        self._order = Order(self._order.key.next)
        self._arrange()

    def action_reverse(self) -> None:
        """Sorts the other way round."""
        self._order = Order(self._order.key, is_reversed=not self._order.is_reversed)
        self._arrange()

    def _say(self, sentence: str) -> None:
        self.post_message(messages.Told(sentence))

    def on_click(self, event: events.Click) -> None:
        """Selects a row; a second click opens it."""
        row = self.scroll_offset.y + event.y - self._n_head
        if event.y < self._n_head or not 0 <= row < len(self._trials):
            return
        number = self._trials[row].number
        if number == self.selected:
            self.action_open()
        self._select(number)

    def _select(self, number: int | None) -> None:
        self.selected = number
        row = 0 if number is None else self._rows[number]
        top = self.scroll_offset.y
        if row < top or number is None:
            self.scroll_to(y=row, animate=False, force=True)
        elif row >= top + self._n_visible:
            self.scroll_to(y=row - self._n_visible + 1, animate=False, force=True)
        self.refresh()
        self.post_message(self.Selected(number))
