"""`ApprovalCard`: what a tool would do, before it does it: exact command, diff, budget; allowed or not by one key.

The text is shown as it is, wrapped and never cut; where it is longer than the card, the rows scroll and the
card says how many are out of sight. The keys stay in view. Characters that nobody would see are spelled, not
left out: a command with something in it that the card does not show must not be allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from rich.cells import cell_len, chop_cells
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from agenttune.tui.keys import key_of
from agenttune.tui.styles import BAD, FAINT, GOOD, KEY, MUTED
from agenttune.tui.text import clean_lines, shorten
from agenttune.tui.widgets.guarded import FRAME_CELLS, GuardedCard
from agenttune.visible import clean

if TYPE_CHECKING:
    from agenttune.agent.events import ApprovalRequested

Answer = Literal["once", "session", "deny"]

EFFECT_WORDS: dict[str, str] = {
    "read": "only reads",
    "note": "adds to the record",
    "steer": "changes a study that runs",
    "start": "runs trials within a budget",
    "write": "writes files",
    "spend": "spends more than was granted",
    "run": "runs a command you did not type",
    "outside": "reaches hidden files or files elsewhere",
    "delete": "overwrites a file",
    "code": "runs code that a model wrote",
}
"""Effect of a call (`agenttune.tools.Effect`) -> what that means, for people."""
MOST_ROWS = 8
"""Rows of text at a time: with border, note and keys the card has 12 rows, half of the smallest screen."""
INDENT = "  "
"""Before what is continued on the next row, so that no wrapped text begins where a diff has its signs."""
ARROW = " -> "
"""Between old and new, as `agenttune.edits.Diff` writes it."""
NOTHING = "none"
"""What it writes where there was nothing, or will be nothing."""
ANSWERS = ("allow", "allow-session", "edit", "deny")
"""Ids of the bindings that decide."""


class ApprovalCard(GuardedCard):
    """Shows a call that waits for a person; y, a, e, n and Esc decide; Enter, too easily pressed, does nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer('once')", "Allow once", id="allow"),
        Binding("a", "answer('session')", "Allow in this session", id="allow-session"),
        Binding("e", "edit", "Edit", id="edit"),
        Binding("n,escape", "answer('deny')", "Deny", key_display="n", id="deny"),
        Binding("up", "scroll(-1)", "Row above", show=False, id="card-up"),
        Binding("down", "scroll(1)", "Row below", show=False, id="card-down"),
        Binding("pageup", f"scroll(-{MOST_ROWS})", "Rows above", show=False, id="card-page-up"),
        Binding("pagedown,space", f"scroll({MOST_ROWS})", "Rows below", show=False, id="card-page-down"),
        Binding("home", "scroll(-1_000_000)", "First row", show=False, id="card-top"),
        Binding("end", "scroll(1_000_000)", "Last row", show=False, id="card-bottom"),
    ]
    DEFAULT_CSS = """
    ApprovalCard {
        height: auto;
        max-height: 12;
        border: round $warning;
        padding: 0 1;
        border-title-color: $warning;
        border-title-style: bold;
        border-subtitle-color: $foreground;
    }
    """

    class Answered(Message):
        """The person decided."""

        def __init__(self, id: str, answer: Answer) -> None:
            super().__init__()
            self.id = id
            self.answer: Answer = answer
            """ "session": this tool with this effect is allowed until the conversation is closed."""

    class Edit(Message):
        """The person wants it otherwise: the call is not to be run, and is to be told anew."""

        def __init__(self, id: str, text: str) -> None:
            super().__init__()
            self.id = id
            self.text = text

    def __init__(self, clock: Callable[[], float], *, id: str | None = None) -> None:
        super().__init__(clock, id=id)
        self._asked: ApprovalRequested | None = None
        self._lines: list[Content] = []
        self._rows: list[Content] = []
        self._width = 0
        self._top = 0

    @property
    def asked(self) -> ApprovalRequested | None:
        """The call that waits; None where none does."""
        return self._asked

    def ask(self, asked: ApprovalRequested, *, waiting: int) -> None:
        """Shows a call; the same one again only counts anew.

        Args:
            asked: what waits.
            waiting: calls that wait behind it.
        """
        self.border_subtitle = Content(f"1 of {waiting + 1}" if waiting > 0 else "")
        if asked == self._asked:
            return
        self._asked = asked
        self._top = 0
        self._lines = [line_content(line) for line in told_lines(asked.what)]
        self.arm()
        self._wrap()

    def on_resize(self) -> None:
        """Wraps anew, after the layout that resizes it: within that it would keep its rows."""
        if self._room() != self._width:
            self.call_after_refresh(self._wrap)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scrolls the text."""
        event.stop()
        self.action_scroll(-1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scrolls the text."""
        event.stop()
        self.action_scroll(1)

    def action_scroll(self, by: int) -> None:
        """Shows earlier or later rows."""
        self._top = max(0, min(self._top + by, len(self._rows) - MOST_ROWS))
        self._paint()

    def action_answer(self, answer: Answer) -> None:
        """Tells the answer, once."""
        asked, self._asked = self._asked, None
        if asked is not None:
            self.post_message(self.Answered(asked.id, answer))

    def action_edit(self) -> None:
        """Hands the text on, once."""
        asked, self._asked = self._asked, None
        if asked is not None:
            self.post_message(self.Edit(asked.id, "\n".join(told_lines(asked.what))))

    def _room(self) -> int:
        return self.content_size.width or self.app.size.width - FRAME_CELLS

    def _wrap(self) -> None:
        self._width = self._room()
        self._rows = [row for line in self._lines for row in wrapped(line, self._width)]
        if self._asked is not None:
            effect = EFFECT_WORDS.get(self._asked.effect, clean(self._asked.effect))
            title = f"Approve? {clean(self._asked.name)}"
            if cell_len(title) + len(effect) + 5 <= self._width:
                title += f" ({effect})"
            else:  # a title is cut where it does not fit, and this must be read
                self._rows[:0] = wrapped(Content.styled(effect, "bold $warning"), self._width)
            self.border_title = Content(shorten(title, self._width - 2))
        self.action_scroll(0)

    def _paint(self) -> None:
        shown = self._rows[self._top : self._top + MOST_ROWS]
        below = len(self._rows) - self._top - len(shown)
        rows = [*shown]
        if len(self._rows) > MOST_ROWS:
            hidden = f"rows: {self._top} above, {below} below (up, down)"
            rows.append(Content.styled(shorten(hidden, self._width), "$warning" if below else FAINT))
        self.update(
            Content("\n").join([*rows, answers_content(self._width, [key_of(self, answer) for answer in ANSWERS])])
        )


