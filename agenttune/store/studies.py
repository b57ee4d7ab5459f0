"""Rows of studies: state, budget clock, driver lease, edits and the versions of the space they led to."""

from __future__ import annotations

import difflib
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from itertools import count
from typing import NoReturn

from sqlalchemy import bindparam, null, select, update

from agenttune.budget import Budget
from agenttune.errors import StoreError, StudyBusy, StudyExists, StudyNotFound
from agenttune.events import BudgetChanged, Event, StudyChanged, StudyEdited, VariantAdded
from agenttune.space import Space
from agenttune.spec import StudyRow, StudySpec, StudyState
from agenttune.store import codec
from agenttune.store.database import Connection, Row, Statement, inserting
from agenttune.store.rows import Rows
from agenttune.store.schema import events, spaces, studies
from agenttune.trial import Lease
from agenttune.types import Json

_IS_MEANT = studies.c.id == bindparam("the_study")

_COLUMNS = (
    studies.c.id,
    studies.c.spec,
    studies.c.state,
    studies.c.space_version,
    studies.c.created_at,
    studies.c.active_s,
    studies.c.n_trials,
    studies.c.end_reason,
    studies.c.driver,
    studies.c.summary,
    studies.c.name,
)
_ALL = Statement(select(*_COLUMNS).order_by(studies.c.key.desc()))
_ONE = Statement(select(*_COLUMNS).where(_IS_MEANT))
_NAMES = Statement(select(studies.c.id, studies.c.name).order_by(studies.c.key.desc()))
_ADD = Statement(
    inserting(
        studies,
        *("id", "name", "spec", "state", "space_version", "created_at"),
        *("active_s", "n_trials", "next_number", "summary"),
    )
)
_SET_STATE = Statement(
    update(studies).where(_IS_MEANT).values(state=bindparam("new_state"), end_reason=bindparam("new_reason"))
)
_SET_SUMMARY = Statement(update(studies).where(_IS_MEANT).values(summary=bindparam("new_summary")))
_SET_SPEC = Statement(update(studies).where(_IS_MEANT).values(spec=bindparam("new_spec")))
_ADD_ACTIVE = Statement(update(studies).where(_IS_MEANT).values(active_s=studies.c.active_s + bindparam("seconds")))

_DRIVER = Statement(select(studies.c.driver, studies.c.name).where(_IS_MEANT))
_SWAP_DRIVER = Statement(
    update(studies)
    .where(_IS_MEANT, studies.c.driver.is_not_distinct_from(bindparam("held")))
    .values(driver=bindparam("new_driver"))
)
_DROP_DRIVER = Statement(update(studies).where(_IS_MEANT, studies.c.driver == bindparam("held")).values(driver=null()))

_ADD_SPACE = Statement(inserting(spaces, "study_id", "version", "space", "edit", "summary", "created_at"))
_NEXT_VERSION = Statement(
    update(studies)
    .where(_IS_MEANT)
    .values(space_version=studies.c.space_version + 1)
    .returning(studies.c.space_version)
)
_SPACES = Statement(
    select(spaces.c.version, spaces.c.space)
    .where(spaces.c.study_id == bindparam("the_study"))
    .order_by(spaces.c.version)
)
_SPACE_EDITS = Statement(
    select(spaces.c.version, spaces.c.edit)
    .where(spaces.c.study_id == bindparam("the_study"), spaces.c.edit.is_not(None))
    .order_by(spaces.c.version)
)
_EDITS = Statement(
    select(events.c.created_at, events.c.content)
    .where(events.c.study_id == bindparam("the_study"), events.c.kind == StudyEdited.__name__)
    .order_by(events.c.id)
)


