"""One evaluation of an objective, in whatever process it happens: the run it is handed, and its end.

Not for: limits, process trees or waiting (process.py, child.py).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from agenttune.errors import AgentTuneError, ObjectiveError, TrialFailure
from agenttune.executors.attempt_files import AttemptFiles, AttemptResult, TaskFile, report_line
from agenttune.objectives import Objective, Run, load_objective
from agenttune.objectives.outcome import as_number, failure_of, outcome_values
from agenttune.redaction import say
from agenttune.trial import FailureKind, Report
from agenttune.types import Config, Json, Metrics


class AttemptRun:
    """The `Run` of an attempt: reports go to its reports.jsonl."""

    def __init__(
        self,
        files: AttemptFiles,
        task: TaskFile,
        *,
        started: float,
        on_report: Callable[[Report], None] | None = None,
    ) -> None:
        """Args: `started` is the reading of `time.monotonic()` when the attempt started."""
        say([task.metric, *task.config])
        self.trial_number = task.trial_number
        self.seed = task.seed
        self.study_seed = task.study_seed
        self.replicate_of = task.replicate_of
        self.attempt = task.attempt
        self.checkpoint_dir = Path(task.checkpoint_dir)
        self.directory = files.directory
        self.metric = task.metric
        self._files = files
        self._started = started
        self._on_report = on_report
        self._last_step: int | None = None
        self.knew_of_stop = False
        """Whether the objective was told to stop when it asked."""

    def report(self, step: int, **metrics: float) -> None:
        """Records an intermediate measurement; see `agenttune.objectives.Run`."""
        number = _step_number(step)
        if self._last_step is not None and number <= self._last_step:
            raise TrialFailure(f"steps must grow from report to report, but {number} came after {self._last_step}")
        if not metrics:
            raise TrialFailure(f"report({number}) needs a metric, as in report({number}, {self.metric}=0.9)")
        values = {name: as_number(value, f"{name} at step {number}") for name, value in metrics.items()}
        report = Report(number, values, self.elapsed_s)
        descriptor = os.open(self._files.reports, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            os.write(descriptor, report_line(report))
        finally:
            os.close(descriptor)
        self._last_step = number
        if self._on_report is not None:
            self._on_report(report)

    @property
    def should_stop(self) -> bool:
        """Whether the trial should end with what it has."""
        self.knew_of_stop = self.knew_of_stop or self._files.is_stop_requested
        return self.knew_of_stop

    @property
    def elapsed_s(self) -> float:
        """Seconds since the attempt started."""
        return time.monotonic() - self._started


class HeldOut:
    """An objective seen from its held-out side: scores on what tuning never saw."""

    def __init__(self, score: Callable[[Config, Run], float | Metrics]) -> None:
        self.evaluate = score


def objective_of(content: Mapping[str, Json], *, cwd: Path, mode: str) -> Objective:
    """The objective of a task, or its held-out side.

    Raises:
        ObjectiveError: it cannot be loaded, or has no held-out side.
    """
    objective = load_objective(content, cwd=cwd)
    if mode == "evaluate":
        return objective
    score = getattr(objective, "held_out", None)
    if score is None:
        raise ObjectiveError(f"a {content['type']} objective holds nothing out of the tuning to score on")
    return HeldOut(score)


def evaluate(objective: Objective, config: Config, run: AttemptRun, *, log_path: str | None) -> AttemptResult:
    """Evaluates once; every exception but KeyboardInterrupt becomes the attempt's end."""
    try:
        values = outcome_values(objective.evaluate(config, run), run.metric)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  # the user's own code, SystemExit included
        return result_of_error(error, elapsed_s=run.elapsed_s, log_path=log_path)
    knew = run.should_stop if getattr(objective, "outlives_sigterm", False) else run.knew_of_stop
    return AttemptResult(run.elapsed_s, values=values, knew_of_stop=knew)


def result_of_error(error: BaseException, *, elapsed_s: float, log_path: str | None) -> AttemptResult:
    """How an attempt ends that raised `error`."""
    if isinstance(error, AgentTuneError) and getattr(error, "kind", None) == FailureKind.LOST:
        return AttemptResult(elapsed_s, died=str(error))
    return AttemptResult(elapsed_s, failure=failure_of(error, log_path=log_path))


def _step_number(step: object) -> int:
    if isinstance(step, bool) or not hasattr(step, "__index__"):
        raise TrialFailure(f"a step must be a whole number, but got {step!r}")
    number = int(step.__index__())
    if number < 0:
        raise TrialFailure(f"a step must not be negative, but got {number}")
    return number
