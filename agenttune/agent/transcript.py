"""`Transcript`: a session as the messages that a model gets, kept in the store as it grows.

What is told to the model is made of the entries alone, so that a resumed session goes on from the same messages. A
long one is compacted: what was said and done so far becomes one message, made of the record, in which the study as it
stands is the truth. Turns that a person takes back stay in the store and are left out of what is told. Not for: asking
a model (turn.py).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from agenttune.errors import UserError
from agenttune.exchange import estimate_tokens
from agenttune.insight.context import study_context
from agenttune.insight.prompt import overview
from agenttune.insight.quoting import quote
from agenttune.models import ToolCall
from agenttune.prompts import fenced, render
from agenttune.session import SessionEntry, SessionRow
from agenttune.store import Store
from agenttune.tools.workspace import Workspace
from agenttune.types import Json

Message = dict[str, Json]
INTERRUPTED = "(the conversation broke off here; whether this was done is not known: look before doing it again)"
MOST_SAID = 20
"""Requests of the person that a compacted conversation quotes, the latest."""
MOST_TITLE = 80
MOST_KEPT = 1_200
"""Characters of a result of the present turn that are kept where the turn itself is too long."""
FACTS = ("study", "open")
"""Kinds of entries that stand whatever is taken back: what happened to studies, and which one is spoken of."""
MOST_DONE = 30
"""Calls that it tells."""


class Transcript:
    """One session; it is in the store once something was said."""

    def __init__(self, store: Store, row: SessionRow | None, *, workspace: str) -> None:
        """
        Args:
            store: where it is kept.
            row: the session that goes on; None is a new one.
            workspace: absolute folder that it is about.
        """
        self.row = row
        self._workspace = workspace
        self._store = store
        self._early: list[dict[str, Json]] = []
        """News of a study that came before anything was said."""
        self.entries: list[SessionEntry] = [] if row is None else store.entries(row.id)

    def add(self, kind: str, **content: Json) -> None:
        """Keeps an entry: "user", "reply", "tool", "study", "open", "approval", "failed", "compacted" or "rewound"."""
        if self.row is None and kind == "study":  # nothing was said yet, and perhaps nothing will be
            self._early.append(content)
            return
        if self.row is None:
            title = str(content.get("text", kind))[:MOST_TITLE]
            self.row = self._store.create_session(workspace=self._workspace, title=title)
            self.entries += [self._store.add_entry(self.row.id, "study", told) for told in self._early]
        self.entries.append(self._store.add_entry(self.row.id, kind, content))

    def add_reply(self, text: str, calls: Sequence[ToolCall], *, by: str) -> None:
        """Keeps what the model, or whoever stood in for it, said and wants done."""
        told: list[Json] = [{"id": call.id, "name": call.name, "arguments": call.arguments} for call in calls]
        self.add("reply", text=text, calls=told, by=by)

    @property
    def study_id(self) -> str | None:
        """The study that was spoken of last."""
        opened = [entry.content.get("study_id") for entry in self.entries if entry.kind == "open"]
        return str(opened[-1]) if opened else None

    @property
    def live(self) -> list[SessionEntry]:
        """What of it stands: without the turns that were taken back, of which what happened to studies is left."""
        found: list[SessionEntry] = []
        for entry in self.entries:
            if entry.kind == "rewound":
                since = cast(int, entry.content["since"])
                found = [each for each in found if each.id < since or each.kind in FACTS]
            found.append(entry)
        return found

    @property
    def said(self) -> list[str]:
        """What the person said and did not take back, verbatim."""
        return [str(entry.content["text"]) for entry in self.live if entry.kind == "user"]

    def messages(self) -> list[Message]:
        """The conversation since it was compacted last, without the system message."""
        return _messages(_since_compacted(self.live))

    def tokens(self) -> int:
        """Of the messages, as estimated."""
        return _tokens(self.messages())

    def compact(self, workspace: Workspace, *, must_save: bool = False) -> str:
        """Puts one message in the place of all that was said before the person's last words; tells what it saved.

        Args:
            workspace: how its study stands becomes a part of the message.
            must_save: whether it is left as it is where the message would be no shorter.

        Raises:
            UserError: it is left as it is.
        """
        live = self.live
        last = max((index for index, entry in enumerate(live) if entry.kind == "user"), default=None)
        if last is None:
            raise UserError("there is nothing to compact: nothing was said yet")
        before = live[:last]
        said = [quote(str(entry.content["text"]), 300) for entry in before if entry.kind == "user"]
        done = [_done(entry) for entry in before if entry.kind == "tool"]
        stands = "no study is open"
        if workspace.study_id is not None:
            row = workspace.row()
            stands = f"study {quote(row.name)}\n{overview(workspace.view(), study_context(row.spec))}"
        text = render("compacted", said=said[-MOST_SAID:], done=done[-MOST_DONE:], stands=stands)
        content: dict[str, Json] = {"text": text, "since": live[last].id}
        entry = SessionEntry(live[-1].id + 1, live[-1].created_at, "compacted", content)
        n_before, n_after = self.tokens(), _tokens(_messages(_since_compacted([*live, entry])))
        if must_save and n_after >= n_before:
            raise UserError(f"there is nothing to save: the conversation has about {n_before:,} tokens as it is")
        note = f"what was said before is one message for the model now: about {n_before:,} tokens became {n_after:,}"
        self.add("compacted", **content, note=note)
        return note

    def rewind(self, n_turns: int) -> str:
        """Takes the last turns back and returns what the person said first in them; what came of them stays.

        Raises:
            UserError: there are not so many.
        """
        asked = [entry for entry in self.live if entry.kind == "user"]
        if not 1 <= n_turns <= len(asked):
            raise UserError(
                f"turns are taken back from the last one, 1 to {len(asked)}, but got {n_turns}"
                if asked
                else "there is no turn to take back: nothing was said yet"
            )
        turns = "the last turn is" if n_turns == 1 else f"the last {n_turns} turns are"
        text = f"{turns} taken back; trials and edits of studies are facts and stay"
        self.add("rewound", since=asked[-n_turns].id, text=text)
        return str(asked[-n_turns].content["text"])


def _since_compacted(entries: Sequence[SessionEntry]) -> list[SessionEntry]:
    """The entries since the conversation was compacted last, that one in front."""
    compacted = next((entry for entry in reversed(entries) if entry.kind == "compacted"), None)
    if compacted is None:
        return list(entries)
    since = cast(int, compacted.content["since"])
    kept = [entry for entry in entries if entry.id >= since and entry.kind != "compacted"]
    return [compacted, *_shortened(kept, before=compacted.id)]


def _tokens(messages: Sequence[Message]) -> int:
    return sum(estimate_tokens(json.dumps(message)) for message in messages)


def _shortened(entries: Sequence[SessionEntry], *, before: int) -> list[SessionEntry]:
    """The entries with results cut that are older than `before`, the last of those apart: they may be what is long."""
    results = [entry.id for entry in entries if entry.kind == "tool" and entry.id < before]
    return [
        replace(entry, content={**entry.content, "text": _cut(str(entry.content["text"]))})
        if entry.id in results[:-1]
        else entry
        for entry in entries
    ]


def _cut(text: str) -> str:
    return text if len(text) <= MOST_KEPT else f"{text[:MOST_KEPT]}\n(cut, since the conversation is long)"


def _messages(entries: Sequence[SessionEntry]) -> list[Message]:
    messages: list[Message] = []
    open_calls: dict[str, str] = {}

    def close_calls() -> None:
        messages.extend(_tool_message(call_id, INTERRUPTED) for call_id in open_calls)
        open_calls.clear()

    for entry in entries:
        content = entry.content
        if entry.kind == "tool":
            if open_calls.pop(str(content["id"]), None) is not None:
                messages.append(_tool_message(str(content["id"]), str(content["text"])))
            continue
        if entry.kind not in ("user", "compacted", "study", "reply"):
            continue
        close_calls()
        if entry.kind == "reply":
            calls = (
                [call for call in content["calls"] if isinstance(call, dict)]
                if isinstance(content["calls"], list)
                else []
            )
            open_calls.update({str(call["id"]): str(call["name"]) for call in calls})
            messages.append(_assistant_message(str(content["text"]), calls))
        elif entry.kind == "study":
            messages.append({"role": "user", "content": f"News of the study:\n{fenced(str(content['text']))}"})
        else:
            messages.append({"role": "user", "content": str(content["text"])})
    close_calls()
    return messages


def _assistant_message(text: str, calls: Sequence[dict[str, Json]]) -> Message:
    message: Message = {"role": "assistant", "content": text}
    if calls:
        message["tool_calls"] = [
            {
                "id": call["id"],
                "type": "function",
                "function": {"name": call["name"], "arguments": call["arguments"]},
            }
            for call in calls
        ]
    return message


def _tool_message(call_id: str, text: str) -> Message:
    return {"role": "tool", "tool_call_id": call_id, "content": fenced(text)}


def as_markdown(entries: Sequence[SessionEntry]) -> str:
    """A conversation for people to keep: what was said, what tools did, in order."""
    parts: list[str] = []
    for entry in entries:
        text = str(entry.content.get("text", ""))
        if entry.kind == "user":
            parts.append("\n".join(f"> {line}" for line in text.splitlines()))
        elif entry.kind == "reply" and text:
            parts.append(text)
        elif entry.kind == "tool":
            result = "\n".join(f"    {line}" for line in text.splitlines())
            failed = " (failed)" if entry.content.get("is_error") else ""
            parts.append(f"*{entry.content['name']}{failed}*\n\n{result}")
        elif entry.kind in ("study", "failed", "rewound"):
            parts.append(f"*{text}*")
    return "\n\n".join(parts) + "\n"


def _done(entry: SessionEntry) -> str:
    first = str(entry.content["text"]).partition("\n")[0]
    failed = "failed: " if entry.content.get("is_error") else ""
    return f"{entry.content['name']}: {failed}{quote(first, 160)}"
