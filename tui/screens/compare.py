"""Two to four trials side by side: what differs between them, what came of it, who proposed them and why."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from agenttune.errors import UserError
from agenttune.trial import Trial
from agenttune.tui import glyphs
from agenttune.tui.messages import Seen
from agenttune.tui.snapshot import Snapshot
from agenttune.tui.styles import BAD, BEST, FAINT, GOOD, KEY, MUTED, STRONG
from agenttune.tui.text import config_words, duration, fit, fit_name, hanging, number, scalar
from agenttune.tui.widgets.key_line import KeyLine
from agenttune.types import Scalar, is_number
from agenttune.visible import clean

MARGIN_CELLS = 4
MOST_LABEL_CELLS = 22
COLUMN_CELLS = 22
"""A column's width where there is room; the least is `LEAST_COLUMN`, below which the trials stand in rows."""
LEAST_COLUMN = 16
FEW_TIMES = 2.0
"""A change beyond twice or half is told as a factor, a smaller one in percent."""
MOST_TIMES = 10.0
"""A change of the sign to more than this many times is not told: percents do not help there."""

Cells = list[list[tuple[str, str]]]
"""For each trial its (text, style) parts."""


class CompareScreen(Screen[None]):
    """Opens over the main screen."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "close", "Back", key_display="esc", id="back")]
    DEFAULT_CSS = """
    CompareScreen {
        background: $background;
        #compared-title { height: 1; padding: 0 1; background: $panel; }
        #compared { padding: 1 1 0 1; scrollbar-size-vertical: 1; }
    }
    """

    def __init__(self, numbers: Sequence[int], snapshot: Callable[[], Snapshot | None]) -> None:
        super().__init__()
        self._numbers = tuple(numbers)
        self._snapshot = snapshot

    def compose(self) -> ComposeResult:
        """A title, and the rest to scroll through."""
        yield Static(id="compared-title", markup=False)
        with VerticalScroll(id="compared"):
            yield Static(id="compared-facts", markup=False)
        yield KeyLine()

    def on_mount(self) -> None:
        """Scrolling needs the focus."""
        self.query_one("#compared").focus()
        self._show()

    def on_seen(self, message: Seen) -> None:
        """Shows the study's new state."""
        self._show()

    def on_resize(self) -> None:
        """Other columns fit now."""
        self._show()

    def _show(self) -> None:
        snapshot = self._snapshot()
        name = "" if snapshot is None else f"   {clean(snapshot.row.name)}"
        words = ", ".join(map(str, self._numbers))
        self.query_one("#compared-title", Static).update(Content.assemble((f"trials {words}", KEY), (name, MUTED)))
        if snapshot is None:
            facts = Content.styled("no study is open", MUTED)
        else:
            facts = compare_content(self._numbers, snapshot, width=self.size.width - MARGIN_CELLS)
        self.query_one("#compared-facts", Static).update(facts)

    def action_close(self) -> None:
        """Back to the study."""
        self.dismiss(None)


def compare_content(numbers: Sequence[int], snapshot: Snapshot, *, width: int) -> Content:
    """The trials side by side, or below each other where columns do not fit; changes are relative to the first."""
    from agenttune.insight.answers.compared import compare  # numpy comes with it, after the first paint

    try:
        compared = compare(snapshot.view, numbers)
    except UserError as error:
        return Content.styled(clean(str(error)), BAD)
    trials = [snapshot.view.trials[_place(snapshot, side.number)] for side in compared.sides]
    rows: list[tuple[str, Cells]] = [
        ("", [_title(trial, snapshot) for trial in trials]),
        *(
            (clean(name), [_value(value, values[0], is_first=i == 0) for i, value in enumerate(values)])
            for name, values in compared.differing.items()
        ),
    ]
    if not compared.differing:
        rows.append(("parameters", [[("all the same", MUTED)] for _ in trials]))
    rows.append(("", [[] for _ in trials]))
    rows += _outcome_rows(trials, snapshot)
    lines = _lay_out(rows, width)
    if compared.same and compared.differing:
        lines += [Content(""), *_hanging("same in all", config_words(compared.same), width)]
    lines.append(Content(""))
    for trial in trials:
        lines += _hanging(f"why {trial.number}", clean(trial.reason), width)
        if trial.failure is not None:
            words = f"failed, {trial.failure.kind.value}: {clean(trial.failure.message)}"
            lines += _hanging("", words, width, style=BAD)
    return Content("\n").join(lines)