class Studies(Rows):
    """Studies as rows."""

    def create_study(self, spec: StudySpec, *, is_name_exact: bool = True) -> StudyRow:
        """Adds a NEW study with version 1 of its space.

        Args:
            spec: what it is.
            is_name_exact: whether a name that is taken is refused; else it is `name-2`, `name-3`, ... then.

        Raises:
            StudyExists: its name is taken.
            StoreError: its name is empty or cannot be printed.
        """
        if not spec.name.strip() or not spec.name.isprintable():
            raise StoreError(f"a study's name must be printable and not empty, but got {spec.name!r}")
        now = time.time()
        space = codec.dumps(spec.space.to_json())
        content = codec.dumps(codec.spec_to_json(spec))
        with self._database.writing() as connection:
            taken: dict[str, str] = dict(connection.rows(_NAMES))
            if spec.name in taken.values():
                if is_name_exact:
                    known = f"a study named {spec.name!r} is in the store already"
                    raise StudyExists(f"{known}; choose another with --name, or name= from Python")
                numbered = (f"{spec.name}-{number}" for number in count(2))
                spec = replace(spec, name=next(name for name in numbered if name not in taken.values()))
                content = codec.dumps(codec.spec_to_json(spec))
            study_id = next(fresh for fresh in iter(lambda: secrets.token_hex(4), "") if fresh not in taken)
            connection.run(
                _ADD,
                id=study_id,
                name=spec.name,
                spec=content,
                state=StudyState.NEW.value,
                space_version=1,
                created_at=now,
                active_s=0.0,
                n_trials=0,
                next_number=0,
                summary="{}",
            )
            connection.run(
                _ADD_SPACE, study_id=study_id, version=1, space=space, edit=None, summary="as created", created_at=now
            )
            self._announce(connection, study_id, StudyChanged(StudyState.NEW.value))
            return _one(connection, study_id)

    def study(self, wanted: str | None = None) -> StudyRow:
        """The study of an id, a name, or a beginning of either that fits one only; None: the latest created.

        Raises:
            StudyNotFound: none fits, or several do; the sentence lists which are near.
        """
        with self._database.reading() as connection:
            row = None if wanted is None else connection.row(_ONE, the_study=codec.text_of(wanted))
            if row is not None:
                return _study_row(row)
            return _one(connection, _resolve(wanted, connection.rows(_NAMES)))

    def names(self) -> list[str]:
        """The names of all studies, newest first, of those too whose record cannot be read."""
        with self._database.reading() as connection:
            return [name for _, name in connection.rows(_NAMES)]

    def studies(self, *, on_damage: Callable[[StoreError], object] | None = None) -> list[StudyRow]:
        """All studies, newest first.

        Args:
            on_damage: told of every study that cannot be read, which is then left out.

        Raises:
            StoreError: one cannot be read, and nobody is to be told.
        """
        with self._database.reading() as connection:
            rows = connection.rows(_ALL)
        found = []
        for row in rows:
            try:
                found.append(_study_row(row))
            except StoreError as error:
                if on_damage is None:
                    raise
                on_damage(error)
        return found

    def set_state(self, study_id: str, state: StudyState, *, reason: str | None = None) -> None:
        """Gives the study another state; `reason` is kept as the reason of its end if it is one."""
        with self._database.writing() as connection:
            end_reason = reason if state.is_ended else None
            done = connection.run(_SET_STATE, the_study=study_id, new_state=state.value, new_reason=end_reason)
            _require(done.rowcount, study_id)
            self._announce(connection, study_id, StudyChanged(state.value, reason))

    def set_summary(self, study_id: str, summary: dict[str, Json], *, event: Event | None = None) -> None:
        """Replaces what is computed once at the end, together with the event that announces it."""
        with self._database.writing() as connection:
            done = connection.run(_SET_SUMMARY, the_study=study_id, new_summary=codec.dumps(summary))
            _require(done.rowcount, study_id)
            if event is not None:
                self._announce(connection, study_id, event)

    def set_budget(self, study_id: str, budget: Budget) -> None:
        """Replaces what the study may spend in all."""
        with self._database.writing() as connection:
            spec = _one(connection, study_id).spec
            if spec.budget == budget:
                return
            _set_spec(connection, study_id, replace(spec, budget=budget))
            self._announce(connection, study_id, BudgetChanged(asdict(spec.budget), asdict(budget)))

    def set_proposer(self, study_id: str, proposer: str, model: str | None) -> None:
        """Replaces who proposes from here on, and the model that is asked."""
        with self._database.writing() as connection:
            spec = replace(_one(connection, study_id).spec, proposer=proposer, model=model)
            _set_spec(connection, study_id, spec)

    def add_active(self, study_id: str, seconds: float) -> None:
        """Adds wall seconds during which a driver ran."""
        with self._database.writing() as connection:
            _require(connection.run(_ADD_ACTIVE, the_study=study_id, seconds=seconds).rowcount, study_id)

    # -- the driver's lease --------------------------------------------------------------------

    def acquire_driver(self, study_id: str, lease: Lease, *, is_alive: Callable[[Lease], bool]) -> None:
        """Makes the holder of `lease` the study's one driver, unless a living one holds it.

        Raises:
            StudyBusy: another process drives it; the sentence names it.
        """
        mine = codec.lease_to_text(lease)
        while True:
            with self._database.reading() as connection:
                found = connection.row(_DRIVER, the_study=study_id)
            held, name = found if found is not None else _missing(study_id)
            with codec.reading_record(f"the driver of study {name!r}"):
                holder = codec.lease_of(held)
            if holder is not None and holder != lease and is_alive(holder):
                raise StudyBusy(_busy(name, holder, lease))
            with self._database.writing() as connection:
                # the process table is not looked at under the write lock: who came first is seen here
                if connection.run(_SWAP_DRIVER, the_study=study_id, held=held, new_driver=mine).rowcount:
                    return

    def release_driver(self, study_id: str, lease: Lease) -> None:
        """Gives the study free, if this lease holds it."""
        with self._database.writing() as connection:
            connection.run(_DROP_DRIVER, the_study=study_id, held=codec.lease_to_text(lease))

    # -- edits, and versions of the space ------------------------------------------------------

    def add_edit(
        self,
        study_id: str,
        edited: StudyEdited,
        *,
        space: Space | None = None,
        change: Callable[[StudySpec], StudySpec] | None = None,
    ) -> StudyEdited:
        """Records an edit together with what it leads to.

        Args:
            study_id: of the study.
            edited: what is announced; its id and version are given here.
            space: the next version of the space; None where that stays.
            change: makes the next spec, whose space stays that of version 1; None where all of it stays.

        Returns:
            What was announced.
        """
        now = time.time()
        with self._database.writing() as connection:
            spec = _one(connection, study_id).spec
            if change is not None:
                _set_spec(connection, study_id, change(spec))
            version = None
            if space is not None:
                version = _add_version(connection, study_id, space, now, summary=edited.summary, edit=edited.edit)
            edit_id = len(connection.rows(_EDITS, the_study=study_id)) + 1
            told = replace(edited, edit_id=edit_id, version=version, by=codec.foreign_text(edited.by))
            self._announce(connection, study_id, told, at=now)
            return told

    def edits(self, study_id: str) -> list[tuple[float, StudyEdited]]:
        """(seconds since the epoch, edit) of every edit of the study, in order."""
        with self._database.reading() as connection:
            rows = connection.rows(_EDITS, the_study=study_id)
        with codec.reading_record("an edit of a study"):
            return [(created_at, codec.record(StudyEdited, codec.loads(content))) for created_at, content in rows]

    def add_variant(self, study_id: str, space: Space, added: VariantAdded) -> VariantAdded:
        """Records the next version of the space, which has a new variant.

        Args:
            study_id: of the study.
            space: the next version.
            added: what is announced; the version is given here.

        Returns:
            What was announced.
        """
        now = time.time()
        with self._database.writing(study_id) as connection:
            version = _add_version(connection, study_id, space, now, summary=added.sentence)
            told = replace(added, version=version)
            self._announce(connection, study_id, told, at=now)
            return told

    def spaces(self, study_id: str) -> dict[int, Space]:
        """Every version of the study's space by number."""
        with self._database.reading() as connection:
            found = connection.rows(_SPACES, the_study=study_id)
        return {version: codec.space_of(text) for version, text in found} or _missing(study_id)

    def space_edits(self, study_id: str) -> dict[int, dict[str, Json]]:
        """The edit that led to each version of the study's space but the first, by number."""
        with self._database.reading() as connection:
            found = connection.rows(_SPACE_EDITS, the_study=study_id)
        with codec.reading_record("an edit of a space"):
            return {version: codec.loads(text) for version, text in found}


