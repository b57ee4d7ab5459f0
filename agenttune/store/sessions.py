"""Rows of sessions and of what happened in them. Rows are only ever added."""

from __future__ import annotations

import secrets
import time

from sqlalchemy import bindparam, select

from agenttune.errors import UserError
from agenttune.redaction import redact_json
from agenttune.session import SessionEntry, SessionRow
from agenttune.store import codec
from agenttune.store.database import Statement, inserting
from agenttune.store.rows import Rows
from agenttune.store.schema import entries, sessions
from agenttune.types import Json

_ADD = Statement(inserting(sessions, "id", "created_at", "workspace", "title"))
_ALL = Statement(
    select(sessions.c.id, sessions.c.created_at, sessions.c.workspace, sessions.c.title).order_by(sessions.c.key.desc())
)
_ADD_ENTRY = Statement(inserting(entries, "session_id", "created_at", "kind", "content"))
_ENTRIES = Statement(
    select(entries.c.id, entries.c.created_at, entries.c.kind, entries.c.content)
    .where(entries.c.session_id == bindparam("the_session"), entries.c.id > bindparam("after"))
    .order_by(entries.c.id)
)


class Sessions(Rows):
    """Sessions as rows."""

    def create_session(self, *, workspace: str, title: str) -> SessionRow:
        """A new session, without entries."""
        row = SessionRow(secrets.token_hex(4), time.time(), workspace, codec.foreign_text(title))
        with self._database.writing() as connection:
            connection.run(
                _ADD, id=row.id, created_at=row.created_at, workspace=codec.text_of(workspace), title=row.title
            )
        return row

    def sessions(self) -> list[SessionRow]:
        """All sessions, newest first."""
        with self._database.reading() as connection:
            return [SessionRow(*row) for row in connection.rows(_ALL)]

    def session(self, wanted: str | None = None) -> SessionRow:
        """The session whose id begins so; None: the latest.

        Raises:
            UserError: none does, or several do.
        """
        found = [row for row in self.sessions() if row.id.startswith(wanted or "")]
        if not found:
            there = "there is none yet" if wanted is None else f"none has an id that begins with {wanted!r}"
            raise UserError(f"no session to resume: {there}; `agenttune chat --list` shows all")
        if wanted is not None and len(found) > 1 and wanted != found[0].id:
            raise UserError(f"several sessions begin with {wanted!r}: {', '.join(row.id for row in found)}")
        return found[0]

    def add_entry(self, session_id: str, kind: str, content: dict[str, Json]) -> SessionEntry:
        """Adds to a session, without what looks like a key; returns the entry as it is kept."""
        now, kept = time.time(), codec.dumps(redact_json(content))
        with self._database.writing() as connection:
            added = connection.run(_ADD_ENTRY, session_id=session_id, created_at=now, kind=kind, content=kept)
            assert added.lastrowid is not None  # an INSERT sets it
            return SessionEntry(added.lastrowid, now, kind, codec.loads(kept))

    def entries(self, session_id: str, *, after: int = 0) -> list[SessionEntry]:
        """What happened in a session after the entry `after`, in order."""
        with self._database.reading() as connection:
            rows = connection.rows(_ENTRIES, the_session=session_id, after=after)
        with codec.reading_record("an entry of a session"):
            return [SessionEntry(row[0], row[1], row[2], codec.loads(row[3])) for row in rows]
