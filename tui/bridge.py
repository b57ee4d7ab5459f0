"""Follows one study in the store and tells the screen: the only translator from events to messages.

Runs in a thread with a store of its own; reads only. The screen hears of a change within half a
second (later where there are many thousand trials) and never more than four times a second, however fast they come.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from agenttune import events
from agenttune.errors import TrialNotFound, UserError
from agenttune.history import StudyView
from agenttune.trial import Trial
from agenttune.tui.messages import Refused, Seen, Told, Tone
from agenttune.tui.phase import phase_of
from agenttune.tui.snapshot import Snapshot
from agenttune.variant import CODE
from agenttune.visible import clean

if TYPE_CHECKING:
    from agenttune.spec import StudyRow
    from agenttune.store import Store
    from agenttune.variant import CodeEntry

POLL_S = 0.2
RETRY_S = 1.0
"""Before what could not be read is read again."""
ROW_S = 1.0
"""Between looks at the study's own row, where a death of the driver shows without an event."""
SHOW_S = 0.25
"""Between two snapshots for the screen."""
SHARE = 0.05
"""Of the time that may go into snapshots: those of ten thousand trials take long, and keys wait for them."""
ONE_BY_ONE = 64
"""Changed trials up to this number are read singly, more of them by reading all."""
PAGE = 1000


def follow(
    store_path: Path,
    study_id: str,
    *,
    stop: threading.Event,
    post: Callable[[Message], object],
    clock: Callable[[], float] = time.time,
) -> None:
    """Posts `Seen` and `Told` until `stop` is set; meant for a thread of its own.

    What cannot be read is told once, and read anew from then on: the study goes on, whatever its window reads.
    """
    from agenttune.store import Store

    told = ""
    while not stop.is_set():
        try:
            with Store.open(store_path, must_exist=True) as store:
                _post_all(Follower(store, study_id, clock=clock), stop=stop, post=post)
        except UserError as error:
            if str(error) != told:
                told = str(error)
                post(Refused(told))
            stop.wait(RETRY_S)


def _post_all(follower: Follower, *, stop: threading.Event, post: Callable[[Message], object]) -> None:
    due_at = 0.0
    while not stop.is_set():
        for message in follower.look():
            post(message)
        if follower.is_changed and (began := time.monotonic()) >= due_at:
            post(Seen(follower.snapshot()))
            took = time.monotonic() - began
            due_at = began + max(SHOW_S, took / SHARE)
        stop.wait(POLL_S)


class Follower:
    """What is known of one study, brought up to date by the events since the last look."""

    def __init__(self, store: Store, study_id: str, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._study_id = study_id
        self._clock = clock
        self._cursor = 0
        self._trials: dict[int, Trial] = {}
        self._row: StudyRow = store.study(study_id)
        self._row_read_at = float("-inf")
        self._active_at = clock()
        self._status = ""
        self._spaces = store.spaces(study_id)
        self._started: dict[int, float] = {}
        self._code: tuple[CodeEntry, ...] = ()
        self.is_changed = True
        """Whether there is something new since the last snapshot."""
        self._skip_past()

    def _skip_past(self) -> None:
        """Reads what happened before; old news is not told."""
        while batch := self._store.events(self._study_id, after=self._cursor, limit=PAGE):
            self._cursor = batch[-1][0]
        self._read_all()
        self._read_row()
        self._read_code()

    def look(self) -> list[Told]:
        """Reads what is new, and tells what is worth a sentence."""
        batch = self._store.events(self._study_id, after=self._cursor, limit=PAGE)
        if batch:
            self._cursor = batch[-1][0]
            self._read_trials({number for _, _, event in batch if (number := _trial_of(event)) is not None})
            if any(
                isinstance(event, events.SpaceEdited | events.StudyEdited | events.VariantAdded)
                for _, _, event in batch
            ):
                self._spaces = self._store.spaces(self._study_id)
            self.is_changed = True
        if batch or time.monotonic() - self._row_read_at >= ROW_S:
            self._read_row()
            self._read_code()
        return [told for _, _, event in batch if (told := telling(event)) is not None]

    def snapshot(self) -> Snapshot:
        """The study as it is known now."""
        self.is_changed = False
        trials = (self._trials[number] for number in sorted(self._trials))
        view = StudyView.of(self._row.spec, trials, spaces=self._spaces, space_version=self._row.space_version)
        view = replace(view, code=self._code)
        phase = phase_of(self._status)
        return Snapshot(self._row, phase, view, started=self._started, active_at=self._active_at).derive()

    def _read_row(self) -> None:
        from agenttune.study import status

        row = self._store.study(self._study_id)
        now_status = status(row)
        self._row_read_at = time.monotonic()
        if row.active_s != self._row.active_s or now_status != self._status:  # time without a driver is none of it
            self._active_at = self._clock()
        if row.space_version not in self._spaces:
            self._spaces = self._store.spaces(self._study_id)
        if (row, now_status) != (self._row, self._status):
            self._row, self._status, self.is_changed = row, now_status, True

    def _read_code(self) -> None:
        """Looks even where nothing was announced: directions and lessons come without an event."""
        if self._row.spec.objective.get("type") != CODE:
            return
        if more := self._store.code_entries(self._study_id, after=self._code[-1].id or 0 if self._code else 0):
            self._code, self.is_changed = (*self._code, *more), True

    def _read_trials(self, numbers: set[int]) -> None:
        if not numbers:
            return
        if len(numbers) > ONE_BY_ONE:
            self._read_all()
            return
        for number in numbers:
            with suppress(TrialNotFound):  # a model is asked for a trial that is not there yet
                self._trials[number] = self._store.trial(self._study_id, number)
        self._read_started()

    def _read_all(self) -> None:
        self._trials = {trial.number: trial for trial in self._store.trials(self._study_id)}
        self._read_started()

    def _read_started(self) -> None:
        attempts = self._store.running_attempts(self._study_id)
        self._started = {attempt.trial_number: attempt.started_at for attempt in attempts}


def _trial_of(event: events.Event) -> int | None:
    """The trial that the event is about."""
    number = getattr(event, "number", None)
    return number if isinstance(number, int) else None


def telling(event: events.Event) -> Told | None:
    """The sentence an event is worth beside what the table shows; None for most."""
    match event:
        case events.ControlAnswered(accepted=accepted, kind=kind, answer=answer):
            return Told(clean(answer), Tone.PLAIN) if accepted else Told(f"{kind} refused: {clean(answer)}", Tone.BAD)
        case events.StudyChanged(state=("finished" | "stopped") as state, reason=reason):
            return Told(clean(f"{state}: {reason}" if reason else state), Tone.GOOD)
        case events.ProposerChosen(proposer=proposer, reason=reason):
            return Told(clean(f"{proposer} proposes from here on: {reason}"))
        case events.ModelAnswered(exchange_id=exchange_id):
            return Told(clean(event.sentence), Tone.PLAIN if exchange_id is not None else Tone.BAD)
        case events.SpaceEdited(version=version, summary=summary):
            return Told(clean(f"space version {version}: {summary}"))
        case events.StudyEdited():
            return Told(clean("; ".join([event.sentence, *event.effects])))
        case events.VariantAdded() | events.CodeRefused():
            return Told(clean(event.sentence))
        case events.AttemptEnded(number=number, reason=reason):
            return Told(clean(f"trial {number} waits to run again: {reason}"))
        case events.Noted(text=text, number=number):
            return Told(clean(text if number is None else f"trial {number}: {text}"))
    return None
