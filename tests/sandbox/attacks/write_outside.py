"""Writes, renames, removes and links in the folders it is given, and changes the files it is given."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator


def attempts(path: str) -> Iterator[Callable[[], object]]:
    yield lambda: open(path, "a").write("changed")
    yield lambda: os.truncate(path, 0)
    yield lambda: os.rename(path, path + ".moved")
    yield lambda: os.unlink(path)
    yield lambda: os.mkdir(os.path.join(path, "made"))
    yield lambda: open(os.path.join(path, "made.txt"), "w").write("made")
    yield lambda: os.symlink("/", os.path.join(path, "linked"))
    yield lambda: os.mkfifo(os.path.join(path, "pipe"))
    yield lambda: os.rename("own", os.path.join(path, "own"))
    yield lambda: os.link("own", os.path.join(path, "own"))


def told_of(path: str) -> tuple[int, float, list[str]]:
    """Mode, time and attributes: a file's, but no part of its content, which some mechanisms guard alone."""
    found = os.stat(path)
    return found.st_mode, found.st_mtime, os.listxattr(path)


def changes(path: str) -> Iterator[Callable[[], object]]:
    yield lambda: os.chmod(path, 0o777)
    yield lambda: os.fchmod(os.open(path, os.O_RDONLY), 0o777)
    yield lambda: os.utime(path, (1, 1))
    yield lambda: os.setxattr(path, "user.told", b"1")


open("own", "w").close()
for path in sys.argv[1:]:
    for number, change in enumerate(changes(path)):
        with contextlib.suppress(OSError):
            before = told_of(path)
            with contextlib.suppress(OSError):
                change()
            if told_of(path) != before:
                print("changed", number, path)
for path in sys.argv[1:]:
    for number, attempt in enumerate(attempts(path)):
        with contextlib.suppress(OSError):
            attempt()
            print("did", number, path)
for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/vm/overcommit_memory", "/sys/kernel/mm/ksm/run", "/dev/kmsg"):
    with contextlib.suppress(OSError):  # opened only: what is written there is the machine's
        os.close(os.open(path, os.O_WRONLY))
        print("opened", path)