def _add_version(
    connection: Connection,
    study_id: str,
    space: Space,
    now: float,
    *,
    summary: str,
    edit: dict[str, Json] | None = None,
) -> int:
    row = connection.row(_NEXT_VERSION, the_study=study_id)
    version: int = row[0] if row is not None else _missing(study_id)
    connection.run(
        _ADD_SPACE,
        study_id=study_id,
        version=version,
        space=codec.dumps(space.to_json()),
        edit=None if edit is None else codec.dumps(edit),
        summary=codec.text_of(summary),
        created_at=now,
    )
    return version


def _set_spec(connection: Connection, study_id: str, spec: StudySpec) -> None:
    connection.run(_SET_SPEC, the_study=study_id, new_spec=codec.dumps(codec.spec_to_json(spec)))


def _busy(name: str, holder: Lease, wanted: Lease) -> str:
    if (holder.boot_id, holder.pid, holder.started_at) == (wanted.boot_id, wanted.pid, wanted.started_at):
        return f"study {name!r} is driven by another `Study` of this process; `close` that one, or go on with it"
    driven = f"study {name!r} is driven by process {holder.pid} on {holder.host}; `agenttune attach {name}` follows it"
    if holder.boot_id == wanted.boot_id or holder.host == wanted.host:
        return driven
    return (
        f"{driven}; that machine cannot be looked at from here: make sure that the process is gone for good, "
        f"then `agenttune resume --take-over {name}` takes the study from it"
    )


