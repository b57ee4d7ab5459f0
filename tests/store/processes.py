"""Real processes for the tests of the store: run as a script, one job per name.

python processes.py open PATH N          N processes open a new file at once
python processes.py claim PATH STUDY N   N processes claim until nothing waits; prints who got what
python processes.py reserve PATH N STUDY...  a process per study reserves until the day's N are gone; prints shares
python processes.py write PATH STUDY     writes trials until it is killed; prints each one it was assured of
python processes.py fork PATH STUDY      writes trials before a fork, in the child, and after it
python processes.py die PATH STUDY       dies in the middle of a transaction
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Sequence
from multiprocessing.synchronize import Barrier

from agenttune.budget import Budget, Spending
from agenttune.errors import BudgetExhausted
from agenttune.store import Store
from agenttune.testing.store import make_proposal, make_spec, outcome_of
from agenttune.trial import Report, TrialState

FORK = multiprocessing.get_context("fork")  # one import for all; this script has no threads


def open_one(path: str, name: str, barrier: Barrier) -> None:
    barrier.wait()
    with Store.open(path) as store:
        store.create_study(make_spec(name))


def claim_all(path: str, study: str, barrier: Barrier) -> None:
    barrier.wait()
    numbers = []
    with Store.open(path) as store:
        while (claim := store.claim(study)) is not None:
            numbers.append(claim[0].number)
    os.write(1, (" ".join(map(str, numbers)) + "\n").encode())  # one write, so that lines stay whole


def reserve_all(path: str, study: str, n: str, barrier: Barrier) -> None:
    barrier.wait()
    n_reserved = 0
    with Store.open(path) as store:
        try:
            while True:
                store.reserve(study, Spending(1, 10), Budget(), daily=Budget(requests=int(n)))
                n_reserved += 1
        except BudgetExhausted:
            os.write(1, f"{n_reserved}\n".encode())


def at_once(target: Callable[..., None], arguments: Sequence[tuple[str, ...]]) -> int:
    """Exit code 0 if all processes ended with it."""
    barrier = FORK.Barrier(len(arguments))
    children = [FORK.Process(target=target, args=(*given, barrier)) for given in arguments]
    for child in children:
        child.start()
    for child in children:
        child.join()
    return max(abs(child.exitcode or 0) for child in children)


def write_until_killed(path: str, study: str) -> None:
    with Store.open(path) as store:
        while True:
            trial = store.add_trial(study, make_proposal(), seed=0)
            claim = store.claim(study)
            assert trial is not None and claim is not None
            store.add_reports(claim[1].id, [Report(0, {"score": 0.5}, 1.0)])
            store.finish(study, trial.number, TrialState.COMPLETE, outcome=outcome_of())
            os.write(1, f"{trial.number}\n".encode())


def die_within_a_transaction(path: str, study: str) -> None:
    store = Store.open(path)
    store.add_trial(study, make_proposal(), seed=0)
    with store._database.writing() as connection:
        connection.raw.execute("UPDATE trials SET state = 'complete'")
        os.kill(os.getpid(), signal.SIGKILL)


def fork(path: str, study: str) -> None:
    store = Store.open(path)
    store.add_trial(study, make_proposal(), seed=6)
    inherited = store._database._connection()
    child = os.fork()
    if child == 0:
        assert store._database._connection() is not inherited
        store.add_trial(study, make_proposal(), seed=7)
        store.close()
        sys.exit(0)
    assert os.waitpid(child, 0)[1] == 0
    store.add_trial(study, make_proposal(), seed=8)


if __name__ == "__main__":
    job, where, *rest = sys.argv[1:]
    if job == "open":
        sys.exit(at_once(open_one, [(where, f"study-{index}") for index in range(int(rest[0]))]))
    elif job == "claim":
        sys.exit(at_once(claim_all, [(where, rest[0])] * int(rest[1])))
    elif job == "reserve":
        sys.exit(at_once(reserve_all, [(where, study, rest[0]) for study in rest[1:]]))
    elif job == "write":
        write_until_killed(where, rest[0])
    elif job == "fork":
        fork(where, rest[0])
    elif job == "die":
        die_within_a_transaction(where, rest[0])
