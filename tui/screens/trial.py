"""One trial whole: what ran, who proposed it and why, how it went, and the end of its log."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from agenttune.trial import SOURCE_WORDS, AttemptState, Trial
from agenttune.tui import glyphs
from agenttune.tui.code import diff_lines, is_self_reported, scored_words, variant_words
from agenttune.tui.glyphs import GlyphSet
from agenttune.tui.messages import DetailRead, Refused, TrialDetail, WhyRead
from agenttune.tui.plotting import Points
from agenttune.tui.snapshot import Snapshot
from agenttune.tui.styles import BEST, FAINT, KEY, MUTED
from agenttune.tui.text import clean_lines, duration, fit, hanging, number, plural, scalar
from agenttune.tui.verdict import verdict_content
from agenttune.tui.widgets.chart import Chart
from agenttune.tui.widgets.key_line import KeyLine
from agenttune.variant import CODE, PARAMETER
from agenttune.visible import clean

RELOAD_S = 1.0
"""Between looks at a trial that is not finished."""
MOST_LABEL_CELLS = 26
MARGIN_CELLS = 4


class TrialScreen(Screen[None]):
    """Opens over the main screen; left and right go to the neighbours."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Back", key_display="esc", id="back"),
        Binding("left", "step(-1)", "Earlier trial", key_display="←", priority=True, id="trial-before"),
        Binding("right", "step(1)", "Later trial", key_display="→", priority=True, id="trial-after"),
    ]

    def __init__(
        self,
        number: int,
        snapshot: Callable[[], Snapshot | None],
        read: Callable[[int], None],
        explain: Callable[[int], None],
        *,
        clock: Callable[[], float],
        glyph_set: GlyphSet,
    ) -> None:
        super().__init__()
        self._number = number
        self._snapshot = snapshot
        self._read, self._explain = read, explain
        self._clock = clock
        self._glyph_set = glyph_set
        self._detail: TrialDetail | None = None

    def compose(self) -> ComposeResult:
        """A title, and the rest to scroll through."""
        yield Static(id="title")
        with VerticalScroll(id="sheet"):
            yield Static(id="facts")
            yield Static(id="verdict")
            yield Chart(self._glyph_set, id="curve")
            yield Static(id="evidence")
        yield KeyLine()

    def on_mount(self) -> None:
        """Asks for the trial, and again while it runs."""
        self.query_one("#curve").display = self.query_one("#verdict").display = False
        self._read(self._number)
        self._explain(self._number)
        self.set_interval(RELOAD_S, self._reload)
        self.query_one("#sheet").focus()

    def _reload(self) -> None:
        if self._detail is None or not self._detail.trial.state.is_finished:
            self._read(self._number)

    @on(DetailRead)
    def _show(self, message: DetailRead) -> None:
        snapshot = self._snapshot()
        if message.detail.trial.number != self._number or snapshot is None:
            return
        self._detail = message.detail
        trial = message.detail.trial
        self.query_one("#title", Static).update(title_content(trial, snapshot))
        width = self.size.width - MARGIN_CELLS
        facts = facts_content(message.detail, snapshot, now=self._clock(), width=width)
        self.query_one("#facts", Static).update(facts)
        self._show_curve(trial, snapshot)
        self.query_one("#evidence", Static).update(evidence_content(message.detail))

    @on(WhyRead)
    def _show_verdict(self, message: WhyRead) -> None:
        if message.answer.number == self._number:
            verdict = self.query_one("#verdict", Static)
            verdict.display = bool(message.answer.offers)
            if verdict.display:
                verdict.update(verdict_content(message.answer, self.size.width - MARGIN_CELLS))

    def _show_curve(self, trial: Trial, snapshot: Snapshot) -> None:
        values = [(report.step, report.metrics.get(snapshot.metric)) for report in trial.reports]
        chart = self.query_one(Chart)
        chart.display = len(values) > 1
        is_maximised = snapshot.row.spec.goal.sign > 0
        chart.show(Points(values, (), is_maximised=is_maximised, least_span=2, unit="step "))

    @on(Refused)
    def _complain(self, message: Refused) -> None:
        self.query_one("#title", Static).update(Content.styled(clean(message.sentence), "$error"))

    def action_step(self, by: int) -> None:
        """Shows a neighbour, if there is one."""
        snapshot = self._snapshot()
        if snapshot is not None and 0 <= self._number + by < len(snapshot.trials):
            self._number += by
            self._detail = None
            self._read(self._number)
            self.query_one("#verdict").display = False
            self._explain(self._number)
            self.query_one("#sheet", VerticalScroll).scroll_home(animate=False)

    def action_close(self) -> None:
        """Back to the study."""
        self.dismiss(None)


def title_content(trial: Trial, snapshot: Snapshot) -> Content:
    """`trial 17 · complete · gp                 svm-digits`."""
    is_best = snapshot.best is not None and snapshot.best.number == trial.number
    return Content.assemble(
        (f"trial {trial.number}", KEY),
        (f" {glyphs.DOT} {trial.state.value}", "$error" if trial.failure else ""),
        (f" {glyphs.DOT} {clean(trial.arm)}", ""),
        (f"   {glyphs.BEST} the best so far" if is_best else "", BEST),
        (f"   {clean(snapshot.row.name)}", MUTED),
    )


