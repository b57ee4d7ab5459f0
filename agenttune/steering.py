"""Asking something of a study from outside: its driver answers, or is started so that it can.

Shared by the command line and the tools. What the loop does with each control: study/controls.py.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from agenttune.driver import start
from agenttune.edits import Diff, Edit, Terms, diff, edit_to_json, edited, grows, without
from agenttune.errors import StudyBusy, UserError
from agenttune.events import ControlAnswered, StudyEdited
from agenttune.spec import StudyRow, StudyState
from agenttune.store import Store
from agenttune.study import Study, follow, has_live_driver, status
from agenttune.study.arguments import require_new
from agenttune.study.controls import raised
from agenttune.study.editing import edits_of, undoable
from agenttune.study.status import require_stored_objective
from agenttune.types import Config, Json
from agenttune.visible import clean

ANSWER_S = 20.0
"""How long a live driver may take to answer: it does so between two proposals, and a cold fit takes seconds."""

UNANSWERED = "sent; the driver has not answered yet"


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
    after = store.last_event(row.id)
    control_id = store.send(row.id, kind, payload)
    if not has_live_driver(store.study(row.id)):
        return None
    answer = wait_for_answer(store, row, control_id, after=after)
    return None if answer is None else answer.answer


def require_objective(store: Store, row: StudyRow) -> None:
    """Refuses a study whose trials run in one program alone: where they are asked for, or where their callable is.

    Raises:
        UserError: there is nothing that could be run here.
    """
    if _is_told(row):
        raise UserError(f"study {row.name!r} is driven by `ask` and `tell` from Python: there is nothing to run here")
    require_stored_objective(store, row)


def ensure_driver(store: Store, row: StudyRow) -> bool:
    """Starts a driver unless one runs; returns whether one was started.

    Raises:
        UserError: it ended at once, or there is nothing it could run.
    """
    require_objective(store, row)
    return _start_driver(store, row)


def _is_told(row: StudyRow) -> bool:
    return row.spec.objective.get("type") == "told"


def _start_driver(store: Store, row: StudyRow) -> bool:
    if has_live_driver(store.study(row.id)):
        return False
    try:
        start(row.id, store.path)
    except StudyBusy:  # somebody else was faster, which is just as well
        return False
    return True


def pause(store: Store, row: StudyRow) -> str:
    """Has a study start no new trials; returns the driver's answer.

    Raises:
        UserError: nothing runs.
    """
    if not has_live_driver(row):
        raise UserError(f"study {row.name!r} is {status(row)}: nothing runs that could be paused")
    return ask_driver(store, row, "pause") or UNANSWERED


def stop(store: Store, row: StudyRow, *, kill: bool = False) -> str:
    """Ends a study after its running trials; one without a driver gets one that puts it right and ends it.

    Args:
        kill: whether the running trials are killed; they wait for a resume.

    Raises:
        UserError: the study has ended already.
    """
    if has_live_driver(row):
        return ask_driver(store, row, "stop", {"kill": kill}) or UNANSWERED
    if row.state.is_ended:
        raise UserError(f"study {row.name!r} has ended already: {row.end_reason or row.state.value}")
    if _is_told(row):
        store.set_state(row.id, StudyState.STOPPED, reason="stopped by a person")
        return "stopped"
    after = store.last_event(row.id)
    control_id = store.send(row.id, "stop", {"kill": kill})
    _start_driver(store, row)  # which starts no trial, so that a callable need not be stored
    said = wait_for_answer(store, row, control_id, after=after)
    return UNANSWERED if said is None else said.answer


def resume(store: Store, row: StudyRow, **budget: Any) -> None:
    """Has a paused, interrupted or ended study go on.

    Args:
        store: where it is.
        row: the study.
        **budget: bounds of the whole study set anew, as `Study.resume` takes them; None leaves one.

    Raises:
        UserError: a bound cannot be, or nothing is left to run.
    """
    is_halted = row.state is StudyState.PAUSED or row.state.is_ended
    if has_live_driver(row) or is_halted or any(value is not None for value in budget.values()):
        Study(store, row.id).resume(**budget)  # one that runs may be stopping: this takes that back
        if _is_told(row):
            return  # whoever asks goes on
    ensure_driver(store, row)


def add_config(store: Store, row: StudyRow, config: Config, *, reason: str) -> str:
    """Has a configuration run next; returns the driver's answer, or that it waits.

    Raises:
        UserError: the study has it already, or the driver refused.
    """
    require_new(config, store.trials(row.id))
    answer = ask_driver(store, row, "add", {"config": dict(config), "reason": reason})
    return answer or _waits(store, row, "runs")


@dataclass(frozen=True, slots=True)
class Preview:
    """What an edit, or an undo, would do."""

    diff: Diff
    grows: bool
    """Whether the study may spend more then, or more at a time, than it might."""


def preview_edit(store: Store, row: StudyRow, edits: Sequence[Edit]) -> Preview:
    """What the edits would do together.

    Raises:
        UserError: one breaks a rule or changes nothing.
    """
    before = current_terms(store, row)
    return _preview(store, row, before, edited(before, edits))


def preview_undo(store: Store, row: StudyRow, entry: StudyEdited) -> Preview:
    """What taking the edit back would do.

    Raises:
        UserError: it cannot be.
    """
    before = current_terms(store, row)
    return _preview(store, row, before, without(before, entry))


def _preview(store: Store, row: StudyRow, before: Terms, after: Terms) -> Preview:
    return Preview(diff(before, after, trials=store.trials(row.id)), grows(before, after))


def edit(store: Store, row: StudyRow, edits: Sequence[Edit], *, by: str) -> str:
    """Has a study edited, all or nothing; returns the driver's answer, or that it waits.

    Raises:
        UserError: an edit breaks a rule or changes nothing.
    """
    edited(current_terms(store, row), edits)
    contents: list[Json] = [edit_to_json(entry) for entry in edits]
    return ask_driver(store, row, "edit", {"edits": contents, "by": by}) or _waits(store, row, "applies")


def undo(store: Store, row: StudyRow, entry: StudyEdited, *, by: str) -> str:
    """Has an edit taken back; returns the driver's answer, or that it waits.

    Raises:
        UserError: it cannot be.
    """
    without(current_terms(store, row), entry)
    payload: dict[str, Json] = {"edit_id": entry.edit_id, "by": by}
    return ask_driver(store, row, "undo", payload) or _waits(store, row, "applies")


def current_terms(store: Store, row: StudyRow) -> Terms:
    """What holds in a study, with what waits for a driver: edits, undos, and bounds set anew."""
    terms = Terms.of(row.spec, store.spaces(row.id)[row.space_version])
    for _, kind, payload in store.take_controls(row.id):
        with contextlib.suppress(UserError):  # the driver will refuse it
            if kind == "edit":
                terms = edited(terms, edits_of(payload))
            elif kind == "resume":
                terms = replace(terms, budget=raised(terms.budget, payload))
            elif kind == "undo":
                terms = without(terms, undoable(store, row.id, cast("int | None", payload.get("edit_id"))))
    return terms


def last_edit(store: Store, row: StudyRow, edit_id: int | None = None) -> StudyEdited:
    """The edit that an undo takes back, the latest that stands or the one of this id.

    Raises:
        UserError: there is none, it is undone, or newer ones wait for a driver.
    """
    is_waiting = any(kind in ("edit", "undo") for _, kind, _ in store.take_controls(row.id))
    if edit_id is None and is_waiting and not has_live_driver(store.study(row.id)):
        name = clean(row.name)
        raise UserError(
            f"edits of study {name!r}, or undos, wait for a driver; `agenttune resume {name}` applies them first"
        )
    return undoable(store, row.id, edit_id)


def _waits(store: Store, row: StudyRow, does: str) -> str:
    """What is said of a control that nobody has answered."""
    if has_live_driver(store.study(row.id)):
        return UNANSWERED
    if row.spec.objective.get("type") == "told":
        return f"it waits: the next `ask` {does} it"
    return f"it waits, since no driver runs: `agenttune resume {clean(row.name)}` {does} it"
