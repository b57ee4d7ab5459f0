"""The interface as a process on a pseudo terminal. No fixtures."""

from __future__ import annotations

import os
import sys

import pexpect

RUN = "import sys; from pathlib import Path; from agenttune.tui import run_app; "
RUN += "sys.exit(run_app(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None))"
FIRST = r"S\x1b\[0m\x1b\[[0-9;]*may what to tune"
"""The prompt with the cursor in it: keys that come before go nowhere."""


def spawn(*arguments: str, code: str = RUN, **variables: str) -> pexpect.spawn:
    environ = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **variables}
    return pexpect.spawn(
        sys.executable, ["-c", code, *arguments], env=environ, dimensions=(24, 80), timeout=60, encoding="utf-8"
    )


def rest_of(child: pexpect.spawn) -> str:
    """What it still says, to its end."""
    child.expect(pexpect.EOF)
    child.wait()
    return str(child.before)
