"""What the screen says of parameters: one row each, one of them against the metric, versions of the space. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from agenttune.trial import Trial, TrialState
from agenttune.tui import glyphs
from agenttune.tui.messages import ImportanceShares
from agenttune.tui.picture import Mark, Picture
from agenttune.tui.plotting import Ink
from agenttune.tui.snapshot import Snapshot
from agenttune.tui.styles import BAD, BEST, FAINT, KEY, MUTED, STRONG
from agenttune.tui.text import fit, fit_name, hanging, number, plural, scalar, short_scalar
from agenttune.types import Scalar, is_number
from agenttune.visible import clean

if TYPE_CHECKING:  # numpy comes with it, after the first paint
    from agenttune.space import Float, Int, Parameter, Space

LONGEST_NAME = 20
LONGEST_VALUE = 10
LEAST_RANGE = 8
"""Cells below which the range is left to the chosen parameter's own lines."""
SHARE_CELLS = 5
"""A blank and `100%`."""
MOST_VALUES = 16
"""Rows for the values of one parameter."""
VERSION_CELLS = 11


@dataclass(frozen=True, slots=True)
class _Widths:
    """Cells of the columns; 0 leaves one out."""

    name: int
    range: int
    value: int
    bar: int


# -- one row each ----------------------------------------------------------------------------------


def head_content(snapshot: Snapshot, importance: ImportanceShares | None) -> Content:
    """What the rows are, and what importance rests on."""
    return Content.assemble(
        (plural(len(snapshot.space.parameters), "parameter"), STRONG),
        (f"   importance {importance_words(importance)}", FAINT),
    )


def importance_words(importance: ImportanceShares | None) -> str:
    """`by PED-ANOVA, 24 trials`, or why there is none."""
    if importance is None:
        return "not worked out yet"
    if importance.shares:
        return f"by {importance.method}, {plural(importance.n_trials, 'trial')}"
    if importance.n_trials < importance.n_least:
        of = "feasible trials" if importance.n_trials < importance.n_complete else "trials"
        return f"unknown: too few {of}, {importance.n_trials} of at least {importance.n_least}"
    return f"unknown: {clean(importance.complaint)}"


def row_contents(
    snapshot: Snapshot, importance: ImportanceShares | None, *, chosen: str | None, width: int
) -> list[Content]:
    """One line for each parameter, in declared order: name, range, the best trial's value, importance."""
    shares = {} if importance is None else importance.shares
    widths = _widths(snapshot, width)
    return [_row(snapshot, name, shares, widths, is_chosen=name == chosen) for name in snapshot.space.parameters]


