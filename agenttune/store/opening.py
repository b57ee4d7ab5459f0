"""From a path to a store file that exists, is ours, intact and current; or a sentence why not.

What is there already is looked at before it is opened for writing, since merely opening a file in
WAL mode may write to it: first its header, as plain bytes, then SQLite's own check over a connection
that changes nothing. A file that fails is refused as it is, and a copy with its side files (`-wal`, `-shm`)
is kept beside it. SQLite has no checksums: a flipped byte inside a text value passes this check and
shows as a `StoreError` when that record is read.

A new file is built under another name and appears whole, under a lock on its folder so that of
many processes only one builds it; a kill in between leaves nothing under the store's name.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import sqlite3
import struct
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from agenttune.errors import InternalError, StoreError, StudyNotFound
from agenttune.store import schema
from agenttune.store.database import bytes_lock, connect, is_in_use, sentence

MAGIC = b"SQLite format 3\0"
_APPLICATION_ID = struct.Struct(">I")
_APPLICATION_ID_AT = 68

SIDE_FILES = ("-wal", "-shm")
SQLITE_NEEDED = (3, 35)
"""UPDATE ... RETURNING, by which trials are claimed."""

_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_IOERR_SHORT_READ}


def locate(path: Path | str | None) -> Path:
    """The absolute path that is meant; None is the user's own store."""
    if path is None:
        from agenttune.settings import default_store_path

        path = default_store_path()
    try:
        # links are followed, because SQLite names the side files after their target
        return Path(path).expanduser().resolve()
    except (OSError, RuntimeError) as error:
        raise StoreError(f"the store's path {str(path)!r} leads nowhere: {error}") from error


def prepare(path: Path, *, must_exist: bool = False) -> Path:
    """Makes sure of the file at `path` and returns the path.

    Args:
        must_exist: create nothing.

    Raises:
        StudyNotFound: there is no file, and it must exist.
        StoreError: it cannot be used; the sentence says why and what to do.
    """
    if sqlite3.sqlite_version_info < SQLITE_NEEDED:
        raise StoreError(f"the store needs SQLite 3.35 or newer, but this Python has {sqlite3.sqlite_version}")
    made = not must_exist and _make_folder(path.parent)
    try:
        _check_place(path)
        if must_exist and _is_absent(path):
            raise StudyNotFound(f"no store at {path}: `agenttune tune` or `agenttune run` makes one")
        with bytes_lock:
            if _is_absent(path) or inspect(path) != schema.HEAD:
                with _folder_lock(path.parent) as is_locked:
                    _create_or_migrate(path, is_locked=is_locked)
    except OSError as error:
        raise StoreError(f"the store {path} cannot be made or opened: {error.strerror or error}") from error
    finally:
        if made and not path.exists():
            with contextlib.suppress(OSError):
                path.parent.rmdir()
    return path


# -- the place -------------------------------------------------------------------------------------


def _make_folder(folder: Path) -> bool:
    """Whether the folder had to be made. More than one missing is a typo, but for those of the user's own store."""
    try:
        if folder.is_dir():
            return False
        if folder.exists():
            raise StoreError(f"{folder} is a file, so it cannot hold a store; name another path with --store")
        from agenttune.settings import state_dir

        is_own = folder == state_dir().resolve()
        if not is_own and not folder.parent.is_dir():
            raise StoreError(f"the folder {folder} for the store does not exist; make it, or mend the path of --store")
        folder.mkdir(mode=0o700, parents=is_own, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"the folder {folder} for the store cannot be made: {error.strerror}; name another path with --store"
        ) from error
    return True


