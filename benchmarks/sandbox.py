"""What confining a run costs over plain `python -I`, in milliseconds, at each level that this machine offers."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from agenttune.sandbox import Limits, probe
from agenttune.sandbox.probing import reason_against
from agenttune.sandbox.records import LEVELS, Method
from agenttune.sandbox.running import execute

RUNS = 25
COMMAND = [sys.executable, "-I", "-c", "pass"]


def main() -> None:
    """Prints the table, and how long a first look at the machine takes."""
    begun = time.perf_counter()
    offer = probe()
    print(f"probe: {offer.level} by {offer.method}, {(time.perf_counter() - begun) * 1e3:.0f} ms")
    offered: list[Method] = []
    for method in LEVELS:
        reason = reason_against(method)
        if reason is None:
            offered.append(method)
        else:
            print(f"{method} is not offered: {reason}")
    with tempfile.TemporaryDirectory() as name:
        ways: dict[str, Callable[[], object]] = {"python -I": lambda: subprocess.run(COMMAND, check=True)}
        for method in offered:
            ways[f"{LEVELS[method]} ({method})"] = _confined(method, Path(name))
        seconds: dict[str, list[float]] = {label: [] for label in ways}
        for _ in range(RUNS):  # in turn, so that a busy moment meets all of them
            for label, way in ways.items():
                seconds[label].append(timed(way))
    plain = statistics.median(seconds["python -I"])
    print(f"{'':<24}{'median ms':>10}{'best ms':>10}{'over plain ms':>15}")
    for label, walls in seconds.items():
        median = statistics.median(walls)
        print(f"{label:<24}{median * 1e3:>10.1f}{min(walls) * 1e3:>10.1f}{(median - plain) * 1e3:>15.1f}")


def timed(act: Callable[[], object]) -> float:
    """Wall seconds of one run."""
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def _confined(method: Method, folder: Path) -> Callable[[], object]:
    return lambda: execute(COMMAND, folder, readable=[], limits=Limits(), environment={}, method=method)


if __name__ == "__main__":
    main()
