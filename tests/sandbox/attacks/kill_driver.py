"""Kills the processes it is given, its parent, and by way of a pipe that signals; then all it can, if that is safe."""

import contextlib
import fcntl
import os
import signal
import sys

victims = [int(word) for word in sys.argv[1:]]
for pid in [*victims, os.getppid()]:
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(OSError):
        if pid > 1:
            os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(OSError):
        signal.pidfd_send_signal(os.pidfd_open(pid), signal.SIGKILL)
    with contextlib.suppress(OSError):
        reading, writing = os.pipe()
        fcntl.fcntl(reading, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(reading, fcntl.F_SETOWN, pid)
        fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC)
        os.write(writing, b"x")
for pid in victims:
    try:
        os.kill(pid, 0)
    except OSError:
        continue
    sys.exit("could signal, so nothing more is tried")
with contextlib.suppress(OSError):
    os.kill(-1, signal.SIGKILL)
