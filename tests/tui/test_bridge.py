"""From events of the store to what the screen is told."""

from __future__ import annotations

import threading
from dataclasses import MISSING, fields
from typing import Any

import pytest
from textual.message import Message

from agenttune import events
from agenttune.spec import StudyState
from agenttune.study.leases import lease_of
from agenttune.trial import Outcome, TrialState
from agenttune.tui import bridge
from agenttune.tui.bridge import telling
from agenttune.tui.messages import Refused, Seen, Tone
from agenttune.tui.phase import Phase
from tests.tui.workshop import CONFIG, Workshop, follower


def test_nothing_new_is_no_change(shop: Workshop) -> None:
    watching = follower(shop, shop.study())
    watching.snapshot()
    assert watching.look() == []
    assert not watching.is_changed


def test_new_trial_appears(shop: Workshop) -> None:
    study_id = shop.study()
    watching = follower(shop, study_id)
    shop.complete(study_id, CONFIG, 0.5)
    watching.look()
    assert [trial.state for trial in watching.snapshot().trials] == [TrialState.COMPLETE]


def test_changed_trial_is_read_again(shop: Workshop) -> None:
    study_id = shop.study()
    attempt = shop.start(study_id, CONFIG)
    watching = follower(shop, study_id)
    shop.store.finish(study_id, 0, TrialState.COMPLETE, outcome=Outcome({"accuracy": 0.9}, 1.0))
    watching.look()
    snapshot = watching.snapshot()
    assert (snapshot.trials[0].value("accuracy"), dict(snapshot.started)) == (0.9, {})
    assert attempt.trial_number == 0


NUMBERED = [kind for kind in events.EVENT_TYPES.values() if "number" in {field.name for field in fields(kind)}]
SAMPLES: dict[str, Any] = {"int": 7, "int | None": 7, "str": "a", "float": 1.0, "Config": {}, "Metrics": {}}
"""Annotation of an event's field -> a value."""


@pytest.mark.parametrize("kind", NUMBERED)
def test_event_about_a_trial_that_is_not_there_yet_is_passed_over(shop: Workshop, kind: type[events.Event]) -> None:
    study_id = shop.study()
    watching = follower(shop, study_id)
    given: dict[str, Any] = {
        field.name: SAMPLES[str(field.type)]
        for field in fields(kind)
        if field.name == "number" or field.default is field.default_factory is MISSING
    }
    shop.store.announce(study_id, kind(**given))
    shop.complete(study_id, CONFIG, 0.5)
    watching.look()
    assert [trial.number for trial in watching.snapshot().trials] == [0]


