"""How fast proposers find good points: our random, TPE, GP and auto beside Optuna's TPESampler and GPSampler.

    python -m benchmarks.regret --data DIR            # all suites; DIR holds yahpo/ (see yahpo.py)
    python -m benchmarks.regret --suite conditional   # a synthetic one needs no data

Every method gets the same 5 random starts and 25 trials in all, 5 seeds, 8 instances a suite. Normalised regret is
(best - incumbent) / (best - median of random points). Results go to a JSON-lines file, from which an interrupted
run resumes; delete the file, or the lines of a method, to measure anew.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Protocol

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy: threads of BLAS would fight over the cores
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.proposers import load_proposer
from agenttune.space import Space
from agenttune.trial import Failure, FailureKind, Outcome, Proposal, Trial, TrialState
from agenttune.types import Config, Scalar

N_TRIALS = 25
N_STARTS = 5
N_SEEDS = 5
N_INSTANCES = 8
SHOWN = (10, 15, 25)
N_PROCESSES = 2
N_MEDIAN = 2_000
"""Random points for the median of a synthetic function."""
N_BOOTSTRAP = 10_000
BAR_MEAN, BAR_UPPER = 0.02, 0.05
"""Our GP against Optuna's at 25 trials: mean paired difference, and upper end of its 95% interval."""
METHODS = ("random", "tpe", "gp", "auto", "optuna tpe", "optuna gp")
REAL = {"lcbench": "lcbench", "rpart": "rbv2_rpart"}
SUITES = (*REAL, "conditional", "categorical", "failing")

Curve = list[float | None]
"""Value of each trial, None where it failed."""


class Objective(Protocol):
    """Anything to maximise."""

    def __call__(self, config: Config) -> float | None: ...


@dataclass(frozen=True, slots=True)
class Problem:
    """One instance of a suite."""

    space: Space
    objective: Objective
    best: float
    median: float


@dataclass(frozen=True, slots=True)
class Cell:
    """One run: a method on an instance with a seed."""

    suite: str
    instance: str
    seed: int
    method: str


