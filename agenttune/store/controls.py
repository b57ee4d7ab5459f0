"""Rows of controls and events: what is asked of a study, and what happens in it."""

from __future__ import annotations

import time

from sqlalchemy import bindparam, func, select, update

from agenttune.errors import InternalError
from agenttune.events import ControlAnswered, Event
from agenttune.store import codec
from agenttune.store.database import Statement, Value, inserting
from agenttune.store.rows import Rows
from agenttune.store.schema import controls, events
from agenttune.types import Json

_SEND = Statement(inserting(controls, "study_id", "created_at", "kind", "payload"))
_UNANSWERED = Statement(
    select(controls.c.id, controls.c.kind, controls.c.payload)
    .where(controls.c.study_id == bindparam("the_study"), controls.c.answered_at.is_(None))
    .order_by(controls.c.id)
)
_ANSWER = Statement(
    update(controls)
    .where(controls.c.id == bindparam("the_control"), controls.c.study_id == bindparam("the_study"))
    .where(controls.c.answered_at.is_(None))
    .values(accepted=bindparam("is_accepted"), answer=bindparam("said"), answered_at=bindparam("now"))
)
_KIND = Statement(
    select(controls.c.kind).where(
        controls.c.id == bindparam("the_control"), controls.c.study_id == bindparam("the_study")
    )
)
_EVENTS = Statement(
    select(events.c.id, events.c.created_at, events.c.kind, events.c.content)
    .where(events.c.study_id == bindparam("the_study"), events.c.id > bindparam("after"))
    .order_by(events.c.id)
    .limit(bindparam("at_most"))
)


_LAST_EVENT = Statement(select(func.max(events.c.id)).where(events.c.study_id == bindparam("the_study")))


class Controls(Rows):
    """Controls as rows."""

    def send(self, study_id: str, kind: str, payload: dict[str, Json] | None = None) -> int:
        """Asks something of the study; whoever drives it takes it up, now or when it next runs.

        Returns:
            The control's id, which its `ControlAnswered` will carry.
        """
        told = {key: _told(value) if key == "reason" else value for key, value in (payload or {}).items()}
        content = codec.dumps(told)
        with self._database.writing(study_id) as connection:
            added = connection.run(_SEND, study_id=study_id, created_at=time.time(), kind=kind, payload=content)
            assert added.lastrowid is not None  # an INSERT sets it
            return added.lastrowid

    def take_controls(self, study_id: str) -> list[tuple[int, str, dict[str, Json]]]:
        """(id, kind, payload) of the controls that are not answered, in order; they stay until they are."""
        with self._database.reading() as connection:
            rows = connection.rows(_UNANSWERED, the_study=study_id)
        with codec.reading_record("a control"):
            return [(control_id, kind, codec.loads(payload)) for control_id, kind, payload in rows]

    def answer(self, study_id: str, control_id: int, kind: str, *, accepted: bool, answer: str) -> None:
        """Says what became of a control. One that is answered already keeps its answer."""
        said = codec.foreign_text(answer)
        with self._database.writing() as connection:
            asked: dict[str, Value] = {"the_control": control_id, "the_study": study_id}
            if connection.row(_KIND, **asked) is None:
                raise InternalError(f"study {study_id!r} has no control {control_id}")
            done = connection.run(_ANSWER, **asked, is_accepted=int(accepted), said=said, now=time.time())
            if done.rowcount:
                self._announce(connection, study_id, ControlAnswered(control_id, kind, accepted, said))


class Events(Rows):
    """Events as rows."""

    def events(self, study_id: str, *, after: int = 0, limit: int = 1000) -> list[tuple[int, float, Event]]:
        """(id, seconds since the epoch, event) of what happened after the event `after`, oldest first.

        Ids grow in the order in which changes became visible: a reader that goes on from the last
        id it saw misses nothing.
        """
        with self._database.reading() as connection:
            rows = connection.rows(_EVENTS, the_study=study_id, after=after, at_most=limit)
        found = []
        for event_id, created_at, kind, content in rows:
            with codec.reading_record(f"event {event_id}"):
                event = codec.event_of(kind, content)
            if event is not None:
                found.append((event_id, created_at, event))
        return found

    def last_event(self, study_id: str) -> int:
        """Id of the newest event of a study; 0 without one."""
        with self._database.reading() as connection:
            row = connection.row(_LAST_EVENT, the_study=study_id)
        return 0 if row is None or row[0] is None else int(row[0])

    def announce(self, study_id: str, event: Event) -> None:
        """Stores an event that changes no other row."""
        number = getattr(event, "number", None)
        with self._database.writing(study_id) as connection:
            self._announce(connection, study_id, event, number=number)


def _told(reason: Json) -> Json:
    return codec.foreign_text(reason) if isinstance(reason, str) else reason
