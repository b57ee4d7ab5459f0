"""Asking something of a study's driver and waiting for its answer."""

from __future__ import annotations

import time

from agenttune.errors import UserError
from agenttune.events import ControlAnswered
from agenttune.spec import StudyRow
from agenttune.store import Store
from agenttune.study import follow, has_live_driver
from agenttune.types import Json

ANSWER_S = 20.0
"""How long a live driver may take to answer: it does so between two proposals, and a cold fit takes seconds."""


def last_event_id(store: Store, study_id: str) -> int:
    """Id of the newest event of a study; 0 without one."""
    last = 0
    while batch := store.events(study_id, after=last):
        last = batch[-1][0]
    return last


def wait_for_answer(store: Store, row: StudyRow, control_id: int, *, after: int) -> ControlAnswered | None:
    """The driver's answer; None when the driver ended or took too long.

    Raises:
        UserError: it refused; the sentence is its reason.
    """
    deadline = time.monotonic() + ANSWER_S
    for entry in follow(store, row.id, after=after):
        if entry is None:
            if time.monotonic() > deadline:
                return None
            continue
        event = entry[2]
        if isinstance(event, ControlAnswered) and event.control_id == control_id:
            if not event.accepted:
                raise UserError(event.answer)
            return event
    return None


def ask_driver(store: Store, row: StudyRow, kind: str, payload: dict[str, Json] | None = None) -> str | None:
    """Sends a control and returns the driver's answer; None if no driver is there to answer.

    Raises:
        UserError: the driver refused.
    """
    after = last_event_id(store, row.id)
    control_id = store.send(row.id, kind, payload)
    if not has_live_driver(store.study(row.id)):
        return None
    answer = wait_for_answer(store, row, control_id, after=after)
    return None if answer is None else answer.answer


def ensure_driver(store: Store, row: StudyRow) -> bool:
    """Starts a driver unless one runs; returns whether one was started.

    Raises:
        UserError: it ended at once, or there is nothing it could run.
    """
    if row.spec.objective.get("type") == "told":
        raise UserError(f"study {row.name!r} is driven by `ask` and `tell` from Python: there is nothing to run here")
    from agenttune.driver import start
    from agenttune.errors import StudyBusy

    if has_live_driver(store.study(row.id)):
        return False
    try:
        start(row.id, store.path)
    except StudyBusy:  # somebody else was faster, which is just as well
        return False
    return True
