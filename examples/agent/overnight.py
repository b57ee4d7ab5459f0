"""Several studies in turn, unattended, in an asyncio program: `python overnight.py [MODEL]`.

Nobody is there to say yes: whatever the policy would ask about is denied, and the reply says so.
"""

from __future__ import annotations

import asyncio
import sys

from agenttune.agent import Agent, Limits

FAMILIES = ("k-NN", "a decision tree")
LIMITS = Limits(steps=8, tokens=50_000, dollars=0.50)
"""Of one turn: its requests to the model, their tokens and dollars."""


async def best_of(agent: Agent, family: str) -> str:
    """Tunes one family and returns how it ended."""
    await agent.aask(f"tune {family} on wine for accuracy, 4 trials")
    await asyncio.to_thread(lambda: list(agent.follow()))
    return (await agent.aask("show the best")).text


async def main(model: str = "none") -> None:
    """Tunes all of them and shows what a policy denies."""
    with Agent(model, store="overnight.db", approve="auto", limits=LIMITS) as agent:
        for family in FAMILIES:
            print(f"\n{family}\n{await best_of(agent, family)}")
        told = await agent.aask("40 more trials")
        print(f"\n40 more trials: {told.text}")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
