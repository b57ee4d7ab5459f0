"""What a model is worth, and what a bad one costs: models of known skill through the gate, beside the GP alone.

    python -m benchmarks.known_skill            # 3 functions, 10 seeds, 25 trials
    python -m benchmarks.known_skill --quick    # one seed, for a look

Everything is as a user has it: a study in a store, asked and told; a real desk, and requests over HTTP to a server
(agenttune.testing) whose model answers near the optimum, at random, near the worst corner, or the same for ever. All
methods start from the same default and 4 points spread over the space; in a second table each starts by its own rule.
Normalised regret is (best - incumbent) / (best - median of random points). Results go to a JSON-lines file, from which
an interrupted run resumes; delete the file, or the lines of a method, to measure anew.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy: threads of BLAS would fight over the cores
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from agenttune.budget import Budget
from agenttune.errors import UserError
from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.proposers.auto import choose
from agenttune.proposers.sobol import sobol_proposals
from agenttune.proposers.unseen import Unseen
from agenttune.spec import StudySpec
from agenttune.study import Study
from agenttune.testing.functions import FUNCTIONS
from agenttune.testing.server import ModelServer
from agenttune.testing.skill import Kind, Skill
from agenttune.trial import MODEL
from agenttune.types import Config, Scalar
from benchmarks.campaign import workers
from benchmarks.methods.model import asked

N_TRIALS = 25
N_SPREAD = 4
N_SEEDS = 10
SHOWN = (10, 15, 25)
EARLY = 8
"""Trials after which a bad model should have lost its say."""
N_DEFAULTS = 21
"""Random points of which a seed's default is the median one: mediocre, as a library's default often is."""
N_BOOTSTRAP = 10_000
N_PROCESSES = 2
GOAL = Goal("value", "maximize")
BAR_GOOD = 1 / 3
"""Of GP alone's regret at 10 trials, that a near-optimal model may leave."""
BAR_HARM = 0.03
"""Mean paired difference to GP alone at 25 trials that a bad model may cost."""
BAR_SHARE = 0.15
"""Share of the trials after the first 8 that a bad model may have."""


@dataclass(frozen=True, slots=True)
class Method:
    """A proposer, and the model it asks."""

    proposer: str
    kind: Kind | None = None
    is_calibrated: bool = True


GATED: dict[str, Method] = {
    "near": Method("llm+gp", "near"),
    "near badly calibrated": Method("llm+gp", "near", is_calibrated=False),
    "random": Method("llm+gp", "random"),
    "worst": Method("llm+gp", "worst"),
    "stuck": Method("llm+gp", "stuck"),
}
METHODS: dict[str, Method] = {
    "gp": Method("gp"),
    "auto": Method("auto"),
    **GATED,
    "near alone": Method("llm", "near"),
    "random alone": Method("llm", "random"),
}
STARTS = {"same": tuple(METHODS), "own": ("gp", "near", "worst")}
"""Which start -> the methods measured with it."""
GOOD = ("near", "near badly calibrated")
BAD = ("random", "worst", "stuck")


@dataclass(frozen=True, slots=True)
class Cell:
    """One run: a method on a function with a seed."""

    start: str
    function: str
    seed: int
    method: str


