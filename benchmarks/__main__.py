"""Prints the figures that take minutes, one section after the other: `python -m benchmarks [--quick]`."""

from __future__ import annotations

import argparse
import subprocess
import sys

SECTIONS = {
    "startup": "what the command line and the import cost",
    "first_trial": "how soon the first trial of one's own data has finished",
    "store": "what keeping one trial costs at 1,000 and 10,000 trials",
    "proposal_cost": "what one proposal costs",
    "attempt_cost": "what one attempt costs, with and without the fork server",
    "sandbox": "what confining model-written code costs",
    "replies": "what becomes of replies gone wrong",
    "code_replies": "what becomes of code gone wrong",
    "ledger_race": "whether processes that share a cap keep to it",
    "outages": "what becomes of studies whose model fails them",
    "replay": "whether a study is made again from its record, and what is found where it is not",
    "step_cost": "what a whole step with a model costs, but for the model's own time",
    "answers": "what answers to questions cost",
    "digest": "how long a prompt is, and what it costs",
    "first_paint": "how soon the terminal interface shows itself",
}
"""Module of this package -> what it measures; each runs in a process of its own."""


def main() -> int:
    """Runs the sections; 1 if one of them failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one seed of the tables of known skill")
    options = parser.parse_args()
    codes = [run(module, title) for module, title in SECTIONS.items()]
    quick = ["--quick"] if options.quick else []
    codes.append(run("known_skill", "what a model is worth, and what a bad one costs", *quick))
    return max(codes)


def run(module: str, title: str, *arguments: str) -> int:
    """One section in a process of its own."""
    print(f"\n== {title} (python -m benchmarks.{module})", flush=True)
    return subprocess.call([sys.executable, "-m", f"benchmarks.{module}", *arguments])


if __name__ == "__main__":
    sys.exit(main())