def _check_place(path: Path) -> None:
    if path.is_dir():
        raise StoreError(f"{path} is a folder, but the store is a file; try --store {path / 'agenttune.db'}")
    if path.exists() and not path.is_file():
        raise StoreError(f"{path} is no ordinary file, so it cannot be a store; name another with --store")
    for place in (path, path.parent):  # the folder too: SQLite keeps its write-ahead log beside the file
        if place.exists() and not os.access(place, os.R_OK | os.W_OK):
            raise StoreError(f"the store cannot be written: no permission for {place}; name another with --store")
    if _is_absent(path):
        for side in ("-wal", "-journal"):
            left = path.with_name(path.name + side)
            if left.exists() and left.stat().st_size:
                raise StoreError(f"{left} is there without the store it belongs to; bring {path} back, or move it away")


def _is_absent(path: Path) -> bool:
    """Whether there is nothing to keep: no file, or one without a byte."""
    return not path.exists() or path.stat().st_size == 0


@contextlib.contextmanager
def _folder_lock(folder: Path) -> Iterator[bool]:
    """Holds the folder's lock while files appear or change version; tells whether the file system has locks."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            is_locked = True
        except OSError:
            is_locked = False  # a link to the finished file still succeeds only once
        yield is_locked
    finally:
        os.close(descriptor)


# -- files that are there --------------------------------------------------------------------------


def inspect(path: Path) -> str:
    """The revision of a file that is ours, intact and not newer than we are. Writes nothing to it.

    Call it with `bytes_lock` held.

    Raises:
        StoreError: it is damaged or foreign, and a copy was kept; or it is newer than we are.
    """
    complaint = None if is_in_use(path) else _complaint_about_header(path)
    if complaint is not None:
        raise _refusal(path, complaint)
    try:
        revision = _checked_revision(path)
    except UnicodeDecodeError as error:
        raise _refusal(path, "is damaged (text that is no UTF-8)") from error
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0)
        if code in _DAMAGE or code & 0xFF in _DAMAGE or "no such" in str(error):
            raise _refusal(path, f"is damaged ({error})") from error
        raise StoreError(sentence(path, error)) from error
    if revision is None or not revision.isdecimal():
        raise _refusal(path, f"is damaged (its schema is named {revision!r})")
    if int(revision) > int(schema.HEAD):
        raise StoreError(
            f"the store {path} was written by a newer AgentTune (schema {int(revision)}, this one knows "
            f"{int(schema.HEAD)}); upgrade with `pip install -U agenttune`, or name another with --store"
        )
    return revision


def _complaint_about_header(path: Path) -> str | None:
    with path.open("rb") as file:
        header = file.read(100)
    if not header.startswith(MAGIC):
        return "is not a store of AgentTune, or its beginning is damaged"
    if len(header) < 100 or _APPLICATION_ID.unpack_from(header, _APPLICATION_ID_AT)[0] != schema.APPLICATION_ID:
        return "is a database of another program, or its beginning is damaged"
    return None


def _checked_revision(path: Path) -> str | None:
    log = path.with_name(path.name + "-wal")
    # with a log to apply, only a read-only connection writes nothing; without one, only a writable one tidies up
    mode = "ro" if log.exists() and log.stat().st_size else "rw"
    with contextlib.closing(connect(path, mode=mode)) as raw:
        complaints = raw.execute("PRAGMA quick_check(1)").fetchall()
        if complaints != [("ok",)]:
            damage = sqlite3.DatabaseError(str(complaints[0][0]).strip().replace("\n", "; "))
            damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise damage
        found = raw.execute("SELECT version_num FROM alembic_version").fetchone()
        return None if found is None else str(found[0])


def _refusal(path: Path, why: str) -> StoreError:
    try:
        kept = f"a copy is kept at {keep_copy(path)}"
    except OSError as error:
        kept = f"no copy could be made ({error.strerror or error})"
    return StoreError(f"{path} {why}; it was left as it is and {kept}; move it away, or name another with --store")


def keep_copy(path: Path) -> Path:
    """Copies a file and its side files beside it, once per content, and returns the copy's path."""
    side_files = [path.with_name(path.name + side) for side in SIDE_FILES]
    digest = hashlib.sha256()
    for source in (path, side_files[0]):  # -shm is scratch: it changes without meaning anything
        if source.exists():
            with source.open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
    copy = path.with_name(f"{path.name}.kept-{digest.hexdigest()[:8]}")
    if not copy.exists():
        for side, source in zip(SIDE_FILES, side_files, strict=True):
            if source.exists():
                shutil.copy2(source, copy.with_name(copy.name + side))
        partial = copy.with_name(f"{copy.name}.partial-{os.getpid()}")
        try:
            shutil.copy2(path, partial)
            partial.replace(copy)  # last, so that a copy that is there is whole
        finally:
            partial.unlink(missing_ok=True)
    return copy


