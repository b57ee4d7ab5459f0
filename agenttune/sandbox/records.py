"""The records of a run of model-written code. Nothing here runs anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, TypedDict

Level: TypeAlias = Literal["strong", "medium", "weak"]
Method: TypeAlias = Literal["namespaces", "bubblewrap", "landlock", "rlimits"]
Broken: TypeAlias = Literal["time", "memory", "processes", "threads", "cpu time", "file size", "stop"]
"""The limit that ended a run; "stop": nobody wanted it any more."""

LEVELS: dict[Method, Level] = {
    "namespaces": "strong",
    "bubblewrap": "strong",
    "landlock": "medium",
    "rlimits": "weak",
}
"""Best first."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may use."""

    seconds: float = 600.0
    """Wall clock."""
    memory_bytes: int = 4_000_000_000
    """Resident, of the whole tree; a fast program is some 100 MB above it before that is seen."""
    n_processes: int = 64
    """In the whole tree; all their threads together are limited too, to a thousand."""
    file_bytes: int = 1_000_000_000
    """The largest file it may write. How many it writes is not limited."""
    output_bytes: int = 64_000
    """How much of the end of its output is kept."""
    n_threads: int = 1
    """What number libraries are told to use."""


@dataclass(frozen=True, slots=True)
class Execution:
    """How a run ended."""

    level: Level
    method: Method
    exit_code: int | None
    """Minus the number of a signal; None where a limit ended it."""
    broken: Broken | None
    """The limit that ended it."""
    elapsed_s: float
    peak_bytes: int
    """The most memory that was seen; 0 for a program that was over before anybody looked."""
    output_tail: str
    """The end of what it printed, both streams together, bytes that are no UTF-8 replaced."""
    n_output_bytes: int
    """How much it printed in all."""

    @property
    def is_complete(self) -> bool:
        """Whether it ended by itself, with exit code 0."""
        return self.exit_code == 0


@dataclass(frozen=True, slots=True)
class Offer:
    """What this machine offers, found by trying."""

    level: Level
    method: Method
    missing: tuple[str, ...]
    """A sentence for each thing that is not covered here."""


class Order(TypedDict):
    """What the keeper is told, of types that `marshal` knows."""

    method: Method
    command: list[str]
    folder: str
    readable: list[str]
    hidden: list[str]
    """What lies in a readable folder and is yet not to be read."""
    environment: dict[str, str]
    rlimits: list[tuple[str, int]]
    """(name in `resource`, value)."""
    shared_bytes: int
    status: int
    """Descriptor on which the end is told."""