def answers_content(width: int, keys: Sequence[str]) -> Content:
    """The keys of `ANSWERS` and what they do, in one row."""
    words = ("allow once", "allow it for this session", "edit", "deny")
    gap = "   "
    if sum(len(key) + 1 + len(word) for key, word in zip(keys, words, strict=True)) + 3 * len(gap) > width:
        words, gap = ("once", "session", "edit", "deny"), "  "
    parts: list[tuple[str, str]] = []
    for key, word in zip(keys, words, strict=True):
        parts += [(key, KEY), (f" {word}{gap}", "")]
    return Content.assemble(*parts).rstrip()


def told_lines(text: str) -> list[str]:
    """The lines of a text, every control and invisible character spelled as in Python."""
    spelled = "".join(
        character if character.isprintable() or character in "\n\t" else ascii(character)[1:-1]
        for character in text.replace("\r\n", "\n").strip("\n")
    )
    return clean_lines(spelled)


def line_content(line: str) -> Content:
    """A line in the colours of a diff, where it is of one: signs come first, colours say the same again."""
    what, colon, change = line.partition(": ")
    old, arrow, new = change.rpartition(ARROW)
    if colon and arrow:
        sign = "+ " if old == NOTHING else "- " if new == NOTHING else "~ "
        return Content.assemble((sign, KEY), f"{what}: ", (old, BAD), (ARROW, MUTED), (new, GOOD))
    if line.startswith(("+++", "---", "@@")):
        return Content.styled(line, MUTED)
    return Content.styled(line, GOOD if line.startswith("+") else BAD if line.startswith("-") else "")


def wrapped(line: Content, width: int) -> list[Content]:
    """Rows of at most `width` cells, broken behind a blank where one is near; nothing is left out."""
    width = max(width, len(INDENT) + 2)
    rows: list[Content] = []
    start, indent = 0, ""
    text = line.plain
    while cell_len(text[start : start + 4 * width]) > width - len(indent):
        piece = chop_cells(text[start : start + 4 * width], width - len(indent))[0]
        end = start + (piece.rfind(" ", width // 2) + 1 or len(piece))
        rows.append(Content.assemble(indent, line[start:end]))
        start, indent = end, INDENT
    return [*rows, Content.assemble(indent, line[start:])]
