"""The picture of a study: every trial as a mark by arm, the best so far as a line, PNG by matplotlib.

Drawn on matplotlib's own Figure, without pyplot: no global state, no display, safe in any thread.
"""

from __future__ import annotations

import os
import secrets
import warnings
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from agenttune.errors import UserError
from agenttune.history import StudyView
from agenttune.trial import Trial, TrialState

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ARM_COLOURS = {
    "default": "#7f7f7f",
    "random": "#bcbd22",
    "sobol": "#8c564b",
    "gp": "#1f77b4",
    "forest": "#1b9e77",
    "tpe": "#2ca02c",
    "human": "#e377c2",
    "model": "#ff7f0e",
    "code": "#9467bd",
}
OTHER_COLOUR = "#17becf"
BEST_COLOUR = "#111111"
FAILED_COLOUR = "#d62728"
SIZE_INCHES = (8.0, 4.5)
DPI = 150
SPREAD_SHOWN = 6.0
"""Values further below the median than this many times its distance to the best are drawn at the edge."""
MOST_DRAWN = 1e300
"""Matplotlib cannot space the ticks of an axis beyond."""


def plot_study(view: StudyView, path: Path, *, title: str) -> Path:
    """Saves the study's picture as PNG and returns the path.

    Args:
        view: the study; it needs no complete trial.
        path: where to; the file appears whole or not at all.
        title: above the axes, drawn literally.

    Raises:
        UserError: the file cannot be written.
    """
    figure = _figure(view, title)
    try:
        _save(figure, path)
    except OSError as error:
        raise UserError(f"cannot write the plot to {path}: {error.strerror or error}") from None
    return path


def _figure(view: StudyView, title: str) -> Figure:
    figure = Figure(figsize=SIZE_INCHES, dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    trials = [trial for trial in view.complete if trial.replicate_of is None]
    _draw_marks(axes, view, trials)
    _draw_best(axes, view)
    _draw_default(axes, view)
    _limit(axes, view, trials)
    _draw_failed(axes, view)
    figure.suptitle(_drawable(title), x=0.01, ha="left", fontsize=11, parse_math=False)
    axes.set_xlabel("trial")
    wish = "higher is better" if view.goal.sign > 0 else "lower is better"
    axes.set_ylabel(_drawable(f"{view.goal.metric} ({wish})"), parse_math=False)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    if axes.get_legend_handles_labels()[0]:
        figure.legend(loc="outside right upper", fontsize=8, frameon=False)
    return figure


def _draw_marks(axes: Axes, view: StudyView, trials: Sequence[Trial]) -> None:
    for arm in dict.fromkeys(trial.arm for trial in trials):
        for is_feasible in (True, False):
            chosen = [trial for trial in trials if trial.arm == arm and view.is_feasible(trial) is is_feasible]
            if not chosen:
                continue
            colour = ARM_COLOURS.get(arm, OTHER_COLOUR)
            axes.scatter(
                [trial.number for trial in chosen],
                [_height(view, trial) for trial in chosen],
                s=26,
                c=colour if is_feasible else "none",
                edgecolors=colour,
                linewidths=0.9,
                label=_label(_drawable(arm) + ("" if is_feasible else ", infeasible")),
                zorder=3,
            )


def _draw_best(axes: Axes, view: StudyView) -> None:
    steps = [(number, _bounded(value)) for number, value in view.best_so_far()]
    if not steps:
        return
    numbers, values = zip(*[*steps, (view.trials[-1].number, steps[-1][1])], strict=True)
    axes.step(numbers, values, where="post", color=BEST_COLOUR, linewidth=1.6, label="best so far", zorder=2)
    best = view.incumbent
    assert best is not None  # there are steps
    axes.scatter(
        [best.number], [steps[-1][1]], s=130, marker="*", c=BEST_COLOUR, label=f"best: trial {best.number}", zorder=4
    )


def _draw_default(axes: Axes, view: StudyView) -> None:
    default = next((t for t in view.complete if t.arm == "default" and t.replicate_of is None), None)
    if default is not None:
        axes.axhline(
            _height(view, default),
            color=ARM_COLOURS["default"],
            linestyle="--",
            linewidth=1.1,
            label="the default's value",
        )


def _limit(axes: Axes, view: StudyView, trials: Sequence[Trial]) -> None:
    """Keeps a few hopeless trials from flattening all others: they are drawn at the edge."""
    values = sorted((view.goal.sign * _height(view, trial) for trial in trials), reverse=True)
    if len(values) < 8:
        return
    best, median = values[0], values[len(values) // 2]
    edge = median - SPREAD_SHOWN * (best - median)
    if best == median or values[-1] >= edge:
        return
    lowest = min(value for value in values if value >= edge)
    margin = 0.08 * (best - lowest)
    bounds = sorted((view.goal.sign * (lowest - 2 * margin), view.goal.sign * (best + margin)))
    axes.set_ylim(bounds[0], bounds[1])
    hidden = [trial for trial in trials if view.goal.sign * _height(view, trial) < edge]
    axes.scatter(
        [trial.number for trial in hidden],
        [view.goal.sign * (lowest - margin)] * len(hidden),
        marker="v" if view.goal.sign > 0 else "^",
        s=24,
        c=[ARM_COLOURS.get(trial.arm, OTHER_COLOUR) for trial in hidden],
        label=f"off the scale ({len(hidden)})",
        zorder=3,
    )


def _draw_failed(axes: Axes, view: StudyView) -> None:
    failed = [trial for trial in view.failed if trial.replicate_of is None]
    stopped = [trial for trial in view.trials if trial.state is TrialState.STOPPED and trial.replicate_of is None]
    for trials, marker, colour, word in ((failed, "x", FAILED_COLOUR, "failed"), (stopped, "|", "#555555", "stopped")):
        if trials:
            axes.scatter(
                [trial.number for trial in trials],
                [0.02] * len(trials),
                transform=axes.get_xaxis_transform(),
                marker=marker,
                s=30,
                c=colour,
                linewidths=1.3,
                label=f"{word} ({len(trials)})",
                clip_on=False,
                zorder=4,
            )


def _height(view: StudyView, trial: Trial) -> float:
    return _bounded(view.value(trial))


def _bounded(value: float) -> float:
    return max(-MOST_DRAWN, min(value, MOST_DRAWN))


def _save(figure: Figure, path: Path) -> None:
    """Writes beside the target, then renames: a reader never sees half a picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with draft.open("xb") as stream, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a glyph that is missing, a layout that is tight: the picture stands
            figure.savefig(stream, format="png")
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _label(text: str) -> str:
    """A legend's entry: matplotlib hides those that begin with an underscore and typesets what is between dollars."""
    return (f" {text}" if text.startswith("_") else text).replace("$", r"\$")


def _drawable(text: str) -> str:
    """The text with "?" for what the font cannot draw, clipped to what fits above the axes."""
    glyphs = _glyphs()
    drawn = "".join(character if ord(character) in glyphs else "?" for character in " ".join(text.split()))
    return drawn if len(drawn) <= 90 else drawn[:89] + "…"


@cache
def _glyphs() -> frozenset[int]:
    from matplotlib.font_manager import findfont, get_font

    return frozenset(get_font(findfont("DejaVu Sans")).get_charmap())
