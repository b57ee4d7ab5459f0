"""What each arm of the gate is worth, alone and by other rules, with models whose quality is varied on purpose.

    python -m benchmarks.ablation --data DIR                        # 18 tasks, 5 seeds, 25 trials: hours of two cores
    python -m benchmarks.ablation --data DIR --seeds 1 --gate first # a part; what was run before is not run again

Models of known skill (methods/known_skill.py) through our gate, always believed, and through the gates of
methods/gates.py, beside the Gaussian process alone, all on the same five starts; regret as in scoring.py. The bars:

- in the rows random model, worst and stuck, ours within .02 of the GP alone at 25;
- in the row near, at least 85% of the gap between the GP and the oracle (near alone) closed at 10;
- in every row within .03 of the best single arm (the GP, or the model alone) at 25;
- where the model is partly right (mid, half), at least a fifth less regret than the first gate at 10;
- always the GP, always the model, and the coin each miss one of these, else the bars say nothing.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy: a cell has one core
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from agenttune.cli.format import parse_count, parse_positive
from agenttune.errors import UserError
from benchmarks import methods, scoring
from benchmarks.campaign import CELLS, N_PROCESSES, Cell, folder_of_cells, is_done, run_all
from benchmarks.suites import FIXED, names_of
from benchmarks.suites.conditions import REAL

if TYPE_CHECKING:
    import pandas as pd

N_SEEDS, N_TRIALS = 5, 25
EARLY, LATE = 10, 25
BAD = ("random model", "worst", "stuck")
PARTLY = ("mid", "half")
MOST_HARM, LEAST_CLOSED, MOST_BEHIND, LEAST_GAIN = 0.02, 0.85, 0.03, 0.2
REFERENCES = {"gp alone": "gp", "auto alone": "auto"}
"""Column -> method without a model: what the bars say, and what stands in where our gate runs no candidate."""
COLUMNS = ("", "alone", *methods.OTHER_GATES)
"""Of the table, beside those: every gate, and the model always believed; ours is the one without a name."""
MUST_MISS = ("gp alone", "alone", "coin")
"""Rules that miss some bar, else the bars say nothing."""

Verdict = Literal["met", "MISSED", "not run", "cannot be told"]
""""not run": its runs are not there; "cannot be told": there is no gap to close, or no regret to lessen."""
NOT_MET = ("MISSED", "not run", "cannot be told")


def main() -> int:
    """Runs what is missing and prints tables and bars; 1 if a bar is not met, 2 if there is nothing to tell."""
    options = _options()
    names = list(dict.fromkeys(_methods(options.kind or methods.SKILLS, options.gate or COLUMNS)))
    cells = [
        Cell(suite, task, REAL, name, seed, N_TRIALS)
        for seed in range(options.first_seed, options.first_seed + options.seeds)
        for name in names
        for suite, task in FIXED
    ]
    missing = [cell for cell in cells if not is_done(options.out / CELLS / cell.file)]
    print(f"{len(cells)} cells, {len(cells) - len(missing)} of them done before", flush=True)
    try:
        n_broken = 0 if options.report else _run(missing, options)
        runs = read(options.out)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join([*scoring.unread_note(runs.unread), runs.measured_by, "", *table(runs)]))
    told = list(bars(runs))
    print("\n".join(told))
    return 1 if n_broken or any(line.endswith(NOT_MET) for line in told) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder with the tuning data; --report needs none")
    parser.add_argument("--seeds", type=parse_positive, default=N_SEEDS, help="how many")
    parser.add_argument("--first-seed", type=parse_count, default=0)
    parser.add_argument("--kind", action="append", choices=methods.SKILLS, help="of model; default: all")
    parser.add_argument("--gate", action="append", choices=("ours", *COLUMNS[1:]), help="default: all")
    parser.add_argument("--report", action="store_true", help="run nothing, only tell what is there")
    parser.add_argument("--out", type=Path, default=Path("bench-results/ablation"))
    parser.add_argument("--processes", type=parse_positive, default=N_PROCESSES)
    return parser.parse_args()


def _run(cells: Sequence[Cell], options: argparse.Namespace) -> int:
    """Runs cells; 1 if one broke.

    Raises:
        UserError: the data is not there, or the folder of the cells cannot be made.
    """
    for suite in dict.fromkeys(cell.suite for cell in cells):
        names_of(suite, options.data)
    folder_of_cells(options.out)
    return run_all(cells, options.out, data=options.data, n_processes=options.processes)


def _methods(kinds: Sequence[str], gates: Sequence[str]) -> Iterator[str]:
    yield from REFERENCES.values()
    for gate in gates:
        for kind in kinds:
            yield named(kind, "" if gate == "ours" else gate)


def named(kind: str, gate: str) -> str:
    """The method's name: "near", "near alone", "near by coin"; a reference whatever the kind."""
    if gate in REFERENCES:
        return REFERENCES[gate]
    if gate in ("", "alone"):
        return f"{kind} {gate}".rstrip()
    return f"{kind} by {gate}"


