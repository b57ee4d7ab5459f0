"""LLAMBO's published runs with gpt-3.5: replayed, so that they stand beside ours on the same tasks and starts.

Values are the published ones. What its 22 requests per trial cost is known from its code (two for candidates, twenty
for predictions), tokens and seconds are not.
"""

from __future__ import annotations

import csv

from benchmarks.methods import NotPossible, Step
from benchmarks.suites import N_STARTS, Task
from benchmarks.suites.bayesmark import REGRESSION, Score, truncated
from benchmarks.suites.conditions import REAL

REQUESTS = 22
SUITES = ("bayesmark", "bayesmark-mlp")
N_SEEDS = 5
N_PUBLISHED = 30
SCORES = ("score", "generalization_score")


class Published:
    """Reads a run."""

    def run(self, task: Task, *, n_trials: int, seed: int) -> list[Step]:
        """The first trials of the published run.

        Raises:
            NotPossible: it was not published, or not under this condition.
        """
        if task.suite not in SUITES:
            raise NotPossible("LLAMBO published no runs on this task")
        if task.condition != REAL:
            raise NotPossible("LLAMBO's runs had real names, the optimum where it is, and no default granted")
        if seed >= N_SEEDS:
            raise NotPossible(f"LLAMBO published {N_SEEDS} seeds")
        assert isinstance(task.evaluate, Score)
        model, _, data_set = task.name.partition("-")
        with (task.evaluate.folder / "results" / data_set / model / f"{seed}.csv").open() as file:
            rows = list(csv.DictReader(file))[: min(n_trials, N_PUBLISHED)]
        assert (task.direction == "minimize") == (data_set in REGRESSION)
        return [_step(task, row, is_start=number < N_STARTS) for number, row in enumerate(rows)]


def _step(task: Task, row: dict[str, str], *, is_start: bool) -> Step:
    config = truncated(task.space, {name: float(cell) for name, cell in row.items() if name not in SCORES})
    value = float(row[SCORES[0]])
    if is_start:
        return Step(config, value, "start")
    return Step(config, value, "model", None, REQUESTS, tokens_in=None, tokens_out=None, usd=None)
