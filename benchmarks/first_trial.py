"""How soon the first trial of one's own data has finished, without a model: `python -m benchmarks.first_trial [FILE]`.

From the start of `agenttune tune "..." --data FILE` to the first line of its `--json` that tells of a finished trial.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 5
FLOWERS = Path(__file__).parent.parent / "tests" / "data" / "flowers.csv"
REQUESTS = {
    "random forest": "tune a random forest, 2 trials",
    "SVM": "tune an SVM, 2 trials",
    "logistic regression": "tune a logistic regression, 2 trials",
}


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.first_trial", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=FLOWERS, help="a CSV file (default: a small one)")
    parser.add_argument("--target", default="species", help="the column to predict")
    options = parser.parse_args()
    print(f"{'request':<24}{'median s':>10}{'best s':>10}   seconds to the first finished trial of {RUNS} starts")
    for label, request in REQUESTS.items():
        seconds = [timed(request, options.file, options.target) for _ in range(RUNS)]
        print(f"{label:<24}{statistics.median(seconds):>10.2f}{min(seconds):>10.2f}", flush=True)


def timed(request: str, file: Path, target: str) -> float:
    """Seconds of one study until its first trial has finished."""
    with tempfile.TemporaryDirectory() as folder:
        place = ["--store", str(Path(folder, "agenttune.db")), "--model", "none"]
        command = [sys.executable, "-m", "agenttune", "tune", request, "--data", str(file), "--target", target]
        begun = time.perf_counter()
        with subprocess.Popen(
            [*command, *place, "--yes", "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            assert process.stdout is not None  # as asked for
            for line in process.stdout:
                if json.loads(line).get("event") == "TrialFinished":
                    seconds = time.perf_counter() - begun
                    break
            else:
                raise SystemExit(f"no trial finished: {' '.join(command)}")
            process.stdout.read()
        return seconds


if __name__ == "__main__":
    main()
