"""Who this process is, and whether the process a lease names still lives. Reads the process table, changes nothing.

Start times of these leases are read as the kernel keeps them, not by the wall clock, which may be set.
"""

from __future__ import annotations

import os
import socket

from agenttune.errors import InternalError
from agenttune.executors.processes import boot_id, is_running, row_of
from agenttune.trial import Lease


def lease_of(pid: int | None = None) -> Lease:
    """The lease of a running process, by default of this one."""
    pid = os.getpid() if pid is None else pid
    row = row_of(pid)
    if row is None:
        raise InternalError(f"process {pid} is not in the process table")
    return Lease(host=socket.gethostname(), boot_id=boot_id(), pid=pid, started_at=row.started)


def is_alive(lease: Lease) -> bool:
    """Whether the very process the lease names still runs; a zombie does not.

    A process on another machine cannot be looked at: it counts as alive, so that nobody takes a
    study from it by mistake.
    """
    if lease.boot_id == boot_id():  # also after the machine got another name
        return is_running(lease.pid, lease.started_at)
    return lease.host != socket.gethostname()
