"""Follows what one trial prints and tells the screen, a few times a second, however fast it prints.

Runs in a thread with a store of its own and reads only what was appended; where a program prints faster than a
person could read, the screen gets the end of it. What was printed is data: it leaves here clean and redacted.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from agenttune.errors import UserError
from agenttune.tui.glyphs import ELLIPSIS
from agenttune.tui.messages import LogRead, Refused
from agenttune.tui.text import log_lines
from agenttune.visible import clean

if TYPE_CHECKING:
    from agenttune.report.logs import Growth
    from agenttune.store import Store

POLL_S = 0.25
MOST_BYTES = 256_000
"""Read at once: some 3,000 lines. Taking keys out of them costs 60 ms, in pieces of 16."""
MOST_PIECES = 5
"""Read at one look; whoever prints faster is caught up with at the next."""
MOST_LINES = 5_000
"""Lines kept; the file has all."""


def follow_log(
    store_path: Path, study_id: str, number: int, *, stop: threading.Event, post: Callable[[Message], object]
) -> None:
    """Posts `LogRead` until the trial has ended or `stop` is set; meant for a thread of its own."""
    from agenttune.store import Store

    try:
        with Store.open(store_path, must_exist=True) as store:
            feed = LogFeed(store, study_id, number)
            while not (stop.is_set() or feed.is_over):
                if (read := feed.look()) is not None:
                    post(read)
                stop.wait(POLL_S)
    except UserError as error:
        post(Refused(str(error)))


class LogFeed:
    """The log of one trial's last attempt, as far as it was read."""

    def __init__(self, store: Store, study_id: str, number: int) -> None:
        self._store = store
        self._study_id = study_id
        self._number = number
        self._growth: Growth | None = None
        self.is_over = False
        """Whether the trial has ended and all it printed was told."""

    def look(self) -> LogRead | None:
        """What came since the last look; None if nothing did."""
        from agenttune.report.logs import Growth, log_of

        self.is_over = self._store.trial(self._study_id, self._number).state.is_finished
        path = log_of(self._store, self._study_id, self._number)
        if path is None:
            return None
        is_new = self._growth is None or self._growth.path != path
        if self._growth is None or is_new:
            self._growth = Growth(path, most_bytes=MOST_BYTES)
        growth, n_skipped = self._growth, self._growth.n_skipped
        pieces = [piece for _ in range(MOST_PIECES) if (piece := growth.read()) is not None]
        if not (pieces or is_new):
            return None
        lines = [line for piece in pieces for line in log_lines(piece)[:-1]][-MOST_LINES:]
        if (n_left_out := growth.n_skipped - n_skipped) > 0:
            lines.insert(0, f"{ELLIPSIS} {n_left_out:,} bytes are left out here: {clean(str(path))} has them")
        redrawn = growth.rest.rstrip("\r").rpartition("\r")[2]
        return LogRead(self._study_id, self._number, lines, log_lines(redrawn)[0], is_new=is_new)
