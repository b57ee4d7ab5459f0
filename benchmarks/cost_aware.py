"""What it brings to count what a trial takes: `python -m benchmarks.cost_aware --data DIR` (DIR holds yahpo/).

Six instances of lcbench, three seeds, a simulated clock: a trial takes the seconds that YAHPO's surrogate predicts for
its training, and the budget is 25 times the median of random configurations. The Gaussian process proposes with the
same five random starts under three rules: cost not counted, counted by the share of the time that is left ("cooling",
Lee et al. 2020), or in full to the end ("full"). Regret is that of the best trial that ended in time, (best -
incumbent) / (best - median of random points). Results go to a JSON-lines file, from which an interrupted run resumes.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from concurrent.futures import as_completed
from functools import cache
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy: threads of BLAS would fight over the cores
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from agenttune.cli.format import parse_positive
from agenttune.errors import UserError
from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.proposers.gp import optimal_proposals
from agenttune.proposers.unseen import Unseen
from agenttune.surrogate import fit, remembered
from agenttune.trial import Outcome, Proposal, Trial, TrialState
from agenttune.types import Config
from benchmarks.campaign import workers
from benchmarks.scoring import interval
from benchmarks.suites import names_of
from benchmarks.yahpo import Surface, references

N_INSTANCES, N_SEEDS, N_STARTS = 6, 3, 5
BUDGET = 25.0
"""Times the median duration."""
N_MEDIAN = 500
"""Random configurations for it."""
MOST_TRIALS = 80
"""A run is cut here, so that a search that stays with the cheapest trials ends."""
RULES = ("not counted", "cooling", "full")
SHOWN = (0.5, 1.0)
"""Shares of the budget at which regret is shown."""

Key = tuple[str, int, str]
"""(instance, seed, rule)."""


def main() -> int:
    """Runs what is missing and prints the table; 2 where an argument is wrong, or it was stopped."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder that holds yahpo/")
    parser.add_argument("--rules", default=",".join(RULES), help="comma-separated")
    parser.add_argument("--instances", type=parse_positive, default=N_INSTANCES)
    parser.add_argument("--seeds", type=parse_positive, default=N_SEEDS)
    parser.add_argument("--out", type=Path, default=Path("bench-results/cost_aware.jsonl"))
    parser.add_argument("--processes", type=parse_positive, default=2)
    options = parser.parse_args()
    rules = options.rules.split(",")
    try:
        if unknown := [rule for rule in rules if rule not in RULES]:
            raise UserError(f"--rules must name some of {', '.join(RULES)}, but got {unknown[0]!r}")
        names_of("lcbench", options.data)
        known = references("lcbench", options.data / "yahpo", options.instances)
        keys = [(n, seed, rule) for seed in range(options.seeds) for n in known for rule in rules]
        found = _read(options.out)
        options.out.parent.mkdir(parents=True, exist_ok=True)
        missing = [key for key in keys if key not in found]
        with options.out.open("a") as file, workers(options.processes) as pool:
            for future in as_completed([pool.submit(run, key, known[key[0]], options.data) for key in missing]):
                file.write(json.dumps(future.result()) + "\n")
                file.flush()
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    found = _read(options.out)
    print(table([found[key] for key in keys]))
    return 0


def run(key: Key, reference: tuple[float, float], data: Path) -> dict[str, Any]:
    """One line of the results file; `reference` is the instance's best and median value."""
    instance, seed, rule = key
    surface = _surface(data / "yahpo")
    best, median = reference
    drawn = surface.space.sample(np.random.default_rng(0), N_MEDIAN)
    times = [surface.outputs(config, instance)["time"] for config in drawn]
    budget_s, least_s = BUDGET * float(np.median(times)), 0.01 * float(np.median(times))
    starts = surface.space.sample(np.random.default_rng([seed, int(instance)]), N_STARTS)
    trials: list[Trial] = []
    spent_s, curve = 0.0, []
    while spent_s < budget_s and len(trials) < MOST_TRIALS:
        view = StudyView(surface.space, Goal("value", "maximize"), tuple(trials), seed=seed, budget_s=budget_s)
        is_start = len(trials) < N_STARTS
        proposal = Proposal(starts[len(trials)], "random", "start") if is_start else _propose(view, rule)
        value, elapsed_s = _measure(surface, proposal.config, instance, least_s)
        spent_s += elapsed_s
        outcome = Outcome({"value": value}, elapsed_s)
        trials.append(Trial(len(trials), proposal, TrialState.COMPLETE, 0, 0.0, outcome=outcome))
        curve.append((spent_s / budget_s, (best - value) / (best - median)))
    ratio = float(np.quantile(times, 0.9) / np.quantile(times, 0.1))
    return {"instance": instance, "seed": seed, "rule": rule, "curve": curve, "time_ratio": ratio}


