"""A model's host: the process that holds one local model and answers requests of this machine, one at a time.

`python -m agenttune.models.local.host` is started by the first request (client.py), in a session of its own, and ends
once nobody asked for a while. It listens on loopback alone, and answers nobody without the token of its address file,
which only its owner may read; it serves no files. Not covered: another process of the same person, who may read the
token as well.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import hmac
import importlib
import json
import logging
import os
import secrets
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty
from typing import Any, cast

from agenttune.models.local.address import OTHER_EXIT, Address, HostFiles
from agenttune.models.local.turns import Answers, Asked, Load, Turns, in_one_line
from agenttune.models.local.wire import (
    LAST,
    MOST_BYTES,
    CompleteRequest,
    Event,
    ScoreRequest,
    complete_request,
    score_request,
)
from agenttune.types import Json

MOST_LOG_BYTES = 1_000_000
"""A log beyond is emptied: libraries that warn with every request would fill a disk."""
TICK_S = 0.2
"""How often is looked whether a client has left, and whether the host is done."""
SIGN_OF_LIFE_S = 2.0
"""How often a client that waits is told something."""
HEADERS_S = 30.0
"""How long a client may take to send its request, or to take what it is told."""
OOM_SCORE = 500
"""Of 1,000: where memory ends, Linux is to end the host, which holds most of it, before a driver or a trial."""

READERS: dict[str, Callable[[Mapping[str, Any]], CompleteRequest | ScoreRequest]] = {
    "/complete": complete_request,
    "/score": score_request,
}
"""Path -> reads what is sent there."""

logger = logging.getLogger("agenttune.models.local.host")

LoadPlace = Callable[[str, str, str, Callable[[str], None]], Answers]
"""Loads the model of a place, on a device, as a dtype."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, turns: Turns, token: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.turns = turns
        self.authorization = f"Bearer {token}".encode()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients may leave at any time; anything else is a fault of ours."""
        if not isinstance(sys.exception(), OSError):
            logger.exception("a connection failed")


class _Handler(BaseHTTPRequestHandler):
    """One connection, which is one request: answers end with the connection."""

    timeout = HEADERS_S
    server_version = "agenttune"
    sys_version = ""

    def do_GET(self) -> None:
        """Tells how the host stands."""
        if not self._is_allowed():
            return
        if self.path == "/status":
            self._send(200, self._turns.status())
        else:
            self._refuse(404, "no such path")

    def do_POST(self) -> None:
        """Answers a request."""
        content = self._content() if self._is_allowed() else None
        if content is None:
            return
        asked = self._turns.enter(content)
        if asked is None:
            self._refuse(503, "the host is about to end")
            return
        try:
            self._head(200, "application/x-ndjson")
            self._tell(asked)
        finally:
            self._turns.leave(asked)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: requests are in the store of whoever sent them."""

    @property
    def _turns(self) -> Turns:
        return cast(_Server, self.server).turns

    def _is_allowed(self) -> bool:
        sent = self.headers.get("Authorization", "").encode("utf-8", "replace")
        is_allowed = hmac.compare_digest(sent, cast(_Server, self.server).authorization)
        if not is_allowed:
            self._refuse(401, "the token is wrong")
        return is_allowed

    def _content(self) -> CompleteRequest | ScoreRequest | None:
        """The request; None once it was refused."""
        read = READERS.get(self.path)
        length = self.headers.get("Content-Length", "")
        if read is None:
            self._refuse(404, "no such path")
        elif not length.isdecimal() or int(length) > MOST_BYTES:
            self._refuse(413, f"a request must say its length, at most {MOST_BYTES // 1_000_000} MB")
        else:
            try:
                return read(json.loads(self.rfile.read(int(length))))
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                self._refuse(400, f"the request cannot be read ({in_one_line(error)})")
        return None

    def _tell(self, asked: Asked) -> None:
        """Tells the client what comes, and now and then that it is still waited for, until the end or its leaving."""
        told_at = 0.0
        before: Event = {}
        while not self._is_client_gone():
            try:
                event = asked.events.get(timeout=TICK_S)
            except Empty:
                event = self._turns.stands(asked)
                if event == before and time.monotonic() - told_at < SIGN_OF_LIFE_S:
                    continue
                before = event
            self._line(event)
            told_at = time.monotonic()
            if any(name in event for name in LAST):
                return

    def _is_client_gone(self) -> bool:
        """Whether the client has closed its end; it has nothing more to say."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)

    def _line(self, content: Mapping[str, Json]) -> None:
        self.wfile.write(json.dumps(content).encode() + b"\n")

    def _head(self, code: int, kind: str) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.end_headers()

    def _send(self, code: int, content: Mapping[str, Json]) -> None:
        self._head(code, "application/json")
        self._line(content)

    def _refuse(self, code: int, why: str) -> None:
        self._send(code, {"why": why})


def serve(load: Load, files: HostFiles, claim: int, *, place: str, device: str, dtype: str, idle_s: float) -> int:
    """Serves a model until it is idle, has failed, or is asked to end (SIGTERM, SIGINT); returns the exit code.

    The address is written before the model is loaded, so that clients can follow the loading. Where somebody takes it
    away it is written again; a host whose claim is gone ends, since nobody would find it.
    """
    received: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda got, _: received.append(got))
    token = secrets.token_urlsafe(32)
    turns = Turns(load, idle_s=idle_s, log=files.log)
    with _Server(turns, token) as server:
        threading.Thread(target=server.serve_forever, args=(TICK_S,), name="server", daemon=True).start()
        address = Address(place, device, dtype, server.server_port, token, os.getpid(), socket.gethostname())
        files.write(address)
        logger.info("process %d serves %s on port %d", os.getpid(), place, server.server_port)
        turns.start()
        try:
            while not received and not turns.is_over() and files.is_held(claim):
                if files.read() != address:
                    with contextlib.suppress(OSError):
                        files.write(address)
                time.sleep(TICK_S)
                _bound_log(files.log)
        finally:
            if files.read() == address:
                files.remove()
            is_ended = turns.end()
            server.shutdown()
    logger.info("process %d ends: %s", os.getpid(), "it was asked to" if received else "nobody asks")
    if not is_ended:  # a library that does not return must not keep the memory
        os._exit(0)
    return 0


def main(arguments: list[str] | None = None, *, load_place: LoadPlace | None = None) -> int:
    """Serves one model in this process; see the module's docstring.

    Args:
        arguments: of the command line.
        load_place: loads a model; None is the engine of this package.
    """
    parser = argparse.ArgumentParser(prog="python -m agenttune.models.local.host", description="holds one model")
    parser.add_argument("place")
    parser.add_argument("--device", required=True)
    parser.add_argument("--dtype", required=True)
    parser.add_argument("--idle-s", type=float, required=True)
    parser.add_argument("--files", type=Path, required=True, help="path of its files, without their ends")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    faulthandler.enable()
    _offer_to_the_oom_killer()
    files = HostFiles(options.files)
    load_place = load_place or _engine
    place, device, dtype = options.place, options.device, options.dtype
    claim = _claim(files)
    if claim is None:
        logger.info("another process serves %s", place)
        return OTHER_EXIT
    files.remove()  # of a host that was killed
    load = partial(load_place, place, device, dtype)
    return serve(load, files, claim, place=place, device=device, dtype=dtype, idle_s=options.idle_s)


def _engine(place: str, device: str, dtype: str, say: Callable[[str], None]) -> Answers:
    engine = importlib.import_module("agenttune.models.local.engine").Engine
    return cast(Answers, engine.load(place, device=device, dtype=dtype, say=say))


def _claim(files: HostFiles) -> int | None:
    """The place of the host; who looks whether there is one holds the lock for a moment, so it tries twice."""
    claim = files.claim()
    if claim is None:
        time.sleep(TICK_S)
        claim = files.claim()
    return claim


def _offer_to_the_oom_killer() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE))


def _bound_log(log: Path) -> None:
    with contextlib.suppress(OSError):
        if log.stat().st_size > MOST_LOG_BYTES:
            os.truncate(log, 0)


if __name__ == "__main__":
    raise SystemExit(main())
