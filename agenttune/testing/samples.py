"""Objectives that do one thing each, by name ("agenttune.testing.samples:square"), for suites that run them.

Not examples of good objectives: half of them misbehave on purpose.
"""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

from agenttune.errors import TrialFailure
from agenttune.objectives import Run
from agenttune.types import Config, Metrics


def square(config: Config) -> float:
    """x squared."""
    return float(config["x"]) ** 2


def several_metrics(config: Config) -> Metrics:
    """The goal's metric, called score, and another."""
    return {"score": 0.5, "latency_ms": 12}


def reports_three(config: Config, run: Run) -> float:
    """Reports at steps 0, 1, 2."""
    for step in range(3):
        run.report(step, score=step / 10)
    return 0.2


def what_run_says(config: Config, run: Run) -> Metrics:
    """What the run was handed, as metrics."""
    replicate_of = -1 if run.replicate_of is None else run.replicate_of
    return {
        "score": 0.0,
        "trial": run.trial_number,
        "seed": run.seed,
        "study_seed": run.study_seed,
        "attempt": run.attempt,
        "replicate_of": replicate_of,
        "checkpoint_exists": int(run.checkpoint_dir.is_dir()),
    }


def runs_until_stopped(config: Config, run: Run) -> float:
    """Reports until it is asked to stop, at most for a minute, and returns the number of steps."""
    step = 0
    while not run.should_stop and step < 6000:
        run.report(step, score=step)
        step += 1
        time.sleep(0.01)
    return float(step)


def appends_to_file(config: Config) -> float:
    """Writes a line to the file `path`, so that executions can be counted."""
    with Path(str(config["path"])).open("a", encoding="utf-8") as file:
        file.write("ran\n")
    return 1.0


def raises(config: Config) -> float:
    """Fails with an exception."""
    raise ValueError("x must not be what it is")


def fails_on_purpose(config: Config) -> float:
    """Fails for a reason it knows."""
    raise TrialFailure("this configuration does not fit the data")


def exits(config: Config) -> float:
    """Leaves the interpreter."""
    raise SystemExit(0)


def runs_out_of_memory(config: Config) -> float:
    """Asks for more memory than there is."""
    raise MemoryError


def returns_text(config: Config) -> Any:
    """Returns a string."""
    return "0.93"


def returns_nothing(config: Config) -> Any:
    """Forgets to return."""
    return None


def returns_nan(config: Config) -> float:
    """Returns NaN."""
    return math.nan


def returns_infinity(config: Config) -> Metrics:
    """Returns infinity as the goal's metric."""
    return {"score": math.inf, "loss": 1.0}


def returns_infinity_beside(config: Config) -> Metrics:
    """Returns infinity in a metric beside the goal's."""
    return {"score": 1.0, "loss": math.inf}


def returns_another_metric(config: Config) -> Metrics:
    """Returns metrics without the goal's."""
    return {"loss": 0.1}


def reports_nan(config: Config, run: Run) -> float:
    """Reports NaN."""
    run.report(0, score=math.nan)
    return 1.0


def reports_a_step_twice(config: Config, run: Run) -> float:
    """Reports two measurements of one step."""
    run.report(1, score=0.1)
    run.report(1, score=0.2)
    return 1.0
