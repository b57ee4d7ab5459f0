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


open("own", "w").close()
for path in sys.argv[1:]:
    for number, attempt in enumerate(attempts(path)):
        with contextlib.suppress(OSError):
            attempt()
            print("did", number, path)
for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/vm/overcommit_memory", "/sys/kernel/mm/ksm/run", "/dev/kmsg"):
    with contextlib.suppress(OSError):  # opened only: what is written there is the machine's
        os.close(os.open(path, os.O_WRONLY))
        print("opened", path)