def _place(snapshot: Snapshot, number: int) -> int:
    return next(i for i, trial in enumerate(snapshot.view.trials) if trial.number == number)


def _title(trial: Trial, snapshot: Snapshot) -> list[tuple[str, str]]:
    is_best = snapshot.best is not None and snapshot.best.number == trial.number
    return [(f"trial {trial.number}", KEY), (f" {glyphs.BEST}" if is_best else "", BEST)]


def _outcome_rows(trials: Sequence[Trial], snapshot: Snapshot) -> list[tuple[str, Cells]]:
    goal = snapshot.row.spec.goal
    names = dict.fromkeys([goal.metric, *(name for t in trials if t.outcome for name in t.outcome.values)])
    rows = []
    for name in names:
        sign = goal.sign if name == goal.metric else 0.0
        values = [trial.value(name) for trial in trials]
        rows.append((clean(name), [_measured(v, values[0], sign, is_first=i == 0) for i, v in enumerate(values)]))
    rows.append(("state", [[(t.state.value, BAD if t.failure else "")] for t in trials]))
    took = [duration(t.outcome.elapsed_s) if t.outcome else glyphs.DASH for t in trials]
    rows.append(("took", [[(text, "")] for text in took]))
    rows.append(("arm", [[(clean(trial.arm), "")] for trial in trials]))
    return rows


def _value(value: Scalar | None, first: Scalar | None, *, is_first: bool) -> list[tuple[str, str]]:
    """A parameter's value with its change; a dot where it is not used."""
    if value is None:
        return [(glyphs.DOT, FAINT)]
    change = "" if is_first else relative_change(value, first)
    return [(scalar(value), STRONG), (f" {change}" if change else "", MUTED)]


def _measured(value: float | None, first: float | None, sign: float, *, is_first: bool) -> list[tuple[str, str]]:
    if value is None:
        return [(glyphs.DASH, FAINT)]
    parts = [(number(value), STRONG)]
    if not is_first and is_number(value) and is_number(first):
        gain = (value - first) * sign
        verdict = " better" if gain > 0 else " worse" if gain < 0 else ""
        parts.append((f" {value - first:+.2g}{verdict}", GOOD if gain > 0 else BAD if gain < 0 else MUTED))
    return parts


def relative_change(value: object, first: object) -> str:
    """`+20%`, `×12`, `÷4`, "" where there is no ratio of the two to tell."""
    if not is_number(value) or not is_number(first) or first == 0 or value == first:
        return ""
    ratio = value / first
    if ratio > FEW_TIMES:
        return f"{glyphs.TIMES}{ratio:.3g}" if math.isfinite(ratio) else ""
    if 0 < ratio < 1 / FEW_TIMES:
        return f"{glyphs.OVER}{first / value:.3g}" if math.isfinite(first / value) else ""
    return f"{ratio - 1:+.0%}" if abs(ratio) < MOST_TIMES else ""


def _lay_out(rows: Sequence[tuple[str, Cells]], width: int) -> list[Content]:
    n = len(rows[0][1])
    label_cells = min(MOST_LABEL_CELLS, max(6, width // 4), max(cell_len(label) for label, _ in rows) + 2)
    cells = min(COLUMN_CELLS, (width - label_cells) // n)
    if cells >= LEAST_COLUMN:
        return [_in_columns(label, parts, label_cells, cells) for label, parts in rows]
    titles = ["".join(text for text, _ in parts) for parts in rows[0][1]]
    lines = []
    for label, row in rows[1:]:
        if not label:
            lines.append(Content(""))
            continue
        lines.append(Content.styled(label, MUTED))
        lines += [
            Content.assemble((f"  {fit(title, 11)}", FAINT), *parts) for title, parts in zip(titles, row, strict=True)
        ]
    return lines


def _in_columns(label: str, row: Cells, label_cells: int, cells: int) -> Content:
    parts = [(fit_name(label, label_cells - 1) + " ", MUTED)]
    for column in row:
        room = cells - 1
        for text, style in column:
            shown = text if cell_len(text) <= room else fit(text, room)
            parts.append((shown, style))
            room -= cell_len(shown)
        parts.append((" " * (room + 1), ""))
    return Content.assemble(*parts)


def _hanging(label: str, text: str, width: int, *, style: str = "") -> list[Content]:
    rows = hanging(label, text, label_cells=13, width=width)
    return [Content.assemble((name, FAINT), (row, style)) for name, row in rows]
