"""One variant of a study over code whole: how it did, what it changes, its source; and the way into the user's file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from agenttune.tui import glyphs
from agenttune.tui.code import (
    best_number,
    diff_lines,
    is_self_reported,
    lessons_of,
    numbers_words,
    origin_words,
    scored_words,
)
from agenttune.tui.keys import key_of
from agenttune.tui.messages import Applied, Refused, Tone, WinnerRead
from agenttune.tui.snapshot import Snapshot
from agenttune.tui.styles import BAD, BEST, FAINT, KEY, MUTED, STRONG
from agenttune.tui.text import clean_lines, code_lines, hanging, number
from agenttune.tui.widgets.key_line import KeyLine
from agenttune.tui.widgets.question import QuestionCard
from agenttune.tui.widgets.reply import Reply
from agenttune.visible import clean

if TYPE_CHECKING:
    from agenttune.study.code import Winner
    from agenttune.variants.tree import Node

RELOAD_S = 1.0
"""Between looks whether more is known of the variant."""
LABEL_CELLS = 10
MARGIN_CELLS = 4
APPLY = "apply"
"""Topic of the question before the user's file is written."""


class VariantScreen(Screen[None]):
    """Opens over the main screen; left and right go to the neighbours."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Back", key_display="esc", id="back"),
        Binding("a", "apply", "Apply", id="variant-apply"),
        Binding("d", "diff", "Changes", id="variant-diff"),
        Binding("left", "step(-1)", "Earlier variant", key_display="←", priority=True, id="variant-before"),
        Binding("right", "step(1)", "Later variant", key_display="→", priority=True, id="variant-after"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="variant-page-up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="variant-page-down"),
    ]
    DEFAULT_CSS = """
    VariantScreen {
        background: $background;
        #sheet > Static { height: auto; }
        &.-asking #about, &.-asking #source { display: none; }
    }
    """

    def __init__(
        self,
        number: int,
        snapshot: Callable[[], Snapshot | None],
        read: Callable[[int], None],
        write: Callable[[Winner], None],
        *,
        steady: Callable[[], float],
    ) -> None:
        """
        Args:
            number: of the variant to begin with.
            snapshot: the study on screen.
            read: asks for a variant, which comes as `WinnerRead`.
            write: has a variant written into the user's file, which is answered by `Applied` or `Refused`.
            steady: a clock that never jumps, for what a key press means.
        """
        super().__init__()
        self._number = number
        self._snapshot = snapshot
        self._read = read
        self._write = write
        self._steady = steady
        self._winner: Winner | None = None
        self._asked: tuple[Node | None, int] | None = None
        """What was known of it when it was asked for last."""

    def compose(self) -> ComposeResult:
        """A title, the rest to scroll through, what is said of applying, and the question before it."""
        yield Static(id="title", markup=False)
        with VerticalScroll(id="sheet"):
            yield Static(id="about", markup=False)
            yield Static(id="changes", markup=False)
            yield Static(id="source", markup=False)
        yield Reply(id="told", markup=False)
        yield QuestionCard(self._steady, id="question")
        yield KeyLine()

    def on_mount(self) -> None:
        """Asks for the variant, and again when more is known of it."""
        self._read(self._number)
        self.set_interval(RELOAD_S, self._look)
        self.query_one("#sheet").focus()
        self.call_after_refresh(self._paint)

    def on_resize(self) -> None:
        """Wraps anew."""
        self.call_after_refresh(self._paint)

    def _look(self) -> None:
        """Reads anew what has run since; not while its diff is asked about."""
        snapshot = self._snapshot()
        if snapshot is None or self._is_asking:
            return
        known = (snapshot.tree.nodes.get(self._number), len(lessons_of(snapshot)))
        if known != self._asked:
            self._asked = known
            self._read(self._number)

    @on(WinnerRead)
    def _take(self, message: WinnerRead) -> None:
        if self._is_asking:  # what is asked about stays as it is
            self._asked = None
        elif message.winner.variant.number == self._number:
            self._winner = message.winner
            self._paint()
            self.refresh_bindings()

    def _paint(self) -> None:
        snapshot = self._snapshot()
        node = None if snapshot is None else snapshot.tree.nodes.get(self._number)
        if snapshot is None or node is None or not self.query("#source"):  # a part of the sheet is mounted after it
            return
        width = max(20, self.size.width - MARGIN_CELLS)
        self.query_one("#title", Static).update(title_content(node, snapshot))
        self.query_one("#about", Static).update(about_content(node, snapshot, width=width))
        winner = self._winner
        self.query_one("#changes", Static).update("" if winner is None else changes_content(winner))
        self.query_one("#source", Static).update("" if winner is None else source_content(winner, node))

    @on(Refused)
    def _complain(self, message: Refused) -> None:
        self.query_one(Reply).say(message.sentence, Tone.BAD)

    @on(Applied)
    def _confirm(self, message: Applied) -> None:
        winner, backup = message.winner, message.backup
        told = f"{winner.variant.name} is in {winner.path}; what was there is kept as {backup.name}"
        self.query_one(Reply).say(told, Tone.GOOD)

    # -- keys ----------------------------------------------------------------------------------------

    @property
    def _is_asking(self) -> bool:
        return self.has_class("-asking")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While something is asked, it is answered first."""
        if self._is_asking and action in ("close", "apply", "diff", "step"):
            return False
        return self._winner is not None or action not in ("apply", "diff")

    def action_apply(self) -> None:
        """Shows what would be written, and asks."""
        winner, card = self._winner, self.query_one(QuestionCard)
        if winner is None:
            return
        if not winner.diff:
            self.query_one(Reply).say(f"{winner.variant.name} is your own code as it was: there is nothing to apply")
            return
        self.query_one(Reply).clear()
        up, down = (key_of(self, name) for name in ("variant-page-up", "variant-page-down"))
        lines = [
            ("file", f"{winner.path}; what is there is kept beside it"),
            ("result", self._result()),
            ("changes", f"shown above; {up} and {down} scroll"),
        ]
        card.ask(APPLY, f"Write {winner.variant.name} into your file?", lines, yes="write it", no="leave the file")
        self.add_class("-asking")
        card.display = True
        self.query_one("#sheet", VerticalScroll).scroll_home(animate=False)
        self.set_focus(card)
        self.refresh_bindings()

    def _result(self) -> str:
        snapshot = self._snapshot()
        return "" if snapshot is None else result_words(snapshot.tree.nodes[self._number], snapshot)

    @on(QuestionCard.Answered)
    def _settle(self, message: QuestionCard.Answered) -> None:
        self.remove_class("-asking")
        self.query_one(QuestionCard).display = False
        self.set_focus(self.query_one("#sheet"))
        self.refresh_bindings()
        if message.is_agreed and self._winner is not None:
            self._write(self._winner)

    def action_diff(self) -> None:
        """Scrolls to what it changes."""
        self.query_one("#changes").scroll_visible(top=True, animate=False)

    def action_page(self, step: int) -> None:
        """Scrolls the sheet, also while something is asked."""
        sheet = self.query_one("#sheet", VerticalScroll)
        (sheet.scroll_page_up if step < 0 else sheet.scroll_page_down)(animate=False)

    def action_step(self, by: int) -> None:
        """Shows a neighbour, if there is one."""
        snapshot = self._snapshot()
        if snapshot is not None and self._number + by in snapshot.tree.nodes:
            self._number += by
            self._winner = None
            self.query_one(Reply).clear()
            self._paint()
            self._read(self._number)
            self.query_one("#sheet", VerticalScroll).scroll_home(animate=False)

    def action_close(self) -> None:
        """Back to the study."""
        self.dismiss(None)


