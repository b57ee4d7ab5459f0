"""Connections and transactions on a store file, and SQLAlchemy Core statements run on them.

Statements are written in Core and compiled once; their text then runs on the `sqlite3` connection
itself, because a Core execution costs three times a whole small transaction (80 against 23
microseconds), and a tuning step is some thirty statements.

Each thread has a connection of its own. After a fork the child opens new ones and never touches
those it inherited: SQLite's locks belong to the process that took them.

No exception of SQLite leaves `reading` or `writing`: it becomes a `StoreError` with a sentence.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote

from sqlalchemy import Table, bindparam, literal_column
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import ClauseElement

from agenttune.errors import InternalError, StoreError, StudyNotFound

BUSY_TIMEOUT_S = 30.0
"""How long a writer waits for another one. Transactions take a millisecond; only a stuck disk takes this long."""

Value: TypeAlias = "int | float | str | None"
Row: TypeAlias = tuple[Any, ...]

_inherited: list[Any] = []
"""Connections a forked child must not even close."""

_in_use: set[Path] = set()
"""Files this process has, or may get, connections to; kept for good, since one may outlive its `Database`."""

bytes_lock = threading.Lock()
"""Held while a file is looked at as bytes, or built, and while one is added to those in use.

Closing any descriptor of a file drops all POSIX locks that the process holds on it. Another process
would then take itself for the last user of the store and remove its write-ahead log under our
connections, which would go on reading, and writing, a log that nobody else sees.
"""


def is_in_use(path: Path) -> bool:
    """Whether the file must not be opened as plain bytes. Call it with `bytes_lock` held."""
    return path in _in_use


class Statement:
    """A Core statement, compiled on first use."""

    def __init__(self, core: ClauseElement) -> None:
        self.core = core

    @cached_property
    def compiled(self) -> tuple[str, dict[str, Value]]:
        """SQL with `:name` parameters, and the values of those that the statement itself fixes."""
        compiled = self.core.compile(dialect=sqlite.dialect(paramstyle="named"))
        return str(compiled), {name: value for name, value in compiled.params.items() if value is not None}


def inserting(table: Table, *columns: str) -> Insert:
    """An INSERT of these columns, each from the parameter of its name."""
    return insert(table).values({name: bindparam(name) for name in columns})


def constant(word: str) -> ColumnElement[str]:
    """A word within the SQL text itself.

    A parameter compared with the column of a partial index makes SQLite plan the statement anew at
    every execution (80 microseconds instead of 5), since the index may serve one value and not another.
    """
    return literal_column(f"'{word}'")


class Connection:
    """One thread's connection: runs statements, returns plain tuples."""

    def __init__(self, raw: sqlite3.Connection) -> None:
        self.raw = raw
        self._pid = os.getpid()

    def run(self, statement: Statement, **parameters: Value) -> sqlite3.Cursor:
        """Executes; the cursor tells `rowcount` and `lastrowid`."""
        sql, fixed = statement.compiled
        return self.raw.execute(sql, {**fixed, **parameters} if fixed else parameters)

    def rows(self, statement: Statement, **parameters: Value) -> list[Row]:
        """All rows."""
        return self.run(statement, **parameters).fetchall()

    def row(self, statement: Statement, **parameters: Value) -> Row | None:
        """The first row; reads to the end, since a RETURNING is only then done."""
        found = self.run(statement, **parameters).fetchall()
        return found[0] if found else None

    def close(self) -> None:
        """Closes, in the process that opened it; elsewhere it is kept untouched."""
        if self._pid == os.getpid():
            self.raw.close()
        else:
            _inherited.append(self.raw)

    def __del__(self) -> None:
        self.close()


def connect(path: Path, *, mode: str = "rw") -> sqlite3.Connection:
    """A connection that never creates the file, in autocommit: transactions are begun by name.

    Args:
        mode: "rw", "rwc" or "ro", as in SQLite's URIs.
    """
    return sqlite3.connect(
        f"file:{quote(str(path))}?mode={mode}",
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,  # closed by whichever thread closes the store
    )