@dataclass(frozen=True, slots=True)
class Runs:
    """Regret after `EARLY` and `LATE` trials: one row a task and seed, one column a method."""

    early: pd.DataFrame
    late: pd.DataFrame
    measured_by: str
    """What measured them, in a sentence."""
    unread: Sequence[str] = ()
    """Names of files that could not be read."""

    def has(self, name: str) -> bool:
        """Whether some runs of the method are there, be they short."""
        return name in self.early

    def means(self, n: int, *names: str) -> list[float]:
        """Of several methods on the runs that all of them have; NaN where there are none."""
        at = self.early if n == EARLY else self.late
        known = at.reindex(columns=list(dict.fromkeys(names))).dropna()
        return [float(known[name].mean()) for name in names]

    def error(self, one: str, other: str) -> float:
        """Standard error over tasks of the paired difference at `LATE`; NaN where there are none."""
        both = self.late.reindex(columns=list(dict.fromkeys((one, other))))
        differences = (both[one] - both[other]).dropna()
        by_task = differences.groupby(["suite", "task"]).mean().to_numpy(float)
        return float(by_task.std(ddof=1) / len(by_task) ** 0.5) if len(by_task) > 1 else math.nan


def read(out: Path) -> Runs:
    """All that was run under real names.

    Raises:
        UserError: there is nothing.
    """
    found, unread = scoring.read(out)
    found = found[found["condition"] == REAL]
    if found.empty:
        raise UserError(f"there are no runs under real names in {out}; python -m benchmarks.ablation makes some")
    scored = scoring.with_regret(scoring.longest(found))
    early, late = (scoring.curves(scored, n).reset_index() for n in (EARLY, LATE))
    index = ["suite", "task", "seed"]
    return Runs(
        early.pivot(index=index, columns="method", values=EARLY),
        late.pivot(index=index, columns="method", values=LATE),
        scoring.measured_by(found),
        unread,
    )


def table(runs: Runs) -> Iterator[str]:
    """Markdown: a row per kind of model, a column per gate, regret at `EARLY` / `LATE` and how many runs at `EARLY`.

    Of a method with other runs than ours it tells what ours has on the same.
    """
    columns = (*REFERENCES, *COLUMNS)
    shown = [gate for gate in columns if any(runs.has(named(kind, gate)) for kind in methods.SKILLS)]
    yield "| " + " | ".join(["model", *(gate or "ours" for gate in shown)]) + " |"
    yield "|---" * (len(shown) + 1) + "|"
    for kind in methods.SKILLS:
        names = [named(kind, gate) for gate in shown]
        if any(runs.has(name) for name in names if name not in REFERENCES.values()):
            yield f"| {kind} | " + " | ".join(_cell(runs, name, kind) for name in names) + " |"


def _cell(runs: Runs, name: str, ours: str) -> str:
    if not runs.has(name):
        return ""
    beside = ""
    if runs.has(ours) and not (runs.early[name].notna() == runs.early[ours].notna()).all():
        beside = f"; ours there {_regrets(runs.means(EARLY, name, ours)[1], runs.means(LATE, name, ours)[1])}"
    return f"{_regrets(*runs.means(EARLY, name), *runs.means(LATE, name))} ({runs.early[name].count()}{beside})"


def _regrets(early: float, late: float) -> str:
    return " / ".join("not run" if math.isnan(regret) else f"{regret:.3f}" for regret in (early, late))


