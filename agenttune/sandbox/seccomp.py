"""The filter of system calls: no sockets but local ones, and none of the calls that reach other processes.

It closes what the other mechanisms leave open: UDP and virtual-machine sockets where there is no
network namespace, memory of other processes, the user's keys, shared memory that no folder names,
and files in memory that count as nobody's. Code that needs a denied call gets EPERM.
"""

from __future__ import annotations

import ctypes
import struct

from agenttune import kernel
from agenttune.sandbox.system_calls import MACHINE, NUMBERS

DENIED = (
    "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp",  # other processes
    "keyctl", "add_key", "request_key",  # the user's keys
    "shmget", "shmat", "semget", "msgget", "mq_open",  # shared with every process of the user
    "memfd_create", "memfd_secret",  # memory that no process is charged for
    "unshare", "setns", "mount", "pivot_root", "open_by_handle_at",  # other views of the file system
    "io_uring_setup", "io_uring_enter", "io_uring_register",  # opens sockets past this filter
    "bpf", "perf_event_open", "userfaultfd",  # a kernel's usual weak spots
)  # fmt: skip
"""System calls that fail."""
PRETENDED = (
    "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat",
    "utime", "utimes", "futimesat", "utimensat", "file_setattr",
    "setxattr", "lsetxattr", "fsetxattr", "setxattrat", "removexattr", "lremovexattr", "fremovexattr", "removexattrat",
)  # fmt: skip
"""System calls that do nothing and say it is done, on request: Landlock guards content and names of files only.

Programs that copy or unpack files in their own folder go on; their modes stay the usual ones.
"""

_AF_UNIX = 1
_CLONE_NEW = 0x7E020000
"""All CLONE_NEW* flags of clone(2) but NEWTIME, which it does not take."""
_EPERM, _ENOSYS = 1, 38
_X32 = 0x40000000
"""Calls of the x32 kind start here: the same calls by other numbers."""
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # linux/bpf_common.h
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_NUMBER, _ARCH, _ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data; the low half of the first argument


def program(*, pretend: bool = False) -> bytes:
    """The filter as the kernel (and bubblewrap) takes it; empty where the architecture is not known.

    Args:
        pretend: whether the calls of `PRETENDED` do nothing.
    """
    if not NUMBERS:
        return b""
    lines = [
        _line(_LOAD, _ARCH),
        *_unless(_EQUAL, _AUDIT_ARCH[MACHINE], _EPERM),
        _line(_LOAD, _NUMBER),
        *(_when(_AT_LEAST, _X32, _EPERM) if MACHINE == "x86_64" else ()),
    ]
    for name in DENIED:
        lines += _when(_EQUAL, NUMBERS[name], _EPERM)
    for name in PRETENDED if pretend else ():
        if name in NUMBERS:  # an architecture has but some of them
            lines += _when(_EQUAL, NUMBERS[name], 0)
    # its flags lie in memory, out of a filter's reach: the C library then takes clone, whose flags do not
    lines += _when(_EQUAL, NUMBERS["clone3"], _ENOSYS)
    lines += [
        _line(_EQUAL, NUMBERS["clone"], 0, 4),
        _line(_LOAD, _ARGUMENT),
        *_when(_ANY_BIT, _CLONE_NEW, _EPERM),
        _line(_RETURN, _ALLOW),
        _line(_EQUAL, NUMBERS["socket"], 0, 3),
        _line(_LOAD, _ARGUMENT),
        *_unless(_EQUAL, _AF_UNIX, _EPERM),
        _line(_RETURN, _ALLOW),
    ]
    return b"".join(lines)


def apply(*, pretend: bool) -> None:
    """Filters the calls of this process and all it starts, for good; it must have no_new_privs.

    Args:
        pretend: whether the calls of `PRETENDED` do nothing.

    Raises:
        OSError: the kernel refused, or the architecture is not known.
    """
    lines = program(pretend=pretend)
    if not lines:
        raise OSError(_ENOSYS, f"no filter of system calls is written for {MACHINE}")
    held = ctypes.create_string_buffer(lines, len(lines))
    # struct sock_fprog: a count of lines of 8 bytes, padding, their address
    head = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(lines) // 8, ctypes.addressof(held)), 16)
    kernel.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(head))


def _line(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _when(test: int, value: int, number: int) -> list[bytes]:
    return [_line(test, value, 0, 1), _line(_RETURN, _ERRNO | number)]


def _unless(test: int, value: int, number: int) -> list[bytes]:
    return [_line(test, value, 1, 0), _line(_RETURN, _ERRNO | number)]
