"""The command line of bubblewrap, for systems that let it, but not everybody, make user namespaces."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from agenttune.errors import SandboxError
from agenttune.sandbox import seccomp
from agenttune.sandbox.keeper import FILTER_FD

PROGRAM = "bwrap"


def prefix(folder: Path, readable: Sequence[str], hidden: Sequence[str], *, shared_bytes: int) -> list[str]:
    """What stands before the command that is confined.

    Args:
        folder: the one that may be written.
        readable: sorted paths that exist.
        hidden: those in them that are covered with nothing.
        shared_bytes: how much its own /dev/shm may hold.

    Raises:
        SandboxError: it is not installed.
    """
    program = shutil.which(PROGRAM)
    if program is None:
        raise SandboxError("bubblewrap is not installed")
    words = [program, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    words += ["--proc", "/proc", "--dev", "/dev"]
    for path in readable:
        link = Path(path)
        words += ["--symlink", str(link.readlink()), path] if link.is_symlink() else ["--ro-bind", path, path]
    for path in hidden:
        is_folder = Path(path).is_dir()
        words += ["--tmpfs", path, "--remount-ro", path] if is_folder else ["--ro-bind", os.devnull, path]
    words += [
        "--bind",
        str(folder),
        str(folder),
        "--chdir",
        str(folder),
        "--size",
        str(shared_bytes),
        "--tmpfs",
        "/dev/shm",
    ]
    # Root outside owns the switches of the kernel in /proc/sys even without any capability.
    words += ["--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/"]
    if seccomp.program():
        words += ["--seccomp", str(FILTER_FD)]
    return [*words, "--"]
