"""What every executor must do: inherit `ExecutorConformance` and say how to build yours.

::

    class TestMine(ExecutorConformance):
        def executor(self) -> Executor:
            return MyExecutor()

The objectives are those of samples.py. Nothing here waits without a deadline.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agenttune.executors import Ended, Executor, Notice, Reported, Started, Task
from agenttune.spec import TrialLimits
from agenttune.trial import Attempt, AttemptState, FailureKind
from agenttune.types import Config, Json

SAMPLES = "agenttune.testing.samples"
DEADLINE_S = 60.0
"""Far above what anything here takes, so that only what hangs fails on a crowded machine."""


def make_task(
    folder: Path,
    target: str = "square",
    *,
    attempt_id: int = 1,
    config: Config | None = None,
    objective: dict[str, Json] | None = None,
    limits: TrialLimits | None = None,
    cwd: Path | None = None,
    **changes: Any,
) -> Task:
    """A task in a folder of its own below `folder`; its metric is called score.

    Args:
        folder: where its files go.
        target: function of samples.py, or "file.py:function" relative to `cwd`.
        attempt_id: also the number of the trial.
        config: by default x = 3.
        objective: instead of a target.
        limits: by default none.
        cwd: by default `folder`.
        changes: further fields of `Task`.
    """
    attempt = Attempt(attempt_id, attempt_id, 1, AttemptState.RUNNING, str(folder / f"attempt-{attempt_id}"))
    return Task(
        attempt=attempt,
        config={"x": 3.0} if config is None else config,
        objective=objective or {"type": "python", "target": target if ":" in target else f"{SAMPLES}:{target}"},
        metric="score",
        seed=changes.pop("seed", 11),
        study_seed=changes.pop("study_seed", 7),
        limits=limits or TrialLimits(),
        cwd=str(cwd or folder),
        checkpoint_dir=str(folder / f"checkpoint-{attempt_id}"),
        **changes,
    )


def wait_until(condition: Callable[[], bool], *, what: str) -> None:
    """Returns once `condition()` holds; fails after `DEADLINE_S`."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {DEADLINE_S:g} s for {what}"
        time.sleep(0.005)


def notices_until(executor: Executor, is_last: Callable[[Notice], bool]) -> list[Notice]:
    """Polls until a notice satisfies `is_last`; fails after `DEADLINE_S`."""
    told: list[Notice] = []
    deadline = time.monotonic() + DEADLINE_S
    while not any(is_last(notice) for notice in told):
        assert time.monotonic() < deadline, f"waited {DEADLINE_S:g} s; so far: {told}"
        told += executor.poll(1.0)
    return told


def end_of(executor: Executor, attempt_id: int = 1) -> Ended:
    """Polls until that attempt has ended."""
    told = notices_until(executor, lambda notice: isinstance(notice, Ended) and notice.attempt_id == attempt_id)
    return next(notice for notice in told if isinstance(notice, Ended) and notice.attempt_id == attempt_id)


@contextmanager
def open_executor(executor: Executor) -> Iterator[Executor]:
    """Closes it at the end, with everything it runs."""
    try:
        yield executor
    finally:
        executor.close(kill=True)


