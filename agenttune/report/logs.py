"""Logs, read from the end or as they grow, safe for a terminal: without control characters and without keys.

The files themselves keep what the program of the study printed.
"""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from agenttune.redaction import redact
from agenttune.store import Store
from agenttune.trial import Trial, TrialState
from agenttune.visible import clean_block

POLL_S = 0.2
CHUNK = 1 << 16


def worth_reading(trials: Sequence[Trial]) -> int | None:
    """Number of the trial whose log tells most: the newest that runs, else the newest that ended; None without one."""
    running = [trial.number for trial in trials if trial.state is TrialState.RUNNING]
    return max(running or [trial.number for trial in trials if trial.state.is_finished], default=None)


def log_of(store: Store, study_id: str, number: int) -> Path | None:
    """Where the last attempt of a trial wrote what its program printed; None before the first.

    Raises:
        TrialNotFound: there is no such trial.
    """
    store.trial(study_id, number)
    attempts = store.attempts(study_id, number)
    return Path(attempts[-1].directory) / "log.txt" if attempts else None


def tail(path: Path, n_lines: int) -> list[str]:
    """The last lines of a file, cleaned; none if there is no file."""
    try:
        with path.open("rb") as stream:
            stream.seek(0, 2)
            stream.seek(max(0, stream.tell() - 400 * n_lines - CHUNK))
            text = stream.read().decode(errors="replace")
    except OSError:
        return []
    return _shown(text)[-n_lines:]


def lines(path: Path) -> Iterator[str]:
    """All lines of a file, cleaned."""
    with path.open(encoding="utf-8", errors="replace") as stream:
        while block := stream.readlines(CHUNK):
            yield from _shown("".join(block))


def growing(path: Path, is_over: Callable[[], bool]) -> Iterator[str]:
    """Lines of a file as they are written, cleaned, until `is_over` and everything was read.

    The file may be missing at first.
    """
    growth = Growth(path)
    while True:
        is_last = is_over()
        whole = growth.read()
        if whole is not None:
            yield from _shown(whole)
        elif is_last:
            yield from _shown(growth.rest)
            return
        else:
            time.sleep(POLL_S)


class Growth:
    """What is appended to a file, read piece by piece, as it is; the file may be missing at first."""

    def __init__(self, path: Path, *, most_bytes: int | None = None) -> None:
        """
        Args:
            path: of the file.
            most_bytes: of a file that is further ahead than this, only so many from its end are read.
        """
        self.path = path
        self.rest = ""
        """What has come of a line that is not finished."""
        self.n_skipped = 0
        """Bytes that were left out so far."""
        self._most_bytes = most_bytes
        self._offset = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def read(self) -> str | None:
        """The lines that some `CHUNK` bytes more have finished; None where nothing was appended.

        A line longer than that comes in pieces.
        """
        try:
            with self.path.open("rb") as stream:
                n_ahead = stream.seek(0, 2) - self._offset
                stream.seek(self._offset)
                if self._most_bytes is not None and n_ahead > self._most_bytes:
                    self._skip(stream, n_ahead - self._most_bytes)
                chunk = stream.read(CHUNK)
        except FileNotFoundError:
            return None
        if not chunk:
            return None
        self._offset += len(chunk)
        text = self.rest + self._decoder.decode(chunk)
        whole, end, self.rest = text.rpartition("\n")
        if len(self.rest) > CHUNK:
            whole, end, self.rest = text, "\n", ""
        return whole + end

    def _skip(self, stream: BinaryIO, n_bytes: int) -> None:
        """Leaves out that much and the rest of the line there: what is left of a key could not be told for one."""
        stream.seek(self._offset + n_bytes - 1)
        n_skipped = n_bytes - 1 + len(stream.readline(CHUNK))
        self._offset += n_skipped
        self.n_skipped += n_skipped
        self.rest = ""
        self._decoder.reset()


def _shown(text: str) -> list[str]:
    """Lines as they are shown; a key is found in many lines as fast as in one."""
    return redact(clean_block(text)).splitlines()
