"""What happens in a turn of a conversation, for whoever shows or uses it: command line, terminal interface, Python."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TypeAlias

from agenttune.tools import Effect
from agenttune.types import Json


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the reply as it comes."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """The model, or the offline assistant, wants a tool to run."""

    id: str
    name: str
    arguments: dict[str, Json]


@dataclass(frozen=True, slots=True)
class ApprovalRequested:
    """A call waits for a person."""

    id: str
    """Of the call."""
    name: str
    effect: Effect
    what: str
    """What it would do: exact command, diff, budget; several lines."""


@dataclass(frozen=True, slots=True)
class ApprovalGiven:
    """What became of it."""

    id: str
    is_allowed: bool
    by: str
    """Who decided: "you", or the rule."""


@dataclass(frozen=True, slots=True)
class ToolReturned:
    """A call came to its end."""

    id: str
    name: str
    text: str
    is_error: bool = False
    record: dict[str, Json] = field(default_factory=dict)
    """The same for programs."""


@dataclass(frozen=True, slots=True)
class StudyHappened:
    """Something of a study that reaches the conversation without a question."""

    study: str
    sentence: str
    origin: dict[str, Json] = field(default_factory=dict)
    """Where the trial it is about came from, as `agenttune.agent.watch.origin_of` has it; empty without one."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """What was said before is one message for the model now."""

    sentence: str
    """With what it saved."""


@dataclass(frozen=True, slots=True)
class UsageTold:
    """What the turn has cost so far."""

    requests: int
    tokens: int
    dollars: float | None
    """None where a price is unknown."""
    is_estimated: bool = False
    """Whether a request told no usage and counts at its worst case."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The model gave no usable reply; what follows comes from elsewhere, and says so."""

    verdict: str
    """One of `agenttune.exchange.VERDICTS`, or "limit"."""
    sentence: str


@dataclass(frozen=True, slots=True)
class Done:
    """The turn is over."""

    text: str
    """The reply; numbers in it that no record holds are marked."""
    by: str
    """Who worded it: the model's spelling, or "offline"."""
    unsupported: tuple[str, ...] = ()
    """Those numbers."""
    is_interrupted: bool = False
    is_denied: bool = False
    """Whether a call was denied by the policy, or waited for a person and there was nobody to ask."""
    is_question: bool = False
    """Whether nothing was done, since the offline assistant did not understand: the text says what it lacks."""
    is_failed: bool = False
    """Whether something that the offline assistant was to do could not be done."""


AgentEvent: TypeAlias = (
    TextDelta
    | ToolCalled
    | ApprovalRequested
    | ApprovalGiven
    | ToolReturned
    | StudyHappened
    | Compacted
    | UsageTold
    | Failed
    | Done
)


def event_to_json(event: AgentEvent) -> dict[str, Json]:
    """`{"event": "ToolCalled", ...fields}`."""
    return {"event": type(event).__name__, **asdict(event)}
