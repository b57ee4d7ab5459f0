"""Who this process is, and whether the process a lease names still lives. Reads the process table, changes nothing."""

from __future__ import annotations

import functools
import os
import socket
from pathlib import Path

import psutil

from agenttune.trial import Lease

START_TOLERANCE_S = 1.0
"""Start times come from clock ticks since boot; a clock step moves them by less than this."""


@functools.cache
def boot_id() -> str:
    """Names this boot of this machine; a pid from another boot means nothing."""
    path = Path("/proc/sys/kernel/random/boot_id")
    if path.exists():
        return path.read_text().strip()
    return f"boot-{int(psutil.boot_time())}"


def lease_of(pid: int | None = None) -> Lease:
    """The lease of a running process, by default of this one."""
    pid = os.getpid() if pid is None else pid
    return Lease(host=socket.gethostname(), boot_id=boot_id(), pid=pid, started_at=psutil.Process(pid).create_time())


def is_alive(lease: Lease) -> bool:
    """Whether the very process the lease names still runs.

    A process on another machine cannot be looked at: it counts as alive, so that nobody takes a
    study from it by mistake.
    """
    if lease.host != socket.gethostname():
        return True
    if lease.boot_id != boot_id():
        return False
    try:
        process = psutil.Process(lease.pid)
        if abs(process.create_time() - lease.started_at) > START_TOLERANCE_S:
            return False
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
