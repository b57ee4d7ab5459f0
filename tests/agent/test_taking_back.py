"""Turns that are taken back and conversations that are compacted by hand: what the model is told then, and after."""

from __future__ import annotations

from pathlib import Path

import pytest

from agenttune.agent import Agent, Compacted, Limits
from agenttune.agent.transcript import Message
from agenttune.errors import UserError
from agenttune.steering import current_terms
from agenttune.store import Store
from agenttune.testing.store import make_spec
from tests.agent.conftest import Make, calling, saying

EDIT = calling("edit_study", edits=[{"edit": "set_workers", "workers": 4}])


def messages(agent: Agent) -> list[Message]:
    return agent._turns.transcript.messages()


def said(agent: Agent) -> list[str]:
    return [str(message["content"]) for message in messages(agent) if message["role"] == "user"]


def talked(make: Make) -> tuple[Agent, list[list[Message]]]:
    """An agent after three turns, one of which called a tool, and what the model was told before each."""
    agent = make(saying("One."), calling("list_files"), saying("Two."), saying("Three."))
    before = []
    for sentence in ("first", "second", "third"):
        before.append(messages(agent))
        agent.ask(sentence)
    return agent, before


@pytest.mark.parametrize("n_turns", [1, 2, 3])
def test_model_is_told_what_it_was_told_before_those_turns(make: Make, n_turns: int) -> None:
    agent, before = talked(make)
    assert agent.rewind(n_turns) == ("third", "second", "first")[n_turns - 1]
    assert messages(agent) == before[-n_turns]


def test_nothing_is_deleted_from_the_store(make: Make, store: Store) -> None:
    agent, _ = talked(make)
    kept = store.entries(str(agent.session))
    agent.rewind(2)
    assert store.entries(str(agent.session))[:-1] == kept
    assert store.entries(str(agent.session))[-1].kind == "rewound"


def test_resumed_session_agrees_message_by_message(make: Make) -> None:
    agent, _ = talked(make)
    agent.rewind()
    agent.ask("third, otherwise")
    agent.rewind()
    agent.rewind()
    agent.ask("second, otherwise")
    resumed = make(saying("x"), session=agent.session)
    assert said(resumed) == ["first", "second, otherwise"]
    for told, kept in zip(messages(resumed), messages(agent), strict=True):
        assert told == kept
    assert resumed.live_entries == agent.live_entries
    assert resumed._turns.workspace.said == agent._turns.workspace.said == ["first", "second, otherwise"]


def test_edit_of_a_study_stays_and_is_told(make: Make, store: Store) -> None:
    row = store.create_study(make_spec())
    agent = make(EDIT, saying("ok"), study="study")
    agent.ask("use four workers")
    agent.rewind()
    assert current_terms(store, row).workers == 4
    assert messages(agent) == [] and agent.study == "study"
    assert "facts and stay" in str(agent.live_entries[-1].content["text"])


def test_news_of_a_study_stay(make: Make, store: Store) -> None:
    agent = make(saying("ok"), study=store.create_study(make_spec()).name)
    agent.ask("hello")
    agent._turns.transcript.add("study", text="study: trial 3 is the best so far")
    agent.rewind()
    assert ["trial 3 is the best so far" in sentence for sentence in said(agent)] == [True]


def test_what_was_taken_back_allows_nothing(make: Make) -> None:
    agent = make(saying("ok"))
    agent.ask("run make")
    assert agent._turns.workspace.has_asked(["run make"])
    agent.rewind()
    assert not agent._turns.workspace.has_asked(["run make"])


@pytest.mark.parametrize("n_turns", [0, -1, 4])
def test_more_turns_than_there_are_cannot_be_taken_back(make: Make, n_turns: int) -> None:
    agent, _ = talked(make)
    with pytest.raises(UserError, match=f"1 to 3, but got {n_turns}"):
        agent.rewind(n_turns)


def test_nothing_was_said_yet(make: Make) -> None:
    with pytest.raises(UserError, match="nothing was said yet"):
        make(saying("x")).rewind()
    with pytest.raises(UserError, match="nothing was said yet"):
        make(saying("x")).compact()


def test_compacting_tells_what_it_saved_and_is_one_entry(make: Make) -> None:
    agent = make(saying("word " * 500))
    for number in range(3):
        agent.ask(f"question {number}")
    n_entries, n_tokens = len(agent.entries), agent.context_tokens
    told = agent.compact()
    assert f"about {n_tokens:,} tokens became {agent.context_tokens:,}" in told.sentence
    assert agent.context_tokens < n_tokens and len(agent.entries) == n_entries + 1
    assert said(agent)[-1] == "question 2"
    resumed = make(saying("x"), session=agent.session)
    assert messages(resumed) == messages(agent)


def test_compacting_that_saves_nothing_is_left(make: Make) -> None:
    agent = make(saying("word " * 500))
    for number in range(3):
        agent.ask(f"question {number}")
    agent.compact()
    with pytest.raises(UserError, match="there is nothing to save"):
        agent.compact()
    short = make(saying("One."))
    short.ask("first")
    with pytest.raises(UserError, match=f"about {short.context_tokens} tokens as it is"):
        short.compact()


def test_taking_back_the_turn_that_was_kept_whole_undoes_the_compacting(make: Make) -> None:
    agent = make(saying("word " * 500))
    agent.ask("question 0")
    agent.ask("question 1")
    before = messages(agent)
    agent.ask("question 2")
    agent.compact()
    agent.rewind()
    assert messages(agent) == before


def test_what_was_taken_back_is_not_quoted_later(make: Make, folder: Path) -> None:
    agent = make(saying("word " * 500))
    for number in range(3):
        agent.ask(f"question {number}")
    agent.rewind()
    agent.ask("question 3")
    agent.compact()
    assert "question 1" in said(agent)[0] and "question 2" not in said(agent)[0]


def test_compacting_on_the_way_is_told_like_that_by_hand(make: Make) -> None:
    agent = make(saying("ok " * 300), limits=Limits(context_tokens=600))
    events = [event for number in range(5) for event in agent.ask(f"question {number}").events]
    told = [event for event in events if isinstance(event, Compacted)]
    assert told and "tokens became" in told[0].sentence
