"""What was said in a conversation, record by record, and the same as Markdown for a file. No widgets here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from agenttune.tui.messages import Tone
from agenttune.tui.proposals import ProposalTable
from agenttune.tui.text import clean_lines, duration
from agenttune.visible import clean


class CallState(StrEnum):
    """What became of a call."""

    WAITING = "waits for you"
    """A person has to allow it first."""
    RUNNING = "running"
    OK = "ok"
    FAILED = "failed"
    DENIED = "denied"

    @property
    def is_open(self) -> bool:
        """Whether more is to come."""
        return self in (CallState.WAITING, CallState.RUNNING)


@dataclass(frozen=True, slots=True)
class UserRecord:
    """What the person wrote."""

    text: str


@dataclass(frozen=True, slots=True)
class ReplyRecord:
    """What was answered."""

    text: str
    by: str = ""
    """Who worded it: the model's spelling, or "offline"; empty for words on the way to a call."""
    unsupported: tuple[str, ...] = ()
    """Numbers in it that no record holds."""
    is_plain: bool = False
    """Whether its lines are to be shown as they are, not as Markdown."""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """A tool that was called."""

    id: str
    name: str
    arguments: str
    started_at: float
    """By the screen's steady clock."""
    state: CallState = CallState.RUNNING
    result: str = ""
    seconds: float | None = None
    """None while it runs."""
    proposals: ProposalTable | None = None
    """Those it was about."""


@dataclass(frozen=True, slots=True)
class NoteRecord:
    """Something that happened, in a sentence."""

    text: str
    tone: Tone = Tone.PLAIN
    proposals: ProposalTable | None = None
    """Where the trials it tells of came from."""


Record: TypeAlias = UserRecord | ReplyRecord | CallRecord | NoteRecord


def words_of(record: Record) -> str:
    """All that a search looks through."""
    if isinstance(record, CallRecord):
        return f"{record.name} {record.arguments}\n{record.result}"
    return record.text


def as_markdown(records: Iterable[Record]) -> str:
    """The conversation as a document; a call is one line with its result indented below."""
    return "\n\n".join(_paragraph(record) for record in records) + "\n"


def _paragraph(record: Record) -> str:
    match record:
        case UserRecord(text):
            return "\n".join(f"> {line}".rstrip() for line in clean_lines(text))
        case ReplyRecord(text, by, unsupported):
            parts = ["\n".join(clean_lines(text)).strip("\n")]
            if unsupported:
                parts.append(f"*not in the record: {', '.join(map(clean, unsupported))}*")
            if by:
                parts.append(f"*{clean(by)}*")
            return "\n\n".join(parts)
        case CallRecord():
            return _call_paragraph(record)
        case NoteRecord(text):
            return f"*{clean(text)}*"


def _call_paragraph(call: CallRecord) -> str:
    head = clean(f"{call.name} {call.arguments}").replace("`", "'")
    took = f", {duration(call.seconds)}" if call.seconds is not None else ""
    result = "\n".join(f"      {line}".rstrip() for line in clean_lines(call.result)).strip("\n")
    return f"- `{head}` {call.state.value}{took}" + (f"\n\n{result}" if result.strip() else "")