def _propose(view: StudyView, rule: str) -> Proposal:
    time_left = {"not counted": None, "cooling": view.time_left, "full": 1.0}[rule]
    surrogate = fit(view, remembered(view), kind="gp", time_left=time_left)
    assert surrogate is not None
    ((proposal, _),) = optimal_proposals(view, surrogate, 1, Unseen(view))
    return proposal


def _measure(surface: Surface, config: Config, instance: str, least_s: float) -> tuple[float, float]:
    """Value and duration; the surrogate's net may predict a time below 0 where training is short."""
    outputs = surface.outputs(config, instance)
    return outputs["val_accuracy"], max(outputs["time"], least_s)


@cache
def _surface(root: Path) -> Surface:
    return Surface("lcbench", root)


def _read(path: Path) -> dict[Key, dict[str, Any]]:
    found: dict[Key, dict[str, Any]] = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        content = json.loads(line)
        found[content["instance"], content["seed"], content["rule"]] = content
    return found


def regret(curve: list[tuple[float, float]], share: float) -> float:
    """Of the best trial that ended within the share of the budget; 1, that of the median, while there is none."""
    return min((value for ended, value in curve if ended <= share), default=1.0)


def table(results: list[dict[str, Any]]) -> str:
    """Regret and number of trials by rule, and each rule's paired difference to cost not counted."""
    lines = [f"normalised regret at {', '.join(f'{s:.0%}' for s in SHOWN)} of the time; trials that ended in time"]
    of: dict[str, dict[tuple[str, int], list[float]]] = {}
    for content in results:
        key = content["instance"], content["seed"]
        of.setdefault(content["rule"], {})[key] = [regret(content["curve"], share) for share in SHOWN]
    for rule, found in of.items():
        counts = [sum(ended <= 1 for ended, _ in r["curve"]) for r in results if r["rule"] == rule]
        means = " ".join(f"{value:6.3f}" for value in np.mean(list(found.values()), axis=0))
        lines.append(f"  {rule:<12} {means}   {np.mean(counts):5.1f} trials   ({len(found)} runs)")
    base = of.get("not counted", {})
    for rule, found in of.items():
        shared = sorted(found.keys() & base.keys())
        if rule == "not counted" or not shared:
            continue
        for at, share in enumerate(SHOWN):
            lines.append(f"  {rule} - not counted at {share:.0%}: {_paired(found, base, shared, at)}")
    lines.append(f"durations of random configurations, 90% over 10%: {np.mean([r['time_ratio'] for r in results]):.1f}")
    return "\n".join(lines)


def _paired(
    ours: dict[tuple[str, int], list[float]],
    theirs: dict[tuple[str, int], list[float]],
    shared: list[tuple[str, int]],
    at: int,
) -> str:
    """Mean difference with its 95% interval by bootstrap over instances, and in how many runs each was better."""
    differences = {key: ours[key][at] - theirs[key][at] for key in shared}
    names = sorted({name for name, _ in shared})
    means = np.array([np.mean([d for (name, _), d in differences.items() if name == n]) for n in names])
    mean, low, high = interval(means)
    n_better, n_worse = (sum(sign * d > 0 for d in differences.values()) for sign in (-1, 1))
    return f"{mean:+.3f} [{low:+.3f}, {high:+.3f}], better in {n_better}, worse in {n_worse}"


if __name__ == "__main__":
    sys.exit(main())
