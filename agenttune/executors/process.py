"""`ProcessExecutor`: every attempt is a process of its own on this machine, in a session of its own.

An attempt of an objective that declares what to import (`modules_to_preload`) is forked by a server
that has done so (forking.py), which saves most of its start; any other starts an interpreter.

One thread, no waiting but in `poll`. How an attempt is watched and killed is in supervision.py, what
its end means in ends.py, its process in child.py.
"""

from __future__ import annotations

import logging
import os
import select
import subprocess
import sys
import time
from pathlib import Path

from agenttune.errors import InternalError, UserError
from agenttune.executors import Ended, Notice, Task
from agenttune.executors.attempt_files import AttemptFiles, TaskFile
from agenttune.executors.ends import conclude
from agenttune.executors.forking import Forked, ForkServer, ForkServers
from agenttune.executors.supervision import OwnProcess, Supervised
from agenttune.objectives.variables import attempt_variables
from agenttune.processes import (
    INTERPRETER_VARIABLES,
    MARKER,
    ProcessRow,
    holder,
    new_marker,
    process_table,
)
from agenttune.trial import Failure, FailureKind

logger = logging.getLogger(__name__)

GRACE_S = 5.0
"""Between SIGTERM and SIGKILL: enough to write a checkpoint of ordinary size."""
STOP_GRACE_S = 10.0
"""How long an attempt that is asked to stop may take to end by itself."""
TICK_S = 0.05
"""How often reports are looked for; the end of a process is noticed at once on Linux."""
ENDING_TICK_S = 0.01
"""How often a tree that is being killed is looked at."""


class ProcessExecutor:
    """Runs attempts as local processes; not safe for use by several threads."""

    def __init__(self, *, grace_s: float = GRACE_S, stop_grace_s: float = STOP_GRACE_S) -> None:
        self.grace_s = grace_s
        self.stop_grace_s = stop_grace_s
        self._servers = ForkServers()
        self._running: list[Supervised] = []
        self._early: list[Notice] = []
        """Ends of attempts that could not be started."""

    def submit(self, task: Task) -> None:
        """Starts the process of an attempt; one that cannot start has failed, as `poll` tells.

        Raises:
            UserError: the task's GPU is not among those that are visible here.
            InternalError: the attempt runs already.
        """
        files = AttemptFiles(task.attempt.directory)
        files.directory.mkdir(parents=True, exist_ok=True)
        Path(task.checkpoint_dir).mkdir(parents=True, exist_ok=True)
        marker = new_marker()
        variables = variables_of(task) | {MARKER: marker}
        lock = files.lock()
        if lock is None:
            raise InternalError(f"attempt {task.attempt.id} is running already: {files.directory} is locked")
        process: OwnProcess | None = None
        try:
            files.write_task(TaskFile.of(task, marker=marker, grace_s=self.grace_s))
            server = self._servers.server_for(task)
            if server is not None:
                process = _fork(server, task, files, variables=variables, lock=lock)
                lock = lock if process is not None else _lock_again(files, lock)
            if process is None and lock is not None:
                process = _start(task, files, environment=os.environ | variables, lock=lock)
        except OSError as error:
            self._early.append(_never_started(task, error))
            return
        except BaseException:  # interrupted while the server was asked, which may have forked
            lock = None if lock is None else _lock_again(files, lock)
            if lock is None:
                self._supervise(task, files, marker=marker, process=None)
            raise
        finally:
            if lock is not None:
                os.close(lock)
        self._supervise(task, files, marker=marker, process=process)

    def adopt(self, task: Task) -> Ended | None:
        """Takes over an attempt of a dead driver; see `Executor.adopt`.

        The lock decides: it is held from before the attempt's process existed until it is gone.
        """
        files = AttemptFiles(task.attempt.directory)
        stored = files.read_task()
        if stored is None:  # its driver died before it could start it
            return conclude(task, files, cause=None, elapsed_s=0.0)
        lease = files.read_lease()
        age_s = 0.0 if lease is None else max(0.0, time.time() - lease.started_at)
        supervised = Supervised(
            task,
            files,
            marker=stored.marker,
            grace_s=self.grace_s,
            stop_grace_s=self.stop_grace_s,
            elapsed_s=age_s,
        )
        if files.is_stop_requested:
            supervised.ask_to_stop()
        is_alive = files.is_locked if lease is None else holder(lease, stored.marker) is not None
        if is_alive and not files.has_result:
            self._running.append(supervised)
            return None
        return self._finish(supervised)

    def poll(self, timeout_s: float) -> list[Notice]:
        """What happened since the last call; see `Executor.poll`."""
        deadline = time.monotonic() + timeout_s
        while True:
            notices = self._turn()
            remaining_s = deadline - time.monotonic()
            if notices or remaining_s <= 0:
                return notices
            self._wait(remaining_s)

    def ask_to_stop(self, attempt_id: int) -> None:
        """Asks an attempt to end with what it has; unknown or ended ones are left alone."""
        for supervised in self._find(attempt_id):
            supervised.ask_to_stop()

    def cancel(self, attempt_id: int) -> None:
        """Starts killing an attempt; unknown or ended ones are left alone."""
        for supervised in self._find(attempt_id):
            supervised.cancel()

    def close(self, *, kill: bool) -> None:
        """Lets go of every attempt, with `kill` once none of its processes lives; nothing is told any more."""
        for supervised in list(self._running):
            if kill:
                supervised.cancel()
            else:
                supervised.let_go()
                self._running.remove(supervised)
        while self._running:
            self._turn()
            self._wait(ENDING_TICK_S)
        self._servers.close()
        self._early.clear()

    def _supervise(self, task: Task, files: AttemptFiles, *, marker: str, process: OwnProcess | None) -> None:
        graces = {"grace_s": self.grace_s, "stop_grace_s": self.stop_grace_s}
        self._running.append(Supervised(task, files, marker=marker, process=process, **graces))

    def _find(self, attempt_id: int) -> list[Supervised]:
        return [supervised for supervised in self._running if supervised.attempt_id == attempt_id]

    def _finish(self, supervised: Supervised) -> Ended:
        """Kills what is left of an attempt that is over, and concludes it."""
        while True:
            for notice in supervised.turn(process_table):
                if isinstance(notice, Ended):
                    return notice
            time.sleep(ENDING_TICK_S)

    def _turn(self) -> list[Notice]:
        notices, self._early = self._early, []
        table: list[dict[int, ProcessRow]] = []

        def current_table() -> dict[int, ProcessRow]:
            if not table:
                table.append(process_table())
            return table[0]

        for supervised in list(self._running):
            told = supervised.turn(current_table)
            notices += told
            if told and isinstance(told[-1], Ended):
                self._running.remove(supervised)
        return notices

    def _wait(self, remaining_s: float) -> None:
        """Sleeps until something may have happened."""
        is_ending = any(supervised.is_ending for supervised in self._running)
        tick_s = ENDING_TICK_S if is_ending else TICK_S if self._running else remaining_s
        poller = select.poll()
        for supervised in self._running:
            if supervised.exit_fd is not None:
                poller.register(supervised.exit_fd, select.POLLIN)
        poller.poll(max(1.0, min(tick_s, remaining_s) * 1000))


