"""A real language model, alone and through the gate: a study in a store, asked and told, as a user has it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from agenttune.budget import Budget
from agenttune.errors import BudgetExhausted
from agenttune.exchange import Exchange
from agenttune.spec import StudySpec
from agenttune.study import Study
from agenttune.trial import Trial
from benchmarks.methods import Step, starts
from benchmarks.suites import Task


class Gated:
    """The model through the gate."""

    proposer = "llm+gp"

    def __init__(self, model: str) -> None:
        self._model = model

    def run(self, task: Task, *, n_trials: int, seed: int) -> list[Step]:
        """The trials of one study; CPU seconds are those of this process, which a model on this machine shares."""
        first = starts(task, seed, n_trials)
        spec = StudySpec(
            name=f"{task.suite}-{seed}",  # a task's name would tell the model what the condition hides
            space=task.space,
            goal=task.goal,
            objective={"type": "told"},
            budget=Budget(trials=n_trials),
            proposer=self.proposer,
            model=self._model,
            seed=seed,
            first=tuple(first),
            default=task.default if task.is_default_granted else None,
        )
        steps: list[Step] = []
        n_known = 0
        with tempfile.TemporaryDirectory() as folder, Study.from_spec(spec, store=Path(folder) / "store.db") as study:
            while True:
                began = time.process_time()
                trial = asked(study)
                cost = time.process_time() - began
                if trial is None:
                    return steps
                value = task.evaluate(trial.config)
                began = time.process_time()
                if value is None:
                    study.tell(trial, failure="the trial failed")
                else:
                    study.tell(trial, value)
                cost += time.process_time() - began
                exchanges = [exchange for _, exchange in study.store.exchanges(study.id)]
                arm = "start" if len(steps) < len(first) else trial.arm
                steps.append(_step(trial, value, arm, cost, exchanges[n_known:]))
                n_known = len(exchanges)


class Alone(Gated):
    """The model alone."""

    proposer = "llm"


def asked(study: Study) -> Trial | None:
    """The next trial; None after the last."""
    try:
        return study.ask()
    except BudgetExhausted:
        return None


def _step(trial: Trial, value: float | None, arm: str, cpu_s: float, exchanges: Sequence[Exchange]) -> Step:
    paid = [exchange.dollars for exchange in exchanges]
    return Step(
        trial.config,
        value,
        arm,
        cpu_s,
        requests=len(exchanges),
        tokens_in=_tokens("prompt", exchanges),
        tokens_out=_tokens("completion", exchanges),
        usd=None if any(amount is None for amount in paid) else sum(amount for amount in paid if amount is not None),
    )


def _tokens(kind: str, exchanges: Sequence[Exchange]) -> int | None:
    """None where a server did not tell; a reply that was used again took none."""
    counts = [exchange.usage.get(kind) for exchange in exchanges if exchange.reused_from is None]
    return None if any(count is None for count in counts) else sum(count for count in counts if count is not None)
