"""An agent finds the training script of a folder and tunes it: `python tune.py [MODEL]`.

With a language model one sentence does; without one (the default, no key needed) the offline assistant is told steps.
"""

from __future__ import annotations

import sys
from pathlib import Path

from agenttune.agent import Agent, ApprovalRequested

WITH_MODEL = [
    "Find the training script in this folder, look at its options, and tune it for validation accuracy, 8 trials.",
]
WITHOUT = [
    "list the files",
    "inspect train.py",
    "maximise val_accuracy of train.py, 8 trials",
]
AFTERWARDS = ["what did we learn?", "compare the best and the first", "export the best as flags to best.txt"]


def allowed(asked: ApprovalRequested) -> bool:
    """Shows what a call would do and says yes to what stays in this folder; your own rule goes here."""
    print(f"--- {asked.name} ({asked.effect})\n{asked.what}")
    return asked.effect in ("start", "run", "steer", "write", "delete")


def main(model: str = "none") -> None:
    """Holds the conversation."""
    with Agent(model, workspace=Path(__file__).parent, store="own_script.db", approve=allowed) as agent:
        for text in WITHOUT if model == "none" else WITH_MODEL:
            print(f"\n> {text}\n{agent.ask(text).text}")
        for happened in agent.follow():
            print(f"  {happened.study}: {happened.sentence}")
        for text in AFTERWARDS:
            print(f"\n> {text}\n{agent.ask(text).text}")


if __name__ == "__main__":
    main(*sys.argv[1:])
