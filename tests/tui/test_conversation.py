"""The conversation in its thread: what goes in, which messages come out, what a person's answers do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.message import Message

from agenttune.agent import (
    Agent,
    ApprovalGiven,
    ApprovalRequested,
    Compacted,
    Done,
    StudyHappened,
    TextDelta,
    ToolReturned,
)
from agenttune.models import Reply
from agenttune.spec import StudyState
from agenttune.steering import current_terms
from agenttune.store import Store
from agenttune.testing.scripted import ScriptedModel
from agenttune.testing.store import make_spec
from agenttune.tui.conversation import Conversation
from agenttune.tui.messages import ConversationStands, Happened, Refused, StudyChosen, TakenBack, TurnEnded
from tests.agent.conftest import calling, saying

PATIENCE_S = 60.0


class Told:
    """Keeps the messages of a conversation, and waits for some."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._changed = threading.Condition()

    def __call__(self, message: Message) -> None:
        with self._changed:
            self.messages.append(message)
            self._changed.notify_all()

    def wait(self, condition: Callable[[], object]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, PATIENCE_S), self.messages

    def of(self, kind: type[Any]) -> list[Any]:
        return [message for message in self.messages if isinstance(message, kind)]

    def events(self, kind: type[Any]) -> list[Any]:
        return [message.event for message in self.of(Happened) if isinstance(message.event, kind)]


