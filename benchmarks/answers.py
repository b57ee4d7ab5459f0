"""What answers cost: `python -m benchmarks.answers` prints CPU seconds of each at 100 trials of 7 parameters.

The view is that of `benchmarks.digest` (failures, predictions); the fit is warm, as in a study that a Gaussian process
proposes for, and shared by all answers.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import TypeVar

import numpy as np

from agenttune.budget import Budget
from agenttune.history import StudyView
from agenttune.insight.answers.answer import Answer
from agenttune.insight.answers.compared import compare
from agenttune.insight.answers.failed import failures
from agenttune.insight.answers.foreseen import rank
from agenttune.insight.answers.ideas import next_ideas
from agenttune.insight.answers.lessons import lessons
from agenttune.insight.answers.outlook import outlook
from agenttune.insight.answers.why import why_trial
from agenttune.insight.answers.worded import worded
from agenttune.surrogate import Surrogate, fit
from benchmarks.digest import view

T = TypeVar("T")
N_TRIALS, REPEATS = 100, 3
BAR_S = 1.5
"""CPU seconds of the fit and all answers together."""

ANSWERS: dict[str, Callable[[StudyView, Surrogate], Answer]] = {
    "why_trial": lambda given, _: why_trial(given, 29),
    "failures": lambda given, _: failures(given),
    "compare": lambda given, _: compare(given, [1, 2, 3]),
    "predict 20": lambda given, model: rank(given, model, given.space.sample(np.random.default_rng(0), 20)),
    "next_ideas": next_ideas,
    "outlook": lambda given, model: outlook(given, model, budget=Budget(trials=200), n_trials=N_TRIALS),
    "lessons": lessons,
}


def main() -> None:
    """Measures and prints."""
    _all(view(1, 30, seed=99))  # imports
    rows = [_all(view(1, N_TRIALS, seed=seed)) for seed in range(REPEATS)]
    for name in rows[0]:
        print(f"{name:>12} {median(row[name] for row in rows):6.3f} s")
    total = median(sum(row.values()) for row in rows)
    print(f"{'together':>12} {total:6.3f} s (bar {BAR_S} s)")


def _all(given: StudyView) -> dict[str, float]:
    cold = fit(given)
    assert cold is not None
    memory = cold.memory()
    seconds, model = _timed(lambda: fit(given, memory))
    assert model is not None
    found = {"warm fit": seconds}
    for name, answer in ANSWERS.items():
        found[name], _ = _timed(partial(_worded, answer, given, model))
    return found


def _worded(answer: Callable[[StudyView, Surrogate], Answer], given: StudyView, model: Surrogate) -> str:
    return worded(answer(given, model))


def _timed(call: Callable[[], T]) -> tuple[float, T]:
    gc.disable()
    started = time.process_time()
    result = call()
    elapsed_s = time.process_time() - started
    gc.enable()
    return elapsed_s, result


if __name__ == "__main__":
    main()
