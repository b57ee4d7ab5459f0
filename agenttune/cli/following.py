"""Following a study that another process drives, with the signals a follower gets.

Ctrl-C once ends the study after its running trials, twice kills those, three times leaves. A hang-up
or SIGTERM ends the following alone: the study goes on.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType, TracebackType
from typing import Self

from agenttune.cli.displays import Display
from agenttune.cli.loading import Loading
from agenttune.events import Event
from agenttune.spec import StudyRow
from agenttune.store import Store
from agenttune.study.status import follow


@dataclass
class Signals:
    """Counts signals instead of letting them interrupt; a context manager that puts the old handlers back."""

    n_interrupts: int = 0
    fatal: int | None = None
    """SIGHUP or SIGTERM, once it came."""
    _before: dict[int, object] = field(default_factory=dict)

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._take)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal returned

    def _take(self, number: int, frame: FrameType | None) -> None:
        if number == signal.SIGINT:
            self.n_interrupts += 1
        else:
            self.fatal = number


@dataclass(frozen=True, slots=True)
class Followed:
    """Why the following ended."""

    n_interrupts: int = 0
    """How often the person pressed Ctrl-C: 1 stopped the study, 2 killed its trials."""
    fatal: int | None = None
    """The signal that ended the following alone; the study goes on."""
    has_left: bool = False
    """Whether a third Ctrl-C ended the following before the study ended."""


def follow_study(
    store: Store,
    row: StudyRow,
    display: Display,
    *,
    after: int = 0,
    begin: Callable[[], object] | None = None,
    until: Callable[[Event], bool] | None = None,
) -> Followed:
    """Shows the events of a study until no driver is left, turning Ctrl-C into `stop`.

    Args:
        after: id of the last event not to be shown.
        begin: starts the driver; called once Ctrl-C is ours, so that none falls between.
        until: told every event after it was shown; true ends the following.
    """
    with Signals() as signals:
        if begin is not None:
            begin()
        with display:
            return _follow(store, row, display, signals, after=after, until=until)


def _follow(
    store: Store,
    row: StudyRow,
    display: Display,
    signals: Signals,
    *,
    after: int,
    until: Callable[[Event], bool] | None,
) -> Followed:
    n_sent, loading = 0, Loading(row.spec.model)
    for entry in follow(store, row.id, after=after):
        if signals.fatal is not None:
            return Followed(n_sent, fatal=signals.fatal)
        while n_sent < min(signals.n_interrupts, 2):
            n_sent += 1
            _stop(store, row.id, display, kill=n_sent == 2)
        if signals.n_interrupts > 2:
            return Followed(n_sent, has_left=True)
        if entry is None:
            if sentence := loading.news():
                display.message(sentence)
            display.tick()
        else:
            loading.hear(entry[2])
            display.show(*entry)
            if until is not None and until(entry[2]):
                break
    return Followed(n_sent)


def catch_up(store: Store, row: StudyRow, display: Display) -> int:
    """Lets the display know what happened so far without showing it; returns the last event's id."""
    last = 0
    while batch := store.events(row.id, after=last):
        for _, at, event in batch:
            display.progress.apply(event, at=at)
        last = batch[-1][0]
    return last


def _stop(store: Store, study_id: str, display: Display, *, kill: bool) -> None:
    store.send(study_id, "stop", {"kill": kill})
    if kill:
        display.message("killing the running trials; Ctrl-C again leaves at once")
    else:
        display.message("stopping after the running trials; Ctrl-C again kills them")