def main() -> None:
    """Runs what is missing and prints the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder that holds yahpo/, for lcbench and rpart")
    parser.add_argument("--suite", choices=SUITES, action="append", help="default: all, the real ones with --data")
    parser.add_argument("--methods", default=",".join(METHODS), help="comma-separated")
    parser.add_argument("--quick", action="store_true", help="one seed and three instances, for a look")
    parser.add_argument("--out", type=Path, default=Path("bench-results/regret.jsonl"))
    parser.add_argument("--processes", type=int, default=N_PROCESSES)
    options = parser.parse_args()
    suites = options.suite or [name for name in SUITES if options.data or name not in REAL]
    if options.data is None and set(suites) & set(REAL):
        parser.error("lcbench and rpart need --data")
    n_seeds, n_instances = (1, 3) if options.quick else (N_SEEDS, N_INSTANCES)
    cells = [
        Cell(suite, instance, seed, method)
        for suite in suites
        for seed in range(n_seeds)
        for instance in instances(suite, options.data)[:n_instances]
        for method in options.methods.split(",")
    ]
    results = read(options.out)
    _run_missing([cell for cell in cells if cell not in results], options)
    results = read(options.out)
    for suite in suites:
        print(table(suite, {cell: results[cell] for cell in cells if cell.suite == suite}, options.data))


def _run_missing(cells: list[Cell], options: argparse.Namespace) -> None:
    if not cells:
        return
    options.out.parent.mkdir(parents=True, exist_ok=True)
    pool = ProcessPoolExecutor(options.processes, mp_context=get_context("spawn"))
    with pool, options.out.open("a") as file:
        for done, future in enumerate(as_completed([pool.submit(run, cell, options.data) for cell in cells]), 1):
            file.write(json.dumps(future.result()) + "\n")
            file.flush()
            if done % 20 == 0 or done == len(cells):
                print(f"{done}/{len(cells)} runs", flush=True)


def run(cell: Cell, data: Path | None) -> dict[str, Any]:
    """One line of the results file."""
    given = problem(cell.suite, cell.instance, data)
    rng = np.random.default_rng([SUITES.index(cell.suite), cell.seed, _number(cell.instance)])
    starts = given.space.sample(rng, N_STARTS)
    runner = _run_optuna if cell.method.startswith("optuna ") else _run_ours
    started = time.process_time()
    values = runner(cell.method, given, starts, cell.seed)
    return {
        "suite": cell.suite,
        "instance": cell.instance,
        "seed": cell.seed,
        "method": cell.method,
        "values": values,
        "cpu_s": round(time.process_time() - started, 3),
    }


def _run_ours(method: str, given: Problem, starts: list[dict[str, Scalar]], seed: int) -> Curve:
    proposer = load_proposer(method)
    goal = Goal("value", "maximize")
    trials: list[Trial] = [_trial(i, Proposal(config, "random", "start"), given) for i, config in enumerate(starts)]
    while len(trials) < N_TRIALS:
        view = StudyView(given.space, goal, tuple(trials), seed=seed, budget_trials=N_TRIALS)
        (proposal,) = proposer.propose(view, 1)
        trials.append(_trial(len(trials), proposal, given))
    return [trial.value("value") for trial in trials]


def _trial(number: int, proposal: Proposal, given: Problem) -> Trial:
    value = given.objective(proposal.config)
    if value is None:
        failure = Failure(FailureKind.CRASH, "this part of the space fails")
        return Trial(number, proposal, TrialState.FAILED, 0, 0.0, failure=failure)
    return Trial(number, proposal, TrialState.COMPLETE, 0, 0.0, outcome=Outcome({"value": value}, 0.0))


def _run_optuna(method: str, given: Problem, starts: list[dict[str, Scalar]], seed: int) -> Curve:
    """Optuna as a user would run it, define-by-run, with its own kinds of distributions."""
    import optuna

    from agenttune.history.optuna_view import distributions, suggest, to_config, to_params

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    samplers: dict[str, Callable[..., optuna.samplers.BaseSampler]] = {
        "optuna tpe": optuna.samplers.TPESampler,
        "optuna gp": partial(optuna.samplers.GPSampler, warn_independent_sampling=False)
        if given.space.conditions
        else optuna.samplers.GPSampler,
    }
    study = optuna.create_study(direction="maximize", sampler=samplers[method](seed=seed, n_startup_trials=N_STARTS))
    known = distributions(given.space)
    for config in starts:
        study.enqueue_trial(to_params(given.space, config))

    def objective(trial: optuna.Trial) -> float:
        params: dict[str, Any] = {}
        for name, distribution in known.items():
            condition = given.space.conditions.get(name)
            if condition is None or to_config(given.space, params).get(condition.parent) in condition.values:
                params[name] = suggest(trial, name, distribution)
        value = given.objective(given.space.validate(to_config(given.space, params)))
        return float("nan") if value is None else value  # which Optuna takes for a failure

    study.optimize(objective, n_trials=N_TRIALS)
    return [trial.value for trial in study.trials]


def instances(suite: str, data: Path | None) -> list[str]:
    """Names of a suite's instances."""
    if suite in REAL:
        from benchmarks.yahpo import references

        assert data is not None
        return list(references(REAL[suite], data / "yahpo", N_INSTANCES))
    return [str(number) for number in range(N_INSTANCES)]


@cache
def problem(suite: str, instance: str, data: Path | None) -> Problem:
    """The instance of a suite."""
    if suite in REAL:
        from benchmarks.yahpo import references

        assert data is not None
        best, median = references(REAL[suite], data / "yahpo", N_INSTANCES)[instance]
        surface = _surface(REAL[suite], data / "yahpo")
        return Problem(surface.space, partial(surface.evaluate, instance=instance), best, median)
    from benchmarks.surfaces import Categories, Conditional, Failing

    kinds: dict[str, type[Conditional] | type[Categories] | type[Failing]]
    kinds = {"conditional": Conditional, "categorical": Categories, "failing": Failing}
    made = kinds[suite](int(instance))
    drawn = made.space.sample(np.random.default_rng(0), N_MEDIAN)
    values = [value for config in drawn if (value := made.evaluate(config)) is not None]
    return Problem(made.space, made.evaluate, made.best, float(np.median(values)))


