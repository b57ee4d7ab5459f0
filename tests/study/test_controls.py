"""Controls whose driver dies at the worst moment: between doing them and saying so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agenttune import Study
from agenttune.edits import SetRange, edit_to_json
from agenttune.events import ControlAnswered, Event
from agenttune.spec import StudySpec
from agenttune.store import Store

Make = Callable[..., StudySpec]
CONTROLS: list[tuple[str, dict[str, Any]]] = [
    ("confirm", {"top": 2, "replicates": 2}),
    ("edit", {"edit": edit_to_json(SetRange("x", 0.0, 0.5))}),
    ("undo", {}),
    ("add", {"config": {"x": 0.123, "n": 1}, "reason": "a hunch"}),
]


class Killed(BaseException):
    """Stands for SIGKILL: nothing catches it."""


def die(*arguments: object, **settings: object) -> None:
    raise Killed


@pytest.mark.parametrize(("kind", "payload"), CONTROLS, ids=[kind for kind, _ in CONTROLS])
def test_a_control_is_done_once_though_its_driver_died_before_it_answered(
    store: Store, make_inline: Make, monkeypatch: pytest.MonkeyPatch, kind: str, payload: dict[str, Any]
) -> None:
    study = Study.from_spec(make_inline(), store=store)
    study.run()
    if kind == "undo":
        store.send(study.id, "edit", {"edit": edit_to_json(SetRange("x", 0.0, 0.5))})
        study.run()
    store.send(study.id, kind, payload)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(store, "answer", die)
        study.run()
    answers: list[ControlAnswered] = []

    def keep(event: Event) -> None:
        if isinstance(event, ControlAnswered):
            answers.append(event)

    study.run(on_event=keep)
    assert [answer.accepted for answer in answers if answer.kind == kind] == [True]
    assert len(study.trials) == {"confirm": 8, "edit": 4, "undo": 4, "add": 5}[kind]
    assert study.row.space_version == {"edit": 2, "undo": 3}.get(kind, 1)
    assert [entry.undoes for _, entry in store.edits(study.id)] == {"edit": [None], "undo": [None, 1]}.get(kind, [])


def test_asking_adds_a_configuration_once_though_it_died_before_it_answered(
    store: Store, make_inline: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = Study.from_spec(make_inline(objective={"type": "told"}), store=store)
    study.enqueue({"x": 0.25})
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(store, "answer", die)
        study.ask()
    study.close()
    trial = Study.open(study.id, store=store).ask()
    assert (trial.number, dict(trial.config)) == (0, {"x": 0.25, "n": 2})
    answers = [event for _, _, event in store.events(study.id) if isinstance(event, ControlAnswered)]
    assert [answer.accepted for answer in answers] == [True]
