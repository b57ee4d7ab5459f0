"""Replies of other studies: the same study made again asks nobody, says so, and proposes the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from agenttune import Budget, Float, Space, Study, tune
from agenttune.budget import Spending
from agenttune.events import ModelAnswered
from agenttune.settings import settings_path
from agenttune.spec import StudySpec
from agenttune.store import Store
from agenttune.study.replay import replay
from agenttune.testing.answers import Phases, Responder, error, fault
from agenttune.testing.server import ModelServer
from tests.study.models import Make, Offers, Serve


def made(store: Store, spec: StudySpec) -> Study:
    """A new study, run to its end."""
    study = Study.from_spec(spec, store=store)
    study.run()
    return study


def proposals(study: Study) -> list[tuple[object, ...]]:
    """All of them but the ids of exchanges and candidates."""
    found = [(trial, trial.proposal) for trial in study.trials]
    return [
        (trial.config, trial.arm, trial.reason, told.predicted_mean, told.predicted_sd, told.seen_trials)
        for trial, told in found
    ]


def answers(study: Study) -> list[ModelAnswered]:
    return [event for _, _, event in study.store.events(study.id) if isinstance(event, ModelAnswered)]


@pytest.mark.parametrize(
    ("answers_with", "history", "trials"),
    [(Offers(), "digest", 8), (Offers(), "chat", 8), (fault("prose"), "digest", 5)],
    ids=["digest", "chat", "prose"],
)
def test_same_study_made_again_sends_nothing_and_proposes_the_same(
    answers_with: Responder, history: str, trials: int, store: Store, serve: Serve, make: Make
) -> None:
    server = serve(answers_with)
    first = made(store, make(server, trials, history=history))
    n_sent = len(server.chats)
    again = made(store, make(server, trials, history=history, name="again", reuse_replies=True))
    assert n_sent > 1 and len(server.chats) == n_sent
    assert proposals(again) == proposals(first)
    assert store.spent(again.id) == Spending(0, 0, 0.0)
    assert len(store.exchanges(again.id)) == n_sent


def test_samples_of_one_question_are_reused_each_by_itself(store: Store, serve: Serve, make: Make) -> None:
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    settings_path().write_text("samples = 2\n")
    server = serve(Offers())
    first = made(store, make(server, 5))
    n_sent = len(server.chats)
    again = made(store, make(server, 5, name="again", reuse_replies=True))
    assert n_sent % 2 == 0 and len(server.chats) == n_sent
    assert proposals(again) == proposals(first)
    assert {entry.sample for entry in store.candidates(again.id)} == {0, 1}


def test_reply_of_another_study_says_where_it_is_from(store: Store, serve: Serve, make: Make) -> None:
    server = serve(Offers())
    first = made(store, make(server, 3, name="first"))
    (found,) = answers(made(store, make(server, 3, name="again", reuse_replies=True)))
    exchange_id = store.exchanges(first.id)[0][0]
    assert found.reused_from == f"exchange {exchange_id} of study 'first'"
    assert found.sentence == f"the model offered 4 candidates, read in {found.reused_from}"
    (third,) = answers(made(store, make(server, 3, name="third", reuse_replies=True)))
    assert third.reused_from == found.reused_from, "not the copy, but the one that was sent"


def test_study_that_does_not_allow_it_asks_again(store: Store, serve: Serve, make: Make) -> None:
    server = serve(Offers())
    for name in ("first", "again"):
        assert answers(made(store, make(server, 3, name=name)))[0].reused_from is None
    assert len(server.chats) == 2


def test_another_question_is_sent(store: Store, serve: Serve, make: Make) -> None:
    server = serve(Offers())
    made(store, make(server, 3, name="first"))
    made(store, make(server, 3, name="other-seed", seed=1, reuse_replies=True))
    made(store, make(server, 3, name="other-model", model=f"{server.url}#other", reuse_replies=True))
    assert len(server.chats) == 3


def test_request_that_got_no_text_is_sent_again(store: Store, serve: Serve, make: Make) -> None:
    server = serve(Phases((1, lambda _: error(401, "no such key")), (1, fault("empty")), (None, Offers())))
    for name in ("refused", "silent"):
        made(store, make(server, 2, name=name))
    (answer,) = answers(made(store, make(server, 2, name="again", reuse_replies=True)))
    assert (answer.verdict, answer.reused_from, len(server.chats)) == ("used", None, 3)


@pytest.mark.long
def test_budget_of_no_request_is_enough_for_replies_that_are_there(store: Store, serve: Serve, make: Make) -> None:
    server = serve(Offers())
    first = made(store, make(server, 8))
    budget = Budget(trials=8, requests=0, tokens=0, dollars=0.0)
    again = made(store, make(server, 8, name="again", reuse_replies=True, budget=budget))
    assert proposals(again) == proposals(first)


@pytest.mark.long
def test_study_of_reused_replies_replays_without_the_others(
    store: Store, tmp_path: Path, serve: Serve, make: Make
) -> None:
    server = serve(Offers())
    made(store, make(server, 8))
    again = made(store, make(server, 8, name="again", reuse_replies=True))
    with Store.open(tmp_path / "replayed.db") as into:
        replayed = replay(store, again.row, into)
        assert replayed.difference is None and replayed.n_exchanges == len(store.exchanges(again.id))
        assert into.spent(replayed.study_id) == Spending(0, 0, 0.0)
        kept = [exchange for _, exchange in into.exchanges(replayed.study_id)]
    assert kept == [exchange for _, exchange in store.exchanges(again.id)]


def test_tune_takes_it_as_a_keyword(store: Store) -> None:
    space = Space(x=Float(0.0, 1.0))
    with ModelServer() as server:
        for name in ("first", "again"):
            tune(
                lambda config: config["x"],
                space,
                maximize="x",
                trials=3,
                model=f"{server.url}#test",
                reuse_replies=True,
                executor="inline",
                name=name,
                store=store,
            )
        assert len(server.chats) == 1


def test_ask_takes_it_as_a_keyword(store: Store) -> None:
    space = Space(x=Float(0.0, 1.0))
    with ModelServer() as server:
        for _ in range(2):
            study = Study.create(space, maximize="x", model=f"{server.url}#test", reuse_replies=True, store=store)
            study.ask()
            study.ask()
        assert len(server.chats) == 1