def main() -> int:
    """Runs what is missing and prints the tables; 1 if a bar is missed, 2 if it was stopped."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one seed, for a look: the bars are for ten")
    parser.add_argument("--seeds", type=int, help=f"how many (default {N_SEEDS})")
    parser.add_argument("--first-seed", type=int, default=0, help="default 0")
    parser.add_argument("--starts", default=",".join(STARTS), help="comma-separated")
    parser.add_argument("--methods", default=",".join(METHODS), help="comma-separated")
    parser.add_argument("--out", type=Path, default=Path("bench-results/known_skill.jsonl"))
    parser.add_argument("--processes", type=int, default=N_PROCESSES)
    options = parser.parse_args()
    n_seeds = options.seeds or (1 if options.quick else N_SEEDS)
    cells = [
        Cell(start, function, seed, method)
        for seed in range(options.first_seed, options.first_seed + n_seeds)
        for start in options.starts.split(",")
        for function in FUNCTIONS
        for method in STARTS[start]
        if method in options.methods.split(",")
    ]
    try:
        run_missing(list(dict.fromkeys(map(actual, cells))), options.out, n_processes=options.processes)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    results = read(options.out)
    missed = 0
    for start in options.starts.split(","):
        found = {cell: results[actual(cell)] for cell in cells if cell.start == start}
        print("\n".join(table(start, found)))
        told = list(bars(found))
        print("\n".join(told))
        missed += sum(line.endswith("MISSED") for line in told)
    return 1 if missed and not options.quick else 0


def actual(cell: Cell) -> Cell:
    """The run of the proposer that auto chooses: it proposes the very same, a proposer being a function of the view."""
    if cell.method != "auto":
        return cell
    name, _ = choose(StudyView(FUNCTIONS[cell.function].space, GOAL, ()))
    return replace(cell, method=name) if name in METHODS else cell


# -- running ---------------------------------------------------------------------------------------


def run_missing(cells: Sequence[Cell], out: Path, *, n_processes: int) -> None:
    """Runs the cells that the results file does not hold.

    Raises:
        UserError: it was interrupted, or a process was killed.
    """
    known = read(out)
    missing = [cell for cell in cells if cell not in known]
    if not missing:
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("a") as file, workers(n_processes) as pool:
        for done, future in enumerate(as_completed([pool.submit(run, cell) for cell in missing]), 1):
            file.write(json.dumps(future.result()) + "\n")
            file.flush()
            if done % 20 == 0 or done == len(missing):
                print(f"{done}/{len(missing)} runs", flush=True)


@cache
def server() -> ModelServer:
    """This process's server."""
    started = ModelServer()
    started.start()
    return started


def run(cell: Cell) -> dict[str, Any]:
    """One line of the results file."""
    method, function = METHODS[cell.method], FUNCTIONS[cell.function]
    n_before = len(server().chats)
    if method.kind is not None:
        server().responder = Skill(function, method.kind, is_calibrated=method.is_calibrated)
    default, spread = start_of(cell.function, cell.seed)
    spec = StudySpec(
        name=f"{cell.function}-{cell.seed}",
        space=function.space,
        goal=GOAL,
        objective={"type": "told"},
        budget=Budget(trials=N_TRIALS),
        proposer=method.proposer,
        model=None if method.kind is None else f"{server().url}#test",
        seed=cell.seed,
        first=(default, *spread) if cell.start == "same" else (),
        default=default,
    )
    with tempfile.TemporaryDirectory() as folder, Study.from_spec(spec, store=Path(folder) / "store.db") as study:
        while (trial := asked(study)) is not None:
            study.tell(trial, function.value(trial.config))
        trials = study.trials
    return {
        **asdict(cell),
        "values": [trial.value(GOAL.metric) for trial in trials],
        "arms": [trial.arm for trial in trials],
        "gate": [trial.proposal.memory.get("gate") for trial in trials],
        "requests": len(server().chats) - n_before,
    }


