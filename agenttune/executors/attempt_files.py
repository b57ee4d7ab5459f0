"""The files of one attempt: how its driver and its process talk, and what any death leaves behind.

::

    task.json       what to run; by the driver, before the process exists
    lock            locked from before the process exists until it is gone
    lease.json      which process runs it; by that process, first of all
    log.txt         its output, up to a limit
    reports.jsonl   intermediate measurements, a line each; a torn last line is not one
    result.json     how it ended; complete or absent
    stop            exists when the attempt should end with what it has

The standard library only: the process of an attempt loads this before anything else.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agenttune.objectives.measurements import LineTail
from agenttune.objectives.variables import STOP_NAME
from agenttune.trial import Failure, FailureKind, Lease, Report
from agenttune.types import Config, Json, Metrics

if TYPE_CHECKING:
    from agenttune.executors import Task

TAIL_BYTES = 64_000
"""The end of a log is looked for in this much of it."""


@dataclass(frozen=True, slots=True)
class TaskFile:
    """What task.json holds: all that the process of an attempt needs to know."""

    marker: str
    """In the environment of every process of this attempt, and of no other."""
    trial_number: int
    attempt: int
    config: Config
    objective: dict[str, Json]
    metric: str
    seed: int
    study_seed: int
    replicate_of: int | None
    cwd: str
    checkpoint_dir: str
    mode: str
    log_bytes: int
    grace_s: float
    """Seconds between SIGTERM and the end."""
    gpu: int | None = None
    """Index of the GPU that it keeps busy, for the driver that adopts it."""
    limits: dict[str, Any] = field(default_factory=dict)
    """Its seconds and bytes of memory, for the driver that adopts it; nothing in files of older versions."""

    @classmethod
    def of(cls, task: Task, *, marker: str, grace_s: float) -> TaskFile:
        """The file for a task."""
        return cls(
            marker=marker,
            trial_number=task.attempt.trial_number,
            attempt=task.attempt.number,
            config=dict(task.config),
            objective=task.objective,
            metric=task.metric,
            seed=task.seed,
            study_seed=task.study_seed,
            replicate_of=task.replicate_of,
            cwd=task.cwd,
            checkpoint_dir=task.checkpoint_dir,
            mode=task.mode,
            log_bytes=task.limits.log_bytes,
            grace_s=grace_s,
            gpu=task.gpu,
            limits={"seconds": task.limits.seconds, "memory_bytes": task.limits.memory_bytes},
        )


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """How an attempt ended, as its process tells. Exactly one of the three is there."""

    elapsed_s: float
    values: Metrics | None = None
    failure: Failure | None = None
    died: str | None = None
    knew_of_stop: bool = False
    """Whether the objective may have ended early: it saw that it should stop, or is a command, which may have."""


class AttemptFiles:
    """The files in one attempt's folder."""

    def __init__(self, directory: Path | str) -> None:
        self.directory = Path(directory)
        self.log = self.directory / "log.txt"
        self.reports = self.directory / "reports.jsonl"
        self._task = self.directory / "task.json"
        self._lease = self.directory / "lease.json"
        self._result = self.directory / "result.json"
        self._stop = self.directory / STOP_NAME
        self._lock = self.directory / "lock"

    def write_task(self, task: TaskFile) -> None:
        """Writes task.json, whole or not at all."""
        _write(self._task, dataclasses.asdict(task))

    def read_task(self) -> TaskFile | None:
        """What task.json holds; None without one."""
        content = _read(self._task)
        with contextlib.suppress(TypeError):
            return None if content is None else TaskFile(**content)
        return None

    def write_lease(self, lease: Lease) -> None:
        """Writes lease.json."""
        _write(self._lease, dataclasses.asdict(lease))

    def read_lease(self) -> Lease | None:
        """The process that runs the attempt; None before it has said so."""
        content = _read(self._lease)
        with contextlib.suppress(TypeError):
            return None if content is None else Lease(**content)
        return None

    def write_result(self, result: AttemptResult) -> None:
        """Writes result.json so that it survives a power failure."""
        content = {name: value for name, value in dataclasses.asdict(result).items() if value is not None}
        _write(self._result, content, is_durable=True)

    def read_result(self) -> AttemptResult | None:
        """How the attempt ended; None while it has not, or if something else is in the file."""
        content = _read(self._result)
        if content is None:
            return None
        try:
            failure = content.pop("failure", None)
            if failure is not None:
                failure = Failure(**{**failure, "kind": FailureKind(failure["kind"])})
            return AttemptResult(**content, failure=failure)
        except (TypeError, ValueError, KeyError):
            return None

    @property
    def has_result(self) -> bool:
        """Whether result.json is there."""
        return self._result.exists()

    def request_stop(self) -> None:
        """Makes `should_stop` true."""
        self._stop.touch()

    @property
    def is_stop_requested(self) -> bool:
        """Whether the attempt should end with what it has."""
        return self._stop.exists()

    def lock(self) -> int | None:
        """Takes the lock.

        Returns:
            The descriptor that holds it, together with every process that inherits it, until the last
            of them has closed it or is gone; None if somebody holds it.
        """
        descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor

    @property
    def is_locked(self) -> bool:
        """Whether some process of the attempt exists, or is about to."""
        if not self._lock.exists():
            return False
        descriptor = self.lock()
        if descriptor is None:
            return True
        os.close(descriptor)
        return False

    def log_tail(self, lines: int) -> str:
        """The last lines of the log."""
        try:
            with self.log.open("rb") as file:
                start = max(0, self.log.stat().st_size - TAIL_BYTES)
                file.seek(start)
                text = file.read().decode("utf-8", errors="replace")
        except OSError:
            return ""
        whole = text.partition("\n")[2] if start else text  # of a line that was cut, a key may be left in part
        return "\n".join(whole.rstrip().splitlines()[-lines:])


class ReportReader:
    """The reports of an attempt in order, each told once."""

    def __init__(self, files: AttemptFiles) -> None:
        self._lines = LineTail(files.reports)
        self.last: Report | None = None

    def new(self) -> list[Report]:
        """Reports since the last call; lines that hold none are passed over."""
        reports = []
        for line in self._lines.new_lines():
            with contextlib.suppress(json.JSONDecodeError, TypeError, ValueError, KeyError):
                content = json.loads(line)
                metrics = {str(name): float(value) for name, value in content["metrics"].items()}
                reports.append(Report(int(content["step"]), metrics, float(content["elapsed_s"])))
        self.last = reports[-1] if reports else self.last
        return reports


def report_line(report: Report) -> bytes:
    """One line of reports.jsonl."""
    return json.dumps(dataclasses.asdict(report), allow_nan=False).encode() + b"\n"


def _write(path: Path, content: Mapping[str, Any], *, is_durable: bool = False) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(content, file, allow_nan=False)
        file.flush()
        if is_durable:
            os.fsync(file.fileno())
    draft.replace(path)
    if is_durable:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None
