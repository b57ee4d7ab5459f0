"""The fork server: `python -m agenttune.executors.fork_server SOCKET PARENT MODULE...`.

It imports the modules once and then forks for every attempt that its executor (forking.py) asks for;
the fork goes on as the process of that attempt (child.py), in no other state than one that was
started from nothing: a session, an environment and random state of its own, the executor's lock and
log. It runs no attempt itself, starts no thread, and is gone as soon as its executor is; the attempts
stay. Linux only: on macOS a process that has loaded number libraries cannot fork.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import signal
import socket
import sys
from dataclasses import dataclass
from typing import Any

from agenttune.executors import child
from agenttune.kernel import die_with_parent
from agenttune.processes import MARKER

MESSAGE_BYTES = 1 << 16
"""More than a request holds: a few paths and numbers."""


@dataclass(frozen=True, slots=True)
class Order:
    """One attempt to be started."""

    directory: str
    variables: dict[str, str]
    """What its environment has beyond, or in place of, the server's."""
    log: int
    lock: int


def main(arguments: list[str]) -> int:
    """Serves until the executor is gone; in a fork, runs the attempt."""
    connection = socket.socket(fileno=int(arguments[0]))
    connection.set_inheritable(False)
    die_with_parent(int(arguments[1]))
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # ignored, it would let pids go before the executor is done with them
    for module in arguments[2:]:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()  # a collection in a fork would copy the pages of everything imported
    order = serve(connection)
    if order is None:
        os._exit(0)  # nothing here needs an orderly end
    return child.main(become(order))


def serve(connection: socket.socket) -> Order | None:
    """Answers requests; returns in every fork with its order, in the server itself None once nobody asks any more."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(connection, MESSAGE_BYTES, 2, socket.MSG_CMSG_CLOEXEC)
        if not message:
            return None
        request = json.loads(message)
        if "reap" in request:
            reply: dict[str, Any] = {"status": _reap(request["reap"])}
        else:
            reply = _fork(request["cwd"])
            if reply.get("pid") == 0:
                connection.close()  # the executor takes its end for the server's
                return Order(request["directory"], request["variables"], *descriptors)
        for descriptor in descriptors:  # the lock above all: it is the fork's from here on
            os.close(descriptor)
        try:
            connection.send(json.dumps(reply).encode())
        except BrokenPipeError:
            return None


def become(order: Order) -> list[str]:
    """Makes this fork a process like one started for the attempt alone; returns the arguments of `child.main`."""
    os.setsid()
    for descriptor in (1, 2):
        os.dup2(order.log, descriptor)
    os.close(order.log)
    _show_marker(order.variables[MARKER])
    os.environ.update(order.variables)
    if "numpy.random" in sys.modules:  # `random` does so by itself
        sys.modules["numpy.random"].seed()
    return [order.directory, str(order.lock)]


def _fork(cwd: str) -> dict[str, Any]:
    try:
        os.chdir(cwd)
        return {"pid": os.fork()}
    except OSError as error:
        return {"errno": error.errno, "filename": error.filename}


def _reap(pid: int) -> int | None:
    """The status of a fork that has ended; until it is asked for, nobody else can get its pid."""
    try:
        reaped, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return None
    return status if reaped == pid else None


def _show_marker(marker: str) -> None:
    """Writes the marker where other processes look for it: over the one that this process was started with.

    /proc/PID/environ shows the memory that exec filled, which `os.environ` never changes.
    """
    getenv = ctypes.CDLL(None).getenv
    getenv.restype = ctypes.c_void_p
    getenv.argtypes = [ctypes.c_char_p]
    shown = os.environ[MARKER].encode()
    assert len(shown) == len(marker.encode())  # the executor gave the server one like it
    ctypes.memmove(getenv(MARKER.encode()), marker.encode(), len(shown))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
