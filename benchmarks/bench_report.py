"""The report of a campaign, in Markdown and HTML: `python -m benchmarks.bench_report bench-results/campaign`.

One section per suite and condition, and one of all suites together: mean normalised regret, ranks, wins / ties /
losses with a paired bootstrap over tasks, cost per proposal, who proposed, and a plot of regret curves inside the HTML
(beside the Markdown as SVG).
"""

from __future__ import annotations

import argparse
import html
import io
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from agenttune.errors import UserError
from benchmarks import scoring

if TYPE_CHECKING:
    import pandas as pd

REFERENCE = "gp"
"""Whom everybody is compared with, where it ran."""
COLOURS = 10
LOG_FLOOR = 1e-3
"""Lowest regret that a plot tells from 0."""
STYLE = (
    "body{font:15px system-ui;max-width:60em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse;margin:1em 0}"
    "td,th{padding:.2em .7em;text-align:right;border-bottom:1px solid #ccc}"
    "td:first-child,th:first-child{text-align:left}"
)

Rows = list[list[str]]
"""Of a table; the first one is its head."""


@dataclass(frozen=True, slots=True)
class Section:
    """One suite, or all of them, under one condition."""

    title: str
    note: str
    tables: list[tuple[str, Rows]]
    plot: str
    """SVG."""


def main() -> int:
    """Writes both reports beside the campaign's cells and prints the Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path("bench-results/campaign"))
    parser.add_argument(
        "--reference", help=f"the method that others are compared with (default {REFERENCE}, if it ran)"
    )
    parser.add_argument(
        "--method", action="append", help="one to tell of (default all): seeds that one of them lacks are left out"
    )
    options = parser.parse_args()
    try:
        found, unread = scoring.read(options.folder)
        if options.method is not None:
            chosen = [one_of(found, name, option="--method") for name in options.method]
            found = found[found["method"].isin(chosen)]
        trials = scoring.longest(found)
        reference = REFERENCE if options.reference is None else one_of(trials, options.reference, option="--reference")
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    trials.to_parquet(options.folder / "results.parquet", index=False)
    notes = [*remarks(found, trials), *(f"{note}." for note in scoring.unread_note(unread))]
    sections = list(made(trials, reference))
    for section in sections:
        (options.folder / f"{_slug(section.title)}.svg").write_text(section.plot)
    text = markdown(sections, notes)
    (options.folder / "report.md").write_text(text)
    (options.folder / "report.html").write_text(page(sections, notes))
    print(text)
    return 0


def one_of(trials: pd.DataFrame, method: str, *, option: str) -> str:
    """The method, which ran.

    Raises:
        UserError: it did not.
    """
    ran = sorted(trials["method"].unique())
    if method not in ran:
        raise UserError(f"{option} must name a method that ran, but got {method!r}; there are {', '.join(ran)}")
    return method


def remarks(found: pd.DataFrame, kept: pd.DataFrame) -> Iterator[str]:
    """Sentences on the whole report: what of the campaign's folder it is made of."""
    if n_shorter := scoring.n_runs(found) - scoring.n_runs(kept):
        yield f"{n_shorter} run(s) left out, since the same was also run with more trials."
    yield scoring.measured_by(kept)


def made(trials: pd.DataFrame, reference: str = REFERENCE) -> Iterator[Section]:
    """The sections: all suites of a condition together where there are several, then suite by suite."""
    scored = scoring.with_published(scoring.with_regret(trials))
    for condition, part in scored.groupby("condition", sort=False):
        together = scoring.of_all_suites(part)
        if together["suite"].nunique() > 1:
            yield from _section(f"all suites, {condition}", together, reference, at_all=True)
    for _, part in scored.groupby(["suite", "condition"], sort=False):
        first = part.iloc[0]
        yield from _section(f"{first['suite']}, {first['condition']}", part, reference)


def _section(title: str, part: pd.DataFrame, reference: str, *, at_all: bool = False) -> Iterator[Section]:
    """One section; none while no seed of a task has been run by every method.

    Args:
        at_all: compare at every number of trials that is shown, not at the last one alone.
    """
    n_trials = int(part.groupby("method")["trial"].max().min()) + 1
    runs = scoring.curves(part, n_trials)
    table = scoring.with_equal_seeds(runs)
    if not len(table):
        print(f"{title}: no seed of a task was run by every method yet", file=sys.stderr)
        return
    ticks = scoring.shown(n_trials)
    by_task = {n: scoring.mean_by_task(table, n) for n in ticks}
    last = by_task[ticks[-1]]
    n_seeds = table.index.to_frame(index=False).groupby(scoring.TASK)["seed"].nunique()
    seeds = "seed(s)" if n_seeds.min() == n_seeds.max() else f"to {n_seeds.max()} seeds"
    norms = [name for name, holds in _NORMS.items() if (part["is_pooled"] == holds).any()]
    note = (
        f"{len(last)} tasks, {n_seeds.min()} {seeds}, {n_trials} trials; normalised by {' or by '.join(norms)}"
        f"{''.join(lacking(scoring.left_out(runs)))}"
        f"{'' if reference in last else f'; compared with nobody, since {reference} did not run here'}"
    )
    compared = ticks if at_all else ticks[-1:]
    counted = scoring.trials_of(table, part)
    tables = [
        ("Mean normalised regret", regrets(by_task)),
        *((f"Against {reference} at {n} trials", comparisons(by_task[n], reference)) for n in compared),
        ("Per proposal", cost_rows(counted)),
        ("Who proposed", arm_rows(counted)),
    ]
    yield Section(title, note, [entry for entry in tables if len(entry[1]) > 1], plot(table))


