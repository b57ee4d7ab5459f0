"""Which records of a conversation are mounted: a slice of at most `MOST`, since every widget costs. No widgets here."""

from __future__ import annotations

from dataclasses import dataclass

MOST = 60
"""Beyond this, each message costs noticeably more to lay out; a screen shows far fewer."""
STEP = 20


@dataclass(frozen=True, slots=True)
class Window:
    """Records `start` up to, not including, `stop`."""

    start: int = 0
    stop: int = 0

    def __contains__(self, index: int) -> bool:
        return self.start <= index < self.stop

    @classmethod
    def tail(cls, n_records: int) -> Window:
        """The newest."""
        return cls(max(0, n_records - MOST), n_records)

    @classmethod
    def around(cls, index: int, n_records: int) -> Window:
        """One record with its neighbours."""
        stop = min(n_records, max(index + MOST // 2, MOST))
        return cls(max(0, stop - MOST), stop)

    def grown(self, n_records: int) -> Window:
        """The same, with as many newer ones as there is room for: nothing that is shown moves."""
        return Window(self.start, max(self.stop, min(n_records, self.start + MOST)))

    def earlier(self) -> Window:
        """A step back."""
        start = max(0, self.start - STEP)
        return Window(start, min(self.stop, start + MOST))

    def later(self, n_records: int) -> Window:
        """A step forward."""
        stop = min(n_records, self.stop + STEP)
        return Window(max(self.start, stop - MOST), stop)
