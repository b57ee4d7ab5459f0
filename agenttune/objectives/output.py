"""Following a process that was started here: its output to the end, and no further than its end.

A process may leave children behind that keep its output pipe open; they never hold up who follows
it. Not for: killing trees of processes (processes).
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from agenttune.kernel import die_with_parent, libc, open_pidfd

TICK_S = 0.05
"""How often the follower looks around while nothing is printed."""
CHUNK_BYTES = 1 << 16
"""What a pipe holds on Linux: one read empties it."""
DRAIN_S = 1.0
"""How long what a process left in its pipe is read after its end, should a child of it go on printing."""


def follow(
    pipe: int,
    *,
    pid: int,
    is_over: Callable[[], bool],
    on_output: Callable[[bytes], None],
    on_tick: Callable[[], None] | None = None,
) -> None:
    """Reads `pipe` until the process `pid` is over, then what is left in it.

    Args:
        pipe: reading end; made non-blocking, not closed.
        pid: child of this process, watched for its end.
        is_over: whether it has ended; asked at every tick, may reap it.
        on_output: gets every chunk in order.
        on_tick: called at least every `TICK_S`.
    """
    os.set_blocking(pipe, False)
    poller = select.poll()
    poller.register(pipe, select.POLLIN)
    exit_fd = open_pidfd(pid)
    if exit_fd is not None:
        poller.register(exit_fd, select.POLLIN)
    try:
        is_open = True
        while True:
            was_over = is_over()  # asked before the pipe is read: what it printed before its end is there now
            if on_tick is not None:
                on_tick()
            if is_open and not _read_available(pipe, on_output, deadline=time.monotonic() + DRAIN_S):
                is_open = False
                poller.unregister(pipe)
            if was_over:
                return
            poller.poll(TICK_S * 1000)
    finally:
        if exit_fd is not None:
            os.close(exit_fd)


def _read_available(pipe: int, on_output: Callable[[bytes], None], *, deadline: float) -> bool:
    """Reads until the pipe is empty or the deadline has passed; False once every writer has closed it."""
    while time.monotonic() < deadline:
        try:
            chunk = os.read(pipe, CHUNK_BYTES)
        except BlockingIOError:
            return True
        if not chunk:
            return False
        on_output(chunk)
    return True


def parent_death_hook() -> Callable[[], None] | None:
    """A `preexec_fn` that ties a command to this process; None where running Python there is not safe.

    Between fork and exec a process with several threads may hold locks that nobody will release.
    """
    if sys.platform != "linux" or len(os.listdir("/proc/self/task")) > 1:  # noqa: PTH208  # names are all we need
        return None
    libc()  # loaded before the fork
    parent = os.getpid()
    return lambda: die_with_parent(parent)


def kill_group(pid: int) -> None:
    """SIGKILL to the process group that `pid` leads; nothing if it is gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def out_of_memory_kills() -> int:
    """How often the kernel has killed a process because memory ran out; 0 where it does not tell."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0
