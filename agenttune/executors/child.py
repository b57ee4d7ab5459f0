"""The process of one attempt: `python -m agenttune.executors.child DIRECTORY [LOCK_DESCRIPTOR]`, or a fork like it.

It forks once. The fork evaluates the objective; the parent, the *keeper*, runs no code of the
user's: it copies the output into a log of limited size, collects orphans, and writes down how the
fork ended when that cannot tell itself. So a crash leaves its reason even while no driver lives, and
a fork that prints with the interpreter lock held cannot block its own reader.

Both hold the attempt's lock. The fork dies with the keeper; neither dies with the driver.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from agenttune.executors.attempt_files import AttemptFiles, AttemptResult, TaskFile
from agenttune.executors.evaluation import AttemptRun, evaluate, objective_of, result_of_error
from agenttune.kernel import become_subreaper, die_with_parent
from agenttune.objectives.outcome import TRACEBACK_LINES
from agenttune.objectives.output import follow, out_of_memory_kills
from agenttune.processes import lease_of
from agenttune.trial import Failure, FailureKind

OUTSIDE_SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
"""Sent by somebody else; any other signal is the program's own doing."""


def main(arguments: list[str]) -> int:
    """Runs the attempt whose folder is the first argument."""
    started = time.monotonic()
    files = AttemptFiles(Path(arguments[0]).absolute())
    if len(arguments) > 1:
        os.set_inheritable(int(arguments[1]), False)
    lease = lease_of(os.getpid())
    assert lease is not None  # this very process
    files.write_lease(lease)
    task = files.read_task()
    if task is None:
        return 2
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # ignored by the driver, it would leave nothing to wait for
    become_subreaper()
    kills_before = out_of_memory_kills()
    keeper = os.getpid()
    pipe, output = os.pipe()
    worker = os.fork()
    if worker == 0:
        die_with_parent(keeper)
        os.close(pipe)
        for descriptor in (1, 2):
            os.dup2(output, descriptor)
        os.close(output)
        sys.argv[1:] = []  # not for the user's module to parse
        return work(files, task, started=started)
    os.close(output)
    keep(files, task, worker=worker, pipe=pipe, started=started, kills_before=kills_before)
    os._exit(0)  # no code of the user's ran here; unloading imported number libraries would take .1 s


def work(files: AttemptFiles, task: TaskFile, *, started: float) -> int:
    """The fork: evaluates the objective and writes its result."""
    faulthandler.enable()
    run = AttemptRun(files, task, started=started)
    try:
        objective = objective_of(task.objective, cwd=Path(task.cwd), mode=task.mode)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  # importing the user's module runs their code
        result = result_of_error(error, elapsed_s=run.elapsed_s, log_path=str(files.log))
    else:
        if getattr(objective, "outlives_sigterm", False):
            signal.signal(signal.SIGTERM, lambda number, frame: _end_in(task.grace_s, number))
        result = evaluate(objective, task.config, run, log_path=str(files.log))
    if result.failure is not None and result.failure.traceback_tail:
        sys.stderr.write(f"{result.failure.traceback_tail}\n")
    files.write_result(result)
    return 0


def keep(files: AttemptFiles, task: TaskFile, *, worker: int, pipe: int, started: float, kills_before: int) -> None:
    """The keeper: follows the fork to its end and sees to it that there is a result."""
    keeper = Keeper(files, worker=worker, exit_grace_s=task.grace_s)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda number, frame: _end_in(task.grace_s, number))
    log = CappedLog(sys.stdout.fileno(), limit=task.log_bytes)
    follow(pipe, pid=worker, is_over=keeper.is_over, on_output=log.write)
    log.close()
    if keeper.status is None or files.has_result:
        return
    elapsed_s = time.monotonic() - started
    files.write_result(result_of_status(files, keeper.status, elapsed_s=elapsed_s, kills_before=kills_before))


class Keeper:
    """Watches the fork; collects it, and orphans of its children, when they end."""

    def __init__(self, files: AttemptFiles, *, worker: int, exit_grace_s: float) -> None:
        self.files = files
        self.worker = worker
        self.exit_grace_s = exit_grace_s
        """How long the fork may take to exit once its result is written (threads, atexit of libraries)."""
        self.status: int | None = None
        """As `waitpid` tells; None while it runs."""
        self._result_seen_at: float | None = None

    def is_over(self) -> bool:
        """Whether the fork has ended, or hangs although its result is written."""
        self._collect()
        if self.status is not None:
            return True
        if self._result_seen_at is None:
            self._result_seen_at = time.monotonic() if self.files.has_result else None
            return False
        return time.monotonic() - self._result_seen_at > self.exit_grace_s

    def _collect(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self.worker:
                self.status = status


class CappedLog:
    """A descriptor that takes so many bytes; the rest is counted, and told at the end."""

    def __init__(self, descriptor: int, *, limit: int) -> None:
        self.descriptor = descriptor
        self.room = limit
        self.limit = limit
        self.n_dropped = 0

    def write(self, chunk: bytes) -> None:
        """Writes what there is room for."""
        kept = chunk[: self.room]
        self.room -= len(kept)
        self.n_dropped += len(chunk) - len(kept)
        while kept:
            kept = kept[os.write(self.descriptor, kept) :]

    def close(self) -> None:
        """Says how much was dropped, if anything was."""
        if self.n_dropped:
            line = f"\n[agenttune: {self.n_dropped} bytes of output dropped after the first {self.limit}]\n"
            os.write(self.descriptor, line.encode())


def result_of_status(files: AttemptFiles, status: int, *, elapsed_s: float, kills_before: int) -> AttemptResult:
    """What a fork that wrote no result died of."""
    tail, log_path = files.log_tail(TRACEBACK_LINES) or None, str(files.log)
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGKILL and out_of_memory_kills() > kills_before:
        message = "the kernel killed the trial's process because memory ran out"
        return AttemptResult(elapsed_s, failure=Failure(FailureKind.OOM, message, tail, code, log_path))
    if -code in OUTSIDE_SIGNALS:
        return AttemptResult(elapsed_s, died=f"its process was killed by {signal.Signals(-code).name}")
    if code < 0:
        message = f"the process crashed with {_signal_name(-code)}"
    else:
        message = f"the process ended with exit code {code} before the objective returned"
    return AttemptResult(elapsed_s, failure=Failure(FailureKind.CRASH, message, tail, code, log_path))


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"


def _end_in(seconds: float, number: int) -> None:
    """Answers a signal by dying of it later: what hangs below may end in order until then."""

    def end(alarm: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
