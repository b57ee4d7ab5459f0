"""Numbers of a reply: those of tools, person and study stand; an invented one is marked and told."""

from __future__ import annotations

from agenttune.agent.events import Done
from agenttune.store import Store
from agenttune.testing.store import make_proposal, make_spec
from agenttune.trial import Outcome, TrialState
from tests.agent.conftest import Make, calling, saying


def said(make: Make, *steps: object, words: str, **options: object) -> Done:
    done = make(*steps, **options).ask(words).events[-1]
    assert isinstance(done, Done)
    return done


def with_trial(store: Store) -> None:
    """One trial that measured 0.7512."""
    row = store.create_study(make_spec())
    store.add_trial(row.id, make_proposal(), seed=7)
    store.claim(row.id)
    store.finish(row.id, 0, TrialState.COMPLETE, outcome=Outcome({"score": 0.7512, "latency_ms": 12.0}, 2.0))


def test_invented_number_is_marked_and_told(make: Make) -> None:
    done = said(make, saying("It will reach 0.9317."), words="how good will it get?")
    assert done.text == "It will reach 0.9317[?]." and done.unsupported == ("0.9317",)


def test_numbers_of_the_person_and_of_the_study_stand(make: Make, store: Store) -> None:
    with_trial(store)
    text = "Score 0.751 (75.1%), 12 ms; you said 33 trials, of a budget of 40."
    done = said(make, saying(text), words="I thought of 33 trials", study="study")
    assert done.text == text and done.unsupported == ()


def test_numbers_of_a_tools_result_stand(make: Make, store: Store) -> None:
    with_trial(store)
    done = said(make, calling("show_trial", number=0, study="study"), saying("It scored 0.7512."), words="show it")
    assert done.text == "It scored 0.7512."


def test_what_the_model_said_before_is_no_ground(make: Make) -> None:
    agent = make(saying("It is 0.9317."), saying("As I said, 0.9317."))
    agent.ask("how good?")
    done = agent.ask("again?").events[-1]
    assert isinstance(done, Done) and done.unsupported == ("0.9317",)
