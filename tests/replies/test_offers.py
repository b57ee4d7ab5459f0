"""What became of a model's candidates, counted from what the desk keeps of its replies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agenttune.budget import Budget
from agenttune.exchange import Prompt
from agenttune.goal import Goal
from agenttune.models import Reply, Sample, Sampling
from agenttune.replies import Question
from agenttune.replies.desk import Desk
from agenttune.replies.offers import Offers, offers_of, spell_offers
from agenttune.space import Float, Int, Space
from agenttune.store import Store
from agenttune.testing.scripted import ScriptedModel
from agenttune.testing.store import make_spec
from agenttune.trial import Proposal

SPACE = Space(x=Float(0.0, 1.0), n=Int(1, 4), constraints=["x < 0.9"])
KNOWN, BROKEN, ILLEGAL, NEW = (0.5, 1), (0.95, 1), (2.0, 1), (0.25, 1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with Store.open(tmp_path / "store.db") as store:
        yield store


@pytest.fixture
def study(store: Store) -> str:
    """The id of a study without trials."""
    return store.create_study(make_spec()).id


def text(*offered: tuple[float, int]) -> str:
    return json.dumps({"candidates": [{"config": {"x": x, "n": n}, "reason": "why not"} for x, n in offered]})


def counted(store: Store, study: str, *replies: str | Reply, n: int = 1) -> Offers:
    """The offers after each of these replies answered a question, of a study that has `KNOWN`."""
    prompt = Prompt(({"role": "user", "content": "propose"},))
    question = Question(prompt, SPACE, Goal("score", "maximize"), lambda config: config["x"] != KNOWN[0])
    desk = Desk(ScriptedModel(*replies), store=store, study_id=study, budget=Budget, sampling=Sampling(n=n))
    for number in range(len(replies)):
        desk.ask(replace(question, asked_at=number, seed=number))
    return offers_of(store, study)


def test_each_candidate_of_a_reply_counts_as_what_it_was(store: Store, study: str) -> None:
    found = counted(store, study, text(NEW, KNOWN, BROKEN, ILLEGAL, NEW))
    assert found == Offers(n_offered=5, n_infeasible=1, n_duplicate=2, n_repeated=0, n_illegal=1)


def test_replies_of_which_nothing_was_left_count_too(store: Store, study: str) -> None:
    found = counted(store, study, text(KNOWN), text(BROKEN, KNOWN), text(NEW))
    assert found == Offers(n_offered=4, n_infeasible=1, n_duplicate=2, n_repeated=0, n_illegal=0)


def test_candidate_of_several_replies_to_one_question_is_a_duplicate_from_the_second_on(
    store: Store, study: str
) -> None:
    others = (Sample(text(NEW, (0.3, 2))), Sample(text(NEW)))
    found = counted(store, study, Reply(text(NEW), others=others), n=3)
    assert found == Offers(n_offered=4, n_infeasible=0, n_duplicate=2, n_repeated=2, n_illegal=0)


def test_candidate_of_several_questions_that_has_not_run_is_none(store: Store, study: str) -> None:
    assert counted(store, study, text(NEW), text(NEW)).n_duplicate == 0


def test_what_several_replies_got_wrong_counts_as_often_as_it_was_offered(store: Store, study: str) -> None:
    others = (Sample(text(BROKEN, KNOWN, ILLEGAL)), Sample(text(BROKEN)))
    found = counted(store, study, Reply(text(NEW, BROKEN, KNOWN), others=others), n=3)
    assert len(store.refused(study)) == 3
    assert found == Offers(n_offered=7, n_infeasible=3, n_duplicate=2, n_repeated=0, n_illegal=1)


def test_proposals_of_others_that_were_refused_do_not_count(store: Store, study: str) -> None:
    store.refuse(study, Proposal({"x": 0.5, "n": 1}, "gp", "most promising"), "duplicate", "it is there")
    assert offers_of(store, study) == Offers(0, 0, 0, 0, 0)


def test_offers_are_spelled_with_their_shares() -> None:
    assert spell_offers(Offers(1, 0, 0, 0, 1)) == (
        "1 candidate: 0 against a constraint of the space, 0 duplicate, 1 (100%) illegal"
    )