def _widths(snapshot: Snapshot, width: int) -> _Widths:
    space = snapshot.space
    longest = max((cell_len(clean(name)) for name in space.parameters), default=0)
    name = min(longest, LONGEST_NAME, max(6, width // 3))
    value = max([4, *(cell_len(_best_value(snapshot, entry)) for entry in space.parameters)])
    value = min(value, LONGEST_VALUE)
    bar = 6 if width < 60 else 12
    room = width - 2 - name - 2 - value - 2 - bar - SHARE_CELLS - 2
    range_cells = min(room, max((cell_len(clean(label)) for label in space.labels.values()), default=0))
    return _Widths(name, range_cells if range_cells >= LEAST_RANGE else 0, value, bar)


def _row(snapshot: Snapshot, name: str, shares: Mapping[str, float], widths: _Widths, *, is_chosen: bool) -> Content:
    parts = [
        (f"{glyphs.POINTER if is_chosen else ' '} ", KEY),
        (fit_name(clean(name), widths.name) + "  ", KEY if is_chosen else ""),
    ]
    if widths.range:
        parts.append((fit(clean(snapshot.space.labels[name]), widths.range) + "  ", MUTED))
    parts.append((fit(_best_value(snapshot, name), widths.value) + "  ", STRONG))
    share = shares.get(name)
    if share is None:
        return Content.assemble(*parts, (glyphs.DASH if shares else "", FAINT))
    full = _bar(share, widths.bar)
    empty = glyphs.BAR_EMPTY * (widths.bar - len(full))
    return Content.assemble(*parts, (full, "$primary"), (empty, FAINT), (f"{share:>{SHARE_CELLS}.0%}", ""))


def _best_value(snapshot: Snapshot, name: str) -> str:
    best = snapshot.best
    if best is None:
        return ""
    return short_scalar(best.config[name]) if name in best.config else glyphs.DOT


def _bar(share: float, cells: int) -> str:
    halves = round(min(1.0, max(0.0, share)) * cells * 2)
    return glyphs.BAR_FULL * (halves // 2) + (glyphs.BAR_HALF if halves % 2 else "")


# -- one parameter against the metric --------------------------------------------------------------


def chosen_content(snapshot: Snapshot, name: str, *, width: int) -> Content:
    """What a parameter is: its name where its row cuts it, its whole range, when it is used, what it means."""
    parameter, condition = snapshot.space.parameters[name], snapshot.space.conditions.get(name)
    words = clean(parameter.describe()) + (f" when {clean(condition.describe())}" if condition else "")
    lines = [words, clean(parameter.meaning)] if parameter.meaning else [words]
    if cell_len(clean(name)) > _widths(snapshot, width).name:
        lines.insert(0, clean(name))
    return Content("\n").join(
        Content.styled(indent + row, MUTED)
        for text in lines
        for indent, row in hanging("", text, label_cells=2, width=width)
    )


def slice_picture(snapshot: Snapshot, name: str) -> Picture | None:
    """A number against the metric; None for other parameters, and without a trial that used it."""
    from agenttune.space import Float, Int

    parameter = snapshot.space.parameters[name]
    if not isinstance(parameter, Float | Int):
        return None
    signs = arm_signs(snapshot)
    marks, used, best = [], [], snapshot.best
    for trial in _tried(snapshot, name):
        value = trial.config[name]
        x = _place(parameter, value)
        if x is None or not is_number(value):
            continue
        used.append(value)
        if best is not None and trial.number == best.number:
            continue
        if trial.state is TrialState.FAILED:
            marks.append(Mark(x, None, glyphs.TIMES, Ink.FAILED))
        else:
            marks.append(Mark(x, trial.value(snapshot.metric), signs[trial.arm]))
    marks.sort(key=lambda mark: mark.ink is not Ink.FAILED)  # what measured something lies on top
    if best is not None and name in best.config and (x := _place(parameter, best.config[name])) is not None:
        marks.append(Mark(x, best.value(snapshot.metric), glyphs.BEST, Ink.SELECTED))
    if not marks:
        return None
    low, high = min(parameter.low, *used), max(parameter.high, *used)
    first, last = _place(parameter, low), _place(parameter, high)
    assert first is not None and last is not None
    is_maximised = snapshot.row.spec.goal.sign > 0
    right = short_scalar(high) + (" log" if parameter.log else "")
    return Picture(marks, (), (first, last), short_scalar(low), right, is_maximised)


def slice_legend(snapshot: Snapshot, name: str, *, width: int) -> Content:
    """Which mark is what, and how many trials of it there are."""
    counts: dict[str, int] = {}
    signs, best = arm_signs(snapshot), snapshot.best
    n_failed = 0
    for trial in _tried(snapshot, name):
        n_failed += trial.state is TrialState.FAILED
        if trial.state is not TrialState.FAILED:
            counts[trial.arm] = counts.get(trial.arm, 0) + 1
    others = [arm for arm in counts if signs[arm] == glyphs.MARKS[-1]]
    entries = [(f"{sign} {clean(arm)} {counts[arm]}", MUTED) for arm, sign in signs.items() if arm in counts]
    if len(others) > 1:
        n_others = sum(counts[arm] for arm in others)
        entries = [entry for entry in entries if not entry[0].startswith(glyphs.MARKS[-1])]
        entries.append((f"{glyphs.MARKS[-1]} other arms {n_others}", MUTED))
    if best is not None and name in best.config:
        entries.append((f"{glyphs.BEST} best, trial {best.number}", BEST))
    if n_failed:
        entries.append((f"{glyphs.TIMES} {n_failed} failed", BAD))
    return _flow(entries, width)


def arm_signs(snapshot: Snapshot) -> dict[str, str]:
    """Arm -> its mark, in the order in which the arms came; the last mark is shared by all that come late."""
    arms = dict.fromkeys(trial.arm for trial in snapshot.trials)
    return {arm: glyphs.MARKS[min(i, len(glyphs.MARKS) - 1)] for i, arm in enumerate(arms)}


def values_content(snapshot: Snapshot, name: str, *, width: int) -> Content | None:
    """Trials, mean and best of each listed value; None for numbers."""
    values = _listed(snapshot.space.parameters[name])
    if values is None:
        return None
    groups: dict[tuple[bool, Scalar], list[Trial]] = {(isinstance(value, bool), value): [] for value in values}
    n_listed = len(groups)
    for trial in _tried(snapshot, name):
        value = trial.config[name]
        groups.setdefault((isinstance(value, bool), value), []).append(trial)
    cells = min(max(cell_len(scalar(value)) for _, value in groups), max(6, width - 34))
    lines = [Content.styled(f"  {'':<{cells}} {'trials':>6} {'failed':>6} {'mean':>8} {'best':>8}", FAINT)]
    for i, ((_, value), trials) in enumerate(groups.items()):
        if i == MOST_VALUES:
            lines.append(Content.styled(f"  and {len(groups) - MOST_VALUES} more", FAINT))
            break
        lines.append(_value_row(snapshot, value, trials, cells, is_former=i >= n_listed))
    return Content("\n").join(lines)


def _value_row(snapshot: Snapshot, value: Scalar, trials: Sequence[Trial], cells: int, *, is_former: bool) -> Content:
    measured = [found for trial in trials if (found := _measured(trial, snapshot)) is not None]
    mean = number(math.fsum(measured) / len(measured)) if measured else glyphs.DASH
    best = (max if snapshot.row.spec.goal.sign > 0 else min)(measured, default=None)
    n_failed = sum(trial.state is TrialState.FAILED for trial in trials)
    incumbent = snapshot.best
    is_best = incumbent is not None and any(trial.number == incumbent.number for trial in trials)
    return Content.assemble(
        (f"{glyphs.BEST if is_best else ' '} ", BEST),
        (fit(scalar(value), cells), BEST if is_best else ""),
        (f" {len(trials):>6}", MUTED),
        (f" {n_failed:>6}", BAD if n_failed else FAINT),
        (f" {mean:>8}", STRONG),
        (f" {glyphs.DASH if best is None else number(best):>8}", MUTED),
        (" (not in the space any more)" if is_former else "", FAINT),
    )


def _tried(snapshot: Snapshot, name: str) -> list[Trial]:
    """Finished trials in which the parameter was used; no replicates."""
    return [trial for trial in snapshot.view.finished if trial.replicate_of is None and name in trial.config]


def _measured(trial: Trial, snapshot: Snapshot) -> float | None:
    value = None if trial.state is TrialState.FAILED else trial.value(snapshot.metric)
    return value if value is not None and math.isfinite(value) and abs(value) < 1e300 else None


def _place(parameter: Float | Int, value: Scalar) -> float | None:
    """Where a value lies on the axis; None for what is no number, or has no logarithm."""
    if not is_number(value) or (parameter.log and value <= 0):
        return None
    return math.log10(value) if parameter.log else float(value)


def _listed(parameter: Parameter) -> tuple[Scalar, ...] | None:
    from agenttune.space import Bool, Categorical, Constant, Ordinal

    match parameter:
        case Categorical():
            return parameter.choices
        case Ordinal():
            return parameter.values
        case Bool():
            return (False, True)
        case Constant():
            return (parameter.value,)
    return None


def _flow(entries: Sequence[tuple[str, str]], width: int) -> Content:
    """Entries one after the other, in as many lines as they need."""
    lines: list[list[tuple[str, str]]] = [[]]
    used = 0
    for text, style in entries:
        cells = cell_len(text) + 3
        if lines[-1] and used + cells > width:
            lines.append([])
            used = 0
        lines[-1] += [("  " if not lines[-1] else "   ", ""), (text, style)]
        used += cells
    return Content("\n").join(Content.assemble(*line) for line in lines)


# -- versions of the space -------------------------------------------------------------------------


def versions_content(snapshot: Snapshot, edits: Mapping[int, str], *, width: int) -> Content:
    """What changed from version to version of the space, the newest first."""
    spaces = sorted(snapshot.view.spaces.items())
    if len(spaces) < 2:
        return Content.styled("the space is in its first version", FAINT)
    lines = [Content.styled("versions of the space", STRONG)]
    for (_, before), (version, after) in reversed(list(pairwise(spaces))):
        label = f"version {version}"
        for text in _changes(snapshot, before, after, edits.get(version)):
            rows = hanging(label, text, label_cells=VERSION_CELLS, width=width)
            lines += [Content.assemble((name, FAINT), (row, MUTED)) for name, row in rows]
            label = ""
    return Content("\n").join(lines)


def _changes(snapshot: Snapshot, before: Space, after: Space, told: str | None) -> list[str]:
    from agenttune.edits import Terms, diff

    found = diff(Terms.of(snapshot.row.spec, before), Terms.of(snapshot.row.spec, after))
    texts = [f"{line.what}: {line.old} {glyphs.TO} {line.new}" for line in found.lines] or ["nothing changed"]
    return [clean(text) for text in ([told] if told else []) + texts]
