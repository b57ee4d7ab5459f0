"""Leaves session, parents and descriptors behind, and holds a lock on `lock` for eight seconds if it is let."""

import fcntl
import os
import signal
import time

reading, writing = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    held = open("lock", "w")
    fcntl.flock(held, fcntl.LOCK_EX)
    os.write(writing, b"held")
    for descriptor in (0, 1, 2, reading, writing):
        os.close(descriptor)
    time.sleep(8)
    os._exit(0)
os.read(reading, 4)
