"""The records of model code: directions, variants, refused blocks, lessons. Frozen; the store keeps them.

A variant is the user's file with its target replaced by a block. Not for: reading or running code (variants/).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from agenttune.types import Config, Json

PARAMETER = "variant"
"""The parameter of a study's space that says which variant is run."""
CODE = "code"
"""The arm of variants, and the name of the proposer that has them written."""

Action: TypeAlias = Literal["start", "improve", "draft", "debug"]
"""What led to a variant: the user's own code, a change of one that works, a start anew, a mend of one that fails."""
RefusedKind: TypeAlias = Literal[
    "no-code",
    "several-blocks",
    "unparsable",
    "too-long",
    "wrong-target",
    "outside-target",
    "changed-interface",
    "forbidden-import",
    "bad-numbers",
    "unchanged",
    "duplicate",
]
"""Why a block became no variant."""


def name_of(number: int) -> str:
    """The choice of `variant` that stands for a variant: `v3`."""
    return f"v{number}"


def number_of(name: str) -> int:
    """The number of the variant of that name."""
    return int(name.removeprefix("v"))


def parameter_name(number: int, name: str) -> str:
    """What a number of a variant is called in the study's space: `v3.lr`."""
    return f"{name_of(number)}.{name}"


@dataclass(frozen=True, slots=True)
class Direction:
    """An idea for a change that nobody has written yet."""

    parent: int
    """Number of the variant to change."""
    action: Action
    idea: str
    """The model's own words, in a sentence."""
    exchange_ids: tuple[int, ...] = ()
    asked_at: int = 0
    """Number of the trial that was to be proposed when the model was asked."""
    id: int | None = None
    """Of its row in the store; None until it is kept."""


@dataclass(frozen=True, slots=True)
class Variant:
    """Code that passed every check and may be run."""

    number: int
    parent: int | None
    """None for the user's own code."""
    action: Action
    idea: str
    """The direction it follows; "" for the user's own code."""
    block: str
    """What stands in the target's place, unindented, with the numbers it was written with."""
    parameters: dict[str, Json] = field(default_factory=dict)
    """Name of a number in the block -> its definition as `parameter_to_json` spells it."""
    defaults: Config = field(default_factory=dict)
    """The numbers it was written with, by name in the block."""
    shape: str = ""
    """Hash of its syntax tree without comments, docstrings and names of locals."""
    fingerprint: str | None = None
    """Hash of its outputs after fitting a tiny fixed input; None where that was not done, or failed."""
    direction: int | None = None
    """Id of the direction."""
    exchange_ids: tuple[int, ...] = ()
    asked_at: int = 0
    id: int | None = None

    @property
    def name(self) -> str:
        """As people and the space call it: `v3`."""
        return name_of(self.number)


@dataclass(frozen=True, slots=True)
class RefusedBlock:
    """A reply that became no variant."""

    parent: int
    kind: RefusedKind
    reason: str
    """The rule, what broke it, and the way out, in a sentence that is told to the model."""
    idea: str = ""
    block: str = ""
    """What was offered, shortened."""
    twin: int | None = None
    """The variant it repeats, of a duplicate."""
    direction: int | None = None
    exchange_ids: tuple[int, ...] = ()
    asked_at: int = 0
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a model makes of how a variant did; shown to later branches."""

    variant: int
    text: str
    exchange_ids: tuple[int, ...] = ()
    asked_at: int = 0
    id: int | None = None


CodeEntry: TypeAlias = Direction | Variant | RefusedBlock | Lesson
