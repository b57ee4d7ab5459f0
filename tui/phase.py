"""How the study on screen stands, as one word. Drives the top line, the strip and which keys do something."""

from __future__ import annotations

from enum import StrEnum

from agenttune.tui import glyphs


class Phase(StrEnum):
    """One study's state as a person thinks of it."""

    EMPTY = "no study"
    NEW = "new"
    RUNNING = "running"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"
    """It should run, and no process drives it."""
    WAITING = "waiting"
    """Its Python program asks and tells, and does not just now."""
    FINISHED = "finished"
    STOPPED = "stopped"

    @property
    def mark(self) -> str:
        """The sign in front of the word."""
        return _MARKS[self]

    @property
    def is_live(self) -> bool:
        """Whether the study is under way, so that trials may be at work and stop means something."""
        return self in (Phase.RUNNING, Phase.PAUSED)

    @property
    def can_continue(self) -> bool:
        """Whether "continue" would change something."""
        return self in (Phase.NEW, Phase.PAUSED, Phase.INTERRUPTED, Phase.STOPPED)

    @property
    def is_ended(self) -> bool:
        """Whether the study has its result."""
        return self in (Phase.FINISHED, Phase.STOPPED)


_MARKS = {
    Phase.EMPTY: glyphs.DOT,
    Phase.NEW: glyphs.DOT,
    Phase.RUNNING: glyphs.RUNNING,
    Phase.PAUSED: glyphs.PAUSED,
    Phase.INTERRUPTED: glyphs.INTERRUPTED,
    Phase.WAITING: glyphs.WAITING,
    Phase.FINISHED: glyphs.DONE,
    Phase.STOPPED: glyphs.STOPPED,
}


def phase_of(status: str) -> Phase:
    """The phase of `agenttune.study.status`'s word."""
    return Phase(status)
