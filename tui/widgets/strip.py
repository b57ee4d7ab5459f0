"""The two lines above everything: which study in which state, and how far it is."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content

from agenttune.trial import TrialState
from agenttune.tui import glyphs
from agenttune.tui.phase import Phase
from agenttune.tui.snapshot import Snapshot
from agenttune.tui.styles import BEST, FAINT, KEY, MUTED
from agenttune.tui.text import clock, number, plural, shorten
from agenttune.tui.widgets.steady import SteadyText
from agenttune.visible import clean

BAR_CELLS = 20
"""Longest progress bar."""


class TopLine(SteadyText):
    """`AgentTune  svm-digits · running 2 trials            maximise accuracy`."""

    DEFAULT_CSS = """
    TopLine { height: 1; padding: 0 1; background: $panel; color: $foreground; }
    """

    def show(self, snapshot: Snapshot | None) -> None:
        """Shows this state."""
        self.put(_top_line(snapshot, width=self.content_size.width or self.app.size.width - 2))


class StatusStrip(SteadyText):
    """`▶ 27/50 ━━━━━╸────  best 0.8105 #24  2 failed  0:51  0:40 left`."""

    DEFAULT_CSS = """
    StatusStrip { height: 1; padding: 0 1; }
    """

    def show(self, snapshot: Snapshot, *, now: float) -> None:
        """Shows this state."""
        self.put(strip_line(snapshot, now=now, width=self.content_size.width or self.app.size.width - 2))


def state_words(snapshot: Snapshot | None) -> str:
    """`running 2 trials`, `interrupted`, ...; never told by colour alone."""
    if snapshot is None:
        return Phase.EMPTY.value
    if snapshot.phase is Phase.RUNNING and snapshot.running:
        return f"running {plural(len(snapshot.running), 'trial')}"
    if snapshot.phase is Phase.PAUSED and snapshot.running:
        return f"paused, {plural(len(snapshot.running), 'trial')} still at work"
    return snapshot.phase.value


def _top_line(snapshot: Snapshot | None, *, width: int) -> Content:
    left = [("AgentTune", KEY), ("  ", "")]
    tone = TONES[Phase.EMPTY]
    if snapshot is not None:
        _, tone = sign_of(snapshot.phase, has_only_failures=snapshot.has_only_failures)
        left += [(shorten(clean(snapshot.row.name), 32), "bold"), (f" {glyphs.DOT} ", FAINT)]
    left.append((state_words(snapshot), tone))
    used = sum(cell_len(text) for text, _ in left)
    right = "" if snapshot is None else goal_words(snapshot)
    gap = width - used - cell_len(right)
    if gap >= 2:
        left += [(" " * gap, ""), (right, MUTED)]
    return Content.assemble(*left)


TONES = {
    Phase.EMPTY: MUTED,
    Phase.NEW: MUTED,
    Phase.RUNNING: "$primary",
    Phase.PAUSED: "$warning",
    Phase.INTERRUPTED: "$error",
    Phase.WAITING: "$warning",
    Phase.FINISHED: "$success",
    Phase.STOPPED: "$warning",
}


def sign_of(phase: Phase, *, has_only_failures: bool) -> tuple[str, str]:
    """The sign of a study's state and its style: no sign of success where every trial failed."""
    return (glyphs.FAILED, "$error") if has_only_failures else (phase.mark, TONES[phase])


def goal_words(snapshot: Snapshot) -> str:
    """`maximise accuracy`."""
    verb = "maximise" if snapshot.row.spec.goal.sign > 0 else "minimise"
    return f"{verb} {clean(snapshot.metric)}"


def strip_line(snapshot: Snapshot, *, now: float, width: int) -> Content:
    """How far the study is, as much of it as fits."""
    parts: list[tuple[str, str]] = []
    for text, style in _strip_parts(snapshot, now):
        if sum(cell_len(part) for part, _ in parts) + cell_len(text) <= width:
            parts.append((text, style))
    return Content.assemble(*parts)


def _strip_parts(snapshot: Snapshot, now: float) -> list[tuple[str, str]]:
    """Texts with their styles, the most important first."""
    total, done = snapshot.row.spec.budget.trials, snapshot.n_done
    sign, tone = sign_of(snapshot.phase, has_only_failures=snapshot.has_only_failures)
    parts = [(f"{sign} ", tone), (str(done) if total is None else f"{done}/{total}", "bold")]
    share = _share(snapshot, now)
    if share is not None:
        full, empty = _bar(share)
        parts += [("  ", ""), (full, tone), (empty, FAINT)]
    best = snapshot.best
    if best is not None:
        parts += [("  best ", MUTED), (number(snapshot.view.value(best)), BEST)]
        parts.append((f" #{best.number}", MUTED))
    parts.append((f"  {_time_words(snapshot, now)}", MUTED))
    failed = len(snapshot.view.failed)
    if failed:
        parts.append((f"  {failed} failed", "$error"))
    stopped = sum(trial.state is TrialState.STOPPED for trial in snapshot.view.finished)
    if stopped:
        parts.append((f"  {stopped} stopped early", MUTED))
    return parts


def _share(snapshot: Snapshot, now: float) -> float | None:
    """How much of the budget is used, by whichever bound is nearer; None without a bound."""
    budget = snapshot.row.spec.budget
    shares = []
    if budget.trials is not None:
        shares.append(snapshot.n_done / budget.trials)
    if budget.seconds is not None:
        shares.append(snapshot.active_s(now) / budget.seconds)
    return min(1.0, max(shares)) if shares else None


def _bar(share: float) -> tuple[str, str]:
    halves = int(share * BAR_CELLS * 2)
    full = glyphs.BAR_FULL * (halves // 2) + (glyphs.BAR_HALF if halves % 2 else "")
    return full, glyphs.BAR_EMPTY * (BAR_CELLS - len(full))


def _time_words(snapshot: Snapshot, now: float) -> str:
    active, budget = clock(snapshot.active_s(now)), snapshot.row.spec.budget.seconds
    words = active if budget is None else f"{active} of {clock(budget)}"
    left = snapshot.left_s(now)
    return words if left is None else f"{words}, ~{clock(left)} left"