def title_content(node: Node, snapshot: Snapshot) -> Content:
    """`v3 · 0.9667 · improve of v1`."""
    is_best = best_number(snapshot.tree) == node.variant.number
    return Content.assemble(
        (node.variant.name, KEY),
        (f" {glyphs.DOT} {result_words(node, snapshot)}", BAD if node.state == "failed" else ""),
        (f" {glyphs.DOT} {origin_words(node.variant)}", ""),
        (f"   {glyphs.BEST} the best so far" if is_best else "", BEST),
        (f"   {clean(snapshot.row.name)}", MUTED),
    )


def result_words(node: Node, snapshot: Snapshot) -> str:
    """`0.9611`, `0.9611, self-reported`, `failed`, or that it has not run."""
    if node.value is None:
        return {"unrun": "not run yet", "complete": "not measured"}.get(node.state, node.state)
    return number(node.value) + (", self-reported" if is_self_reported(snapshot.row.spec) else "")


def about_content(node: Node, snapshot: Snapshot, *, width: int) -> Content:
    """Idea, result, numbers, lessons, trials and why it failed."""
    facts = [("scored", scored_words(snapshot.row.spec))]
    if node.variant.idea:
        facts.insert(0, ("idea", clean(node.variant.idea)))
    if node.gain is not None:
        facts.append(("gain", f"{node.gain:+.4f} over {origin_words(node.variant).rpartition(' ')[2]}"))
    if numbers := numbers_words(node):
        facts.append(("numbers", numbers))
    facts += [("lesson", clean(lesson.text)) for lesson in lessons_of(snapshot, node.variant.number)]
    lines = [
        Content.assemble((label, FAINT), row)
        for fact in facts
        for label, row in hanging(*fact, label_cells=LABEL_CELLS, width=width)
    ]
    lines += [Content(""), Content.styled("trials", STRONG), *_trial_lines(node, snapshot, width)]
    failure = node.failure
    if failure is not None:
        lines += [Content(""), Content.styled(f"failed: {failure.kind.value}", f"bold {BAD}")]
        lines.append(Content(f"  {clean(failure.message)}"))
        lines += [Content.styled(f"  {line}", MUTED) for line in clean_lines(failure.traceback_tail or "")]
    return Content("\n").join([*lines, Content("")])


def _trial_lines(node: Node, snapshot: Snapshot, width: int) -> list[Content]:
    if not node.trials:
        return [Content.styled("  none yet", MUTED)]
    lines = []
    for trial in node.trials:
        value = trial.value(snapshot.metric)
        result = trial.state.value if value is None else number(value)
        best = node.best is not None and node.best.number == trial.number
        label = f"  {trial.number:>3} {glyphs.BEST if best else ' '} {result:<10}{clean(trial.arm)[:9]:<10}"
        rows = hanging(label, clean(trial.reason), label_cells=len(label), width=width)
        lines += [Content.assemble((head, BEST if best else ""), (row, MUTED)) for head, row in rows]
    return lines


def changes_content(winner: Winner) -> Content:
    """The diff against the user's file."""
    if not winner.diff:
        return Content.styled("no change: it is your own code as it was\n", MUTED)
    head = Content.assemble((f"changes in {clean(winner.path.name)}", STRONG), ("  against your file", FAINT))
    return Content("\n").join([head, *diff_lines(winner.diff), Content("")])


def source_content(winner: Winner, node: Node) -> Content:
    """What stands in the target's place, with its best numbers."""
    told = "  with its best numbers" if numbers_words(node) else ""
    head = Content.assemble(("source", STRONG), (told, FAINT))
    return Content("\n").join([head, *(Content(f"  {line}") for line in code_lines(winner.block))])
