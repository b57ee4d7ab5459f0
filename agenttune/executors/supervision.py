"""One attempt in a driver's hands: watched turn by turn, killed whole, concluded once nothing of it lives.

A turn never waits, so that one thread watches many attempts. Not for: starting processes, or
deciding what an end means (ends.py).
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable
from typing import Protocol, TypeAlias

from agenttune.executors import Ended, Notice, Reported, Started, Task
from agenttune.executors.attempt_files import AttemptFiles, ReportReader
from agenttune.executors.ends import Cause, conclude
from agenttune.kernel import open_pidfd
from agenttune.processes import ProcessRow, Tree, holder, is_running, memory_of, row_of, send
from agenttune.trial import Lease

logger = logging.getLogger(__name__)


class OwnProcess(Protocol):
    """The process of an attempt that this executor started, as `subprocess.Popen` has it."""

    pid: int
    returncode: int | None

    def wait(self, timeout: float | None = None) -> int | None:
        """Its exit code, once it has ended."""
        ...


Table: TypeAlias = Callable[[], dict[int, ProcessRow]]
"""The process table, read at the first call of a turn."""

MEMORY_LOOK_S = 0.2
"""How often memory is summed up; a program that fills a limit within less is caught at the next look."""
TREE_LOOK_S = 1.0
"""How often the tree is looked at without a memory limit: members that leave it later are known by then."""
SEARCH_S = 0.25
"""How often a tree that is being killed is searched for in every environment; always once it seems empty."""
LEASE_S = 30.0
"""How long a process may take to name itself: an interpreter starts in .1 s, on a crowded machine in several."""
LEFTOVER_GRACE_S = 1.0
"""Between SIGTERM and SIGKILL for what an attempt that is over left behind: nobody reads what it says."""
UNKILLABLE_S = 30.0
"""A process that SIGKILL does not end hangs in the kernel (a dead network disk); it is given up."""


class Supervised:
    """One attempt."""

    def __init__(
        self,
        task: Task,
        files: AttemptFiles,
        *,
        marker: str,
        grace_s: float,
        stop_grace_s: float,
        process: OwnProcess | None = None,
        elapsed_s: float = 0.0,
    ) -> None:
        """Args: `process` is None for one that was not started from here; `elapsed_s` is its age in seconds."""
        self.task = task
        self.files = files
        self.grace_s = grace_s
        self.stop_grace_s = stop_grace_s
        self.process = process
        self.started = time.monotonic() - elapsed_s
        self.is_asked_to_stop = False
        self.exit_fd: int | None = None
        """Becomes readable when the attempt's process ends."""
        self._reader = ReportReader(files)
        self._tree = Tree(marker)
        self._root: ProcessRow | None = None
        self._is_told = False
        self._cause: Cause | None = None
        self._stop_at: float | None = None
        self._kill_at: float | None = None
        """When SIGKILL follows SIGTERM; None while nothing is being killed."""
        self._signalled: set[tuple[int, float]] = set()
        self._looked_at = 0.0
        self._search_at = 0.0
        self._peak_bytes = 0
        self._watched_since = time.monotonic()
        if process is not None:
            self._watch(row_of(process.pid))

    @property
    def attempt_id(self) -> int:
        """Id of the attempt."""
        return self.task.attempt.id

    @property
    def is_ending(self) -> bool:
        """Whether it is over, or being killed."""
        return self._kill_at is not None

    def ask_to_stop(self) -> None:
        """Raises the flag; `turn` kills it after the grace period."""
        if not self.is_asked_to_stop:
            self.is_asked_to_stop = True
            self.files.request_stop()
            self._stop_at = time.monotonic() + self.stop_grace_s

    def cancel(self) -> None:
        """Starts killing it."""
        self._begin_to_end(Cause.CANCELLED, grace_s=self.grace_s)

    def let_go(self) -> None:
        """Stops watching and leaves it running."""
        self._unwatch()
        if self.process is not None and self.process.returncode is None:
            self.process.returncode = 0  # somebody else's from here on: no warning that it still runs

    def turn(self, table: Table) -> list[Notice]:
        """What happened since the last turn; an `Ended` comes last, and once."""
        now = time.monotonic()
        notices: list[Notice] = []
        if not self._is_told:
            notices += self._tell_started()
        if self._kill_at is None:
            self._look(now, table)
        ended = self._step_towards_end(now, table) if self._kill_at is not None else None
        notices += [Reported(self.attempt_id, report) for report in self._reader.new()]
        return notices if ended is None else [*notices, ended]

    def _tell_started(self) -> list[Notice]:
        lease = self.files.read_lease()
        if lease is None:
            return []
        self._is_told = True
        if self._root is None:
            self._watch(self._holder(lease))
        return [Started(self.attempt_id, lease)]

    def _holder(self, lease: Lease) -> ProcessRow | None:
        return holder(lease, self._tree.marker)

    def _watch(self, row: ProcessRow | None) -> None:
        if row is not None:
            self._root = row
            self._tree.set_root(row)
            self.exit_fd = open_pidfd(row.pid)

    def _unwatch(self) -> None:
        if self.exit_fd is not None:
            os.close(self.exit_fd)
            self.exit_fd = None

    def _look(self, now: float, table: Table) -> None:
        """Starts the end where there is a reason to."""
        limits = self.task.limits
        if self._is_over(now):
            self._begin_to_end(None, grace_s=LEFTOVER_GRACE_S)
        elif limits.seconds is not None and now - self.started > limits.seconds:
            self._begin_to_end(Cause.TIMEOUT, grace_s=self.grace_s)
        elif self._stop_at is not None and now > self._stop_at:
            self._begin_to_end(Cause.STOPPED, grace_s=self.grace_s)
        else:
            self._look_at_tree(now, table)

    def _is_over(self, now: float) -> bool:
        if self._root is not None:
            return not is_running(self._root.pid, self._root.started)
        if self._is_told or not self.files.is_locked:  # it named itself and is gone, or never came to be
            return True
        if now - self._watched_since > LEASE_S:
            self._begin_to_end(Cause.STUCK, grace_s=0.0)
        return False

    def _look_at_tree(self, now: float, table: Table) -> None:
        limit = self.task.limits.memory_bytes
        if now - self._looked_at < (TREE_LOOK_S if limit is None else MEMORY_LOOK_S):
            return
        self._looked_at = now
        members = self._tree.look(table())
        if limit is None:
            return
        used = memory_of(members, above=limit)
        self._peak_bytes = max(self._peak_bytes, used)
        if used > limit:  # no grace: it would go on growing
            self._begin_to_end(Cause.OOM, grace_s=0.0)

    def _begin_to_end(self, cause: Cause | None, *, grace_s: float) -> None:
        if self._kill_at is not None:
            return
        if cause is not None and self.files.has_result:
            cause = None  # it ended by itself just before
        self._cause = cause
        self._kill_at = time.monotonic() + grace_s

    def _step_towards_end(self, now: float, table: Table) -> Ended | None:
        """Signals what lives; the end, once nothing does."""
        assert self._kill_at is not None  # it is ending
        if self._root is not None and not is_running(self._root.pid, self._root.started):
            self._unwatch()
        members = self._living(now, table)
        if (members or self._is_unnamed()) and now < self._kill_at + UNKILLABLE_S:
            self._signal(members, is_final=now >= self._kill_at)
            return None
        if members:
            logger.warning("attempt %s leaves unkillable processes %s", self.attempt_id, [row.pid for row in members])
        self._unwatch()
        exit_code = None if self.process is None else self._reap()
        return conclude(
            self.task,
            self.files,
            cause=self._cause,
            elapsed_s=now - self.started,
            exit_code=exit_code,
            peak_bytes=self._peak_bytes,
        )

    def _is_unnamed(self) -> bool:
        """Whether a process of it exists that can be told from no other yet; it could still begin to work."""
        return self._root is None and not self._is_told and self.files.is_locked

    def _living(self, now: float, table: Table) -> list[ProcessRow]:
        members = self._tree.look(table()) if now < self._search_at else []
        if not members:
            members = self._tree.look(table(), search=True)
            self._search_at = now + SEARCH_S
        return members

    def _signal(self, members: list[ProcessRow], *, is_final: bool) -> None:
        for row in members:
            if is_final:
                send(row, signal.SIGKILL)
            elif (row.pid, row.started) not in self._signalled:
                self._signalled.add((row.pid, row.started))
                send(row, signal.SIGTERM)

    def _reap(self) -> int | None:
        """Collects the process of the attempt; only now may its pid be given to another."""
        assert self.process is not None  # the caller looked
        try:
            return self.process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:  # it hangs in the kernel
            return None
