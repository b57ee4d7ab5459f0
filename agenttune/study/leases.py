"""Who this process is, and whether the process a lease names still lives. Reads the process table, changes nothing.

Start times of these leases are read as the kernel keeps them, not by the wall clock, which may be set.
One process may hold several drivers, as objects (`Study`, `Loop`); each has a lease of its own.
"""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import replace
from weakref import WeakValueDictionary

from agenttune.errors import InternalError
from agenttune.processes import boot_id, is_running, row_of
from agenttune.trial import Lease

_holders: WeakValueDictionary[str, object] = WeakValueDictionary()
"""The drivers of this process by the name in their lease: one that nobody holds any more is dead."""


def lease_of(pid: int | None = None) -> Lease:
    """The lease of a running process, by default of this one."""
    pid = os.getpid() if pid is None else pid
    row = row_of(pid)
    if row is None:
        raise InternalError(f"process {pid} is not in the process table")
    return Lease(host=socket.gethostname(), boot_id=boot_id(), pid=pid, started_at=row.started)


def lease_for(holder: object) -> Lease:
    """A lease of this process that ends with `holder`, and is no other object's."""
    name = secrets.token_hex(4)
    _holders[name] = holder
    return replace(lease_of(), holder=name)


def is_alive(lease: Lease) -> bool:
    """Whether the very process the lease names still runs; a zombie does not.

    A process on another machine cannot be looked at: it counts as alive, so that nobody takes a
    study from it by mistake.
    """
    if lease.boot_id != boot_id():  # the same boot is this machine, also after it got another name
        return lease.host != socket.gethostname()
    if lease.pid == os.getpid() and lease.holder and lease.holder not in _holders:
        return False
    return is_running(lease.pid, lease.started_at)


def is_elsewhere(lease: Lease) -> bool:
    """Whether it names a process of another machine, which nobody can look at from here."""
    return lease.boot_id != boot_id() and lease.host != socket.gethostname()