def start_of(name: str, seed: int) -> tuple[dict[str, Scalar], list[Config]]:
    """A seed's mediocre default, and its points spread over the space."""
    function = FUNCTIONS[name]
    drawn = function.space.sample(np.random.default_rng([seed, list(FUNCTIONS).index(name)]), N_DEFAULTS)
    view = StudyView(function.space, GOAL, (), seed=seed)
    spread = [proposal.config for proposal in sobol_proposals(view, N_SPREAD, Unseen(view))]
    return sorted(drawn, key=function.value)[N_DEFAULTS // 2], spread


def read(path: Path) -> dict[Cell, dict[str, Any]]:
    """What the results file holds; the last of several lines for a cell counts."""
    found: dict[Cell, dict[str, Any]] = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        content = json.loads(line)
        found[Cell(content["start"], content["function"], content["seed"], content["method"])] = content
    return found


# -- telling ---------------------------------------------------------------------------------------

Results = dict[Cell, dict[str, Any]]


def table(start: str, results: Results) -> Iterator[str]:
    """Mean regret, the model's share of later trials and requests per trial, by function and pooled."""
    titles = {"same": "default and 4 spread points for all", "own": "each its own start"}
    heads = " ".join(f"{n:>7}" for n in SHOWN)
    for function in (*FUNCTIONS, "pooled"):
        yield f"\n{function}, {titles[start]}"
        yield f"  {'mean regret at':<22} {heads}   model's share after {EARLY}   requests a trial"
        for method in STARTS[start]:
            found = [
                content
                for cell, content in results.items()
                if cell.method == method and function in (cell.function, "pooled")
            ]
            if not found:
                continue
            means = [np.mean([regret(content, n) for content in found]) for n in SHOWN]
            told = " ".join(f"{mean:7.3f}" for mean in means)
            requests = np.mean([content["requests"] for content in found]) / N_TRIALS
            share = np.mean([late_share(content) for content in found])
            yield f"  {method:<22} {told}   {share:21.2f}   {requests:16.2f}   ({len(found)} runs)"


def bars(results: Results) -> Iterator[str]:
    """What was promised, beside what was measured."""
    methods = {cell.method for cell in results}
    if "gp" not in methods:
        return
    yield ""
    for method in GOOD:
        if method in methods:
            ours, alone = (pooled(results, name, SHOWN[0]).mean() for name in (method, "gp"))
            told = f"{method}: {ours:.3f} against {alone:.3f} of GP alone at {SHOWN[0]}"
            yield f"  {told}; at most a third: {met(ours <= BAR_GOOD * alone)}"
    for method in BAD:
        if method not in methods:
            continue
        mean, low, high = paired(results, method, SHOWN[-1])
        told = f"{method} - GP alone at {SHOWN[-1]}: {mean:+.3f} [{low:+.3f}, {high:+.3f}]"
        yield f"  {told}; within {BAR_HARM}: {met(mean <= BAR_HARM)}"
        share = float(np.mean([late_share(content) for cell, content in results.items() if cell.method == method]))
        yield f"  {method}: {share:.0%} of the trials after {EARLY}; at most {BAR_SHARE:.0%}: {met(share <= BAR_SHARE)}"


def met(is_met: bool) -> str:
    """The verdict on a bar."""
    return "met" if is_met else "MISSED"


def pooled(results: Results, method: str, n_trials: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Regrets of a method, functions x seeds."""
    seeds = sorted({cell.seed for cell in results})
    start = next(iter(results)).start
    runs = [[results[Cell(start, function, seed, method)] for seed in seeds] for function in FUNCTIONS]
    return np.array([[regret(content, n_trials) for content in row] for row in runs])


def paired(results: Results, method: str, n_trials: int) -> tuple[float, float, float]:
    """Mean difference to the GP alone, and its 95% interval by bootstrap over the seeds of each function."""
    differences = pooled(results, method, n_trials) - pooled(results, "gp", n_trials)
    n_functions, n_seeds = differences.shape
    chosen = np.random.default_rng(0).integers(n_seeds, size=(N_BOOTSTRAP, n_functions, n_seeds))
    drawn = np.take_along_axis(np.broadcast_to(differences, chosen.shape), chosen, axis=2)
    low, high = np.quantile(drawn.mean((1, 2)), [0.025, 0.975])
    return float(differences.mean()), float(low), float(high)


@cache
def median_of(function: str) -> float:
    """The median value of random points."""
    return FUNCTIONS[function].median()


def regret(content: dict[str, Any], n_trials: int) -> float:
    """Normalised regret of the best of the first trials; the best possible is 0."""
    return float(max(content["values"][:n_trials]) / median_of(content["function"]))


def late_share(content: dict[str, Any]) -> float:
    """Share of the trials after the first ones that were the model's."""
    late = content["arms"][EARLY:]
    return float(late.count(MODEL) / len(late))


if __name__ == "__main__":
    sys.exit(main())
