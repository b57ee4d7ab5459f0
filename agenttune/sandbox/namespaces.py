"""Namespaces of our own: no network, no other process in sight, and only the named files are there at all.

Works without privileges where the system lets users make user namespaces. All but the work folder is
read-only: Landlock alone would let the code change modes, times and attributes of the user's files.
"""

from __future__ import annotations

import os
import stat
import struct

from agenttune import kernel
from agenttune.sandbox.system_calls import MOUNT_SETATTR, NUMBERS

DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
SHARED_MEMORY = "/dev/shm"

_NEW_MOUNTS, _NEW_NAMES, _NEW_IPC = 0x20000, 0x4000000, 0x8000000
_NEW_USER, _NEW_PIDS, _NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000
_READ_ONLY, _NOSUID, _NODEV, _NOEXEC = 1, 2, 4, 8
_BIND, _RECURSIVE, _PRIVATE = 4096, 16384, 1 << 18
_DETACH = 2
_AT_FDCWD, _AT_RECURSIVE, _ATTRIBUTE_READ_ONLY = -100, 0x8000, 1
_STAGE = "/tmp"
"""Where the new root is laid out before it takes the place of the old one; any folder that always exists."""


def leave() -> None:
    """Moves this process into a user and a network namespace of its own, and its children into one of pids.

    Raises:
        OSError: the system does not let it.
    """
    user, group = os.geteuid(), os.getegid()
    kernel.syscall(NUMBERS["unshare"], _NEW_USER | _NEW_PIDS | _NEW_NETWORK | _NEW_IPC | _NEW_NAMES)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{user} {user} 1")
    _write("/proc/self/gid_map", f"{group} {group} 1")


def lay_out(readable: list[str], folder: str, *, hidden: list[str], shared_bytes: int) -> None:
    """Gives this process, the first of its pid namespace, a root with nothing but these paths.

    Args:
        readable: absolute paths; links are made again as links, what does not exist is left out.
        folder: the one that may be written; it comes last, whatever it lies in.
        hidden: what is covered with nothing.
        shared_bytes: how much its own /dev/shm may hold.

    Raises:
        OSError: the system does not let it.
    """
    kernel.syscall(NUMBERS["unshare"], _NEW_MOUNTS)
    _mount("none", "/", None, _RECURSIVE | _PRIVATE)
    # sorted: a folder comes before what lies in it; opened first, since the stage hides what lies below it
    held = [entry for path in (*DEVICES, *sorted(readable), folder) if (entry := _hold(path)) is not None]
    _mount("tmpfs", _STAGE, "tmpfs", _NOSUID | _NODEV, "mode=755,size=1m")
    for path, descriptor, link in held:
        if path == folder:
            for place in hidden:
                _cover(_STAGE + place)
        _place(_STAGE + path, descriptor, link)
        if link is None and path != folder and path not in DEVICES:
            _make_read_only(_STAGE + path, recursively=True)
    os.makedirs(_STAGE + SHARED_MEMORY, exist_ok=True)
    _mount("tmpfs", _STAGE + SHARED_MEMORY, "tmpfs", _NOSUID | _NODEV | _NOEXEC, f"size={shared_bytes}")
    os.makedirs(f"{_STAGE}/proc", exist_ok=True)
    _mount("proc", f"{_STAGE}/proc", "proc", _NOSUID | _NODEV | _NOEXEC)
    os.chdir(_STAGE)
    kernel.syscall(NUMBERS["pivot_root"], b".", b".")
    kernel.checked(kernel.libc().umount2(b".", _DETACH))
    os.chdir("/")
    _make_read_only("/", recursively=False)


def _hold(path: str) -> tuple[str, int, str | None] | None:
    """(path, descriptor of what is there, or where it links to); None if nothing is."""
    try:
        if os.path.islink(path):
            return path, -1, os.readlink(path)
        return path, os.open(path, os.O_PATH | os.O_CLOEXEC), None
    except (FileNotFoundError, PermissionError):
        return None


def _place(path: str, descriptor: int, link: str | None) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if link is not None:
        if not os.path.lexists(path):
            os.symlink(link, path)
        return
    if stat.S_ISDIR(os.fstat(descriptor).st_mode):
        os.makedirs(path, exist_ok=True)
    elif not os.path.lexists(path):
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC))
    _mount(f"/proc/self/fd/{descriptor}", path, None, _BIND | _RECURSIVE)
    os.close(descriptor)


def _cover(path: str) -> None:
    if os.path.isdir(path):
        _mount("tmpfs", path, "tmpfs", _NOSUID | _NODEV | _READ_ONLY, "mode=555,size=0")
    elif os.path.lexists(path):
        _mount(f"{_STAGE}/dev/null", path, None, _BIND)


def _make_read_only(path: str, *, recursively: bool) -> None:
    attributes = struct.pack("QQQQ", _ATTRIBUTE_READ_ONLY, 0, 0, 0)  # struct mount_attr
    flags = _AT_RECURSIVE if recursively else 0
    kernel.syscall(MOUNT_SETATTR, _AT_FDCWD, os.fsencode(path), flags, attributes, len(attributes))


def _mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    kernel.syscall(
        NUMBERS["mount"],
        source.encode(),
        os.fsencode(target),
        None if kind is None else kind.encode(),
        flags,
        options.encode(),
    )


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
