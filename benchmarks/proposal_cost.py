"""What a proposal costs: `python -m benchmarks.proposal_cost` prints CPU-seconds, imports not counted.

The space is a block of 7 parameters (two numbers on a log scale, one linear, one integer, one ordinal, two
categories), or two such blocks. Warm: hyperparameters of the fit to one trial less are at hand, as they are
in 19 of 20 proposals. Cold: they are not.
"""

from __future__ import annotations

import time
from dataclasses import replace
from statistics import median

import numpy as np

from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.proposers import REGISTRY, load_proposer
from agenttune.space import Categorical, Float, Int, Ordinal, Parameter, Space
from agenttune.spec import WITH_MODEL
from agenttune.surrogate import fit
from agenttune.trial import Outcome, Proposal, Trial, TrialState

SIZES = (10, 50, 100, 200)
BLOCKS = (1, 2)
REPEATS = 5
SIZE_OF_OTHERS = 100
WARM_BAR_S, COLD_BAR_S, OTHER_BAR_S = 0.4, 3.0, 0.05
"""CPU-seconds at n = 100, d <= 14: what the project holds itself to."""


def main() -> None:
    """Measures and prints."""
    _once(view(space(1), 10, seed=99), "gp")  # imports
    _once(view(space(1), 10, seed=99), "tpe")
    print("CPU-s of a proposal, median of", REPEATS)
    print(f"{'':12}" + "".join(f"  n={n:<5}" for n in SIZES))
    for n_blocks in BLOCKS:
        for kind, is_warm in (("warm", True), ("cold", False)):
            costs = [_median(n_blocks, n, "gp", is_warm=is_warm) for n in SIZES]
            print(f"gp d={7 * n_blocks:<2} {kind}  " + "".join(f"  {cost:<7.3f}" for cost in costs))
    print(f"others at n={SIZE_OF_OTHERS}")
    for name in REGISTRY:
        if name not in ("gp", "auto", *WITH_MODEL):
            costs = [_median(n_blocks, SIZE_OF_OTHERS, name, is_warm=False) for n_blocks in BLOCKS]
            print(f"{name:12}" + "".join(f"  {cost:.4f}" for cost in costs) + "  (d=7, d=14)")
    print(f"bars at n=100: gp warm {WARM_BAR_S}, cold {COLD_BAR_S}; others {OTHER_BAR_S}")


def space(n_blocks: int) -> Space:
    """Seven parameters a block."""
    parameters: dict[str, Parameter] = {}
    for block in range(n_blocks):
        parameters |= {
            f"rate{block}": Float(1e-5, 1e-1, log=True),
            f"dropout{block}": Float(0.0, 0.6),
            f"decay{block}": Float(1e-6, 1e-2, log=True),
            f"layers{block}": Int(1, 8),
            f"batch{block}": Ordinal([16, 32, 64, 128, 256, 512]),
            f"optimizer{block}": Categorical(["sgd", "adam", "rmsprop"]),
            f"activation{block}": Categorical(["relu", "tanh", "gelu", "elu"]),
        }
    return Space(parameters)


def view(of: Space, n: int, *, seed: int) -> StudyView:
    """`n` complete random trials of a smooth objective with a little noise."""
    rng = np.random.default_rng(seed)
    configs = of.sample(rng, n)
    points = of.to_unit(configs)
    weights, optimum = rng.uniform(0.1, 2.0, points.shape[1]), rng.random(points.shape[1])
    values = -(weights * (points - optimum) ** 2).sum(1) + rng.normal(0, 0.02, n)
    trials = tuple(
        Trial(i, Proposal(config, "random", ""), TrialState.COMPLETE, 0, 0.0, outcome=Outcome({"value": value}, 1.0))
        for i, (config, value) in enumerate(zip(configs, values.tolist(), strict=True))
    )
    return StudyView(of, Goal("value", "maximize"), trials, seed=seed)


def _median(n_blocks: int, n: int, name: str, *, is_warm: bool) -> float:
    views = [view(space(n_blocks), n, seed=seed) for seed in range(REPEATS)]
    return median(_once(_remembering(v) if is_warm else v, name) for v in views)


def _remembering(full: StudyView) -> StudyView:
    """The view with the memory of a fit to all but the last trial."""
    surrogate = fit(replace(full, trials=full.trials[:-1]))
    assert surrogate is not None
    last = full.trials[-1]
    remembered = replace(last, proposal=replace(last.proposal, memory=surrogate.memory()))
    return replace(full, trials=(*full.trials[:-1], remembered))


def _once(given: StudyView, name: str) -> float:
    proposer = load_proposer(name)
    started = time.process_time()
    proposer.propose(given, 1)
    return time.process_time() - started


if __name__ == "__main__":
    main()