@pytest.fixture
def store_path(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "at.db"
    with Store.open(path) as store:
        store.create_study(make_spec())
    yield path


def conversation(store_path: Path, told: Told, *steps: Any) -> Conversation:
    model = ScriptedModel(*steps, is_local=True)

    def make(spec: str | None, **options: Any) -> Agent:
        return Agent(model if spec is None else spec, **options)

    return Conversation(store_path, told, workspace=store_path.parent, make=make)


def workers(store_path: Path) -> int:
    with Store.open(store_path) as store:
        return current_terms(store, store.study("study")).workers


def test_nothing_is_opened_before_the_first_sentence(tmp_path: Path) -> None:
    told = Told()
    Conversation(tmp_path / "none.db", told, workspace=tmp_path).close()
    assert told.messages == [] and not (tmp_path / "none.db").exists()


def test_a_sentence_becomes_events_and_ends(store_path: Path) -> None:
    told = Told()
    talk = conversation(store_path, told, saying("Hello."))
    talk.send("hi")
    told.wait(lambda: told.of(ConversationStands))
    (done,) = told.events(Done)
    assert done.text == "Hello." and "".join(event.text for event in told.events(TextDelta)) == "Hello."
    assert len(told.of(TurnEnded)) == 1
    (stands,) = told.of(ConversationStands)
    assert (stands.model, stands.mode, stands.tokens, stands.dollars) == ("scripted:test", "ask", 110, 0.0)
    assert stands.session is not None and stands.context_tokens > 0
    assert not stands.is_estimated
    talk.close()


def test_costs_with_a_worst_case_in_them_are_told_as_that(store_path: Path) -> None:
    told = Told()
    talk = conversation(store_path, told, Reply("Hello."))
    talk.send("hi")
    told.wait(lambda: told.of(ConversationStands))
    assert told.of(ConversationStands)[0].is_estimated
    talk.close()


EDIT = calling("edit_study", edits=[{"edit": "set_workers", "workers": 4}])


@pytest.mark.parametrize(("answer", "n_workers"), [("once", 4), ("deny", 1)])
def test_a_call_waits_for_the_person(store_path: Path, answer: Any, n_workers: int) -> None:
    told = Told()
    talk = conversation(store_path, told, EDIT, saying("ok"))
    talk.speak_of("study")
    talk.send("use four workers")
    told.wait(lambda: told.events(ApprovalRequested))
    time.sleep(0.1)
    assert told.events(ToolReturned) == [] and workers(store_path) == 1
    talk.answer(answer)
    told.wait(lambda: told.of(TurnEnded))
    assert workers(store_path) == n_workers
    talk.close()


def test_what_is_allowed_for_the_session_is_not_asked_again(store_path: Path) -> None:
    told = Told()
    more = calling("edit_study", edits=[{"edit": "set_workers", "workers": 6}])
    talk = conversation(store_path, told, EDIT, more, saying("ok"))
    talk.speak_of("study")
    talk.send("use four workers, then six")
    told.wait(lambda: told.events(ApprovalRequested))
    talk.answer("session")
    told.wait(lambda: told.of(TurnEnded))
    assert workers(store_path) == 6
    assert len(told.events(ApprovalRequested)) == 1 and len(told.events(ApprovalGiven)) == 2
    talk.close()


def test_interrupt_says_no_to_what_waits_and_ends_the_turn(store_path: Path) -> None:
    told = Told()
    talk = conversation(store_path, told, EDIT, saying("ok"))
    talk.speak_of("study")
    talk.send("use four workers")
    told.wait(lambda: told.events(ApprovalRequested))
    talk.interrupt()
    told.wait(lambda: told.of(TurnEnded))
    assert told.events(Done)[0].is_interrupted and workers(store_path) == 1
    talk.close()


def test_study_that_the_conversation_turns_to_is_told(store_path: Path) -> None:
    told = Told()
    talk = conversation(store_path, told, calling("open_study", study="study"), saying("It is open."))
    talk.send("open it")
    told.wait(lambda: told.of(TurnEnded))
    assert [message.name for message in told.of(StudyChosen)] == ["study"]
    talk.close()


def test_news_of_the_study_come_without_a_question(store_path: Path) -> None:
    told = Told()
    talk = conversation(store_path, told, saying("Hello."))
    talk.speak_of("study")
    talk.send("hi")
    told.wait(lambda: told.of(ConversationStands))
    with Store.open(store_path) as store:
        store.set_state(store.study("study").id, StudyState.STOPPED, reason="stopped by a person")
    told.wait(lambda: told.events(StudyHappened))
    assert [event.sentence for event in told.events(StudyHappened)] == ["it is stopped: stopped by a person"]
    talk.close()


def test_earlier_conversation_comes_back_and_goes_on(store_path: Path) -> None:
    told = Told()
    talk = conversation(store_path, told, saying("Hello."))
    talk.send("hi")
    told.wait(lambda: told.of(ConversationStands))
    session = told.of(ConversationStands)[0].session
    talk.close()
    again = Told()
    other = conversation(store_path, again, saying("Still here."))
    other.use(session=session)
    again.wait(lambda: again.of(ConversationStands))
    assert [entry.kind for entry in again.of(ConversationStands)[0].restored] == ["user", "reply"]
    other.send("and now?")
    again.wait(lambda: len(again.of(ConversationStands)) == 2)
    assert again.of(ConversationStands)[1].session == session
    other.close()


def test_model_that_cannot_be_had_is_told_and_the_old_one_stays(store_path: Path) -> None:
    told = Told()
    talk = conversation(store_path, told, saying("Hello."))
    talk.send("hi")
    told.wait(lambda: told.of(ConversationStands))
    talk.use(model="nonsense")
    told.wait(lambda: told.of(Refused))
    assert "nonsense" in told.of(Refused)[0].sentence
    talk.send("still there?")
    told.wait(lambda: len(told.of(ConversationStands)) == 2)
    assert told.of(ConversationStands)[1].model == "scripted:test"
    talk.use(model="none", mode="plan")
    told.wait(lambda: len(told.of(ConversationStands)) == 3)
    assert (told.of(ConversationStands)[2].model, told.of(ConversationStands)[2].mode) == (None, "plan")
    talk.close()


def test_mode_and_model_hold_for_the_next_conversation_and_allowances_do_not(store_path: Path) -> None:
    told = Told()
    other = calling("edit_study", edits=[{"edit": "set_workers", "workers": 6}])
    talk = conversation(store_path, told, EDIT, saying("ok"), other, saying("again"))
    talk.use(mode="auto")
    told.wait(lambda: len(told.of(ConversationStands)) == 1)
    talk.use(mode="ask")
    told.wait(lambda: len(told.of(ConversationStands)) == 2)
    talk.speak_of("study")
    talk.send("use four workers")
    told.wait(lambda: told.events(ApprovalRequested))
    talk.answer("session")
    told.wait(lambda: len(told.of(ConversationStands)) == 3)
    session = told.of(ConversationStands)[2].session
    talk.use(session=session)
    told.wait(lambda: len(told.of(ConversationStands)) == 4)
    assert told.of(ConversationStands)[3].mode == "ask"
    talk.send("use four workers")
    told.wait(lambda: len(told.events(ApprovalRequested)) == 2)
    talk.close()


def test_interrupt_before_the_agent_is_there_sends_nothing(store_path: Path) -> None:
    told = Told()
    gate = threading.Event()
    model = ScriptedModel(saying("never said"), is_local=True)

    def make(spec: str | None, **options: Any) -> Agent:
        gate.wait(PATIENCE_S)
        return Agent(model, **options)

    talk = Conversation(store_path, told, workspace=store_path.parent, make=make)
    talk.send("hi")
    talk.interrupt()
    gate.set()
    told.wait(lambda: told.of(TurnEnded))
    assert told.events(Done) == [] and model.asked == []
    talk.close()


def test_a_study_that_is_left_is_not_spoken_of(store_path: Path) -> None:
    told = Told()
    talk = conversation(store_path, told, calling("open_study", study="study"), saying("one"))
    for _ in range(2):
        talk.send("open it")
        told.wait(lambda: told.of(TurnEnded))
        told.messages.remove(told.of(TurnEnded)[0])
        talk.leave_study()
    talk.close()
    assert len(told.of(StudyChosen)) >= 1


def test_turn_is_taken_back_and_its_sentence_handed_on(store_path: Path) -> None:
    told = Told()
    talk = conversation(store_path, told, saying("One."), saying("Two."))
    talk.send("first")
    talk.send("second")
    talk.rewind(1)
    told.wait(lambda: told.of(TakenBack))
    assert told.of(TakenBack)[0].sentence == "second"
    assert [entry.kind for entry in told.of(ConversationStands)[-1].restored] == ["user", "reply", "rewound"]
    talk.rewind(7)
    told.wait(lambda: told.of(Refused))
    assert "1 to 1, but got 7" in told.of(Refused)[0].sentence
    talk.close()


def test_compacting_is_told_with_what_it_saved(store_path: Path) -> None:
    told = Told()
    talk = conversation(store_path, told, saying("word " * 500))
    talk.send("first")
    talk.send("second")
    talk.compact()
    told.wait(lambda: len(told.of(ConversationStands)) == 3)
    (event,) = told.events(Compacted)
    before, after = (stands.context_tokens for stands in told.of(ConversationStands)[1:])
    assert f"about {before:,} tokens became {after:,}" in event.sentence
    talk.close()