class Database:
    """Transactions on one file, which exists and is current (opening.py)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._identity = _identity(path)
        self._is_closed = False
        self._forget()
        with bytes_lock:
            _in_use.add(path)

    def _forget(self) -> None:
        self._pid = os.getpid()
        self._local = threading.local()
        self._open: weakref.WeakSet[Connection] = weakref.WeakSet()
        self._lock = threading.Lock()

    def close(self) -> None:
        """Closes the connections of all threads."""
        self._is_closed = True
        if self._pid == os.getpid():
            with self._lock:
                for connection in list(self._open):
                    connection.close()

    @property
    def files(self) -> Path:
        """The folder in which the files of studies lie: beside the store, under its name."""
        return self.path.with_name(f"{self.path.stem}-files")

    def reading(self) -> AbstractContextManager[Connection]:
        """One consistent look at the store; never waits for a writer.

        Raises:
            StoreError: the store cannot be read, or its file is gone.
        """
        return self._transaction("BEGIN", None)

    def writing(self, study_id: str | None = None, *, is_durable: bool = False) -> AbstractContextManager[Connection]:
        """One transaction, written whole or not at all; writers take turns.

        Within another one of the same thread it is part of that one.

        Args:
            study_id: the study that is written to, if its rows refer to one that may not exist.
            is_durable: survive a power cut, not only the death of the process.

        Raises:
            StoreError: the store cannot be written, or its file is gone.
            StudyNotFound: there is no such study.
        """
        return self._transaction("BEGIN IMMEDIATE", study_id, is_durable=is_durable)

    @contextmanager
    def _transaction(self, begin: str, study_id: str | None, *, is_durable: bool = False) -> Iterator[Connection]:
        try:
            connection = self._connection()
            raw = connection.raw
            if raw.in_transaction:
                yield connection
                return
            try:
                if is_durable:
                    raw.execute("PRAGMA synchronous=FULL")
                raw.execute(begin)
                yield connection
                raw.execute("COMMIT")
            finally:
                if raw.in_transaction:
                    raw.execute("ROLLBACK")
                if is_durable:
                    raw.execute("PRAGMA synchronous=NORMAL")
        except sqlite3.IntegrityError as error:
            if "FOREIGN KEY" in str(error) and study_id is not None:
                raise StudyNotFound(f"the store has no study of the id {study_id!r}") from error
            raise InternalError(f"the store refused a row: {error}") from error
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise StoreError(sentence(self.path, error)) from error

    def _connection(self) -> Connection:
        if self._pid != os.getpid():
            self._forget()
        found: Connection | None = getattr(self._local, "connection", None)
        if self._is_closed:
            raise StoreError(f"the store {self.path} was closed; open it again")
        self._require_file()
        if found is None:
            found = self._connect()
            self._local.connection = found
        return found

    def _require_file(self) -> None:
        """Looks whether the path still leads to the file that was opened (2 of a transaction's 23 microseconds).

        SQLite does not notice: it would go on with a file that nobody finds any more.
        """
        if self._identity is None or _identity(self.path) != self._identity:
            left = f"the files of its trials are still in {self.files}" if self.files.exists() else "no file is left"
            raise StoreError(
                f"the store {self.path} was removed or replaced while it was in use: its record of all studies "
                f"is lost unless you bring that file back; {left}"
            )

    def _connect(self) -> Connection:
        try:
            connection = Connection(connect(self.path))
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
                connection.raw.execute(f"PRAGMA {pragma}")
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise StoreError(sentence(self.path, error)) from error
        with self._lock:
            self._open.add(connection)
        return connection


def _identity(path: Path) -> tuple[int, int] | None:
    """(device, inode) of a file; None if there is none, or one that was emptied."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found.st_size else None


_DAMAGED = "is damaged; restore a backup, or name another with --store"
_DAMAGE_WITHOUT_CODE = ("decode", "no such table", "no such column")
"""In the words of errors that have no code of their own: text that is no UTF-8, and a torn table of tables."""


def sentence(path: Path, error: sqlite3.Error | UnicodeDecodeError) -> str:
    """What went wrong with a store file, and the way out."""
    reasons = {
        sqlite3.SQLITE_BUSY: f"was held by another process for {BUSY_TIMEOUT_S:g} s; end that process and try again",
        sqlite3.SQLITE_FULL: "could not be written: the disk is full",
        sqlite3.SQLITE_READONLY: "cannot be written; mend its permissions, or name another file with --store",
        sqlite3.SQLITE_CANTOPEN: "cannot be opened any more; was it moved or removed?",
        sqlite3.SQLITE_CORRUPT: _DAMAGED,
        sqlite3.SQLITE_NOTADB: _DAMAGED,
    }
    code = getattr(error, "sqlite_errorcode", None)
    reason = None if code is None else reasons.get(code & 0xFF)
    if any(words in str(error) for words in _DAMAGE_WITHOUT_CODE):
        reason = _DAMAGED
    return f"the store {path} {reason or f'failed: {error}'}"
