"""The desk that is set up by its first question."""

from __future__ import annotations

from collections.abc import Callable

from agenttune.budget import Budget
from agenttune.events import ModelAnswered
from agenttune.exchange import Prompt
from agenttune.replies import Question
from agenttune.settings import settings_path
from agenttune.spec import StudySpec
from agenttune.store import Store
from agenttune.study.asking import LazyDesk
from agenttune.testing.server import ModelServer
from tests.study.specs import SPACE

Make = Callable[..., StudySpec]


def question(spec: StudySpec) -> Question:
    return Question(Prompt(({"role": "user", "content": "go on"},)), SPACE, spec.goal, lambda config: True)


def test_reply_may_be_as_long_as_the_settings_say(store: Store, make_spec: Make) -> None:
    settings_path().parent.mkdir(parents=True)
    settings_path().write_text("max_tokens_per_reply = 700\n")
    study = store.create_study(make_spec()).id
    with ModelServer() as server:
        answer = LazyDesk(store, study, f"{server.url}#test", budget=Budget).ask(question(make_spec()))
    assert answer.verdict == "used"
    assert server.chats[0]["max_tokens"] == 700


def test_model_that_cannot_be_had_is_a_verdict(store: Store, make_spec: Make) -> None:
    study = store.create_study(make_spec()).id
    answer = LazyDesk(store, study, "openai:test", budget=Budget).ask(question(make_spec()))
    assert (answer.verdict, answer.n_sent) == ("unauthorised", 0)
    (told,) = [event for _, _, event in store.events(study) if isinstance(event, ModelAnswered)]
    assert told.why is not None and "OPENAI_API_KEY" in told.why


def test_desk_that_was_closed_before_its_first_question_sends_nothing(store: Store, make_spec: Make) -> None:
    study = store.create_study(make_spec()).id
    with ModelServer() as server:
        desk = LazyDesk(store, study, f"{server.url}#test", budget=Budget)
        desk.close()
        assert desk.ask(question(make_spec())).n_sent == 0
    assert server.requests == []
    assert store.spent(study).requests == 0
