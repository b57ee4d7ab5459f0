"""What the parts of the store share: the database, and the event that goes with each change."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import bindparam, func, select

from agenttune.events import Event
from agenttune.store import codec
from agenttune.store.database import Connection, Database, Statement, inserting
from agenttune.store.schema import events

_next_id = (
    select(func.coalesce(func.max(events.c.id), 0) + 1)
    .where(events.c.study_id == bindparam("study_id"))
    .scalar_subquery()
)
_ADD_EVENT = Statement(
    inserting(events, "study_id", "trial_number", "created_at", "kind", "content").values(id=_next_id)
)


class Rows:
    """Base of the parts; one database behind all of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def path(self) -> Path:
        """The store file."""
        return self._database.path

    @property
    def files(self) -> Path:
        """The folder in which the files of studies lie: beside the store, under its name."""
        return self._database.files

    @contextmanager
    def together(self) -> Iterator[None]:
        """Makes one transaction of all that this thread writes within: after any death, all of it is there or none.

        Other writers wait meanwhile, so that nothing slow belongs in it. An exception takes everything back.
        """
        with self._database.writing():
            yield

    def _announce(
        self, connection: Connection, study_id: str, event: Event, *, number: int | None = None, at: float | None = None
    ) -> None:
        """Writes an event in the transaction of what it announces."""
        connection.run(
            _ADD_EVENT,
            study_id=study_id,
            trial_number=number,
            created_at=time.time() if at is None else at,
            kind=type(event).__name__,
            content=codec.event_to_text(event),
        )
