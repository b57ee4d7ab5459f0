"""How soon the terminal interface shows itself: from the start of the process to its first words, on a real terminal.

`python -m benchmarks.first_paint` starts `agenttune` five times on a pseudo terminal of 80 x 24 cells
with an empty home, prints each time and the median. CPU seconds stand beside the wall seconds, since
a busy machine changes only the latter.
"""

from __future__ import annotations

import os
import pty
import resource
import select
import signal
import statistics
import sys
import tempfile
import time

RUNS = 5
FIRST_WORDS = b"Say what to tune"
TARGET_S = 1.0
PATIENCE_S = 60.0


def main() -> None:
    """Prints the table."""
    print(f"{'run':<8}{'wall s':>8}{'CPU s':>8}")
    times = [first_paint() for _ in range(RUNS)]
    for run, (wall_s, cpu_s) in enumerate(times, start=1):
        print(f"{run:<8}{wall_s:>8.3f}{cpu_s:>8.3f}")
    wall, cpu = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"{'median':<8}{wall:>8.3f}{cpu:>8.3f}   (target {TARGET_S:g} s)")


def first_paint() -> tuple[float, float]:
    """(wall seconds, CPU seconds) of one start, up to the first words on the screen.

    Raises:
        TimeoutError: they did not come.
    """
    with tempfile.TemporaryDirectory() as home:
        begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        pid, terminal = pty.fork()
        if pid == 0:
            _become_agenttune(home)
        try:
            _read_until(terminal, FIRST_WORDS)
            wall_s = time.perf_counter() - begun
        finally:
            os.kill(pid, signal.SIGKILL)  # whatever it loads after the first paint is not counted
            os.waitpid(pid, 0)
            os.close(terminal)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _become_agenttune(home: str) -> None:
    environ = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "COLUMNS": "80", "LINES": "24"}
    environ |= {"HOME": home, "XDG_STATE_HOME": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home}
    os.execve(sys.executable, [sys.executable, "-m", "agenttune"], environ)


def _read_until(terminal: int, words: bytes) -> None:
    said, deadline = b"", time.monotonic() + PATIENCE_S
    while words not in said:
        if not select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise TimeoutError(f"no {words.decode()!r} within {PATIENCE_S:g} s; it said {said[-200:]!r}")
        said += os.read(terminal, 65536)


if __name__ == "__main__":
    main()
