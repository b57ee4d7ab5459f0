"""What becomes of replies gone wrong: 10,000 hostile ones through a desk and a store, 2,000 that can be salvaged.

Hostile: 0 crashes, 0 illegal configurations, a verdict for each. Salvageable: at least 98% used, with exactly the
configurations they mean. Both drawn from a seed over three spaces: flat, conditional, with a constraint.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from itertools import islice
from pathlib import Path

import numpy as np

from agenttune.budget import Budget
from agenttune.exchange import VERDICTS, Prompt
from agenttune.goal import Goal
from agenttune.replies import Question
from agenttune.replies.decode import decode
from agenttune.replies.desk import Desk
from agenttune.space import Space
from agenttune.spec import StudySpec
from agenttune.store import Store
from agenttune.testing.replies import SPACES, hostile_replies, salvageable_replies
from agenttune.testing.scripted import ScriptedModel

N_HOSTILE = 10_000
N_SALVAGEABLE = 2_000
LEAST_USED = 0.98
GOAL = Goal("score", "maximize")


def main() -> int:
    """Prints both tables; 1 if a figure is missed."""
    missed = 0
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "store.db") as store:
        print(f"hostile replies, {N_HOSTILE:,} in all")
        for index, (name, space) in enumerate(SPACES.items()):
            missed += hostile(store, name, space, share(N_HOSTILE, index))
    print(f"replies that can be salvaged, {N_SALVAGEABLE:,} in all")
    for index, (name, space) in enumerate(SPACES.items()):
        missed += salvageable(name, space, share(N_SALVAGEABLE, index))
    return 1 if missed else 0


def share(n: int, index: int) -> int:
    """How many of n fall to the space of that index."""
    return n // len(SPACES) + (index < n % len(SPACES))


def hostile(store: Store, name: str, space: Space, n: int) -> bool:
    """Asks until n replies are read; whether a figure is missed."""
    study = store.create_study(StudySpec(name, space, GOAL, {"type": "told"})).id
    model = ScriptedModel(*islice(hostile_replies(space, np.random.default_rng(0)), n), is_local=True)
    desk = Desk(model, store=store, study_id=study, budget=Budget)
    crashes, began = 0, time.process_time()
    while len(model.asked) < n:
        try:
            desk.ask(question(space, seed=len(model.asked)))
        except Exception as error:  # noqa: BLE001  # counted: there must be none
            crashes += 1
            print(f"  {type(error).__name__}: {error}")
    spent_ms = (time.process_time() - began) / len(model.asked) * 1e3
    verdicts = Counter(exchange.verdict for _, exchange in store.exchanges(study))
    candidates = store.candidates(study)
    illegal = sum(not space.contains(candidate.config) for candidate in candidates)
    told = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common())
    print(f"  {name:12} {verdicts.total():6,} replies  {crashes} crashes  {illegal} illegal of {len(candidates):,}")
    print(f"  {'':12} {told}; {spent_ms:.1f} ms CPU each, the store's work included")
    without = len(model.asked) - sum(verdicts[verdict] for verdict in VERDICTS)
    return bool(crashes or illegal or without)


def salvageable(name: str, space: Space, n: int) -> bool:
    """Decodes n replies; whether too few were read as they are meant."""
    exact = n_clean = 0
    for text, meant in islice(salvageable_replies(space, np.random.default_rng(0)), n):
        decoded = decode(text, question(space))
        exact += [dict(candidate.config) for candidate in decoded.candidates] == meant
        n_clean += not any(candidate.salvaged for candidate in decoded.candidates)
    print(f"  {name:12} {exact / n:7.1%} used exactly as meant, {1 - n_clean / n:.0%} of them mended")
    return exact < LEAST_USED * n


def question(space: Space, *, seed: int = 0) -> Question:
    """A request for configurations that are always new."""
    prompt = Prompt(({"role": "user", "content": "propose"},))
    return Question(prompt, space, GOAL, lambda config: True, seed=seed)


if __name__ == "__main__":
    sys.exit(main())
