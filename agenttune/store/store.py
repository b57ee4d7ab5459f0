"""`Store`: a store file, opened. Its methods live in one file per kind of row."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from agenttune.errors import StoreError
from agenttune.store.attempts import Attempts
from agenttune.store.code import CodeEntries
from agenttune.store.controls import Controls, Events
from agenttune.store.database import Database
from agenttune.store.exchanges import Exchanges
from agenttune.store.ledger import SpendingLedger
from agenttune.store.opening import locate, prepare
from agenttune.store.sessions import Sessions
from agenttune.store.studies import Studies
from agenttune.store.trials import Trials


class Store(Studies, Trials, Attempts, Controls, Events, Exchanges, SpendingLedger, Sessions, CodeEntries):
    """The one writer of truth: every change is a transaction, with the event that announces it.

    May be used by several threads, each on a connection of its own, and by many processes at
    once; readers never wait. A forked child may use it too: it opens connections of its own.
    Nothing else in such a process may open the file (to copy it, say): closing it again would drop
    SQLite's locks.
    """

    @classmethod
    def open(cls, path: Path | str | None = None, *, must_exist: bool = False) -> Store:
        """Opens a store file; creates it (mode 0600) and brings it up to date where needed.

        Args:
            path: the file; None is the user's own. Its folder is made (0700) where missing.
            must_exist: create nothing; for whoever looks for a study that is there.

        Raises:
            StudyNotFound: there is no file, and it must exist.
            StoreError: it cannot be, with the way out; nothing is half-created, nothing overwritten.
        """
        return cls(Database(prepare(locate(path), must_exist=must_exist)))

    def study_dir(self, study_id: str) -> Path:
        """The folder of the study's files, created.

        Raises:
            StoreError: it cannot be created.
        """
        folder = self.files / study_id
        try:
            for part in (self.files, folder):
                part.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise StoreError(f"the folder {folder} for the study's files cannot be made: {error.strerror}") from error
        return folder

    def close(self) -> None:
        """Closes all connections; the store cannot be used afterwards."""
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
