"""Prints every environment and command line it can read, its own among them."""

import contextlib
import os

print(dict(os.environ))
try:
    names = os.listdir("/proc")
except OSError:
    names = [str(number) for number in range(1, 1 << 15)]
for name in names:
    for file in ("environ", "cmdline", "task/" + name + "/environ"):
        with contextlib.suppress(OSError):
            print(open(f"/proc/{name}/{file}", "rb").read())
