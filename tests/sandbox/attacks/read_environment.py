"""Prints every environment and command line it can read, its own among them; those of a given process come last."""

import contextlib
import os
import sys

print(dict(os.environ))
try:
    names = os.listdir("/proc")
except OSError:
    names = [str(number) for number in range(1, 1 << 15)]
for name in [*names, *sys.argv[1:]]:
    for file in ("environ", "cmdline", "task/" + name + "/environ"):
        with contextlib.suppress(OSError):
            print(open(f"/proc/{name}/{file}", "rb").read())
