"""The command a soaked study runs: about a third of a second of work, and a line for all it really did.

Writes `start TRIAL TOKEN` before and `end TRIAL TOKEN` after its result is on disk. TOKEN is the
metric's value and is drawn anew by every execution, so that a recorded value names the execution
it came from.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from pathlib import Path


def main() -> int:
    """Works, measures, leaves its result and its traces."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--x", type=float, required=True)
    parser.add_argument("--traces", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=0.3)
    options = parser.parse_args()
    trial, token = int(os.environ["AGENTTUNE_TRIAL"]), random.SystemRandom().random()
    leave(options.traces, f"start {trial} {token!r}")
    time.sleep(options.seconds * (0.5 + options.x))
    result = Path(os.environ["AGENTTUNE_RESULT"])
    unfinished = result.with_suffix(f".{os.getpid()}.tmp")
    unfinished.write_text(json.dumps({"score": token}))
    unfinished.replace(result)
    leave(options.traces, f"end {trial} {token!r}")
    return 0


def leave(traces: Path, line: str) -> None:
    """Appends one line in one write, so that executions do not mix theirs."""
    handle = os.open(traces, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(handle, f"{line}\n".encode())
    os.close(handle)


if __name__ == "__main__":
    sys.exit(main())
