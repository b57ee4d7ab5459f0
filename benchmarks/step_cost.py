"""What a step with a model costs, but for the model's own time: `python -m benchmarks.step_cost` prints CPU-seconds.

A study in a store has 100 finished trials over the space of `benchmarks.proposal_cost`; its next steps are real ones,
each of which asks for candidates: view, fit, the surrogate's own point, digest and prompt ("prepare"); ledger, decoding
and keeping the exchange ("ask", the model itself taken out); the gate's judgement and keeping the trial ("propose");
claim and outcome ("store"). The model answers at once.
Cold: no hyperparameters of an earlier fit are at hand, as at every twentieth step.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from agenttune.budget import Budget
from agenttune.goal import Goal
from agenttune.models import Reply
from agenttune.proposers import load_proposer
from agenttune.proposers.llm import LATENCY_S, ModelArm
from agenttune.replies.desk import Desk
from agenttune.space import Space
from agenttune.spec import StudySpec
from agenttune.store import Store
from agenttune.study.asking import Prompts
from agenttune.study.step import Steps
from agenttune.testing.scripted import ScriptedModel
from agenttune.trial import Outcome, Proposal, TrialState
from agenttune.types import Config
from benchmarks.proposal_cost import space

N = 100
BLOCKS = (1, 2)
SEEDS = 5
"""Studies a row."""
STEPS = 6
"""Warm steps of a study: few, so that n stays near 100."""
MODEL = "http://127.0.0.1:9/v1#instant"
"""Never reached: the steps ask a model of the benchmark's own."""
POLL_S = 0.02
"""As `Study.ask` waits."""
BAR_S = 0.5
PARTS = ("prepare", "ask", "propose", "store")


class Bowl:
    """The objective, and a model that offers four points far from its optimum, which the gate leaves: so the next
    step asks again. It answers at once, and its own time is known."""

    def __init__(self, of: Space, seed: int) -> None:
        self._space = of
        self._rng = np.random.default_rng(seed)
        n_columns = len(of.columns)
        self._weights, self._optimum = self._rng.uniform(0.1, 2.0, n_columns), self._rng.random(n_columns)
        self.spent_s = 0.0

    def value(self, config: Config) -> float:
        """Minus the weighted squared distance, with a little noise."""
        (point,) = self._space.to_unit([config])
        return -float((self._weights * (point - self._optimum) ** 2).sum()) + float(self._rng.normal(0, 0.02))

    def __call__(self) -> Reply:
        """The model's next reply."""
        began = time.thread_time()
        far = np.where(self._optimum < 0.5, 1.0, 0.0)
        points = np.abs(far - self._rng.uniform(0.0, 0.1, (4, len(far))))
        offered = [
            {"config": config, "reason": "far off", "predicted": -1.0, "low": -2.0, "high": 0.0}
            for config in self._space.from_unit(points)
        ]
        text = json.dumps({"candidates": offered})
        self.spent_s += time.thread_time() - began
        return Reply(text, {"prompt": 2_000, "completion": 300})


class CloseableDesk(Desk):
    """A desk as an arm holds it."""

    def close(self) -> None:
        """Ends it."""
        self.cancel()


def main() -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {f"XDG_{name}_HOME": folder for name in ("CONFIG", "STATE", "CACHE")}
        measure(Path(folder), 1, seed=99)  # imports
        print(f"CPU-s of a step that asks, n = {N} to {N + STEPS}" + "".join(f"{part:>10}" for part in PARTS))
        for n_blocks in BLOCKS:
            studies = [measure(Path(folder), n_blocks, seed=seed) for seed in range(SEEDS)]
            show(f"d={7 * n_blocks:<2} warm", [step for study in studies for step in study[1:]])
            show(f"d={7 * n_blocks:<2} cold", [study[0] for study in studies])
    print(f"bar: {BAR_S} warm")


def show(label: str, steps: list[dict[str, float]]) -> None:
    """Prints a row: median and most of the whole, medians of the parts."""
    totals = [sum(step.values()) for step in steps]
    parts = "".join(f"{median(step[part] for step in steps):10.3f}" for part in PARTS)
    print(f"{label}  {median(totals):.3f} (most {max(totals):.3f}, {len(steps):2} steps){parts}", flush=True)


def measure(folder: Path, n_blocks: int, *, seed: int) -> list[dict[str, float]]:
    """CPU seconds of some steps of one study, by part; the first has no fit to go on from."""
    with Store.open(folder / f"study-{n_blocks}-{seed}.db") as store:
        bowl = Bowl(space(n_blocks), seed)
        steps = Steps(store, filled(store, space(n_blocks), bowl, seed=seed))
        model = ScriptedModel(bowl, spec=MODEL, is_local=True)
        desk = CloseableDesk(model, store=store, study_id=steps.id, budget=lambda: steps.spec.budget)
        steps.arm = ModelArm(desk, Prompts(store, steps.id, steps.spec, latency_s=LATENCY_S))
        steps.proposer = load_proposer("llm+gp", steps.arm)
        done = [once(steps, bowl) for _ in range(STEPS + 1)]
        assert len(model.asked) == len(done)
    return done


def filled(store: Store, of: Space, bowl: Bowl, *, seed: int) -> str:
    """A study with `N` random trials that are finished."""
    goal, budget = Goal("value", "maximize"), Budget(trials=2 * N)
    spec = StudySpec(f"study-{seed}", of, goal, {"type": "told"}, budget, "llm+gp", MODEL, seed=seed)
    study_id = store.create_study(spec).id
    for number, config in enumerate(of.sample(np.random.default_rng(seed), N)):
        store.add_trial(study_id, Proposal(config, "random", "drawn at random"), seed=number)
        store.claim(study_id)
        store.finish(study_id, number, TrialState.COMPLETE, outcome=Outcome({"value": bowl.value(config)}, 1.0))
    return study_id


def once(steps: Steps, bowl: Bowl) -> dict[str, float]:
    """One step, from the question to the outcome."""
    times, models_s = [time.process_time()], bowl.spent_s
    is_ready = steps.is_ready()
    times.append(time.process_time())
    while not is_ready:
        time.sleep(POLL_S)
        is_ready = steps.is_ready()
    times.append(time.process_time())
    assert steps.propose() is None
    times.append(time.process_time())
    claimed = steps.claim()
    assert claimed is not None
    outcome = Outcome({"value": bowl.value(claimed[0].config)}, 1.0)
    steps.record_outcome(claimed[0].number, TrialState.COMPLETE, outcome)
    times.append(time.process_time())
    spent = dict(zip(PARTS, np.diff(times).tolist(), strict=True))
    return {**spent, "ask": spent["ask"] - (bowl.spent_s - models_s)}


if __name__ == "__main__":
    main()
