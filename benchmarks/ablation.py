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
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy: a cell has one core
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from benchmarks import methods, scoring
from benchmarks.campaign import CELLS, N_PROCESSES, Cell, run_all
from benchmarks.suites.conditions import REAL

TASKS = (
    *(("lcbench", name) for name in ("167201", "168335", "168868", "189905")),
    *(("rpart", name) for name in ("4135", "40981", "31")),
    *(("synthetic", name) for name in ("rosenbrock-0", "ackley-1", "rastrigin-0")),
    *(("conditional", name) for name in ("0", "1")),
    *(("tables", name) for name in ("sw_storm_buffers", "sw_llvm", "sw_multigrid", "chem_buchwald_hartwig")),
    *(("bayesmark", name) for name in ("DecisionTree-breast", "DecisionTree-digits")),
)
"""Some of every suite whose values cost little; none of those that the gate's constants were chosen on (the first six
of lcbench)."""
N_SEEDS, N_TRIALS = 5, 25
EARLY, LATE = 10, 25
BAD = ("random model", "worst", "stuck")
PARTLY = ("mid", "half")
MOST_HARM, LEAST_CLOSED, MOST_BEHIND, LEAST_GAIN = 0.02, 0.85, 0.03, 0.2


def main() -> int:
    """Runs what is missing and prints tables and bars; 1 if a bar is missed."""
    options = _options()
    names = list(dict.fromkeys(_methods(options.kind or methods.SKILLS, options.gate or GATES)))
    folder = options.out / CELLS
    folder.mkdir(parents=True, exist_ok=True)
    cells = [
        Cell(suite, task, REAL, name, seed, N_TRIALS)
        for seed in range(options.first_seed, options.first_seed + options.seeds)
        for name in names
        for suite, task in TASKS
    ]
    missing = [cell for cell in cells if not (folder / cell.file).exists()]
    print(f"{len(cells)} cells, {len(cells) - len(missing)} of them done before", flush=True)
    n_broken = 0 if options.report else run_all(missing, options.out, data=options.data, n_processes=options.processes)
    found = means(options.out)
    print("\n".join(table(found)))
    told = list(bars(found))
    print("\n".join(told))
    return 1 if n_broken or any(line.endswith("MISSED") for line in told) else 0


GATES = ("", "alone", *methods.OTHER_GATES)
"""Ours is the one without a name."""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the tuning data")
    parser.add_argument("--seeds", type=int, default=N_SEEDS, help="how many")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--kind", action="append", choices=methods.SKILLS, help="of model; default: all")
    parser.add_argument("--gate", action="append", choices=("ours", *GATES[1:]), help="default: all")
    parser.add_argument("--report", action="store_true", help="run nothing, only tell what is there")
    parser.add_argument("--out", type=Path, default=Path("bench-results/ablation"))
    parser.add_argument("--processes", type=int, default=N_PROCESSES)
    return parser.parse_args()


def _methods(kinds: Sequence[str], gates: Sequence[str]) -> Iterator[str]:
    yield "gp"
    for gate in gates:
        for kind in kinds:
            yield named(kind, "" if gate == "ours" else gate)


def named(kind: str, gate: str) -> str:
    """The method's name: "near", "near alone", "near by coin"."""
    if gate in ("", "alone"):
        return f"{kind} {gate}".rstrip()
    return f"{kind} by {gate}"


@dataclass(frozen=True, slots=True)
class Means:
    """Mean regret of every method at `EARLY` and at `LATE` trials, paired with the GP's runs of the same seeds."""

    at: dict[str, tuple[float, float]]
    gp: dict[str, tuple[float, float]]
    """The GP's on the runs that the method has."""
    n_runs: dict[str, int]
    error: dict[str, float]
    """Standard error over tasks of the paired difference to the GP at `LATE`."""