def test_many_changes_at_once_are_read_in_one_go(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    study_id = shop.study()
    watching = follower(shop, study_id)
    monkeypatch.setattr(bridge, "ONE_BY_ONE", 2)
    for _ in range(3):
        shop.complete(study_id, CONFIG, 0.5)
    watching.look()
    assert len(watching.snapshot().trials) == 3


def test_a_long_history_is_read_before_the_first_snapshot(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "PAGE", 2)
    study_id = shop.study()
    for _ in range(4):
        shop.complete(study_id, CONFIG, 0.5)
    watching = follower(shop, study_id)
    assert len(watching.snapshot().trials) == 4
    assert watching.look() == []


def test_study_without_a_driver_is_interrupted(shop: Workshop) -> None:
    study_id = shop.study(is_driven=False)
    assert follower(shop, study_id).snapshot().phase is Phase.INTERRUPTED


def test_end_of_the_driver_shows_without_an_event(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    study_id = shop.study()
    watching = follower(shop, study_id)
    assert watching.snapshot().phase is Phase.RUNNING
    monkeypatch.setattr(bridge, "ROW_S", 0.0)
    shop.store.release_driver(study_id, lease_of())
    watching.look()
    assert watching.snapshot().phase is Phase.INTERRUPTED


def test_old_news_is_not_told_again(shop: Workshop) -> None:
    study_id = shop.study()
    shop.store.note(study_id, "long ago")
    assert follower(shop, study_id).look() == []


def test_news_is_told(shop: Workshop) -> None:
    study_id = shop.study()
    watching = follower(shop, study_id)
    shop.store.note(study_id, "by hand")
    assert [told.text for told in watching.look()] == ["by hand"]


@pytest.mark.parametrize(
    ("event", "text", "tone"),
    [
        (events.ControlAnswered(1, "pause", True, "paused"), "paused", Tone.PLAIN),
        (events.ControlAnswered(1, "pause", False, "it has ended"), "pause refused: it has ended", Tone.BAD),
        (events.StudyChanged("finished", "the budget is spent"), "finished: the budget is spent", Tone.GOOD),
        (events.ProposerChosen("gp", "few parameters"), "gp proposes from here on: few parameters", Tone.PLAIN),
        (
            events.StudyEdited(1, {}, {}, "C: to 10", {"effects": ["trial 4 waits"]}, version=2),
            "edit 1 (space version 2): C: to 10; trial 4 waits",
            Tone.PLAIN,
        ),
        (events.SpaceEdited(2, "C up to 10"), "space version 2: C up to 10", Tone.PLAIN),
        (events.VariantAdded("v3", "fit the residual", "v1", 4), "v3: fit the residual (from v1)", Tone.PLAIN),
        (
            events.CodeRefused("changed-interface", "the parameters must stay", "v1"),
            "a block for v1 was refused (changed-interface): the parameters must stay",
            Tone.PLAIN,
        ),
        (events.AttemptEnded(3, 1, "died", "signal 9"), "trial 3 waits to run again: signal 9", Tone.PLAIN),
        (events.Noted("look here", 4), "trial 4: look here", Tone.PLAIN),
    ],
)
def test_events_worth_a_sentence_get_one(event: events.Event, text: str, tone: Tone) -> None:
    told = telling(event)
    assert told is not None
    assert (told.text, told.tone) == (text, tone)


@pytest.mark.parametrize(
    "event", [events.AttemptStarted(1, 1), events.TrialReported(1, 1, {}), events.StudyChanged("running")]
)
def test_what_the_table_shows_is_not_told(event: events.Event) -> None:
    assert telling(event) is None


def test_following_posts_a_snapshot_and_ends_when_told(shop: Workshop) -> None:
    study_id, posted, stop = shop.study(), list[Message](), threading.Event()

    def post(message: Message) -> None:
        posted.append(message)
        stop.set()

    bridge.follow(shop.engine.store_path, study_id, stop=stop, post=post)
    assert isinstance(posted[0], Seen)


def test_study_that_is_not_there_is_told(shop: Workshop) -> None:
    posted, stop = list[Message](), threading.Event()

    def post(message: Message) -> None:
        posted.append(message)
        stop.set()

    bridge.follow(shop.engine.store_path, "nobody", stop=stop, post=post)
    assert isinstance(posted[0], Refused)


def test_time_goes_on_between_heartbeats(shop: Workshop) -> None:
    study_id = shop.study()
    shop.store.add_active(study_id, 10.0)
    snapshot = follower(shop, study_id).snapshot()
    assert snapshot.active_s(shop.wall() + 5.0) == pytest.approx(15.0)


def test_time_without_a_driver_is_none_of_the_study(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "ROW_S", 0.0)
    study_id = shop.study(is_driven=False)
    shop.store.add_active(study_id, 10.0)
    watching = follower(shop, study_id)
    shop.wall.now += 3600.0
    shop.store.acquire_driver(study_id, lease_of(), is_alive=lambda lease: False)
    watching.look()
    assert watching.snapshot().active_s(shop.wall() + 5.0) == pytest.approx(15.0)


@pytest.mark.parametrize("state", [StudyState.FINISHED, StudyState.PAUSED])
def test_time_of_a_study_that_is_paused_or_ended_stands_still(shop: Workshop, state: StudyState) -> None:
    study_id = shop.study()
    shop.store.add_active(study_id, 10.0)
    shop.store.set_state(study_id, state)
    assert follower(shop, study_id).snapshot().active_s(shop.wall() + 5.0) == 10.0


def test_time_left_is_guessed_from_trials_and_seconds(shop: Workshop) -> None:
    study_id = shop.study()
    for _ in range(10):
        shop.complete(study_id, CONFIG, 0.5)
    shop.store.add_active(study_id, 100.0)
    assert follower(shop, study_id).snapshot().left_s(shop.wall()) == pytest.approx(200.0)


def test_time_left_is_not_guessed_from_nothing(shop: Workshop) -> None:
    study_id = shop.study()
    shop.complete(study_id, CONFIG, 0.5)
    assert follower(shop, study_id).snapshot().left_s(shop.wall()) is None


def test_store_that_goes_away_is_told_once_and_followed_when_it_is_back(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bridge, "RETRY_S", 0.0)
    study_id, posted, stop = shop.study(), list[Message](), threading.Event()
    here, away = shop.store.path, shop.store.path.with_name("away.db")

    def post(message: Message) -> None:
        posted.append(message)
        n_refused = sum(isinstance(message, Refused) for message in posted)
        if isinstance(message, Seen) and n_refused == 0:
            here.rename(away)
        elif isinstance(message, Refused) and n_refused == 2:
            away.rename(here)
        elif isinstance(message, Seen):
            stop.set()

    bridge.follow(shop.engine.store_path, study_id, stop=stop, post=post)
    assert [type(message) for message in posted] == [Seen, Refused, Refused, Seen]
    assert [message.sentence for message in posted if isinstance(message, Refused) and "removed" in message.sentence]


def test_model_that_may_not_be_asked_is_told_with_what_goes_on(shop: Workshop) -> None:
    study_id = shop.study()
    followed = follower(shop, study_id)
    shop.store.add_unsent(study_id, "openai:test", "over-budget", "the study may spend 3 requests")
    (told,) = followed.look()
    assert told.text == "the model was not asked (over-budget), and trials go on: the study may spend 3 requests"