def facts_content(detail: TrialDetail, snapshot: Snapshot, *, now: float, width: int) -> Content:
    """Value, reason, time and configuration."""
    trial = detail.trial
    facts = _facts(detail, snapshot, now)
    label_cells = min(MOST_LABEL_CELLS, max(cell_len(label) for label, _ in facts) + 2)
    lines = [
        Content.assemble((label, FAINT), text)
        for fact in facts
        for label, text in hanging(*fact, label_cells=label_cells, width=width)
    ]
    return Content("\n").join([*lines, Content(""), *_config_lines(trial, snapshot)])


def _facts(detail: TrialDetail, snapshot: Snapshot, now: float) -> list[tuple[str, str]]:
    trial = detail.trial
    facts = []
    if trial.outcome is not None:
        facts += [(clean(name), number(value)) for name, value in trial.outcome.values.items()]
    if trial.proposal.predicted_mean is not None:
        spread = f" ± {number(trial.proposal.predicted_sd)}" if trial.proposal.predicted_sd is not None else ""
        source = trial.proposal.prediction_source
        by = "" if source is None else f", {SOURCE_WORDS[source]}"
        facts.append(("predicted", number(trial.proposal.predicted_mean) + spread + by))
    facts += _code_facts(trial, snapshot)
    facts.append(("why", clean(trial.reason)))
    if trial.replicate_of is not None:
        facts.append(("repeats", f"trial {trial.replicate_of} with another seed"))
    if trial.outcome is not None:
        facts.append(("took", duration(trial.outcome.elapsed_s) + (", late" if trial.outcome.is_late else "")))
    elif trial.number in snapshot.started:
        facts.append(("running", duration(now - snapshot.started[trial.number])))
    died = sum(attempt.state is AttemptState.DIED for attempt in detail.attempts)
    if len(detail.attempts) > 1:
        facts.append(("attempts", f"{len(detail.attempts)}, of which {died} died"))
    facts += [("note", clean(note)) for note in trial.notes]
    return facts


def _code_facts(trial: Trial, snapshot: Snapshot) -> list[tuple[str, str]]:
    """Which code ran, and whether its score is its own word; nothing in studies that are not over code."""
    if not snapshot.is_code:
        return []
    words = variant_words(snapshot, trial.config.get(PARAMETER), has_idea=trial.arm != CODE)  # there, it is the reason
    spec = snapshot.row.spec
    facts = [] if words is None else [("variant", words)]
    return [*facts, ("scored", scored_words(spec))] if is_self_reported(spec) else facts


def _config_lines(trial: Trial, snapshot: Snapshot) -> list[Content]:
    """The configuration, beside the best one's where they differ."""
    best = snapshot.best if snapshot.best is not None and snapshot.best.number != trial.number else None
    names = [*trial.config, *([name for name in best.config if name not in trial.config] if best else [])]
    texts = {name: scalar(trial.config[name]) if name in trial.config else glyphs.DOT for name in names}
    wide = max((cell_len(clean(name)) for name in names), default=0)
    value_cells = max((cell_len(text) for text in texts.values()), default=0)
    head = f"{'':<{wide + value_cells + 7}}best, trial {best.number}" if best else ""
    head = head.removeprefix(" " * len("configuration"))
    lines = [Content.assemble(("configuration", "bold"), (head, FAINT))]
    for name in names:
        other = ""
        if best is not None and best.config.get(name) != trial.config.get(name):
            other = scalar(best.config[name]) if name in best.config else glyphs.DOT
        name_cells, value_padding = fit(clean(name), wide + 2), " " * (value_cells - cell_len(texts[name]) + 3)
        parts = [(f"  {name_cells}", MUTED), (texts[name], "bold"), (value_padding, ""), (other, "$accent")]
        lines.append(Content.assemble(*parts))
    return lines


def evidence_content(detail: TrialDetail) -> Content:
    """Why it failed, what its variant changes, and the end of the log."""
    lines: list[Content] = []
    failure = detail.trial.failure
    if failure is not None:
        code = "" if failure.exit_code is None else f" (exit code {failure.exit_code})"
        lines += [Content(""), Content.styled(f"failed: {failure.kind.value}{code}", "bold $error")]
        lines.append(Content(f"  {clean(failure.message)}"))
        lines += [Content.styled(f"  {line}", MUTED) for line in clean_lines(failure.traceback_tail or "")]
    if detail.change:
        head = f"changes of {clean(str(detail.trial.config[PARAMETER]))} against its parent"
        lines += [Content(""), Content.styled(head, "bold"), *diff_lines(detail.change)]
    if detail.log_path is not None:
        shown = (
            f"{plural(len(detail.log_tail), 'line') + ' of' if detail.log_tail else 'empty:'} {clean(detail.log_path)}"
        )
        lines += [Content(""), Content.assemble(("log  ", "bold"), (shown, FAINT))]
        lines += [Content(f"  {line}") for line in detail.log_tail]
    return Content("\n").join(lines)
