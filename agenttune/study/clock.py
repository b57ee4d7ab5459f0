"""The clock of a study: wall seconds during which somebody drove it, by the loop or by ask and tell."""

from __future__ import annotations

import time

from agenttune.budget import Budget
from agenttune.store import Store

HEARTBEAT_S = 1.0
"""How often the time spent is written down; a kill loses at most this much of a loop's count."""


class Clock:
    """Runs from its making on, and goes on from what the store has counted before."""

    def __init__(self, store: Store, study_id: str) -> None:
        self._store = store
        self._study_id = study_id
        self._counted_s = store.study(study_id).active_s
        self._beat_at = time.monotonic()

    def beat(self, *, is_paused: bool = False, force: bool = False) -> bool:
        """Writes down the time since the last beat if that is due; a pause does not count.

        Returns:
            Whether it was due.
        """
        now = time.monotonic()
        if not force and now - self._beat_at < HEARTBEAT_S:
            return False
        elapsed_s = 0.0 if is_paused else now - self._beat_at
        self._counted_s += elapsed_s
        self._beat_at = now
        self._store.add_active(self._study_id, elapsed_s)
        return True

    def over(self, budget: Budget) -> str | None:
        """The sentence that ends the study, once the budget's seconds are over."""
        if budget.seconds is None or self._counted_s + time.monotonic() - self._beat_at < budget.seconds:
            return None
        return f"{budget.seconds:g} s are over"
