"""One turn of a conversation: what the person says, what the model wants done, what is allowed, what comes of it.

The model decides which tools it wants; which of them run is decided by approvals.py and a person, on what the call
would really do. Every request is counted before it is sent. A model that gives no usable reply is told as that, and
the offline assistant takes over where nothing was done yet. Not for: keeping the conversation (transcript.py).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from threading import Event

from agenttune.agent.approvals import Policy
from agenttune.agent.events import (
    AgentEvent,
    ApprovalGiven,
    ApprovalRequested,
    Compacted,
    Done,
    Failed,
    StudyHappened,
    TextDelta,
    ToolCalled,
    ToolReturned,
    UsageTold,
)
from agenttune.agent.grounds import marked
from agenttune.agent.offline import read_in
from agenttune.agent.requests import Limits, Requests, Spent
from agenttune.agent.transcript import Transcript
from agenttune.agent.watch import Watch
from agenttune.errors import AgentTuneError, BudgetExhausted, UserError
from agenttune.models import Model, ToolCall
from agenttune.prompts import render
from agenttune.redaction import redact
from agenttune.replies.sender import Cancelled
from agenttune.tools import Effect
from agenttune.tools.toolbox import Toolbox
from agenttune.tools.workspace import Workspace
from agenttune.types import Json

logger = logging.getLogger(__name__)

MOST_CALLS = 16
"""Of one reply that are done; as many more are refused, which the model is told, and the rest are not even kept."""
TOO_MANY = f"not done: at most {MOST_CALLS} calls of one reply are done; call again what is still wanted"
MOST_ALIKE = 3
"""Times in a row that a call may fail with the same arguments; a model that has not read why by then reads it never."""
WRITING: tuple[Effect, ...] = ("write", "delete")
"""What writes files: a call is done as it was shown, or not at all."""
CHANGED = "not done: the file has changed since you were asked, so this would do something else than was shown"
MOST_FAULT = 400
"""Characters of an exception that is told."""
OFFLINE = "offline"
"""Who worded a reply, where no model did."""

Approver = Callable[[ApprovalRequested], bool | None]
"""Asks a person; None: there is nobody to ask."""


@dataclass(slots=True)
class Turns:
    """Takes the turns of one conversation, one after the other."""

    workspace: Workspace
    transcript: Transcript
    policy: Policy
    approver: Approver
    model: Model | None = None
    limits: Limits = field(default_factory=Limits)
    standing: str = ""
    """The person's standing instructions."""
    _toolbox: Toolbox = field(default_factory=Toolbox)
    _watch: Watch | None = None
    _requests: Requests = field(init=False)
    _interrupted: Event = field(default_factory=Event)
    _was_denied: bool = False
    _n_done: int = 0
    """Calls of this turn that did what they were asked."""
    _failing: tuple[str, str] | None = None
    """Name and arguments of the latest call of this turn, if it failed."""
    _n_alike: int = 0
    """How often it failed in a row."""

    def __post_init__(self) -> None:
        self._requests = Requests(self.workspace, self.transcript, self.limits, self._toolbox, self._interrupted)

    def interrupt(self) -> None:
        """Stops the reply that is under way; trials go on."""
        self._interrupted.set()
        self._requests.cancel()

    def news(self) -> list[StudyHappened]:
        """What has happened in the study that is spoken of; kept in the conversation."""
        if self.workspace.study_id is None:
            return []
        if self._watch is None or self._watch.study_id != self.workspace.study_id:
            self._watch = Watch(self.workspace.store, self.workspace.study_id, since_now=True)
        told = self._watch.news()
        if told:
            text = "\n".join(f"{entry.study}: {entry.sentence}" for entry in told)
            self.transcript.add("study", text=text, origins=[entry.origin for entry in told if entry.origin])
        return told

    def take(self, text: str) -> Iterator[AgentEvent]:
        """What happens once the person has said `text`; the last event is `Done`."""
        self._interrupted.clear()
        self._was_denied = False
        self._n_done = 0
        self._failing, self._n_alike = None, 0
        yield from self.news()
        self.workspace.said.append(text)
        self.transcript.add("user", text=text)
        if self.model is None:
            yield from self._offline(text)
        else:
            yield from self._with_model(text, self.model)

    # -- with a model ------------------------------------------------------------------------------

    def _with_model(self, text: str, model: Model) -> Iterator[AgentEvent]:
        spent = Spent()
        for _ in range(self.limits.steps):
            if self.transcript.tokens() > self.limits.context_tokens:
                yield Compacted(self.transcript.compact(self.workspace))
            try:
                sent = yield from self._requests.reply(model, self._system(), spent)
            except Cancelled:
                yield _told(spent)
                yield self._done("", by=model.spec, is_interrupted=True)
                return
            except BudgetExhausted as error:
                yield from self._instead(text, Failed("over-budget", str(error)))
                return
            yield _told(spent)
            if sent.verdict is not None or not (sent.text or sent.tool_calls):
                why = sent.why or "it said nothing"
                yield from self._instead(text, Failed(sent.verdict or "empty", f"{model.spec}: {why}"))
                return
            calls = self._numbered(sent.tool_calls)
            self.transcript.add_reply(sent.text or "", calls, by=model.spec)
            if not calls:
                yield self._done(sent.text or "", by=model.spec)
                return
            for at, call in enumerate(calls):
                yield from self._run(call) if at < MOST_CALLS else self._refuse(call, TOO_MANY)
                if self._interrupted.is_set():
                    yield self._done("", by=model.spec, is_interrupted=True)
                    return
            if self._failing is not None and self._n_alike >= MOST_ALIKE:
                calls_alike = f"{self._n_alike} calls of {self._failing[0]} with the same arguments failed in a row"
                yield from self._end(f"{calls_alike}, so that the turn ends here; say it in other words")
                return
            yield from self.news()
        yield from self._end(
            f"the turn took {self.limits.steps} steps, which is its limit; say `go on` to have it go on"
        )

    def _end(self, sentence: str) -> Iterator[AgentEvent]:
        """Ends a turn of which nothing more is to be expected."""
        yield Failed("limit", sentence)
        yield self._done(sentence, by=OFFLINE)

    def _numbered(self, calls: Sequence[ToolCall]) -> tuple[ToolCall, ...]:
        """The calls of a reply, as many as are taken, each with an id that no other of the conversation has."""
        seen = {str(entry.content["id"]) for entry in self.transcript.entries if entry.kind == "tool"}
        found: list[ToolCall] = []
        for call in calls[: 2 * MOST_CALLS]:
            number = len(self.transcript.entries) + len(found)
            unique = call.id if call.id and call.id not in seen else f"call-{number}"
            seen.add(unique)
            found.append(replace(call, id=unique))
        return tuple(found)

    def _system(self) -> str:
        study = None
        if self.workspace.study_id is not None:
            study = self.workspace.row().name
        return render("agent", workspace=str(self.workspace.folder), study=study, standing=self.standing)

    def _instead(self, text: str, failure: Failed) -> Iterator[AgentEvent]:
        """The model is out: what was done stands; else the offline assistant answers, and it is said that it does."""
        yield failure
        self.transcript.add("failed", verdict=failure.verdict, text=failure.sentence)
        if self._n_done:
            sentence = f"The model stopped answering ({failure.sentence}). What its tools did so far stands."
            self.transcript.add_reply(sentence, (), by=OFFLINE)
            yield self._done(sentence, by=OFFLINE)
        else:
            yield from self._offline(text)

    # -- without one -------------------------------------------------------------------------------

    def _offline(self, text: str) -> Iterator[AgentEvent]:
        understood = read_in(self.workspace, text)
        if understood.question is not None:
            self.transcript.add_reply(understood.question, (), by=OFFLINE)
            yield TextDelta(understood.question)
            yield Done(understood.question, OFFLINE, is_question=True)
            return
        n_before = len(self.transcript.entries)
        calls = tuple(
            ToolCall(f"offline-{n_before}-{number}", call.tool, json.dumps(call.arguments))
            for number, call in enumerate(understood.calls)
        )
        self.transcript.add_reply("", calls, by=OFFLINE)
        told: list[str] = []
        is_failed = False
        for call in calls:
            for event in self._run(call):
                yield event
                if isinstance(event, ToolReturned):
                    told.append(event.text)
                    is_failed |= event.is_error
            if self._interrupted.is_set():
                break
        done = self._done("\n\n".join(told), by=OFFLINE, is_interrupted=self._interrupted.is_set())
        yield replace(done, is_failed=is_failed)

    # -- one call ----------------------------------------------------------------------------------

    def _run(self, call: ToolCall) -> Iterator[AgentEvent]:
        record: dict[str, Json] = {}
        is_error = True
        before = self.workspace.study_id
        try:
            tool = self._toolbox.tool(call.name)
            arguments = tool.checked(call.arguments)
            given = {name: value for name, value in arguments.items() if value is not None}
            yield ToolCalled(call.id, call.name, json.loads(json.dumps(given, default=str)))
            weighed = tool.weigh(self.workspace, arguments)
            decision, rule = self.policy.decide(call.name, weighed.effect)
            if decision == "ask":
                asked = ApprovalRequested(call.id, call.name, weighed.effect, redact(weighed.what))
                yield asked
                allowed = self.approver(asked)
                allowed = False if self._interrupted.is_set() else allowed
                self._was_denied |= allowed is None
                answer = ApprovalGiven(
                    call.id, allowed is True, "nobody was there to ask" if allowed is None else "you"
                )
                self.transcript.add("approval", id=call.id, what=asked.what, allowed=answer.is_allowed, by=answer.by)
                yield answer
                decision, rule = ("auto" if answer.is_allowed else "deny"), answer.by
                if answer.is_allowed and weighed.effect in WRITING and tool.weigh(self.workspace, arguments) != weighed:
                    raise UserError(CHANGED)
            if decision == "deny":
                self._was_denied |= rule != "you"
                text = f"denied ({rule}): {call.name} did not run"
            else:
                result = tool.call(self.workspace, {**arguments, **weighed.settled})
                text, record, is_error = result.text, result.record, False
                self._n_done += 1
        except (AgentTuneError, OSError) as error:
            text = redact(str(error) or type(error).__name__)
        except Exception as error:  # a bug of a tool's is told as that, and ends no conversation
            logger.exception("the tool %s broke", call.name)
            text = f"a fault of ours, not of the call: {redact(f'{type(error).__name__}: {error}')[:MOST_FAULT]}"
        self.transcript.add("tool", id=call.id, name=call.name, text=text, is_error=is_error, record=record)
        failing = (call.name, call.arguments) if is_error else None
        self._n_alike = self._n_alike + 1 if is_error and failing == self._failing else int(is_error)
        self._failing = failing
        if self.workspace.study_id is not None and self.workspace.study_id != before:
            self.transcript.add("open", study_id=self.workspace.study_id)
            is_known = call.name != "create_study"  # what happened to it before is no news
            self._watch = Watch(self.workspace.store, self.workspace.study_id, since_now=is_known)
        yield ToolReturned(call.id, call.name, text, is_error, record)

    def _refuse(self, call: ToolCall, why: str) -> Iterator[AgentEvent]:
        """What comes of a call that is not even looked at."""
        self.transcript.add("tool", id=call.id, name=call.name, text=why, is_error=True, record={})
        yield ToolReturned(call.id, call.name, why, True, {})

    def _done(self, text: str, *, by: str, is_interrupted: bool = False) -> Done:
        if by == OFFLINE:  # worded from the record by us
            return Done(text, by, is_interrupted=is_interrupted, is_denied=self._was_denied)
        text, unsupported = marked(text, self.transcript, self.workspace)
        return Done(text, by, unsupported, is_interrupted, self._was_denied)


def _told(spent: Spent) -> UsageTold:
    return UsageTold(spent.requests, spent.tokens, spent.dollars, spent.is_estimated)
