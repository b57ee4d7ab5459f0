"""Rows of model code: directions, variants, refused blocks and lessons (agenttune/variant.py), append-only."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, func, select

from agenttune.events import CodeRefused
from agenttune.redaction import redact_json
from agenttune.store import codec
from agenttune.store.database import Connection, Statement, inserting
from agenttune.store.rows import Rows
from agenttune.store.schema import code_entries
from agenttune.variant import CodeEntry, Direction, Lesson, RefusedBlock, Variant, name_of

KINDS: dict[str, type[CodeEntry]] = {
    "direction": Direction,
    "variant": Variant,
    "refused": RefusedBlock,
    "lesson": Lesson,
}
_NAMES = {kind: name for name, kind in KINDS.items()}
_GIVEN_HERE = ("id", "number")
"""Fields that the store gives, and so no part of what makes two entries the same."""
_IS_STUDY = code_entries.c.study_id == bindparam("the_study")
_COLUMNS = (code_entries.c.id, code_entries.c.kind, code_entries.c.number, code_entries.c.content)

_ADD = Statement(inserting(code_entries, "study_id", "created_at", "kind", "number", "content"))
_NEXT_NUMBER = Statement(select(func.coalesce(func.max(code_entries.c.number), -1) + 1).where(_IS_STUDY))
_SAME = Statement(
    select(*_COLUMNS)
    .where(_IS_STUDY, code_entries.c.kind == bindparam("the_kind"), code_entries.c.content == bindparam("the_content"))
    .order_by(code_entries.c.id)
    .limit(1)
)
_AFTER = Statement(
    select(*_COLUMNS).where(_IS_STUDY, code_entries.c.id > bindparam("after")).order_by(code_entries.c.id)
)


class CodeEntries(Rows):
    """What a model says about the code of a study."""

    def add_code_entries(self, study_id: str, entries: Sequence[CodeEntry]) -> list[CodeEntry]:
        """Keeps entries in one transaction; those that are there already, word for word and of the same exchanges,
        are not added again, so that a driver that was killed before it knew may do so twice.

        Args:
            study_id: of the study.
            entries: in order; ids, and the numbers of variants, are given here.

        Returns:
            The entries as they are kept.
        """
        now = time.time()
        kept: list[CodeEntry] = []
        with self._database.writing(study_id) as connection:
            for entry in entries:
                kind, content = _NAMES[type(entry)], codec.dumps(_content(entry))
                row = connection.row(_SAME, the_study=study_id, the_kind=kind, the_content=content)
                if row is None:
                    row = _added(connection, study_id, kind, content, now)
                    if isinstance(entry, RefusedBlock):
                        event = CodeRefused(entry.kind, codec.foreign_text(entry.reason), name_of(entry.parent))
                        self._announce(connection, study_id, event, at=now)
                with codec.reading_record("code"):
                    kept.append(_entry_of(*row))
        return kept

    def code_entries(self, study_id: str, *, after: int = 0) -> tuple[CodeEntry, ...]:
        """The entries of a study, in order; those of an id above `after`."""
        with self._database.reading() as connection:
            rows = connection.rows(_AFTER, the_study=study_id, after=after)
        with codec.reading_record("code"):
            return tuple(_entry_of(*row) for row in rows)


def _added(connection: Connection, study_id: str, kind: str, content: str, now: float) -> tuple[Any, ...]:
    """Adds a row; returns it as it is read."""
    number = None
    if KINDS[kind] is Variant:
        found = connection.row(_NEXT_NUMBER, the_study=study_id)
        assert found is not None  # an aggregate has a row
        number = found[0]
    added = connection.run(_ADD, study_id=study_id, created_at=now, kind=kind, number=number, content=content)
    return added.lastrowid, kind, number, content


def _content(entry: CodeEntry) -> dict[str, Any]:
    """The fields of an entry as JSON, without keys."""
    fields = {name: value for name, value in codec.shallow(entry).items() if name not in _GIVEN_HERE}
    return {name: _clean(value) for name, value in fields.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return codec.foreign_text(value)
    return redact_json(dict(value)) if isinstance(value, Mapping) else value


def _entry_of(row_id: int, kind: str, number: int | None, content: str) -> CodeEntry:
    fields = {**codec.loads(content), "id": row_id}
    if "exchange_ids" in fields:
        fields["exchange_ids"] = tuple(fields["exchange_ids"])
    return codec.record(KINDS[kind], fields if number is None else {**fields, "number": number})
