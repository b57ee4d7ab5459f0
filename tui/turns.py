"""What happens in a conversation, as the transcript shows it: the only translator from events to records."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agenttune.tui.messages import Tone
from agenttune.tui.proposals import table_of_call, table_of_news
from agenttune.tui.records import CallRecord, CallState, NoteRecord, Record, ReplyRecord, UserRecord
from agenttune.types import Json

if TYPE_CHECKING:
    from agenttune.agent import AgentEvent
    from agenttune.session import SessionEntry
    from agenttune.tui.widgets.transcript import Transcript

OFFLINE = "offline"
"""Who words a reply where no model does."""


def show_event(transcript: Transcript, event: AgentEvent) -> None:
    """Shows one event; what waits for a person is not shown here (widgets/approval.py)."""
    from agenttune.agent import Compacted, Done, Failed, StudyHappened, TextDelta, ToolCalled, ToolReturned

    match event:
        case TextDelta(text):
            transcript.stream(text)
        case ToolCalled(id=call_id, name=name, arguments=arguments):
            transcript.add_call(call_id, name, spelled(arguments))
        case ToolReturned(id=call_id, name=name, text=text, is_error=is_error, record=record):
            state = _state(text, is_error=is_error)
            transcript.end_call(call_id, text, state=state, proposals=table_of_call(name, record))
        case StudyHappened(sentence=sentence, origin=origin):
            transcript.add_note(sentence, Tone.PLAIN, table_of_news([origin]))
        case Compacted(sentence):
            transcript.add_note(sentence, Tone.PLAIN)
        case Failed(verdict, sentence):
            transcript.add_note(f"{verdict}: {sentence}", Tone.BAD)
        case Done():
            if event.text:
                transcript.end_reply(event.text, event.by, event.unsupported, is_plain=event.by == OFFLINE)
            if event.is_interrupted:
                transcript.add_note("stopped; trials go on", Tone.PLAIN)


def records_of(entries: Sequence[SessionEntry]) -> list[Record]:
    """An earlier conversation as records."""
    records: list[Record] = []
    places: dict[str, int] = {}
    for entry in entries:
        content = entry.content
        text = str(content.get("text", ""))
        if entry.kind == "user":
            records.append(UserRecord(text))
        elif entry.kind == "reply":
            by = str(content.get("by", ""))
            records += [ReplyRecord(text, by, is_plain=by == OFFLINE)] if text else []
            for call in _calls(content.get("calls")):
                places[str(call["id"])] = len(records)
                records.append(CallRecord(str(call["id"]), str(call["name"]), _arguments(call), entry.created_at))
        elif entry.kind == "tool" and str(content["id"]) in places:
            place = places[str(content["id"])]
            called = records[place]
            assert isinstance(called, CallRecord)  # as put there
            state = _state(text, is_error=content.get("is_error") is True)
            proposals = (
                table_of_call(called.name, record) if isinstance(record := content.get("record"), dict) else None
            )
            seconds = entry.created_at - called.started_at
            records[place] = replace(called, result=text, state=state, seconds=seconds, proposals=proposals)
        elif entry.kind == "compacted" and "note" in content:
            records.append(NoteRecord(str(content["note"])))
        elif entry.kind in ("failed", "rewound"):
            records.append(NoteRecord(text, Tone.BAD if entry.kind == "failed" else Tone.PLAIN))
        elif entry.kind == "study":
            origins = content.get("origins")
            proposals = table_of_news(origins) if isinstance(origins, list) else None
            records.append(NoteRecord(text, proposals=proposals))
    return records


def _calls(content: Json) -> list[dict[str, Json]]:
    return [call for call in content if isinstance(call, dict)] if isinstance(content, list) else []


def spelled(arguments: Mapping[str, Json]) -> str:
    """`path=train.py n_lines=20`."""
    told = (
        f"{name}={shlex.quote(value) if isinstance(value, str) else json.dumps(value)}"
        for name, value in arguments.items()
    )
    return " ".join(told)


def _arguments(call: Mapping[str, Json]) -> str:
    try:
        content = json.loads(str(call.get("arguments") or "{}"))
    except ValueError:
        return str(call.get("arguments"))
    return spelled(content) if isinstance(content, dict) else str(content)


def _state(text: str, *, is_error: bool) -> CallState:
    if not is_error:
        return CallState.OK
    return CallState.DENIED if text.startswith("denied") else CallState.FAILED
