"""Finds the host of a local model, or starts it, and sends it requests. Imports no library of models.

Whoever comes first starts the host; all others, of any process, use that one. A host that ends before it began a
request costs nothing, so the request is sent to a new one; after that it is an error like that of any server.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import logging
import math
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agenttune.errors import ModelError
from agenttune.models.local.address import OTHER_EXIT, Address, HostFiles, Wanted, living_hosts
from agenttune.models.local.turns import NOTHING_DONE
from agenttune.models.local.wire import LAST, MOST_BYTES, Event, error_from
from agenttune.redaction import SECRET_NAME, remember
from agenttune.settings import SHARED_CORES
from agenttune.types import Json

COMMAND = (sys.executable, "-P", "-m", "agenttune.models.local.host")
"""-P: a random.py in the current folder is not the library's."""
KEPT = frozenset(
    ("HF_TOKEN", "HF_TOKEN_PATH", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_DISABLE_IMPLICIT_TOKEN", "TOKENIZERS_PARALLELISM")
)
"""Variables that a host gets although they are named like secrets: they are for what it loads."""
SET = {"HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}
YIELDING = {"OMP_WAIT_POLICY": "PASSIVE"}
"""Unless the user says otherwise. Threads of torch that wait actively for one another starve where trials take the
processors: measured then on 2, a reply of a 135 M model came 2 to 7 times faster, for a quarter to an eighth of the
processor time."""
START_S = 60.0
"""How long a host may take to write its address: Python starts, and imports none of the large libraries before."""
SILENT_S = 60.0
"""How long a host may say nothing: libraries may hold Python's lock for a while as they load."""
END_S = 15.0
"""How long a host may take to end."""
REAPED_S = 2.0
"""How long its exit code may take from then on."""
POLL_S = 0.02
MOST_STARTS = 3
"""Hosts that one request may find ending."""
LOGGED_S = 2.0
"""How often what a request waits for is logged."""

WAY = "set XDG_STATE_HOME to a folder of your own"
NO_MEMORY = "as happens where memory ends: free some, or choose a smaller model"

logger = logging.getLogger(__name__)
_started: dict[int, subprocess.Popen[bytes]] = {}
"""Hosts that this process has started."""


class Client:
    """Sends requests for one model; may be used from several threads at once."""

    def __init__(
        self, wanted: Wanted, *, spec: str, idle_s: float, start_s: float, command: Sequence[str] = COMMAND
    ) -> None:
        """
        Args:
            wanted: the model.
            spec: how it is spelled, for people.
            idle_s: seconds without a request after which a host that is started ends.
            start_s: longest time until a request begins to be answered, loading and waiting included.
            command: starts a host.
        """
        self._wanted = wanted
        self._spec = spec
        self._idle_s = idle_s
        self._start_s = start_s
        self._command = tuple(command)

    def send(self, path: str, content: Mapping[str, Json], *, timeout_s: float) -> Iterator[Event]:
        """Sends one request and yields what comes, an event that ends it last. Closing the iterator gives it up.

        Args:
            path: "/complete" or "/score".
            content: the request (wire.py).
            timeout_s: seconds from when the model begins to work on it.

        Raises:
            ModelError: no usable reply; the sentence says why.
        """
        body = json.dumps(content).encode()
        if len(body) > MOST_BYTES:
            sentence = f"the request is longer than the {MOST_BYTES // 1_000_000} MB that a local model takes"
            raise ModelError(sentence, verdict="unsupported", usage=NOTHING_DONE)
        try:
            for _ in range(MOST_STARTS):
                files, address = self._find_or_start()
                with contextlib.closing(_Call(address)) as call:
                    if call.is_taken(path, body):
                        yield from self._events(call, files, address, timeout_s)
                        return
                _wait_until_ended(files, address)
        except OSError as error:
            raise _failed(f"{self._spec} needs a folder for its process ({error}): {WAY}") from None
        raise _failed(f"the process of {self._spec} ended {MOST_STARTS} times before it took the request")

    # -- a host ------------------------------------------------------------------------------------

    def _find_or_start(self) -> tuple[HostFiles, Address]:
        """The host's address; it may still be loading, or about to end."""
        files = self._wanted.files()
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            address = _living(files)
            if address is not None:
                return files, address
            if files.is_foreign():
                raise _failed(f"{files.address} belongs to another user: {WAY}", verdict="unauthorised")
            files.base.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with files.finding() as is_ours:
                if is_ours and not files.is_alive():  # one that lives without an address begins or ends
                    self._start(files, deadline)
            time.sleep(POLL_S)
        raise _failed(f"the process of {self._spec} did not start within {START_S:g} s; see {files.log}")

    def _start(self, files: HostFiles, deadline: float) -> None:
        """Starts a host and returns once it has an address, or another one came before it.

        Raises:
            ModelError: it ended at once.
        """
        files.remove()  # of a host that was killed
        with files.log.open("ab") as log:
            offset = log.tell()
            process = subprocess.Popen(
                [*self._command, *self._arguments(files)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=files.base.parent,
                env=environment(),
            )
        _started[process.pid] = process
        # reaped as soon as it ends, so that a long-lived client keeps no zombie
        threading.Thread(target=process.wait, name=f"reaper-{process.pid}", daemon=True).start()
        while time.monotonic() < deadline and files.read() is None:
            code = process.poll()
            if code == OTHER_EXIT:
                return
            if code is not None:
                lines = files.log.read_bytes()[offset:].decode(errors="replace").strip().splitlines()
                said = lines[-1] if lines else f"it wrote nothing to {files.log}"
                raise _failed(f"the process of {self._spec} ended at once (exit code {code}): {said}")
            time.sleep(POLL_S)

    def _arguments(self, files: HostFiles) -> list[str]:
        wanted = self._wanted
        chosen = ["--device", wanted.device, "--dtype", wanted.dtype, "--idle-s", f"{self._idle_s:g}"]
        return [wanted.place, *chosen, "--files", str(files.base)]

    # -- a request ---------------------------------------------------------------------------------

    def _events(self, call: _Call, files: HostFiles, address: Address, timeout_s: float) -> Iterator[Event]:
        ends_at, has_begun = time.monotonic() + self._start_s, False
        progress, pieces = _Progress(self._spec), list[str]()
        while True:
            left_s = ends_at - time.monotonic()
            try:
                event = call.next_event(min(left_s, SILENT_S)) if left_s > 0 else None
            except TimeoutError:
                if left_s > SILENT_S:
                    sentence = f"the process of {self._spec} ({address.pid}) says nothing; see {files.log}"
                    raise ModelError(sentence, verdict="timeout", text="".join(pieces) or None) from None
                event = None
            except (ConnectionError, http.client.HTTPException):
                raise self._died(files, address, has_begun=has_begun, text="".join(pieces)) from None
            if event is None:
                raise self._too_late(timeout_s, has_begun=has_begun, text="".join(pieces))
            if "error" in event:
                raise error_from(event["error"])
            if "began" in event:
                ends_at, has_begun = time.monotonic() + timeout_s, True
            if "text" in event:
                pieces.append(event["text"])
            progress.log(event)
            yield event
            if any(name in event for name in LAST):
                return

    def _too_late(self, timeout_s: float, *, has_begun: bool, text: str) -> ModelError:
        if not has_begun:
            sentence = f"{self._spec} could not begin a reply within {self._start_s:g} s: it loads, or others are first"
            return ModelError(sentence, verdict="timeout", usage=NOTHING_DONE)
        sentence = f"{self._spec} did not finish its reply within {timeout_s:g} s; a smaller model answers sooner"
        return ModelError(sentence, verdict="timeout", text=text or None)

    def _died(self, files: HostFiles, address: Address, *, has_begun: bool, text: str) -> ModelError:
        """Why a host broke off: one that was killed could not take its address away."""
        _wait_until_ended(files, address)
        when = "while it answered" if has_begun else "before it could answer"
        code = _exit_code(address)
        if code == -signal.SIGKILL:
            what = f"was killed (signal {signal.SIGKILL:d}) {when}, {NO_MEMORY}"
        elif code is None and files.read() == address:
            what = f"was killed or crashed {when}, {NO_MEMORY}"
        else:
            what = f"ended {when}" if code is None else f"ended {when} (exit code {code})"
        sentence = f"the process of {self._spec} ({address.pid}) {what}; the next request starts it again"
        if code != -signal.SIGKILL:
            sentence += f", and {files.log} may say why"
        usage = None if has_begun else NOTHING_DONE
        return ModelError(sentence, verdict="unreachable", usage=usage, text=text or None)


class _Progress:
    """Logs what a request waits for, as far as that is new."""

    def __init__(self, spec: str) -> None:
        self._spec = spec
        self._said = ""
        self._at = -math.inf

    def log(self, event: Event) -> None:
        """Logs an event that says so."""
        if "loading" in event:
            sentence = f"is loading: {event['loading']}"
        elif event.get("waiting"):
            sentence = f"has {event['waiting']} to answer first"
        else:
            return
        if sentence != self._said and time.monotonic() - self._at > LOGGED_S:
            logger.info("%s %s", self._spec, sentence)
            self._said, self._at = sentence, time.monotonic()


class _Call:
    """One connection to a host, for one request."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._connection = http.client.HTTPConnection("127.0.0.1", address.port, timeout=SILENT_S)
        self._socket: socket.socket | None = None
        self._response: http.client.HTTPResponse | None = None

    def is_taken(self, path: str, body: bytes) -> bool:
        """Sends the request; False where the host has ended, or is about to.

        Raises:
            ModelError: it refuses for another reason.
        """
        headers = {"Authorization": f"Bearer {self._address.token}", "Content-Type": "application/json"}
        try:
            self._connection.connect()
            self._socket = self._connection.sock
            self._connection.request("POST", path, body, headers)
            response = self._response = self._connection.getresponse()
        except (ConnectionError, http.client.HTTPException):
            return False
        except TimeoutError:
            raise _failed(f"the model's process {self._address.pid} does not answer", verdict="timeout") from None
        if response.status == 503:
            return False
        if response.status == 401:
            raise _failed(
                f"what answers on port {self._address.port} does not know the token of the model's address file; "
                "`agenttune models stop` ends it",
                verdict="unauthorised",
            )
        if response.status != 200:
            why = response.read(1_000).decode(errors="replace").strip()
            raise _failed(f"the model's process refuses the request ({response.status}): {why}")
        return True

    def next_event(self, wait_s: float) -> Event:
        """The next line.

        Raises:
            TimeoutError: none came within `wait_s`.
            ConnectionError: the host is gone.
        """
        assert self._socket is not None
        assert self._response is not None  # `is_taken` was called
        self._socket.settimeout(wait_s)
        line = self._response.readline()
        if not line.endswith(b"\n"):
            raise ConnectionResetError
        event: Event = json.loads(line)
        return event

    def close(self) -> None:
        """Gives the request up, if it is not over."""
        if self._response is not None:
            self._response.close()
        self._connection.close()


def ask_status(address: Address, *, wait_s: float = 5.0) -> dict[str, Any] | None:
    """How a host stands; None where it does not say."""
    connection = http.client.HTTPConnection("127.0.0.1", address.port, timeout=wait_s)
    try:
        connection.request("GET", "/status", headers={"Authorization": f"Bearer {address.token}"})
        content = json.loads(connection.getresponse().read())
    except (OSError, ValueError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return content if isinstance(content, dict) and "state" in content else None


def stop_hosts(place: str | None = None) -> list[Address]:
    """Ends the hosts of a model, or all; returns them once they have ended."""
    found = [(files, address) for files, address in living_hosts() if place in (None, address.place)]
    for _, address in found:
        _signal(address, signal.SIGTERM)
    for files, address in found:
        _wait_until_ended(files, address)
        if files.is_alive() and files.read() in (None, address):
            _signal(address, signal.SIGKILL)
            _wait_until_ended(files, address)
            files.remove()
    return [address for _, address in found]


def environment() -> dict[str, str]:
    """Variables of a host: this process's, without keys and without what a driver has set for its own workers."""
    shared = os.environ.get(SHARED_CORES, "").split()
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in KEPT or not (SECRET_NAME.search(name) or name in (SHARED_CORES, *shared))
    }
    folders = [os.path.abspath(entry) for entry in kept.get("PYTHONPATH", "").split(os.pathsep) if entry]  # noqa: PTH100  # `resolve` follows links
    return YIELDING | kept | SET | ({"PYTHONPATH": os.pathsep.join(folders)} if folders else {})


def _living(files: HostFiles) -> Address | None:
    """The address of a host that lives; its token is taken out of every text from now on."""
    address = files.read()
    if address is None or not files.is_alive():
        return None
    remember(address.token)
    return address


def _exit_code(address: Address) -> int | None:
    """Of a host that has ended; None where another process has started it."""
    process = _started.get(address.pid)
    with contextlib.suppress(subprocess.TimeoutExpired):
        return None if process is None else process.wait(REAPED_S)
    return None


def _wait_until_ended(files: HostFiles, address: Address) -> None:
    """Returns once the host has ended, has been followed by another one, or takes too long."""
    deadline = time.monotonic() + END_S
    while files.is_alive() and files.read() in (None, address) and time.monotonic() < deadline:
        time.sleep(POLL_S)


def _signal(address: Address, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(address.pid, number)


def _failed(sentence: str, *, verdict: str = "unreachable") -> ModelError:
    """Nothing was done for the request."""
    return ModelError(sentence, verdict=verdict, usage=NOTHING_DONE)