_NORMS = {"best known and median": False, "the pool of these methods": True}
"""Name -> whether it is pooled."""


def lacking(left_out: dict[tuple[str, str], list[str]]) -> Iterator[str]:
    """Ends of a sentence that say which tasks do not count and whose runs of them are missing."""
    for names, tasks in groupby(sorted(left_out, key=left_out.__getitem__), left_out.__getitem__):
        yield f"; left out for want of runs by {', '.join(names)}: {', '.join(map('/'.join, tasks))}"


def regrets(by_task: dict[int, pd.DataFrame]) -> Rows:
    """Mean regret at each number of trials, best first by the last, and the mean rank there."""
    last = max(by_task)
    ranks = scoring.mean_ranks(by_task[last])
    order = by_task[last].mean().sort_values().index
    head = ["method", *(f"at {n}" for n in by_task), f"rank at {last}"]
    rows = [[str(name), *(f"{by_task[n][name].mean():.3f}" for n in by_task), f"{ranks[name]:.2f}"] for name in order]
    return [head, *rows]


def comparisons(by_task: pd.DataFrame, reference: str) -> Rows:
    """Every other method against the reference; its head alone where the reference did not run."""
    rows: Rows = [["method", "wins", "ties", "losses", "difference", "95% interval"]]
    if reference in by_task:
        for name in by_task.columns:
            if name != reference:
                found = scoring.compared(by_task, str(name), reference)
                enough = len(by_task) >= scoring.LEAST_TASKS
                interval = f"[{found.low:+.3f}, {found.high:+.3f}]" if enough else "too few tasks"
                counts = [str(count) for count in (found.wins, found.ties, found.losses)]
                rows.append([str(name), *counts, f"{found.difference:+.3f}", interval])
    return rows


def cost_rows(trials: pd.DataFrame) -> Rows:
    """CPU seconds, requests, tokens and dollars, as far as they are known."""
    rows: Rows = [["method", "CPU s", "requests", "tokens in", "tokens out", "US cents"]]
    for name, cost in scoring.costs(trials).iterrows():
        amounts = (cost["cpu_s"], cost["requests"], cost["tokens_in"], cost["tokens_out"], 100 * cost["usd"])
        told = zip(amounts, (".3f", ".2f", ".0f", ".0f", ".3g"), strict=True)
        rows.append([str(name), *("unknown" if math.isnan(amount) else format(amount, form) for amount, form in told)])
    return rows


def arm_rows(trials: pd.DataFrame) -> Rows:
    """What share of a method's own trials every arm proposed: one that stands in for another must not pass for it."""
    rows: Rows = [["method", "arms"]]
    for name, arms in trials.loc[trials["arm"] != "start"].groupby("method")["arm"]:
        shares = arms.value_counts(normalize=True).items()
        rows.append([str(name), ", ".join(f"{arm} {share:.0%}" for arm, share in shares)])
    return rows


def plot(table: pd.DataFrame) -> str:
    """Regret curves, mean over tasks and seeds, as SVG."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": "agenttune"}):
        figure = Figure(figsize=(7.5, 4.2), layout="constrained")
        axes = figure.subplots()
        means = table.groupby("method").mean().clip(lower=LOG_FLOOR)
        for number, (name, curve) in enumerate(means.iterrows()):
            style = "-" if number < COLOURS else "--"
            axes.plot(list(means.columns), curve.to_numpy(), style, color=f"C{number % COLOURS}", label=str(name))
        axes.set(xlabel="trials", ylabel="mean normalised regret", yscale="log")
        axes.legend(fontsize="small", ncols=2)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def markdown(sections: list[Section], notes: Sequence[str] = ()) -> str:
    """The report as Markdown; plots are files beside it."""
    lines = ["# Benchmark"]
    for note in notes:
        lines += ["", note]
    for section in sections:
        lines += ["", f"## {section.title}", "", f"{section.note}.", "", f"![regret]({_slug(section.title)}.svg)"]
        for title, rows in section.tables:
            lines += ["", f"**{title}**", "", *_markdown_rows(rows)]
    return "\n".join(lines) + "\n"


def _markdown_rows(rows: Rows) -> Iterator[str]:
    head, *body = ["| " + " | ".join(_in_a_table(cell) for cell in row) + " |" for row in rows]
    yield from (head, "| --- |" + " ---: |" * (len(rows[0]) - 1), *body)


def _in_a_table(text: str) -> str:
    """Text that neither ends its cell nor is taken for HTML."""
    return " ".join(html.escape(text, quote=False).replace("|", "\\|").split())


def page(sections: list[Section], notes: Sequence[str] = ()) -> str:
    """The report as one HTML file, plots inside."""
    parts = [f"<!doctype html><meta charset=utf-8><title>Benchmark</title><style>{STYLE}</style><h1>Benchmark</h1>"]
    parts += [f"<p>{html.escape(note)}</p>" for note in notes]
    for section in sections:
        parts.append(f"<h2>{html.escape(section.title)}</h2><p>{html.escape(section.note)}.</p>")
        parts.append(section.plot[section.plot.index("<svg") :])
        for title, rows in section.tables:
            head = "".join(f"<th>{html.escape(cell)}</th>" for cell in rows[0])
            body = "".join(
                "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows[1:]
            )
            parts.append(f"<h3>{html.escape(title)}</h3><table><tr>{head}</tr>{body}</table>")
    return "\n".join(parts)


def _slug(title: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in title).strip("-")


if __name__ == "__main__":
    sys.exit(main())
