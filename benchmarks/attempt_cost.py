"""What an attempt of a small estimator costs: `python -m benchmarks.attempt_cost` prints CPU and wall seconds each.

An SVM on digits, five folds, one attempt after the other, through the process executor: each with an
interpreter of its own, and forked by a server that has imported what they need. The server's start is
shared among its attempts. CPU is that of all processes, the executor's own included.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

from agenttune.executors import Ended, Executor, Task
from agenttune.executors.process import ProcessExecutor
from agenttune.objectives.estimator import EstimatorObjective
from agenttune.spec import TrialLimits
from agenttune.trial import Attempt, AttemptState

N_ATTEMPTS = 30
"""As many trials as a short study has."""


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attempts", type=int, default=N_ATTEMPTS)
    n_attempts = parser.parse_args().attempts
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as workers side by side have it
    print(f"seconds an attempt, mean of {n_attempts}")
    print(f"{'':20}{'CPU':>8}{'wall':>8}")
    modules = EstimatorObjective.PRELOAD
    for way, preload in (("own interpreter", ()), ("forked", modules)):
        EstimatorObjective.PRELOAD = preload
        cpu_s, wall_s = cost(n_attempts)
        print(f"{way:20}{cpu_s:8.3f}{wall_s:8.3f}", flush=True)


def cost(n_attempts: int) -> tuple[float, float]:
    """CPU and wall seconds of one attempt."""
    with tempfile.TemporaryDirectory(prefix="agenttune-attempts-") as folder:
        cpu, wall = _cpu_s(), time.monotonic()
        executor = ProcessExecutor()
        for number in range(n_attempts):
            _run(executor, _task(Path(folder), number))
        executor.close(kill=True)
        return (_cpu_s() - cpu) / n_attempts, (time.monotonic() - wall) / n_attempts


def _task(folder: Path, number: int) -> Task:
    return Task(
        attempt=Attempt(number, number, 1, AttemptState.RUNNING, str(folder / str(number))),
        config={"C": 1.0, "gamma": 0.0167, "kernel": "rbf"},
        objective={"type": "estimator", "family": "svm", "data": "digits", "metric": "accuracy"},
        metric="accuracy",
        seed=number,
        study_seed=0,
        limits=TrialLimits(),
        cwd=str(folder),
        checkpoint_dir=str(folder / f"checkpoint-{number}"),
    )


def _run(executor: Executor, task: Task) -> None:
    executor.submit(task)
    ended: Ended | None = None
    while ended is None:
        ended = next((notice for notice in executor.poll(1.0) if isinstance(notice, Ended)), None)
    if ended.values is None:
        raise SystemExit(f"attempt {task.attempt.id} measured nothing: {ended}")


def _cpu_s() -> float:
    """CPU seconds of this process and of all that it, and they, have waited for."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    main()
