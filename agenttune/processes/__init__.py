"""The process table: who lives, who belongs to an attempt, how a whole tree is killed.

A process belongs to an attempt if it descends from one that does, if it is in the session of the
attempt's process, or if it carries the attempt's marker in its environment; so neither `setsid` nor
a double fork leaves the tree. Not covered: a program that leaves its session, clears its environment
and loses its parent, all before the next look at the table.

Linux is read through /proc, without psutil, since an attempt's process does so first of all.
"""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

from agenttune.trial import Lease

MARKER = "AGENTTUNE_ATTEMPT"
"""Environment variable that every process of an attempt inherits."""
INTERPRETER_VARIABLES = {"PYTHONUNBUFFERED": "1"}
"""What AgentTune sets for an attempt's interpreter, which reads it at its start."""

START_TOLERANCE_S = 1.0
"""Start times seen through the wall clock shift when the clock is set; a recycled pid is off by more."""

_IS_LINUX = sys.platform == "linux"
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """One process at one moment."""

    pid: int
    parent: int
    session: int
    started: float
    """When it started, on a clock of the system's own; with the pid it names a process for good."""
    memory_bytes: int
    """Resident, shared pages included."""
    is_zombie: bool
    n_threads: int


def new_marker() -> str:
    """Unique; one inside an attempt holds that of the outer, so that who kills the outer finds it too."""
    outer = os.environ.get(MARKER)
    own = uuid.uuid4().hex
    return f"{outer}/{own}" if outer else own


@functools.cache
def boot_id() -> str:
    """Names this boot of this machine; a pid from another boot means nothing."""
    if _IS_LINUX:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    from agenttune.processes import psutil_table

    return f"boot-{int(psutil_table.boot_time())}"


def lease_of(pid: int) -> Lease | None:
    """The lease of a process; None if there is none of that number."""
    row = row_of(pid)
    if row is None:
        return None
    return Lease(host=os.uname().nodename, boot_id=boot_id(), pid=pid, started_at=row.started + _epoch())


def row_of(pid: int) -> ProcessRow | None:
    """One process; None if there is none of that number."""
    if _IS_LINUX:
        return _linux_row(pid)
    from agenttune.processes import psutil_table

    return psutil_table.row_of(pid)


def process_table() -> dict[int, ProcessRow]:
    """All processes by pid, zombies included."""
    if _IS_LINUX:
        return {row.pid: row for row in _linux_rows()}
    from agenttune.processes import psutil_table

    return {row.pid: row for row in psutil_table.rows()}


def is_running(pid: int, started: float) -> bool:
    """Whether that very process still runs; a zombie does not."""
    row = row_of(pid)
    return row is not None and row.started == started and not row.is_zombie


def holder(lease: Lease, marker: str) -> ProcessRow | None:
    """The living process a lease names: right pid in this boot, and the marker, or the start time, fits."""
    if lease.boot_id != boot_id():
        return None
    row = row_of(lease.pid)
    if row is None or row.is_zombie:
        return None
    is_same = abs(row.started + _epoch() - lease.started_at) <= START_TOLERANCE_S
    return row if has_marker(row.pid, marker) or is_same else None


def has_marker(pid: int, marker: str) -> bool:
    """Whether a process carries the marker; False for processes of other users, which cannot be read."""
    if _IS_LINUX:
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes()
        except OSError:
            return False
        return any(
            entry.startswith(MARKER.encode() + b"=") and marker.encode() in entry for entry in environment.split(b"\0")
        )
    from agenttune.processes import psutil_table

    return marker in psutil_table.variable_of(pid, MARKER)


class Tree:
    """The processes of one attempt: grows with every look, forgets the dead."""

    def __init__(self, marker: str) -> None:
        self.marker = marker
        self._known: dict[int, float] = {}
        """pid -> start."""
        self._root: tuple[int, float] | None = None

    def set_root(self, row: ProcessRow) -> None:
        """Names the attempt's own process, leader of its session."""
        self._root = (row.pid, row.started)
        self._known[row.pid] = row.started

    def look(self, table: dict[int, ProcessRow], *, search: bool = False) -> list[ProcessRow]:
        """The members that live.

        Args:
            table: as it is now.
            search: whether to read the environment of every other process too, for members that
                left session and parents.
        """
        self._known = {
            pid: started for pid, started in self._known.items() if pid in table and table[pid].started == started
        }
        children: dict[int, list[ProcessRow]] = {}
        for row in table.values():
            children.setdefault(row.parent, []).append(row)
        for row in table.values():
            if row.pid not in self._known and (
                self._is_in_session(row, table) or (search and has_marker(row.pid, self.marker))
            ):
                self._known[row.pid] = row.started
        to_visit = list(self._known)
        while to_visit:
            for child in children.get(to_visit.pop(), ()):
                if child.pid not in self._known:
                    self._known[child.pid] = child.started
                    to_visit.append(child.pid)
        return [table[pid] for pid in self._known if not table[pid].is_zombie]

    def _is_in_session(self, row: ProcessRow, table: dict[int, ProcessRow]) -> bool:
        """Whether it is in the session of the root: while the root has its pid, nobody else's session can be."""
        if self._root is None or row.session != self._root[0]:
            return False
        leader = table.get(self._root[0])
        return leader is not None and leader.started == self._root[1]


def send(row: ProcessRow, number: signal.Signals) -> None:
    """Signals that very process; nothing if it is gone."""
    current = row_of(row.pid)
    if current is not None and current.started == row.started:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(row.pid, number)


def memory_of(rows: list[ProcessRow], *, above: int) -> int:
    """Resident bytes of a tree; pages shared by fork count once where that decides whether it is above a limit."""
    total = sum(row.memory_bytes for row in rows)
    if total <= above or not _IS_LINUX:
        return total
    # twice: while processes end, those read later own more of what they share, and the sum comes out too large
    return min(sum(_proportional_bytes(row) for row in rows) for _ in range(2))


def _proportional_bytes(row: ProcessRow) -> int:
    try:
        for line in Path(f"/proc/{row.pid}/smaps_rollup").read_bytes().splitlines():
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return row.memory_bytes if is_running(row.pid, row.started) else 0  # it ended since the table was read


def _epoch() -> float:
    """Seconds since the epoch at zero of the clock that start times are on."""
    if not _IS_LINUX:
        return 0.0
    for line in Path("/proc/stat").read_bytes().splitlines():
        if line.startswith(b"btime "):
            return float(line.split()[1])
    return 0.0


def _linux_rows() -> list[ProcessRow]:
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208  # names are all we need
    return [row for pid in pids if (row := _linux_row(pid)) is not None]


def _linux_row(pid: int) -> ProcessRow | None:
    """Reads /proc/PID/stat; numbers of fields as in proc(5), minus the pid and the name, which may hold spaces."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123  # a thousand of these per look
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return ProcessRow(
        pid=pid,
        parent=int(fields[1]),
        session=int(fields[3]),
        started=int(fields[19]) / _TICKS_PER_S,
        memory_bytes=int(fields[21]) * _PAGE_BYTES,
        is_zombie=fields[0] in (b"Z", b"X"),
        n_threads=int(fields[17]),
    )
