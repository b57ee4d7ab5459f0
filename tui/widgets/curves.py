"""`CurvesPanel`: how running trials do step by step, beside the best one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from agenttune.tui import glyphs
from agenttune.tui.glyphs import GlyphSet
from agenttune.tui.picture import Curve, Picture
from agenttune.tui.plotting import Ink
from agenttune.tui.snapshot import Snapshot
from agenttune.tui.styles import BEST, FAINT, MUTED, STRONG
from agenttune.tui.text import number, plural
from agenttune.tui.widgets.plot import Plot
from agenttune.visible import clean

MOST_CURVES = 6
"""Running trials drawn: more lines cannot be told apart."""


Curves = Mapping[int, Sequence[tuple[int, float]]]
"""Trial number -> (step, the goal's metric), by step."""


class CurvesPanel(Vertical):
    """Bright lines for running trials, a dim one for the best; every line ends with its trial's number."""

    DEFAULT_CSS = """
    CurvesPanel {
        height: auto;
        padding: 0 1;
        Static { height: auto; max-height: 8; }
        Plot { height: 10; }
    }
    """

    def __init__(self, glyph_set: GlyphSet, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._glyph_set = glyph_set
        self._shown: tuple[Snapshot, Curves] | None = None

    def compose(self) -> ComposeResult:
        """The picture, and what its lines are."""
        yield Plot(self._glyph_set)
        yield Static(markup=False)

    def show(self, snapshot: Snapshot) -> None:
        """Shows the curves of this state of a study."""
        self._shown = (snapshot, curves_of(snapshot))
        if self.is_mounted:
            self._paint()

    def on_mount(self) -> None:
        """Nothing is drawn before there is something to draw."""
        self._paint()

    def on_resize(self) -> None:
        """Another number of columns fits the legend now."""
        self._paint()

    def _paint(self) -> None:
        plot, legend = self.query_one(Plot), self.query_one(Static)
        picture = None if self._shown is None else curves_picture(*self._shown)
        plot.display = picture is not None
        if picture is not None:
            plot.show(picture)
        if self._shown is not None:
            width = max(20, self.scrollable_content_region.width)
            legend.update(curves_legend(*self._shown, width=width))


def wanted_curves(snapshot: Snapshot) -> tuple[int, ...]:
    """Numbers of the trials whose curves are drawn: the best, and the newest of those that run."""
    running = [trial.number for trial in snapshot.running][-MOST_CURVES:]
    best = [] if snapshot.best is None else [snapshot.best.number]
    return (*best, *running)


def curves_of(snapshot: Snapshot) -> Curves:
    """The curves of these trials as far as the snapshot knows them."""
    from agenttune.history.curves import curve  # numpy comes with it, after the first paint

    wanted = wanted_curves(snapshot)
    found = {t.number: curve(t, snapshot.metric) for t in snapshot.trials if t.number in wanted}
    return {number: sorted(points.items()) for number, points in found.items() if points}


def curves_picture(snapshot: Snapshot, curves: Curves) -> Picture | None:
    """The lines; None without one."""
    drawn = [(trial, curves[trial]) for trial in wanted_curves(snapshot) if curves.get(trial)]
    steps = [step for _, points in drawn for step, _ in points]
    if not steps:
        return None
    best = None if snapshot.best is None else snapshot.best.number
    lines = [
        Curve(points, f"{glyphs.BEST}{trial}" if trial == best else f"#{trial}", Ink.DOT if trial == best else Ink.LINE)
        for trial, points in drawn
    ]
    first, last = min(steps), max(steps)
    is_maximised = snapshot.row.spec.goal.sign > 0
    return Picture((), lines, (first, last), f"step {first}", f"step {last}", is_maximised)


def curves_legend(snapshot: Snapshot, curves: Curves, *, width: int) -> Content:
    """`#17 step 40  0.9120`, one for each line; or why there is none."""
    entries = []
    best = None if snapshot.best is None else snapshot.best.number
    for trial in wanted_curves(snapshot):
        if curves.get(trial):
            step, last = curves[trial][-1]
            label = f"{glyphs.BEST} best #{trial}" if trial == best else f"#{trial}"
            entries.append((label, f" step {step}: ", number(last)))
    if not entries:
        return Content.styled(_no_curves_words(snapshot), MUTED)
    n_silent = len(snapshot.running) - sum(t.number in curves for t in snapshot.running[-MOST_CURVES:])
    parts = [(f"{clean(snapshot.metric)} by step", FAINT)]
    used = len(parts[0][0])
    for label, at, value in entries:
        cells = 3 + len(label + at + value)
        gap = "   " if used + cells <= width else "\n"
        used = used + cells if gap == "   " else cells - 3
        parts += [(gap + label, BEST if label.startswith(glyphs.BEST) else "$primary"), (at, MUTED), (value, STRONG)]
    if n_silent > 0:
        parts.append(
            (f"\nnot drawn: {plural(n_silent, 'running trial')} without a report or beyond {MOST_CURVES}", FAINT)
        )
    return Content.assemble(*parts)


def _no_curves_words(snapshot: Snapshot) -> str:
    if any(trial.reports for trial in snapshot.trials):
        return "no running trial has reported a step yet"
    return "nothing reports steps: this objective tells its value only at the end"
