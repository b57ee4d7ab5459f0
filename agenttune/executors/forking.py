"""The executor's side of the fork server (fork_server.py): starts it, asks it for attempts, does without it.

A server that is dead, hangs or cannot start is killed, and the caller told to start the attempt the
ordinary way. The server may have forked just before; the attempt's lock tells (process.py).
"""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agenttune.executors import Task
from agenttune.objectives import modules_to_preload
from agenttune.processes import INTERPRETER_VARIABLES, MARKER, new_marker

logger = logging.getLogger(__name__)

START_S = 30.0
"""How long a server may take to its first fork: its imports need 1 to 2 s, on a crowded machine several times that."""
REPLY_S = 5.0
"""How long it may take after that; a fork costs milliseconds."""
END_S = 5.0
"""How long a server may take to end once it is killed; one that hangs in the kernel is left to it."""
REPLY_BYTES = 1 << 16


class Forked:
    """A process that a server forked; what is used of it is what `subprocess.Popen` has, too."""

    def __init__(self, server: ForkServer, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._server = server

    def wait(self, timeout: float | None = None) -> int | None:
        """The exit code of the process, which has ended; None if its server is gone. Nothing is waited for."""
        self.returncode = self._server.reap(self.pid)
        return self.returncode


@dataclass(frozen=True, slots=True)
class Ground:
    """What forks of one server have in common."""

    modules: tuple[str, ...]
    cwd: str
    environment: Mapping[str, str]
    """Number libraries read theirs when they are imported."""


class ForkServer:
    """One server."""

    def __init__(self, ground: Ground) -> None:
        """Starts it.

        Raises:
            OSError: it cannot be started.
        """
        self.ground = ground
        self.n_forked = 0
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-P", "-m", "agenttune.executors.fork_server", str(theirs.fileno())]
            try:
                self._process = subprocess.Popen(
                    [*command, str(os.getpid()), *ground.modules],
                    cwd=ground.cwd,
                    env={**ground.environment, **INTERPRETER_VARIABLES, MARKER: new_marker()},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                    pass_fds=(theirs.fileno(),),
                )
            except OSError:
                self._socket.close()
                raise

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    @property
    def is_lost(self) -> bool:
        """Whether it is of no use any more."""
        return self._socket.fileno() == -1

    def fork(self, directory: str, *, cwd: str, variables: Mapping[str, str], log: int, lock: int) -> Forked | None:
        """The process of an attempt; None once the server is lost, which may have forked or not.

        Raises:
            OSError: the process cannot be started.
        """
        request = {"directory": directory, "cwd": cwd, "variables": dict(variables)}
        reply = self._ask(request, log, lock, timeout_s=REPLY_S if self.n_forked else START_S)
        if reply is None:
            return None
        if "errno" in reply:
            raise OSError(reply["errno"], os.strerror(reply["errno"]), reply["filename"])
        self.n_forked += 1
        return Forked(self, reply["pid"])

    def reap(self, pid: int) -> int | None:
        """The exit code of a fork that has ended; None if the server is lost."""
        reply = None if self.is_lost else self._ask({"reap": pid}, timeout_s=REPLY_S)
        status = None if reply is None else reply["status"]
        return None if status is None else os.waitstatus_to_exitcode(status)

    def close(self) -> None:
        """Ends the server; its forks go on."""
        self._socket.close()
        self._process.kill()
        try:
            self._process.wait(timeout=END_S)
        except subprocess.TimeoutExpired:
            logger.warning("fork server %d does not end", self.pid)
            self._process.returncode = 0  # nobody waits for it any more

    def _ask(self, request: dict[str, Any], *descriptors: int, timeout_s: float) -> dict[str, Any] | None:
        why = "it ended"
        reply = b""
        try:
            self._socket.settimeout(timeout_s)
            socket.send_fds(self._socket, [json.dumps(request).encode()], descriptors)
            reply = self._socket.recv(REPLY_BYTES)
        except ConnectionError:
            pass
        except TimeoutError:
            why = f"it did not answer within {timeout_s:g} s"
        except OSError as error:
            why = f"it cannot be asked: {error.strerror}"
        finally:
            if not reply:  # interrupted, say: an answer that comes later would be taken for another one's
                self.close()
        if not reply:
            logger.warning("fork server %d is lost: %s", self.pid, why)
            return None
        answer: dict[str, Any] = json.loads(reply)
        return answer


class ForkServers:
    """The servers of an executor: one at a time, started when an attempt first has a use for it."""

    def __init__(self) -> None:
        self.current: ForkServer | None = None
        self._has_given_up = False
        """A server that was lost before it forked at all would be so again."""

    def server_for(self, task: Task) -> ForkServer | None:
        """The server for an attempt; None if its objective declares nothing to import, or servers do not work here."""
        modules = modules_to_preload(task.objective)
        if not modules or self._has_given_up or sys.platform != "linux":
            return None
        ground = Ground(modules, os.path.abspath(task.cwd), dict(os.environ))  # noqa: PTH100  # `resolve` follows links
        if self.current is not None and (self.current.is_lost or self.current.ground != ground):
            self._has_given_up = self.current.is_lost and not self.current.n_forked
            self.close()
            if self._has_given_up:
                return None
        if self.current is None:
            self.current = _start(ground)
        return self.current

    def close(self) -> None:
        """Ends the server, if there is one; its forks go on."""
        if self.current is not None:
            self.current.close()
            self.current = None


def _start(ground: Ground) -> ForkServer | None:
    try:
        return ForkServer(ground)
    except OSError as error:
        logger.warning("no fork server could be started: %s", error)
        return None
