"""Eight processes share a day's cap of 100 requests, against a server that answers every fifth with a 429.

A 429 is asked again, and every try is a request: 100 arrive at the server, not 101, and not 99.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import threading
from multiprocessing.synchronize import Barrier
from pathlib import Path

from agenttune.budget import Budget
from agenttune.exchange import Prompt
from agenttune.goal import Goal
from agenttune.models import load_model
from agenttune.replies import Question
from agenttune.replies.desk import Desk
from agenttune.space import Float, Space
from agenttune.spec import StudySpec
from agenttune.store import Store
from agenttune.testing.answers import ChatRequest, Drawn, Response, error
from agenttune.testing.server import ModelServer

N_PROCESSES = 8
CAP = 100
SPACE = Space(x=Float(0.0, 1.0), y=Float(0.0, 1.0))
GOAL = Goal("score", "maximize")


class EveryFifthRefused:
    """A server that is busy now and then."""

    def __init__(self) -> None:
        self._answers = Drawn()
        self._n_asked = 0
        self._lock = threading.Lock()

    def __call__(self, request: ChatRequest) -> Response:
        """A fitting reply, or a 429."""
        with self._lock:
            self._n_asked += 1
            is_refused = self._n_asked % 5 == 0
        if is_refused:
            return error(429, "Rate limit reached", code="rate_limit_exceeded", headers={"Retry-After": "0"})
        return self._answers(request)


def ask_until_held_back(path: str, study: str, spec: str, barrier: Barrier) -> None:
    """Asks one question after the other until the day has no request left."""
    barrier.wait()
    with Store.open(path) as store:
        desk = Desk(
            load_model(spec), store=store, study_id=study, budget=Budget, daily=Budget(requests=CAP), deadline_s=60.0
        )
        for seed in range(10 * CAP):
            question = Question(
                Prompt(({"role": "user", "content": "propose"},)), SPACE, GOAL, lambda config: True, seed=seed
            )
            if desk.ask(question).verdict == "over-budget":
                return


def main() -> int:
    """Prints who got what; 1 unless exactly the cap arrived."""
    with tempfile.TemporaryDirectory() as folder, ModelServer(EveryFifthRefused()) as server:
        os.environ |= {f"XDG_{name}_HOME": folder for name in ("CONFIG", "STATE", "CACHE")}
        path = Path(folder) / "store.db"
        with Store.open(path) as store:
            names = [f"study-{index}" for index in range(N_PROCESSES)]
            studies = [store.create_study(StudySpec(name, SPACE, GOAL, {"type": "told"})).id for name in names]
        context = multiprocessing.get_context("spawn")
        barrier = context.Barrier(N_PROCESSES)
        spec = f"{server.url}#test"
        processes = [
            context.Process(target=ask_until_held_back, args=(str(path), study, spec, barrier)) for study in studies
        ]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        arrived = len(server.chats)
        with Store.open(path) as store:
            counted = [store.spent(study).requests for study in studies]
            verdicts = [exchange.verdict for study in studies for _, exchange in store.exchanges(study)]
    print(f"{N_PROCESSES} processes, {CAP} requests a day, every fifth a 429")
    print(f"  {arrived} arrived, {sum(counted)} in the ledger: {' + '.join(map(str, counted))}")
    print(f"  {verdicts.count('used')} used, {verdicts.count('rate-limited')} rate-limited")
    return 0 if arrived == sum(counted) == CAP and not any(process.exitcode for process in processes) else 1


if __name__ == "__main__":
    sys.exit(main())
