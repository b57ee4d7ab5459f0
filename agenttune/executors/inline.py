"""`InlineExecutor`: attempts run one after the other in this process, inside `poll`.

For tests, tiny objectives and those that no other process can load. An exception of the objective
ends its trial, not the caller; KeyboardInterrupt passes through. No limits, no log, nothing to kill:
a crash of the objective is a crash of the study.
"""

from __future__ import annotations

import json
import os
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from agenttune.errors import InternalError
from agenttune.executors import Ended, Notice, Reported, Started, Task
from agenttune.executors.attempt_files import AttemptFiles, AttemptResult, TaskFile
from agenttune.executors.ends import conclude
from agenttune.executors.evaluation import AttemptRun, evaluate, objective_of, result_of_error
from agenttune.objectives import Objective
from agenttune.processes import lease_of
from agenttune.trial import Report


class InlineExecutor:
    """Runs attempts in this process."""

    def __init__(self) -> None:
        self.on_report: Callable[[int, Report], bool] | None = None
        """Called with attempt id and report in the midst of the objective; True asks it to stop.

        Whoever sets it sees reports when a scheduler can still act on them; `poll` tells them as well,
        after the attempt has ended.
        """
        self._waiting: deque[Task] = deque()
        self._ended: list[Notice] = []
        self._loaded: dict[str, Objective] = {}
        self._held: Objective | None = None

    def hold(self, objective: Objective) -> None:
        """Uses this live objective for every task, for callables that no other process can load."""
        self._held = objective

    def submit(self, task: Task) -> None:
        """Queues an attempt; `poll` runs it.

        Raises:
            InternalError: the attempt is queued already.
        """
        if any(waiting.attempt.id == task.attempt.id for waiting in self._waiting):
            raise InternalError(f"attempt {task.attempt.id} is queued already")
        files = AttemptFiles(task.attempt.directory)
        files.directory.mkdir(parents=True, exist_ok=True)
        Path(task.checkpoint_dir).mkdir(parents=True, exist_ok=True)
        self._waiting.append(task)

    def adopt(self, task: Task) -> Ended | None:
        """How an attempt of another process ended: with the result it left, or with that process."""
        return conclude(task, AttemptFiles(task.attempt.directory), cause=None, elapsed_s=0.0)

    def poll(self, timeout_s: float) -> list[Notice]:
        """Runs the next attempt to its end and tells all about it; sleeps if there is none."""
        if self._ended:
            ended, self._ended = self._ended, []
            return ended
        if not self._waiting:
            time.sleep(timeout_s)
            return []
        return self._run(self._waiting.popleft())

    def ask_to_stop(self, attempt_id: int) -> None:
        """Raises the flag of an attempt that has not started: its `should_stop` is true from the beginning."""
        for task in self._waiting:
            if task.attempt.id == attempt_id:
                AttemptFiles(task.attempt.directory).request_stop()

    def cancel(self, attempt_id: int) -> None:
        """Forgets an attempt that has not started; the next `poll` tells its end."""
        for task in [task for task in self._waiting if task.attempt.id == attempt_id]:
            self._waiting.remove(task)
            self._ended.append(Ended(attempt_id, 0.0, died="it was cancelled"))

    def close(self, *, kill: bool) -> None:
        """Forgets what has not started."""
        self._waiting.clear()
        self._ended.clear()

    def _run(self, task: Task) -> list[Notice]:
        files = AttemptFiles(task.attempt.directory)
        attempt_id = task.attempt.id
        reports: list[Report] = []

        def on_report(report: Report) -> None:
            reports.append(report)
            if self.on_report is not None and self.on_report(attempt_id, report):
                files.request_stop()

        started = time.monotonic()
        run = AttemptRun(files, TaskFile.of(task, marker="", grace_s=0.0), started=started, on_report=on_report)
        try:
            result = self._evaluate(task, run)
        except BaseException:
            self._ended.append(Ended(attempt_id, run.elapsed_s, died="it was interrupted"))
            raise
        files.write_result(result)
        lease = lease_of(os.getpid())
        assert lease is not None  # this very process
        ended = conclude(task, files, cause=None, elapsed_s=result.elapsed_s)
        return [Started(attempt_id, lease), *(Reported(attempt_id, report) for report in reports), ended]

    def _evaluate(self, task: Task, run: AttemptRun) -> AttemptResult:
        try:
            objective = self._objective(task)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  # importing the user's module runs their code
            return result_of_error(error, elapsed_s=run.elapsed_s, log_path=None)
        return evaluate(objective, task.config, run, log_path=None)

    def _objective(self, task: Task) -> Objective:
        """Loaded once: a callable that keeps state between calls keeps it, as in any loop."""
        if self._held is not None:
            return self._held
        key = json.dumps([task.objective, task.cwd, task.mode], sort_keys=True)
        if key not in self._loaded:
            self._loaded[key] = objective_of(task.objective, cwd=Path(task.cwd), mode=task.mode)
        return self._loaded[key]