@cache
def _surface(name: str, root: Path) -> Any:
    from benchmarks.yahpo import Surface

    return Surface(name, root)


def _number(instance: str) -> int:
    return int("".join(character for character in instance if character.isdigit()))


def read(path: Path) -> dict[Cell, dict[str, Any]]:
    """What the results file holds; the last of several lines for a cell counts."""
    found: dict[Cell, dict[str, Any]] = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        content = json.loads(line)
        found[Cell(content["suite"], content["instance"], content["seed"], content["method"])] = content
    return found


def regret(curve: Curve, given: Problem, n_trials: int) -> float:
    """Normalised regret of the best of the first trials; that of the median point while all failed."""
    values = [value for value in curve[:n_trials] if value is not None]
    incumbent = max(values) if values else given.median
    return (given.best - incumbent) / (given.best - given.median)


def table(suite: str, results: dict[Cell, dict[str, Any]], data: Path | None) -> str:
    """The suite's table: mean regret by method, CPU time, and our GP's paired difference to Optuna's."""
    curves: dict[str, dict[tuple[str, int], list[float]]] = defaultdict(dict)
    seconds: dict[str, list[float]] = defaultdict(list)
    for cell, content in results.items():
        given = problem(cell.suite, cell.instance, data)
        curves[cell.method][cell.instance, cell.seed] = [regret(content["values"], given, n) for n in SHOWN]
        seconds[cell.method].append(content["cpu_s"])
    lines = [f"\n{suite}: normalised regret at {', '.join(map(str, SHOWN))} trials; CPU-s a proposal"]
    for method, found in curves.items():
        means = np.mean(list(found.values()), axis=0)
        cost = np.mean(seconds[method]) / (N_TRIALS - N_STARTS)
        lines.append(f"  {method:<11} {' '.join(f'{m:6.3f}' for m in means)}   {cost:6.3f}   ({len(found)} runs)")
    lines.extend(_comparisons(suite, curves))
    return "\n".join(lines)


def _comparisons(suite: str, curves: dict[str, dict[tuple[str, int], list[float]]]) -> Iterator[str]:
    for ours, theirs in (("gp", "optuna gp"), ("tpe", "optuna tpe")):
        if ours not in curves or theirs not in curves:
            continue
        for position, n_trials in enumerate(SHOWN):
            mean, low, high = paired(curves[ours], curves[theirs], position)
            line = f"  {ours} - {theirs} at {n_trials}: {mean:+.3f} [{low:+.3f}, {high:+.3f}]"
            if suite in REAL and ours == "gp" and n_trials == SHOWN[-1]:
                line += "   bar " + ("met" if mean <= BAR_MEAN and high <= BAR_UPPER else "MISSED")
            yield line


def paired(
    ours: dict[tuple[str, int], list[float]], theirs: dict[tuple[str, int], list[float]], position: int
) -> tuple[float, float, float]:
    """Mean difference of the runs both have, and its 95% interval by bootstrap over instances."""
    by_instance: dict[str, list[float]] = defaultdict(list)
    for key in sorted(ours.keys() & theirs.keys()):
        by_instance[key[0]].append(ours[key][position] - theirs[key][position])
    means = np.array([_mean(differences) for differences in by_instance.values()])
    drawn = np.random.default_rng(0).integers(len(means), size=(N_BOOTSTRAP, len(means)))
    low, high = np.quantile(means[drawn].mean(1), [0.025, 0.975])
    return float(means.mean()), float(low), float(high)


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


if __name__ == "__main__":
    main()
