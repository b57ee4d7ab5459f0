"""A question for one new variant, its answer, and what a desk needs of the rest of a study to have it answered.

Not for: answering it (desk.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from agenttune.exchange import Prompt
from agenttune.replies.asking import DeskStore
from agenttune.variant import CodeEntry, Direction
from agenttune.variants.checking import Checked
from agenttune.variants.tree import Step

K = 4
"""Directions wanted of one request: as many as one parent gets children before another one has its turn."""
MAX_BLOCKS = 2
"""Blocks written for one question: while they are, a trial waits."""
MAX_BLOCKS_ALONE = 6
"""The same where nothing but a new variant could be run."""


class CodeStore(DeskStore, Protocol):
    """What a desk of code needs of a store."""

    def add_code_entries(self, study_id: str, entries: Sequence[CodeEntry]) -> list[CodeEntry]:
        """Keeps entries; ids, and numbers of variants, are given there."""
        ...


class Checker(Protocol):
    """What is known of a block before a trial runs it."""

    def check(self, block: str) -> Checked:
        """The block, checked against the user's file by its tree alone.

        Raises:
            BlockRefused: it breaks a rule.
        """
        ...

    def fingerprint(self, text: str) -> str | None:
        """Hash of what the file does with a tiny input; None where that is not done, or fails."""
        ...

    def own_fingerprint(self) -> str | None:
        """The same of the user's own file."""
        ...


class Writer(Protocol):
    """Writes what a model is asked, from a study's view and the entries alone."""

    def directions(self, entries: Sequence[CodeEntry], step: Step, *, k: int) -> Prompt:
        """For `k` ideas how to change the step's parent."""
        ...

    def block(self, entries: Sequence[CodeEntry], step: Step, direction: Direction) -> Prompt:
        """For the code of one idea."""
        ...

    def debug(self, entries: Sequence[CodeEntry], step: Step) -> Prompt:
        """For code that mends the step's parent."""
        ...

    def mending(self, step: Step) -> str:
        """The idea of that, in a sentence for people."""
        ...


@dataclass(frozen=True, slots=True)
class CodeQuestion:
    """A request for one new variant."""

    step: Step
    entries: tuple[CodeEntry, ...]
    """Those of the study, in order."""
    write: Writer
    asked_at: int = 0
    """Number of the trial that is to be proposed."""
    seed: int = 0
    """For the server's sampling, 32 bits: differs from trial to trial, so that equal prompts are different requests."""
    k: int = K
    max_blocks: int = MAX_BLOCKS
    instead: Step | None = None
    """What to do where a mend is refused and nothing else could be run."""


@dataclass(frozen=True, slots=True)
class CodeAnswer:
    """What came of it; all of it is in the store already."""

    verdict: str
    """One of `agenttune.exchange.VERDICTS`."""
    why: str | None = None
    n_sent: int = 0
    """Requests that went out."""
