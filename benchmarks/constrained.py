"""What it brings to learn by how much a constraint holds: `python -m benchmarks.constrained` (some five minutes).

Six problems whose constraints are known, the Gaussian process, and two rules: the slack of every constraint is learnt
(docs/decisions/0023-constraints.md), or only whether a trial broke one, as for constraints that compare no sizes.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy: threads of BLAS would fight over the cores
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from agenttune.cli.format import parse_positive
from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.proposers.gp import GPProposer
from agenttune.space import Float, Int, Space
from agenttune.trial import Outcome, Trial, TrialState

SHOWN = (10, 15, 25)
RULES = {"slack": "{}", "labels": "{} and True"}
"""Rule -> how it writes a constraint."""
NOTHING = 9.0
"""What counts where nothing feasible was found."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A loss to make small, within constraints."""

    space: Space
    constraints: tuple[str, ...]
    measure: Callable[..., dict[str, float]]


def _corner(x: float) -> dict[str, float]:
    return {"loss": x, "latency": 100 * (1 - x)}


def _width(width: int, lr: float) -> dict[str, float]:
    return {"loss": 1 / math.log2(width) + 0.05 * abs(math.log10(lr) + 3) + 0.05, "latency": width / 20}


def _gardner_1(x: float, y: float) -> dict[str, float]:
    return {"loss": math.cos(2 * x) * math.cos(y) + math.sin(x), "c": math.cos(x + y) + 0.5}


def _gardner_2(x: float, y: float) -> dict[str, float]:
    return {"loss": math.sin(x) + y, "c": math.sin(x) * math.sin(y) + 0.95}


def _gramacy(x: float, y: float) -> dict[str, float]:
    wave = 1.5 - x - 2 * y - 0.5 * math.sin(2 * math.pi * (x * x - 2 * y))
    return {"loss": x + y, "c1": wave, "c2": x * x + y * y - 1.5}


def _trees(depth: int, n: int, lr: float) -> dict[str, float]:
    accuracy = 1 - math.exp(-depth / 4)
    loss = -accuracy * (1 - math.exp(-n / 60)) - 0.02 * math.sin(7 * lr)
    return {"loss": loss, "size": n * 2 ** (depth * 0.7) / 1000, "accuracy": accuracy}


PROBLEMS = {
    "corner": Problem(Space(x=Float(0, 1)), ("latency < 20",), _corner),
    "width": Problem(Space(width=Int(8, 4096, log=True), lr=Float(1e-5, 1e-1, log=True)), ("latency < 5",), _width),
    "gardner 1": Problem(Space(x=Float(0, 6), y=Float(0, 6)), ("c < 0.5",), _gardner_1),
    "gardner 2": Problem(Space(x=Float(0, 6), y=Float(0, 6)), ("c < 0",), _gardner_2),
    "gramacy": Problem(Space(x=Float(0, 1), y=Float(0, 1)), ("c1 <= 0", "c2 <= 0"), _gramacy),
    "trees": Problem(
        Space(depth=Int(1, 20), n=Int(5, 500, log=True), lr=Float(0, 1)), ("size < 2", "accuracy > 0.3"), _trees
    ),
}


def main() -> int:
    """Runs all and prints a line each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=parse_positive, default=5)
    parser.add_argument("--problem", choices=PROBLEMS, action="append", help="default: all; may be repeated")
    options = parser.parse_args()
    print(f"best feasible loss at {', '.join(map(str, SHOWN))} trials; infeasible of {SHOWN[-1]}")
    for name in options.problem or PROBLEMS:
        for rule in RULES:
            found = np.mean([run(PROBLEMS[name], rule, seed) for seed in range(options.seeds)], axis=0)
            best = " ".join(f"{value:7.3f}" for value in found[:-1])
            print(f"  {name:<10} {rule:<7} {best}   {found[-1]:5.1f}", flush=True)
    return 0


def run(problem: Problem, rule: str, seed: int) -> list[float]:
    """The best feasible loss at each of `SHOWN`, and how many trials were infeasible."""
    limits = tuple(RULES[rule].format(text) for text in problem.constraints)
    view = StudyView(problem.space, Goal("loss", "minimize", limits), (), seed=seed)
    for number in range(SHOWN[-1]):
        (proposal,) = GPProposer().propose(view, 1)
        outcome = Outcome(problem.measure(**proposal.config), 0.0)
        view = replace(
            view, trials=(*view.trials, Trial(number, proposal, TrialState.COMPLETE, 0, 0.0, outcome=outcome))
        )
    feasible = {trial.number: view.value(trial) for trial in view.trials if view.is_feasible(trial)}
    best = [min((value for number, value in feasible.items() if number < n), default=NOTHING) for n in SHOWN]
    return [*best, float(len(view.trials) - len(feasible))]


if __name__ == "__main__":
    sys.exit(main())
