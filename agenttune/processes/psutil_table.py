"""The process table as psutil tells it, for systems without /proc (macOS). See __init__.py."""

from __future__ import annotations

import os

import psutil

from agenttune.processes import ProcessRow


def boot_time() -> float:
    """Seconds since the epoch at which the machine started."""
    return psutil.boot_time()


def rows() -> list[ProcessRow]:
    """All processes that may be looked at."""
    return [row for pid in psutil.pids() if (row := row_of(pid)) is not None]


def row_of(pid: int) -> ProcessRow | None:
    """One process; None if there is none of that number."""
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            is_zombie = process.status() == psutil.STATUS_ZOMBIE
            return ProcessRow(
                pid=pid,
                parent=process.ppid(),
                session=0 if is_zombie else os.getsid(pid),
                started=process.create_time(),
                memory_bytes=0 if is_zombie else _memory_of(process),
                is_zombie=is_zombie,
                n_threads=0 if is_zombie else process.num_threads(),
            )
    except (psutil.Error, OSError):
        return None


def variable_of(pid: int, name: str) -> str:
    """An environment variable of a process; empty where it has none, or may not be looked at."""
    try:
        return psutil.Process(pid).environ().get(name, "")
    except (psutil.Error, OSError):
        return ""


def _memory_of(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.AccessDenied:  # somebody else's
        return 0
