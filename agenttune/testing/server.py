"""A server that speaks OpenAI's chat protocol and answers what it is told to: for tests, and to rehearse a study.

In a test::

    with ModelServer(fault("html")) as server:
        load_model(f"{server.url}#test").complete(...)
        assert len(server.requests) == 1

By hand, `python -m agenttune.testing.server --port 8000 [--fault NAME | --script FILE] [--latency S]`, then
`agenttune tune ... --model http://127.0.0.1:8000/v1#test`. `--skill near|random|worst|stuck --function NAME` answers
as a model that knows the function agenttune.testing.functions:NAME; `--local [MODEL]` as a tiny random Llama, or the
model of this machine that `hf:MODEL` names. It listens on this machine alone.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import select
import socket
import struct
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from agenttune.errors import UserError
from agenttune.models.local.spelling import place_of
from agenttune.testing.answers import FAULTS, Drawn, Phases, Responder, Response, completion, error, fault
from agenttune.testing.functions import FUNCTIONS
from agenttune.testing.skill import KINDS, Skill

PIECE = 10
"""Bytes sent at a time by a response that trickles."""
DELTA = 12
"""Characters per event of a stream."""
TINY = ""
"""For `--local` by itself."""
BRIEF = 5.0
"""Its brevity: replies that nothing holds to a form end after some dozen tokens."""
LONG = 16_384
"""Tokens that it reads: a study's prompt and the longest reply, with room."""


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it arrived."""

    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: dict[str, Any]


class ModelServer:
    """Serves on a free port of this machine between `start` and `stop`, or within `with`.

    Attributes:
        responder: makes the response of each chat request; may be replaced at any time.
        requests: what arrived, in order.
    """

    def __init__(self, responder: Responder | None = None, *, port: int = 0, latency_s: float = 0.0) -> None:
        self.responder: Responder = Drawn() if responder is None else responder
        self.requests: list[Received] = []
        self.latency_s = latency_s
        self.stopped = threading.Event()
        """Ends every wait of a response under way."""
        self.client_left = threading.Event()
        """Set when a client closed its connection instead of waiting for its reply."""
        self._port = port
        self._http: _Server | None = None

    @property
    def url(self) -> str:
        """Base address, as a model's spelling begins."""
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def chats(self) -> list[dict[str, Any]]:
        """Bodies of the chat requests that arrived."""
        return [entry.body for entry in self.requests if entry.path.endswith("/chat/completions")]

    def start(self) -> None:
        """Listens; after a `stop`, on the same port again."""
        self.stopped.clear()
        self._http = _Server(self, self._port)
        self._port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """From here on connections are refused; what is under way is broken off."""
        if self._http is None:
            return
        self.stopped.set()
        self._http.shutdown()
        self._http.server_close()  # waits for the threads of requests under way
        self._http = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, owner: ModelServer, port: int) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", port), _Handler)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Ends a connection in order, but one that is to be reset at once."""
        assert isinstance(request, socket.socket)
        if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER):
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that left is no news; anything else is a defect of the responder."""
        if isinstance(sys.exception(), OSError):
            self.owner.client_left.set()
        else:
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # passed through


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"  # a connection per request: nothing waits on an idle one when the server stops
    server: _Server

    def do_GET(self) -> None:
        """`/v1/models`, which lists one."""
        self._receive({})
        if self.path.endswith("/models"):
            self._send(Response({"object": "list", "data": [{"id": "test", "object": "model", "owned_by": "test"}]}))
        else:
            self._send(error(404, f"no such path: {self.path}"))

    def do_POST(self) -> None:
        """`/v1/chat/completions`, answered by the responder."""
        try:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        except ValueError:
            self._send(error(400, "the request is no JSON"))
            return
        self._receive(body)
        if not self.path.endswith("/chat/completions"):
            self._send(error(404, f"no such path: {self.path}"))
            return
        response = self.server.owner.responder(body)
        self._send(response, streams=bool(body.get("stream")))

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing; `requests` holds all."""

    def _receive(self, body: dict[str, Any]) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.owner.requests.append(Received(self.path, headers, body))

    def _send(self, response: Response, *, streams: bool = False) -> None:
        self._wait(self.server.owner.latency_s + response.delay_s)
        if response.never:
            self._wait(None)
        if response.is_reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # RST, not FIN
        elif not response.never:
            events = list(_events(response.body)) if streams and response.status == 200 else []
            if events:
                self._write(_head(response, "text/event-stream"), response)
                for event in events[: response.ends_after]:
                    self._write(event, response)
            else:
                self._write_whole(response)
        self.close_connection = True

    def _write_whole(self, response: Response) -> None:
        is_text = isinstance(response.body, str)
        content = response.body if isinstance(response.body, str) else json.dumps(response.body)
        encoded = content.encode("utf-8", "surrogatepass")
        kind = "text/html; charset=utf-8" if is_text else "application/json"
        head = _head(response, kind, length=len(encoded))
        self._write(head + encoded[: response.ends_after], response)

    def _write(self, content: bytes, response: Response) -> None:
        size = len(content) if response.trickle_s is None else PIECE
        for start in range(0, len(content), size):
            self.wfile.write(content[start : start + size])
            self.wfile.flush()
            if response.trickle_s is not None:
                self._wait(response.trickle_s)

    def _wait(self, seconds: float | None) -> None:
        """Waits, but not longer than the server runs and the client is there."""
        if not seconds and seconds is not None:
            return
        rest = float("inf") if seconds is None else seconds
        while rest > 0 and not self.server.owner.stopped.wait(min(rest, 0.02)):
            rest -= 0.02
            if select.select([self.connection], [], [], 0)[0]:  # readable after the request: the client has left
                self.server.owner.client_left.set()
                raise ConnectionResetError("the client has left")


