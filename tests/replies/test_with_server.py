"""A desk, a real backend and a real server: every fault of the test server ends in a verdict."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agenttune.budget import Budget, Spending
from agenttune.exchange import VERDICTS, Prompt
from agenttune.goal import Goal
from agenttune.models import Sampling, load_model
from agenttune.replies import Answer, Question
from agenttune.replies.desk import Desk
from agenttune.space import Categorical, Float, Int, Space
from agenttune.store import Store
from agenttune.testing.answers import FAULTS, SECRET, Phases, error, fault
from agenttune.testing.server import ModelServer
from agenttune.testing.store import make_spec

SPACE = Space(C=Float(1e-3, 1e3, log=True), kernel=Categorical({"rbf": None, "poly": Space(degree=Int(2, 5))}))
SLOW = ("silent", "trickle")
"""Faults that end by the timeout."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store.db") as store:
        yield store


@pytest.fixture
def study(store: Store) -> str:
    return store.create_study(make_spec()).id


def ask(server: ModelServer, store: Store, study: str, *, timeout_s: float = 30.0, deadline_s: float = 60.0) -> Answer:
    desk = Desk(
        load_model(f"{server.url}#test"),
        store=store,
        study_id=study,
        budget=Budget,
        sampling=Sampling(timeout_s=timeout_s),
        deadline_s=deadline_s,
    )
    prompt = Prompt(({"role": "system", "content": "propose"}, {"role": "user", "content": "go on"}))
    return desk.ask(Question(prompt, SPACE, Goal("score", "maximize"), lambda config: True))


def test_good_server_gives_candidates(store: Store, study: str) -> None:
    with ModelServer() as server:
        answer = ask(server, store, study)
    assert (answer.verdict, answer.n_sent) == ("used", 1)
    assert all(SPACE.validate(entry.config) == entry.config for entry in answer.candidates)
    assert store.spent(study).tokens is not None


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_ends_in_a_verdict_and_leaves_no_key(name: str, store: Store, study: str) -> None:
    with ModelServer(fault(name)) as server:
        answer = ask(server, store, study, timeout_s=0.3 if name in SLOW else 30.0, deadline_s=0.9)
        assert len(server.chats) == answer.n_sent == store.spent(study).requests
    assert answer.verdict in VERDICTS
    assert store.unsettled(study) == Spending(0, 0, 0)
    assert [exchange.verdict for _, exchange in store.exchanges(study)][-1] == answer.verdict
    assert SECRET not in store.path.read_bytes().decode("utf-8", "replace")
    assert all(SPACE.contains(entry.config) for entry in store.candidates(study))


def test_server_that_is_not_there_costs_a_request_and_no_token(store: Store, study: str) -> None:
    server = ModelServer()
    server.start()
    server.stop()
    assert ask(server, store, study).verdict == "unreachable"
    assert store.spent(study) == Spending(1, 0, 0.0)


def test_line_that_breaks_costs_the_worst_case(store: Store, study: str) -> None:
    with ModelServer(fault("reset")) as server:
        assert ask(server, store, study).verdict == "unreachable"
    tokens = store.spent(study).tokens
    assert tokens is not None and tokens > 2000


def test_busy_server_is_asked_again_when_it_says_so(store: Store, study: str) -> None:
    busy = error(429, "slow down", headers={"Retry-After": "0"})
    with ModelServer(Phases((2, lambda _: busy), (None, ModelServer().responder))) as server:
        answer = ask(server, store, study)
    assert (answer.verdict, answer.n_sent) == ("used", 3)
