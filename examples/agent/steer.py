"""A study is made, changed and undone in a conversation from Python: `python steer.py [MODEL]`.

Without a model the offline assistant understands every one of these sentences.
"""

from __future__ import annotations

import sys

from agenttune.agent import Agent, Done, ToolCalled

SENTENCES = [
    "tune k-NN on wine for accuracy, 6 trials",
    "how is it going?",
    "cap n_neighbors at 20 and give it 4 more trials",
    "undo",
    "why trial 1?",
    "is it worth going on?",
]


def main(model: str = "none") -> None:
    """Says each sentence once what was begun before has come to rest."""
    with Agent(model, store="steer.db", approve=lambda asked: True) as agent:
        for text in SENTENCES:
            print(f"\n> {text}")
            for event in agent.stream(text):
                if isinstance(event, ToolCalled):
                    print(f"  · {event.name} {event.arguments}")
                elif isinstance(event, Done):
                    print(event.text)
            for happened in agent.follow():
                print(f"  {happened.sentence}")


if __name__ == "__main__":
    main(*sys.argv[1:])
