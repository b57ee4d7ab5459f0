"""What this machine offers to confine code, found by confining some and having it try to get out."""

from __future__ import annotations

import functools
import os
import socket
import sys
import tempfile
from pathlib import Path

from agenttune.errors import SandboxError
from agenttune.sandbox.records import LEVELS, Level, Limits, Method, Offer
from agenttune.sandbox.running import execute

PROBE_S = 5.0
"""An interpreter starts in .1 s, on a crowded machine in several."""

# Prints what it could do; kept free of imports that cost time.
_ESCAPE = """
import os, sys
secret, driver, tcp, udp = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
def tries(name, act):
    try:
        act()
    except Exception:
        return
    print(name)
def connect():
    import _socket
    _socket.socket(2, 1).connect(("127.0.0.1", tcp))
def send():
    import _socket
    _socket.socket(2, 2).sendto(b"x", ("127.0.0.1", udp))
tries("use the network by TCP", connect)
tries("use the network by UDP", send)
tries("read files of the user", lambda: open(secret).read())
tries("write outside its folder", lambda: open(secret + ".new", "w"))
tries("signal the process that runs it", lambda: os.kill(driver, 0))
tries("read what the process that runs it was started with", lambda: open(f"/proc/{driver}/environ").read())
open("inside", "w").close()
print("tried")
"""

_LEFT: dict[Method, tuple[str, ...]] = {
    "namespaces": (),
    "bubblewrap": (),
    "landlock": (
        "local sockets that have a path can be reached (that of Docker, say, by who may use it)",
        "names and sizes of files outside can be seen, and processes be counted",
        "there is no shared memory, so that programs cannot use locks between processes",
    ),
    "rlimits": ("NOT isolated: the code can read this user's files, use the network and kill this user's processes",),
}
"""What a method leaves open."""


@functools.cache
def probe() -> Offer:
    """The best that is offered; each method is tried once per process, which takes some .2 s."""
    refused: list[str] = []
    for method, level in LEVELS.items():
        reason = reason_against(method)
        if reason is None:
            return Offer(level, method, (*refused, *_LEFT[method]))
        refused.append(f"{level} by {method} does not work: {reason}")
    raise AssertionError("rlimits are always offered")


def method_for(level: Level | None) -> Method:
    """The best method for a level, or of all.

    Raises:
        SandboxError: this machine does not offer that level.
    """
    if level is None:
        return probe().method
    reasons = []
    for method in methods_of(level):
        reason = reason_against(method)
        if reason is None:
            return method
        reasons.append(reason)
    raise SandboxError(f"this machine does not offer the level {level!r}: {'; '.join(reasons)}")


def methods_of(level: Level) -> list[Method]:
    """All that reach a level, best first."""
    return [method for method, reached in LEVELS.items() if reached == level]


@functools.cache
def reason_against(method: Method) -> str | None:
    """Why a method cannot be used here; None if it can."""
    if method == "rlimits":
        return None
    if sys.platform != "linux":
        return "it needs Linux"
    with tempfile.TemporaryDirectory(prefix="agenttune-probe-") as name:
        try:
            return _try_out(method, Path(name).resolve())
        except (SandboxError, OSError) as error:
            return str(error)


def _try_out(method: Method, place: Path) -> str | None:
    folder, secret = place / "work", place / "secret"
    folder.mkdir()
    secret.write_text("secret")
    with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        udp.bind(("127.0.0.1", 0))
        ports = [str(server.getsockname()[1]) for server in (tcp, udp)]
        command = [sys.executable, "-I", "-S", "-c", _ESCAPE, str(secret), str(os.getpid()), *ports]
        ended = execute(command, folder, readable=[], limits=Limits(seconds=PROBE_S), environment={}, method=method)
    if not ended.is_complete or not (folder / "inside").exists():
        lines = ended.output_tail.strip().splitlines()
        return lines[-1] if lines else f"a trial run ended with {ended.broken or ended.exit_code}"
    *escapes, _ = ended.output_tail.splitlines()
    return f"the code could {', '.join(escapes)}" if escapes else None
