"""`BestPanel`: the incumbent, its configuration, who found it and why, and how it compares."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from agenttune.trial import Trial
from agenttune.tui.glyphs import ELLIPSIS
from agenttune.tui.snapshot import Snapshot
from agenttune.tui.styles import BEST, FAINT, MUTED, STRONG
from agenttune.tui.text import fit, hanging, number, scalar
from agenttune.tui.widgets.steady import SteadyText
from agenttune.visible import clean

LABEL_CELLS = 10


class BestPanel(SteadyText):
    """The incumbent: its configuration, who found it and why, and how it does on held-out data."""

    DEFAULT_CSS = """
    BestPanel { height: auto; max-height: 5; padding: 0 1; }
    """

    def show(self, snapshot: Snapshot, *, is_wide: bool, width: int) -> None:
        """Shows this state: one line for the configuration, or one per parameter where there is room."""
        self.put(best_content(snapshot, is_wide=is_wide, width=width), layout=True)


def best_content(snapshot: Snapshot, *, is_wide: bool, width: int) -> Content:
    """The panel's text in `width` cells."""
    best = snapshot.best
    if best is None:
        return Content.styled(_no_best_words(snapshot), MUTED)
    lines = [_labelled("best", _value_words(best, snapshot) if is_wide else _config_words(best, width - LABEL_CELLS))]
    reason = f"{clean(best.arm)}: {clean(best.reason)}"
    rows = hanging("found by", reason, label_cells=LABEL_CELLS, width=width)
    lines += [Content.assemble((label, FAINT), (row, MUTED)) for label, row in rows]
    if (comparison := _comparison(snapshot, best)) is not None:
        lines.append(_labelled(*comparison))
    return Content("\n").join([*lines, *(_config_lines(best) if is_wide else [])])


def _no_best_words(snapshot: Snapshot) -> str:
    yet = "" if snapshot.phase.is_ended else " yet"
    if any(trial.failure is not None for trial in snapshot.trials):
        return f"no trial has succeeded{yet}; Enter on one that failed shows why"
    return f"no trial has finished{yet}"


def _labelled(label: str, parts: Sequence[tuple[str, str]]) -> Content:
    return Content.assemble((f"{label:<{LABEL_CELLS}}", FAINT), *parts)


def _value_words(best: Trial, snapshot: Snapshot) -> list[tuple[str, str]]:
    value = number(snapshot.view.value(best))
    return [(f"{clean(snapshot.metric)} ", MUTED), (value, BEST), (f"  trial {best.number}", MUTED)]


def _config_words(best: Trial, room: int) -> list[tuple[str, str]]:
    """The configuration in one line; an ellipsis stands for what does not fit."""
    parts: list[tuple[str, str]] = []
    for name, value in best.config.items():
        label, text = f"{clean(name)} ", f"{scalar(value)}   "
        room -= cell_len(label + text)
        if room < 0:
            return [*parts, (ELLIPSIS, FAINT)]
        parts += [(label, MUTED), (text, STRONG)]
    return parts


def _config_lines(best: Trial) -> list[Content]:
    names = {name: clean(name) for name in best.config}
    width = max([LABEL_CELLS, *(cell_len(name) + 2 for name in names.values())])
    rows = [
        Content.assemble((fit(name, width), MUTED), (scalar(best.config[key]), STRONG)) for key, name in names.items()
    ]
    return [Content(""), *rows]


def _comparison(snapshot: Snapshot, best: Trial) -> tuple[str, list[tuple[str, str]]] | None:
    """(label, text): the winner against the default, on held-out data once it was scored there."""
    held_out = snapshot.row.summary.get("held_out")
    if isinstance(held_out, dict) and isinstance(held_out.get("best"), int | float):
        score, default = float(str(held_out["best"])), held_out.get("default")
        baseline = float(default) if isinstance(default, int | float) else None
        return "held out", _versus(score, baseline, snapshot)
    default_trial = snapshot.default
    if default_trial is None or default_trial.number == best.number:
        return None
    return "default", _difference(snapshot.view.value(best), snapshot.view.value(default_trial), snapshot)


def _versus(score: float, baseline: float | None, snapshot: Snapshot) -> list[tuple[str, str]]:
    parts = [(number(score), "bold")]
    if baseline is not None:
        parts += [("   default ", MUTED), *_difference(score, baseline, snapshot)]
    return parts


def _difference(score: float, baseline: float, snapshot: Snapshot) -> list[tuple[str, str]]:
    difference = score - baseline
    gain = difference * snapshot.row.spec.goal.sign
    tone = "$success" if gain > 0 else "$error" if gain < 0 else MUTED
    return [(f"{number(baseline)} ", "bold"), (f"({difference:+.4f})", tone)]