def variables_of(task: Task) -> dict[str, str]:
    """The environment variables that AgentTune sets for an attempt, its marker excepted."""
    variables = attempt_variables(
        trial_number=task.attempt.trial_number,
        seed=task.seed,
        checkpoint_dir=Path(task.checkpoint_dir),
        directory=Path(task.attempt.directory),
    )
    variables |= INTERPRETER_VARIABLES
    if task.gpu is not None:
        variables["CUDA_VISIBLE_DEVICES"] = _visible_gpu(task.gpu)
    return variables


def rerun_command(task: Task) -> tuple[list[str], dict[str, str]]:
    """How to run a task by hand: the words of its command, and the variables that AgentTune sets for it.

    A command's own words; for every other objective the process of an attempt, whose folder then
    needs a task.json (`AttemptFiles.write_task`).

    Raises:
        ObjectiveError: the task's objective cannot be read.
    """
    variables = variables_of(task)
    if task.objective.get("type") != "command":
        return attempt_command(task.attempt.directory), variables
    from agenttune.objectives.command import CommandObjective

    launch = CommandObjective.from_json(task.objective, cwd=Path(task.cwd)).launch(
        task.config,
        trial_number=task.attempt.trial_number,
        seed=task.seed,
        checkpoint_dir=Path(task.checkpoint_dir),
        directory=Path(task.attempt.directory),
    )
    return launch.argv, variables | launch.variables


def attempt_command(directory: str) -> list[str]:
    """The command of an attempt's process; -P keeps files of the working folder from hiding modules of ours."""
    return [sys.executable, "-P", "-m", "agenttune.executors.child", directory]


def _start(task: Task, files: AttemptFiles, *, environment: dict[str, str], lock: int) -> subprocess.Popen[bytes]:
    with files.log.open("ab") as log:
        return subprocess.Popen(
            [*attempt_command(str(files.directory)), str(lock)],
            cwd=task.cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=(lock,),
        )


def _fork(
    server: ForkServer, task: Task, files: AttemptFiles, *, variables: dict[str, str], lock: int
) -> Forked | None:
    with files.log.open("ab") as log:
        directory = str(files.directory.absolute())
        process = server.fork(directory, cwd=task.cwd, variables=variables, log=log.fileno(), lock=lock)
    if process is None:
        logger.warning("attempt %s is not forked; unless it was, it starts an interpreter of its own", task.attempt.id)
    return process


def _lock_again(files: AttemptFiles, lock: int) -> int | None:
    """The lock, let go and taken once more; None if the attempt was started: its process has the lock, or had it."""
    os.close(lock)
    again = files.lock()
    if again is not None and files.read_lease() is not None:
        os.close(again)
        return None
    return again


def _visible_gpu(index: int) -> str:
    """The device of that index among those this process may use."""
    visible = [name.strip() for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name.strip()]
    if not visible:
        return str(index)
    if index >= len(visible):
        raise UserError(
            f"a trial needs GPU {index}, but CUDA_VISIBLE_DEVICES={','.join(visible)} allows {len(visible)}: "
            f"use --gpus {len(visible)}"
        )
    return visible[index]


def _never_started(task: Task, error: OSError) -> Ended:
    what = f" {error.filename}" if error.filename else ""
    if isinstance(error, FileNotFoundError | NotADirectoryError | PermissionError):
        message = f"the trial's process cannot be started in {task.cwd}: {error.strerror}{what}"
        return Ended(task.attempt.id, 0.0, failure=Failure(FailureKind.INVALID, message))
    return Ended(task.attempt.id, 0.0, died=f"its process could not be started: {error.strerror}{what}")