def _head(response: Response, kind: str, *, length: int | None = None) -> bytes:
    headers = {"Content-Type": kind, "Connection": "close", **response.headers}
    if length is not None:
        headers["Content-Length"] = str(length)
    lines = [f"HTTP/1.0 {response.status} Test", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _events(body: object) -> Iterator[bytes]:
    """A chat completion as the events of a stream; nothing if it is none."""
    if not isinstance(body, dict) or not isinstance(body.get("choices"), list) or not body["choices"]:
        return
    if not all(isinstance(choice.get("message"), dict) for choice in body["choices"]):
        return
    for index, choice in enumerate(body["choices"]):
        for delta in _deltas(choice["message"]):
            yield _event(body, choices=[{"index": index, "delta": delta, "finish_reason": None}])
        yield _event(body, choices=[{"index": index, "delta": {}, "finish_reason": choice.get("finish_reason")}])
    yield _event(body, choices=[], usage=body.get("usage"))
    yield b"data: [DONE]\n\n"


def _deltas(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    text = message.get("content") or ""
    yield {name: value for name, value in message.items() if name not in ("content", "tool_calls")}
    yield from ({"content": text[at : at + DELTA]} for at in range(0, len(text), DELTA))
    if calls := message.get("tool_calls"):
        yield {"tool_calls": [{"index": at, **call} for at, call in enumerate(calls)]}


def _event(body: dict[str, Any], **fields: Any) -> bytes:
    content = {"id": body.get("id"), "object": "chat.completion.chunk", "model": body.get("model"), **fields}
    return f"data: {json.dumps(content)}\n\n".encode()


def script(text: str, *, seed: int = 0) -> Responder:
    """The responder that a script describes: a JSON list, its entries answered in turn, the last one for ever.

    An entry is the name of a fault, "ok" for drawn configurations, or an object with `text` (the model's words),
    `fault` or `ok`, and `times` (by default once).

    Raises:
        ValueError: it is no such list.
    """
    entries = json.loads(text)
    if not isinstance(entries, list) or not entries:
        raise ValueError("a script is a JSON list with at least one entry")
    return Phases(*(_phase(entry, seed) for entry in entries))


def _phase(entry: object, seed: int) -> tuple[int, Responder]:
    entry = {"fault": entry} if isinstance(entry, str) else entry
    if not isinstance(entry, dict):
        raise ValueError(f"an entry is a fault's name or an object, but got {entry!r}")
    times = int(entry.get("times", 1))
    if isinstance(entry.get("text"), str):
        response = completion(entry["text"])
        return times, lambda request: response
    name = entry.get("fault", "ok")
    if name != "ok" and name not in FAULTS:
        raise ValueError(f"no fault is called {name!r}; there are ok, {', '.join(FAULTS)}")
    return times, Drawn(seed) if name == "ok" else fault(name, seed=seed)


def main(argv: list[str] | None = None) -> int:
    """Serves until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m agenttune.testing.server", description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8000, help="default 8000; 0 takes a free one")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--fault", choices=sorted(FAULTS), help="commit this fault at every request")
    what.add_argument(
        "--script", type=Path, metavar="FILE", help='JSON list, as in ["ok", {"fault": "429", "times": 3}]'
    )
    what.add_argument("--skill", choices=KINDS, help="know --function, and answer near its optimum, at random, ...")
    what.add_argument(
        "--local",
        nargs="?",
        const=TINY,
        metavar="MODEL",
        help="answer as the model of this machine that hf:MODEL names; by itself, as a tiny random Llama",
    )
    parser.add_argument("--function", choices=sorted(FUNCTIONS), help="what --skill knows")
    parser.add_argument(
        "--badly-calibrated", action="store_true", help="--skill's intervals hardly ever hold the truth"
    )
    parser.add_argument("--latency", type=float, default=0.0, metavar="S", help="seconds before each reply")
    parser.add_argument("--seed", type=int, default=0, help="of what is drawn (default 0)")
    arguments = parser.parse_args(argv)
    if (arguments.skill is None) != (arguments.function is None):
        parser.error("--skill and --function go together: --skill near --function smooth, say")
    if arguments.badly_calibrated and arguments.skill is None:
        parser.error("--badly-calibrated says how --skill predicts: add --skill near --function smooth, say")
    try:
        responder = _responder(arguments)
    except UserError as problem:
        parser.error(str(problem))
    except (OSError, ValueError) as problem:
        parser.error(f"{arguments.script}: {problem}")
    server = ModelServer(responder, port=arguments.port, latency_s=arguments.latency)
    try:
        server.start()
    except (OSError, OverflowError) as problem:
        parser.error(f"port {arguments.port} cannot be served ({problem}); --port 0 takes a free one")
    with contextlib.ExitStack() as stack:
        stack.callback(server.stop)
        sys.stdout.write(f"serving; use it with --model {server.url}#test\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            sys.stdout.write(f"{len(server.requests)} requests\n")
    return 0


def _responder(arguments: argparse.Namespace) -> Responder:
    if arguments.script is not None:
        return script(arguments.script.read_text(encoding="utf-8"), seed=arguments.seed)
    if arguments.fault is not None:
        return fault(arguments.fault, seed=arguments.seed)
    if arguments.skill is not None:
        return Skill(FUNCTIONS[arguments.function], arguments.skill, is_calibrated=not arguments.badly_calibrated)
    if arguments.local is not None:
        return _local(arguments.local, seed=arguments.seed)
    return Drawn(arguments.seed)


def _local(name: str, *, seed: int) -> Responder:
    """A language model in this process; it is loaded here, since the rest of this module does without torch."""
    from agenttune.models.local.engine import Engine
    from agenttune.testing.served import Served
    from agenttune.testing.tiny_llama import make_tiny_llama

    with tempfile.TemporaryDirectory() as folder:
        if name == TINY:
            return Served(Engine.load(str(make_tiny_llama(Path(folder), context=LONG, brevity=BRIEF, seed=seed))))
    return Served(Engine.load(place_of(f"hf:{name}")))


if __name__ == "__main__":
    sys.exit(main())
