"""Landlock: a process gives up all files but those named, TCP, and signals to anybody outside.

No privilege is needed. It also hides what /proc tells of processes outside (environment, memory,
root, descriptors). Not covered by it: UDP, local sockets that have a path, names and sizes of files.
"""

from __future__ import annotations

import errno
import os
import stat
import struct

from agenttune import kernel
from agenttune.sandbox.system_calls import LANDLOCK_ADD_RULE, LANDLOCK_CREATE_RULESET, LANDLOCK_RESTRICT_SELF

ABI_NEEDED = 6
"""The first that keeps signals inside (Linux 6.12); without that, code could kill the driver."""

_VERSION = 1  # LANDLOCK_CREATE_RULESET_VERSION
_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_MAKE_CHAR, _MAKE_BLOCK = 1 << 6, 1 << 11
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
_ALL = (1 << 16) - 1
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_TCP = 3  # bind, connect
_SCOPE_ABSTRACT_SOCKETS, _SCOPE_SIGNALS = 1, 2

READ = _EXECUTE | _READ_FILE | _READ_DIR
WRITE = _ALL & ~(_MAKE_CHAR | _MAKE_BLOCK | _IOCTL_DEV)
DEVICE = _READ_FILE | _WRITE_FILE | _TRUNCATE | _IOCTL_DEV


def abi() -> int:
    """The kernel's version of the interface; 0 where it has none."""
    try:
        return kernel.syscall(LANDLOCK_CREATE_RULESET, None, 0, _VERSION)
    except OSError:
        return 0


def keep_signals_inside() -> None:
    """From here on this process can signal only itself and what it starts.

    Raises:
        OSError: the kernel refused, or is too old.
    """
    _restrict(_ruleset(files=0, tcp=0, scopes=_SCOPE_SIGNALS))


def to_read(path: str, hidden: list[str]) -> list[tuple[str, int]]:
    """Rights to read `path` without what is hidden in it; names can be seen all the same.

    A right holds for all below it, so that what lies beside the hidden is named one by one.
    """
    if path in hidden:
        return []
    if os.path.islink(path) or not any(place.startswith(f"{path}/") for place in hidden):
        return [(path, READ)]
    found = [(path, _READ_DIR)]
    for name in os.listdir(path):
        below = os.path.join(path, name)
        found += [] if os.path.islink(below) else to_read(below, hidden)  # what a link leads to has rights of its own
    return found


def restrict(rights: list[tuple[str, int]]) -> None:
    """Leaves only these files to this process and what it starts; also no TCP, and signals inside only.

    Args:
        rights: (path, any of READ, WRITE and DEVICE); what does not exist is left out.

    Raises:
        OSError: the kernel refused, or is too old.
    """
    ruleset = _ruleset(files=_ALL, tcp=_TCP, scopes=_SCOPE_ABSTRACT_SOCKETS | _SCOPE_SIGNALS)
    for path, right in rights:
        _add(ruleset, path, right)
    _restrict(ruleset)


def _ruleset(*, files: int, tcp: int, scopes: int) -> int:
    if abi() < ABI_NEEDED:
        raise OSError(errno.ENOSYS, f"the kernel has Landlock version {abi()}, and {ABI_NEEDED} is needed")
    return kernel.syscall(LANDLOCK_CREATE_RULESET, struct.pack("QQQ", files, tcp, scopes), 24, 0)


def _add(ruleset: int, path: str, right: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError):
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            right &= _OF_FILES
        kernel.syscall(LANDLOCK_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", right, descriptor), 0)
    finally:
        os.close(descriptor)


def _restrict(ruleset: int) -> None:
    kernel.syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)