def _missing(study_id: str) -> NoReturn:
    raise StudyNotFound(f"the store has no study of the id {study_id!r}")


def _require(n_changed: int, study_id: str) -> None:
    if not n_changed:
        _missing(study_id)


def _one(connection: Connection, study_id: str) -> StudyRow:
    row = connection.row(_ONE, the_study=study_id)
    return _study_row(row) if row is not None else _missing(study_id)


def _study_row(row: Row) -> StudyRow:
    study_id, spec, state, space_version, created_at, active_s, n_trials, end_reason, driver, summary, name = row
    with codec.reading_record(f"study {name!r}"):
        return StudyRow(
            id=study_id,
            spec=codec.spec_of(spec),
            state=StudyState(state),
            space_version=space_version,
            created_at=created_at,
            active_s=active_s,
            n_trials=n_trials,
            end_reason=end_reason,
            driver=codec.lease_of(driver),
            summary=codec.loads(summary),
        )


def _resolve(wanted: str | None, known: list[Row]) -> str:
    """The id that is meant; `known` holds (id, name), newest first."""
    if not known:
        raise StudyNotFound("the store holds no study yet; `agenttune tune` or `agenttune run` starts one")
    if wanted is None:
        return str(known[0][0])
    exact = [study_id for study_id, name in known if wanted == name]
    fitting = exact or [study_id for study_id, name in known if study_id.startswith(wanted) or name.startswith(wanted)]
    names = [name for _, name in known]
    if wanted and len(fitting) == 1:
        return str(fitting[0])
    if wanted and fitting:
        several = [name for study_id, name in known if study_id in fitting]
        raise StudyNotFound(f"{wanted!r} fits several studies, {_listed(several)}; give more of the name")
    near = difflib.get_close_matches(wanted, names, n=3, cutoff=0.5)
    hint = f"near it: {_listed(near)}" if near else f"the latest: {_listed(names)}"
    raise StudyNotFound(f"no study is called {wanted!r}; {hint}")


def _listed(names: list[str]) -> str:
    return ", ".join(map(repr, names[:3])) + (", ..." if len(names) > 3 else "")