@dataclass(frozen=True, slots=True)
class Bar:
    """What is asked of one method, and what came of it."""

    name: str
    measured: str
    asked: str
    verdict: Verdict

    def __str__(self) -> str:
        return f"{self.sentence}: {self.verdict}"

    @property
    def sentence(self) -> str:
        """Everything but the verdict."""
        return f"{self.name}: {self.measured if self.is_told else '?'} {self.asked}"

    @property
    def is_told(self) -> bool:
        """Whether it is met or missed."""
        return self.verdict in ("met", "MISSED")


def bars(runs: Runs) -> Iterator[str]:
    """A line per bar, ending in its verdict; what stands beside it; then how many of them other rules miss."""
    for kind in methods.SKILLS:
        yield from map(str, _bars_of(runs, kind, kind))
        if kind in BAD and not math.isnan((found := _beside(runs, kind, "auto"))[0]):
            yield f"{kind}: {found[1]} beside auto, which is what runs where no candidate does"
    for rule in ("gp alone", *COLUMNS[1:]):
        told = [bar for kind in methods.SKILLS for bar in _bars_of(runs, kind, named(kind, rule))]
        n_run = sum(bar.is_told for bar in told)
        missed = [bar.sentence for bar in told if bar.verdict == "MISSED"]
        count, first = f"{len(missed)} of {n_run}", missed[:3]
        if rule in MUST_MISS:
            yield str(Bar(rule, count, "; ".join(["bars missed, at least 1", *first]), _must_miss(told)))
        elif n_run:
            yield f"{rule}: " + "; ".join([f"{count} bars missed", *first])


def _beside(runs: Runs, name: str, reference: str) -> tuple[float, str]:
    """How much more regret it has than the reference at `LATE`, as a number and told with its error."""
    late, other = runs.means(LATE, name, reference)
    return late - other, f"{late - other:+.3f} (error {runs.error(name, reference):.3f})"


def _must_miss(told: Sequence[Bar]) -> Verdict:
    """The verdict on a rule that misses one of its bars or makes them say nothing."""
    verdicts = {bar.verdict for bar in told}
    if "MISSED" in verdicts:
        return "met"
    if "not run" in verdicts:
        return "not run"
    return "cannot be told" if "cannot be told" in verdicts else "MISSED"


def _bars_of(runs: Runs, kind: str, name: str) -> Iterator[Bar]:
    alone, first = named(kind, "alone"), named(kind, "first")
    label = f"{kind}, {name} alone" if name == "gp" else name
    if kind in BAD:
        harm, measured = _beside(runs, name, "gp")
        yield _bar(label, harm, measured, f"beside the GP at {LATE}, at most {MOST_HARM}", most=MOST_HARM)
    if kind == "near":
        early, oracle, without = runs.means(EARLY, name, alone, "gp")
        asked = f"of the oracle's gap closed at {EARLY}, at least {LEAST_CLOSED:.0%}"
        yield _share_bar(label, without - early, without - oracle, asked, least=LEAST_CLOSED)
    late, by_model, by_gp = runs.means(LATE, name, alone, "gp")
    behind = late - min(by_model, by_gp)
    asked = f"beside the best single arm at {LATE}, at most {MOST_BEHIND}"
    yield _bar(label, behind, f"{behind:+.3f}", asked, most=MOST_BEHIND)
    if kind in PARTLY and name == kind:
        early, before = runs.means(EARLY, name, first)
        asked = f"less regret than by the first gate at {EARLY}, at least {LEAST_GAIN:.0%}"
        yield _share_bar(label, before - early, before, asked, least=LEAST_GAIN)


def _bar(name: str, value: float, measured: str, asked: str, *, most: float) -> Bar:
    return Bar(name, measured, asked, "not run" if math.isnan(value) else "met" if value <= most else "MISSED")


def _share_bar(name: str, part: float, whole: float, asked: str, *, least: float) -> Bar:
    if whole <= 0:
        return Bar(name, "?", asked, "cannot be told")
    return _bar(name, -part / whole, f"{part / whole:.0%}", asked, most=-least)


if __name__ == "__main__":
    sys.exit(main())
