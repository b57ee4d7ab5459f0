"""How an attempt ended, read from its files once its whole process tree is gone. Kills and waits for nothing."""

from __future__ import annotations

import signal
import time
from dataclasses import replace
from enum import Enum
from pathlib import Path

from agenttune.errors import UserError
from agenttune.executors import Ended, Task
from agenttune.executors.attempt_files import AttemptFiles, ReportReader, TaskFile
from agenttune.executors.evaluation import AttemptRun
from agenttune.objectives import load_objective
from agenttune.trial import Failure, FailureKind


class Cause(Enum):
    """Why the executor killed an attempt."""

    TIMEOUT = "timeout"
    OOM = "oom"
    STOPPED = "stopped"
    """It was asked to stop and did not."""
    CANCELLED = "cancelled"
    STUCK = "stuck"
    """It never got as far as naming its process."""


def conclude(
    task: Task,
    files: AttemptFiles,
    *,
    cause: Cause | None,
    elapsed_s: float,
    exit_code: int | None = None,
    peak_bytes: int = 0,
) -> Ended:
    """The end of an attempt.

    In this order: a result with values counts, whatever came after it; then a limit that was broken;
    then a failure of its own, with a complete result file of a command before a kill from outside. An
    attempt that was asked to stop and measured nothing at its end ends with its last report that has
    the goal's metric; without one it is a failure (invalid).
    """
    ended = _conclude(task, files, cause=cause, elapsed_s=elapsed_s, exit_code=exit_code, peak_bytes=peak_bytes)
    result = files.read_result()
    is_whole = result is not None and result.values is not None and not result.knew_of_stop
    return replace(ended, is_stopped=files.is_stop_requested and not is_whole)


def _conclude(
    task: Task, files: AttemptFiles, *, cause: Cause | None, elapsed_s: float, exit_code: int | None, peak_bytes: int
) -> Ended:
    attempt_id = task.attempt.id
    result = files.read_result()
    elapsed_s = elapsed_s if result is None else result.elapsed_s
    if result is not None and result.values is not None:
        return Ended(attempt_id, elapsed_s, values=result.values)
    if files.is_stop_requested:
        return _stopped(task, files, elapsed_s)
    if cause in (Cause.TIMEOUT, Cause.OOM):
        failure = _limit_failure(task, cause, files, peak_bytes=peak_bytes)
        return Ended(attempt_id, elapsed_s, failure=failure)
    if result is not None and result.failure is not None and cause is None:
        return Ended(attempt_id, elapsed_s, failure=result.failure)
    left = _left_by_command(task, files)
    if left is not None:
        return Ended(attempt_id, elapsed_s, values=left)
    if cause is Cause.CANCELLED:
        return Ended(attempt_id, elapsed_s, died="it was cancelled")
    if cause is Cause.STUCK:
        return Ended(attempt_id, elapsed_s, died="its process did not start in time")
    if result is not None and result.died is not None:
        return Ended(attempt_id, elapsed_s, died=result.died)
    return Ended(attempt_id, elapsed_s, died=_death(exit_code))


def _stopped(task: Task, files: AttemptFiles, elapsed_s: float) -> Ended:
    left = _left_by_command(task, files)
    if left is not None:
        return Ended(task.attempt.id, elapsed_s, values=left)
    measured = [report for report in ReportReader(files).new() if task.metric in report.metrics]
    if measured:
        return Ended(task.attempt.id, elapsed_s, values=measured[-1].metrics)
    message = f"it was asked to stop and had not reported {task.metric!r} yet"
    return Ended(task.attempt.id, elapsed_s, failure=Failure(FailureKind.INVALID, message, log_path=str(files.log)))


def _limit_failure(task: Task, cause: Cause, files: AttemptFiles, *, peak_bytes: int) -> Failure:
    from agenttune.objectives.outcome import TRACEBACK_LINES

    tail = files.log_tail(TRACEBACK_LINES) or None
    if cause is Cause.TIMEOUT:
        message = f"it ran longer than its limit of {task.limits.seconds:g} s"
        return Failure(FailureKind.TIMEOUT, message, tail, log_path=str(files.log))
    message = f"it used {_size(peak_bytes)} of memory, more than its limit of {_size(task.limits.memory_bytes or 0)}"
    return Failure(FailureKind.OOM, message, tail, log_path=str(files.log))


def _left_by_command(task: Task, files: AttemptFiles) -> dict[str, float] | None:
    """What a command wrote completely before it, or whoever watched it, was killed."""
    if task.objective.get("type") != "command" or task.mode != "evaluate":
        return None
    from agenttune.objectives.command import CommandObjective

    lease = files.read_lease()
    if lease is None:
        return None
    run = AttemptRun(files, TaskFile.of(task, marker="", grace_s=0.0), started=time.monotonic())
    try:
        objective = load_objective(task.objective, cwd=Path(task.cwd))
    except UserError:
        return None
    assert isinstance(objective, CommandObjective)  # by its type
    return objective.left_result(task.config, run, since=lease.started_at)


def _death(exit_code: int | None) -> str:
    if exit_code is None or exit_code >= 0:
        code = "" if exit_code is None else f" (exit code {exit_code})"
        return f"its process is gone and left no result{code}"
    try:
        return f"its process was killed by {signal.Signals(-exit_code).name}"
    except ValueError:  # a real-time signal
        return f"its process was killed by signal {-exit_code}"


def _size(n_bytes: int) -> str:
    """1.5 GB, 300 MB: powers of 1000, as limits are given."""
    return f"{n_bytes / 1e9:.2f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.0f} MB"