def means(out: Path) -> Means:
    """Of all that was run."""
    curves = scoring.curves(scoring.with_regret(scoring.read(out)), LATE)[[EARLY, LATE]]
    flat = curves.reset_index().pivot_table(index=["suite", "task", "seed"], columns="method", values=[EARLY, LATE])
    at, gp, n_runs, error = {}, {}, {}, {}
    for name in flat[LATE].columns:
        wanted = dict.fromkeys((n, method) for n in (EARLY, LATE) for method in (name, "gp"))
        known = flat[list(wanted)].dropna()
        at[name] = float(known[EARLY, name].mean()), float(known[LATE, name].mean())
        gp[name] = float(known[EARLY, "gp"].mean()), float(known[LATE, "gp"].mean())
        by_task = (known[LATE, name] - known[LATE, "gp"]).groupby(["suite", "task"]).mean()
        n_runs[name], error[name] = len(known), float(by_task.sem())
    return Means(at, gp, n_runs, error)


def table(found: Means) -> Iterator[str]:
    """Markdown: a row per kind of model, a column per gate, regret at 10 / 25."""
    shown = [gate for gate in GATES if any(named(kind, gate) in found.at for kind in methods.SKILLS)]
    yield "| model | gp alone | " + " | ".join(gate or "ours" for gate in shown) + " |"
    yield "|---" * (len(shown) + 2) + "|"
    for kind in methods.SKILLS:
        names = [named(kind, gate) for gate in shown]
        if any(name in found.at for name in names):
            cells = [_cell(found.at.get(name), found.n_runs.get(name)) for name in ["gp", *names]]
            yield f"| {kind} | " + " | ".join(cells) + " |"


def _cell(at: tuple[float, float] | None, n_runs: int | None) -> str:
    return "" if at is None else f"{at[0]:.3f} / {at[1]:.3f} ({n_runs})"


def bars(found: Means) -> Iterator[str]:
    """A sentence per bar, ending in "met" or "MISSED"; then what the arms alone and the coin miss."""
    for gate in ("", *GATES[1:]):
        told = [(sentence, is_met) for kind in methods.SKILLS for sentence, is_met in _bars_of(found, kind, gate)]
        if gate == "":
            yield from (f"{sentence}: {'met' if is_met else 'MISSED'}" for sentence, is_met in told)
        elif told:
            missed = [sentence for sentence, is_met in told if not is_met]
            yield f"{gate}: misses {len(missed)} of {len(told)}" + "".join(f"; {sentence}" for sentence in missed[:3])
    is_met = _closed(found, found.gp.get("near alone", (1.0, 1.0))[0]) >= LEAST_CLOSED
    yield f"gp: misses the bar of near{' NOT' if is_met else ''}, closing nothing of its gap"


def _bars_of(found: Means, kind: str, gate: str) -> Iterator[tuple[str, bool]]:
    name = named(kind, gate)
    if name not in found.at:
        return
    (early, late), gp_late = found.at[name], found.gp[name][1]
    if kind in BAD:
        harm = f"{late - gp_late:+.3f} (error {found.error[name]:.3f})"
        yield f"{name}: {harm} beside the GP at {LATE}, at most {MOST_HARM}", late - gp_late <= MOST_HARM
    if kind == "near" and "near alone" in found.at:
        closed = _closed(found, early)
        yield (
            f"{name}: {closed:.0%} of the oracle's gap closed at {EARLY}, at least {LEAST_CLOSED:.0%}",
            closed >= LEAST_CLOSED,
        )
    if f"{kind} alone" in found.at:
        behind = late - min(gp_late, found.at[f"{kind} alone"][1])
        yield (
            f"{name}: {behind:+.3f} beside the best single arm at {LATE}, at most {MOST_BEHIND}",
            behind <= MOST_BEHIND,
        )
    if kind in PARTLY and gate == "" and f"{kind} by first" in found.at:
        gain = 1 - early / found.at[f"{kind} by first"][0]
        yield (
            f"{name}: {gain:.0%} less regret than by the first gate at {EARLY}, at least {LEAST_GAIN:.0%}",
            gain >= LEAST_GAIN,
        )


def _closed(found: Means, early: float) -> float:
    """Share of the gap between the GP and the oracle that a regret at `EARLY` closes."""
    oracle, gp = found.at["near alone"][0], found.gp["near alone"][0]
    return (gp - early) / (gp - oracle)


if __name__ == "__main__":
    sys.exit(main())