# -- files to be made ------------------------------------------------------------------------------


def _create_or_migrate(path: Path, *, is_locked: bool) -> None:
    if _is_absent(path):
        _create(path, is_locked=is_locked)
    revision = inspect(path)
    if revision == schema.HEAD:
        return
    keep_copy(path)
    migrate(path)


def _create(path: Path, *, is_locked: bool) -> None:
    prefix = f".{path.name}.new-"
    if is_locked:  # whoever left these was killed while it held the lock
        for left in path.parent.glob(f"{prefix}*"):
            left.unlink(missing_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=prefix)  # mode 0600
    os.close(descriptor)
    temporary = Path(name)
    try:
        _make_tables(temporary)
        _publish(temporary, path)
    except sqlite3.Error as error:
        raise StoreError(sentence(path, error)) from error
    finally:
        for side in ("", "-journal", *SIDE_FILES):
            temporary.with_name(temporary.name + side).unlink(missing_ok=True)


def _publish(temporary: Path, path: Path) -> None:
    """Gives the finished file its name, unless another process was first."""
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        if _is_absent(path):
            temporary.replace(path)
    except OSError:  # a file system without hard links
        if _is_absent(path):
            temporary.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_tables(path: Path) -> None:
    """The tables of the newest schema at once, rather than by way of the older ones, which takes ten times as long."""
    with contextlib.closing(connect(path)) as raw:
        raw.execute("BEGIN EXCLUSIVE")
        for definition in _definitions():
            raw.execute(definition)
        raw.execute("INSERT INTO alembic_version VALUES (?)", (schema.HEAD,))
        raw.execute(f"PRAGMA application_id={schema.APPLICATION_ID}")
        raw.execute("COMMIT")
        raw.execute("PRAGMA journal_mode=WAL")


@cache
def _definitions() -> Sequence[str]:
    from sqlalchemy.dialects import sqlite
    from sqlalchemy.schema import CreateIndex, CreateTable, DDLElement

    tables = schema.metadata.sorted_tables
    indices = [index for table in tables for index in table.indexes]
    made: list[DDLElement] = [*map(CreateTable, tables), *map(CreateIndex, indices)]
    return [
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)",
        *(str(definition.compile(dialect=sqlite.dialect())) for definition in made),
    ]


def migrate(path: Path, *, scripts: str = "agenttune.store:migrations") -> None:
    """Brings a file to the newest schema in one exclusive transaction, then to WAL mode.

    Args:
        scripts: alembic's script location.

    Raises:
        StoreError: SQLite could not; the file is as it was.
        InternalError: a migration is wrong; the file is as it was.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import StaticPool

    config = Config()
    config.set_main_option("script_location", scripts)
    with contextlib.closing(connect(path)) as raw:
        engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool, pool_reset_on_return=None)
        try:
            with engine.connect() as connection, connection.begin():
                raw.execute("BEGIN EXCLUSIVE")  # not before: SQLAlchemy's first look at a connection ends in a ROLLBACK
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
            raw.execute("PRAGMA journal_mode=WAL")
        except sqlite3.Error as error:
            raise StoreError(sentence(path, error)) from error
        except (SQLAlchemyError, CommandError) as error:
            raise InternalError(f"the store {path} could not be brought to the newest schema: {error}") from error
        finally:
            if raw.in_transaction:
                raw.execute("ROLLBACK")