class ExecutorConformance:
    """What the study relies on; every test runs real attempts."""

    def executor(self) -> Executor:
        """A new executor."""
        raise NotImplementedError

    def run(self, task: Task) -> list[Notice]:
        """All notices of a task, from its start to its end."""
        with open_executor(self.executor()) as executor:
            executor.submit(task)
            return notices_until(executor, lambda notice: isinstance(notice, Ended))

    def end(self, task: Task) -> Ended:
        """How a task ends."""
        return next(notice for notice in self.run(task) if isinstance(notice, Ended))

    def failure_kind(self, task: Task) -> FailureKind | None:
        """The kind of failure a task ends with; None if it does not fail."""
        failure = self.end(task).failure
        return None if failure is None else failure.kind

    def test_a_number_is_the_goals_metric(self, tmp_path: Path) -> None:
        assert self.end(make_task(tmp_path, "square")).values == {"score": 9.0}

    def test_all_metrics_of_a_dict_arrive(self, tmp_path: Path) -> None:
        assert self.end(make_task(tmp_path, "several_metrics")).values == {"score": 0.5, "latency_ms": 12.0}

    def test_an_attempt_is_told_as_started_first_and_ended_last(self, tmp_path: Path) -> None:
        told = self.run(make_task(tmp_path, "reports_three"))
        assert isinstance(told[0], Started)
        assert isinstance(told[-1], Ended)
        assert [type(notice) for notice in told[1:-1]] == [Reported] * 3

    def test_reports_arrive_in_order_with_growing_time(self, tmp_path: Path) -> None:
        reports = [n.report for n in self.run(make_task(tmp_path, "reports_three")) if isinstance(n, Reported)]
        assert [(report.step, report.metrics) for report in reports] == [
            (0, {"score": 0.0}),
            (1, {"score": 0.1}),
            (2, {"score": 0.2}),
        ]
        assert 0 <= reports[0].elapsed_s <= reports[1].elapsed_s <= reports[2].elapsed_s

    def test_the_run_tells_trial_seeds_attempt_and_checkpoint(self, tmp_path: Path) -> None:
        task = make_task(tmp_path, "what_run_says", attempt_id=5, seed=3, study_seed=4, replicate_of=2)
        values = self.end(task).values
        assert values is not None
        assert values == {
            "score": 0.0,
            "trial": 5.0,
            "seed": 3.0,
            "study_seed": 4.0,
            "attempt": 1.0,
            "replicate_of": 2.0,
            "checkpoint_exists": 1.0,
        }

    def test_an_exception_is_a_crash_with_its_traceback(self, tmp_path: Path) -> None:
        failure = self.end(make_task(tmp_path, "raises")).failure
        assert failure is not None
        assert (failure.kind, failure.message) == (FailureKind.CRASH, "ValueError: x must not be what it is")
        assert "in raises" in (failure.traceback_tail or "")

    def test_a_trial_failure_keeps_its_sentence(self, tmp_path: Path) -> None:
        failure = self.end(make_task(tmp_path, "fails_on_purpose")).failure
        assert failure is not None
        assert (failure.kind, failure.message) == (FailureKind.INVALID, "this configuration does not fit the data")

    def test_leaving_the_interpreter_is_a_crash(self, tmp_path: Path) -> None:
        assert self.failure_kind(make_task(tmp_path, "exits")) is FailureKind.CRASH

    def test_a_memory_error_is_oom(self, tmp_path: Path) -> None:
        assert self.failure_kind(make_task(tmp_path, "runs_out_of_memory")) is FailureKind.OOM

    def test_a_returned_string_is_invalid_and_shown(self, tmp_path: Path) -> None:
        failure = self.end(make_task(tmp_path, "returns_text")).failure
        assert failure is not None
        assert failure.kind is FailureKind.INVALID
        assert "'0.93'" in failure.message

    def test_a_returned_none_is_invalid(self, tmp_path: Path) -> None:
        assert self.failure_kind(make_task(tmp_path, "returns_nothing")) is FailureKind.INVALID

    def test_a_missing_goal_metric_is_invalid_and_named(self, tmp_path: Path) -> None:
        failure = self.end(make_task(tmp_path, "returns_another_metric")).failure
        assert failure is not None
        assert failure.kind is FailureKind.INVALID
        assert "'loss'" in failure.message
        assert "'score'" in failure.message

    def test_nan_and_infinity_are_failures_of_kind_nan(self, tmp_path: Path) -> None:
        assert self.failure_kind(make_task(tmp_path, "returns_nan")) is FailureKind.NAN
        assert self.failure_kind(make_task(tmp_path, "returns_infinity", attempt_id=2)) is FailureKind.NAN

    def test_a_metric_beside_the_goals_that_is_not_finite_is_left_out(self, tmp_path: Path) -> None:
        assert self.end(make_task(tmp_path, "returns_infinity_beside")).values == {"score": 1.0}

    def test_a_reported_nan_is_a_failure_of_kind_nan(self, tmp_path: Path) -> None:
        assert self.failure_kind(make_task(tmp_path, "reports_nan")) is FailureKind.NAN

    def test_a_step_that_does_not_grow_is_invalid(self, tmp_path: Path) -> None:
        assert self.failure_kind(make_task(tmp_path, "reports_a_step_twice")) is FailureKind.INVALID

    def test_an_objective_that_cannot_be_loaded_is_invalid(self, tmp_path: Path) -> None:
        failure = self.end(make_task(tmp_path, "no_such_function")).failure
        assert failure is not None
        assert failure.kind is FailureKind.INVALID
        assert "no_such_function" in failure.message

    def test_an_attempt_that_is_asked_to_stop_returns_what_it_has(self, tmp_path: Path) -> None:
        with open_executor(self.executor()) as executor:
            executor.submit(make_task(tmp_path, "runs_until_stopped"))
            executor.ask_to_stop(1)
            ended = end_of(executor)
        assert ended.values is not None
        assert ended.values["score"] < 6000
        assert ended.is_stopped

    def test_a_cancelled_attempt_died(self, tmp_path: Path) -> None:
        with open_executor(self.executor()) as executor:
            executor.submit(make_task(tmp_path, "runs_until_stopped"))
            executor.cancel(1)
            ended = end_of(executor)
        assert ended.died is not None
        assert (ended.values, ended.failure) == (None, None)

    def test_asking_an_unknown_attempt_does_nothing(self, tmp_path: Path) -> None:
        with open_executor(self.executor()) as executor:
            executor.ask_to_stop(99)
            executor.cancel(99)
            assert executor.poll(0.0) == []

    def test_several_attempts_end_with_their_own_values(self, tmp_path: Path) -> None:
        with open_executor(self.executor()) as executor:
            for number in (1, 2, 3):
                executor.submit(make_task(tmp_path, "square", attempt_id=number, config={"x": float(number)}))
            ended: dict[int, Ended] = {}
            deadline = time.monotonic() + DEADLINE_S
            while len(ended) < 3 and time.monotonic() < deadline:
                ended |= {n.attempt_id: n for n in executor.poll(1.0) if isinstance(n, Ended)}
        assert {number: end.values for number, end in ended.items()} == {
            1: {"score": 1.0},
            2: {"score": 4.0},
            3: {"score": 9.0},
        }

    def test_adopting_an_attempt_that_never_started_tells_that_it_died(self, tmp_path: Path) -> None:
        with open_executor(self.executor()) as executor:
            ended = executor.adopt(make_task(tmp_path))
        assert ended is not None
        assert ended.died is not None

    def test_adopting_a_finished_attempt_finds_its_result_and_runs_nothing(self, tmp_path: Path) -> None:
        counted = tmp_path / "executions"
        task = make_task(tmp_path, "appends_to_file", config={"path": str(counted)})
        self.end(task)
        with open_executor(self.executor()) as executor:
            ended = executor.adopt(dataclasses.replace(task))
        assert ended is not None
        assert ended.values == {"score": 1.0}
        assert counted.read_text() == "ran\n"
