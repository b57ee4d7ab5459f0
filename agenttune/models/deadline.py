"""Ends a wait at its deadline whatever the other side does: resolve slowly, stay silent, or send a byte a second.

The timeouts of HTTP clients count per read, so the work is done in a thread of its own and only waited for.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

T = TypeVar("T")


class _End:
    """No more items: `error` says why, if not in order."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def before_deadline(produce: Callable[[], Iterator[T]], seconds: float, *, give_up: Callable[[], None]) -> Iterator[T]:
    """Yields what `produce` does, for at most `seconds` from now.

    Args:
        produce: runs in a thread of its own; what it raises is raised here.
        seconds: for the whole of it.
        give_up: called when nobody waits any more, so that `produce` fails soon.

    Raises:
        TimeoutError: the deadline has passed.
    """
    deadline = time.monotonic() + seconds
    items: queue.SimpleQueue[T | _End] = queue.SimpleQueue()

    def work() -> None:
        error = None
        try:
            for item in produce():
                items.put(item)
        except BaseException as raised:  # noqa: BLE001  # whatever it is belongs to the one who waits
            error = raised
        items.put(_End(error))

    threading.Thread(target=work, daemon=True).start()
    try:
        while True:
            try:
                item = items.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise TimeoutError from None
            if not isinstance(item, _End):
                yield item
            elif item.error is None:
                return
            else:
                raise item.error
    finally:
        give_up()
