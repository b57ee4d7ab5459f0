"""Logs, read from the end or as they grow, safe for a terminal: without control characters and without keys.

The files themselves keep what the program of the study printed.
"""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from agenttune.redaction import redact
from agenttune.store import Store
from agenttune.visible import clean_block

POLL_S = 0.2
CHUNK = 1 << 16


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
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    offset, rest = 0, ""
    while True:
        is_last = is_over()
        chunk = _read(path, offset)
        offset += len(chunk)
        rest += decoder.decode(chunk, final=is_last and not chunk)
        *whole, rest = rest.split("\n")
        yield from _shown("".join(f"{line}\n" for line in whole))
        if chunk:
            continue
        if is_last:
            if rest:
                yield from _shown(rest)
            return
        time.sleep(POLL_S)


def _shown(text: str) -> list[str]:
    """Lines as they are shown; a key is found in many lines as fast as in one."""
    return redact(clean_block(text)).splitlines()


def _read(path: Path, offset: int) -> bytes:
    try:
        with path.open("rb") as stream:
            stream.seek(offset)
            return stream.read(CHUNK)
    except FileNotFoundError:
        return b""
