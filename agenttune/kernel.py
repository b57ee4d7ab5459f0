"""What Python does not offer of Linux: prctl and bare system calls through the C library.

Not for: what is asked of them (sandbox) or when (executors). Does nothing on other systems.
"""

from __future__ import annotations

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h

_SIGKILL = 9
"""Not from `signal`, which loads `enum`: a short-lived process would pay more for that than for its work."""

_LIBC: list[ctypes.CDLL] = []


def libc() -> ctypes.CDLL:
    """The C library, loaded once; whoever calls it between fork and exec loads it before the fork."""
    if not _LIBC:
        _LIBC.append(ctypes.CDLL(None, use_errno=True))
    return _LIBC[0]


def checked(result: int) -> int:
    """The result of a call of `libc`.

    Raises:
        OSError: the call failed (-1).
    """
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def syscall(number: int, *arguments: object) -> int:
    """Makes a system call that the C library has no function for.

    Args:
        number: as the architecture counts it.
        arguments: ctypes values, bytes or None; bare integers would be cut to 32 bits and are widened here.

    Raises:
        OSError: it failed.
    """
    function = libc().syscall
    function.restype = ctypes.c_long
    wide = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return checked(function(ctypes.c_long(number), *wide))


def prctl(option: int, *values: int) -> int:
    """Calls prctl(2).

    Raises:
        OSError: it failed.
    """
    padded = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
    return checked(libc().prctl(option, *padded))


def die_with_parent(parent: int) -> None:
    """Makes this process be killed when its parent dies; call it right after the fork. Linux only.

    Args:
        parent: pid of the process that forked this one; if it is dead already, this one ends here.
    """
    if sys.platform != "linux":
        return
    prctl(_PR_SET_PDEATHSIG, _SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), _SIGKILL)


def become_subreaper() -> None:
    """Makes orphaned descendants children of this process, so that they stay in its tree. Linux only."""
    if sys.platform == "linux":
        prctl(_PR_SET_CHILD_SUBREAPER, 1)


def open_pidfd(pid: int) -> int | None:
    """A descriptor that becomes readable when the process ends; None where the system has none (macOS)."""
    if sys.platform != "linux":
        return None
    try:
        return os.pidfd_open(pid)
    except OSError:
        return None
