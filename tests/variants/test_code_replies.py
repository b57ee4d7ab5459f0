"""Hostile replies, one of each kind, as the benchmark draws them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_no_reply_crashes_or_runs_and_each_has_a_verdict() -> None:
    command = [sys.executable, "-m", "benchmarks.code_replies", "--n", "100", "--seed", "7"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "100 in all: 0 crashes, 0 without a verdict" in done.stdout
    assert "none was run" in done.stdout
