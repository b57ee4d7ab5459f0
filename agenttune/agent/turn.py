"""One turn of a conversation: what the person says, what the model wants done, what is allowed, what comes of it.

The model decides which tools it wants; which of them run is decided by approvals.py and a person, on what the call
would really do. Every request is counted before it is sent. A model that gives no usable reply is told as that, and
the offline assistant takes over where nothing was done yet. Not for: keeping the conversation (transcript.py).
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from threading import Event, Thread
from typing import cast

from agenttune.agent.approvals import Policy
from agenttune.agent.events import (
    AgentEvent,
    ApprovalGiven,
    ApprovalRequested,
    Done,
    Failed,
    StudyHappened,
    TextDelta,
    ToolCalled,
    ToolReturned,
    UsageTold,
)
from agenttune.agent.grounds import marked
from agenttune.agent.offline import Understood
from agenttune.agent.transcript import Transcript
from agenttune.agent.watch import Watch
from agenttune.budget import Budget
from agenttune.errors import AgentTuneError, BudgetExhausted, CapabilityMissing, RateLimited
from agenttune.exchange import Exchange, ExchangeRequest
from agenttune.models import Model, Reply, Sampling, ToolCall, patience_of
from agenttune.models.prices import price_of
from agenttune.models.spoken_tools import read_call, with_tools
from agenttune.prompts import SUFFIX, prompt_hash, render
from agenttune.redaction import redact
from agenttune.replies.sender import Cancelled, Sender, Sent
from agenttune.replies.tokens import MARGIN, estimate_prompt, worst_case
from agenttune.settings import load_settings
from agenttune.tools.toolbox import Toolbox
from agenttune.tools.workspace import Workspace
from agenttune.types import Json

logger = logging.getLogger(__name__)

MOST_REFUSALS = 8
"""Times a request is sent again because the server refused a part of it: each time another one."""
MOST_WAITS = 2
MOST_CALLS = 16
"""Of one reply that are done; as many more are refused, which the model is told, and the rest are not even kept."""
TOO_MANY = f"not done: at most {MOST_CALLS} calls of one reply are done; call again what is still wanted"
MOST_FAULT = 400
"""Characters of an exception that is told."""
LONGEST_WAIT_S = 30.0
"""For a server that wants fewer requests."""
OFFLINE = "offline"
"""Who worded a reply, where no model did."""

Approver = Callable[[ApprovalRequested], bool | None]
"""Asks a person; None: there is nobody to ask."""
Reader = Callable[[str, Workspace], Understood]
"""The offline assistant."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one turn; None is no bound."""

    steps: int = 16
    """Requests to the model: each may call several tools."""
    tokens: int | None = None
    dollars: float | None = None
    context_tokens: int = 16_000
    """Of the conversation, as estimated, beyond which it is compacted."""


@dataclass(slots=True)
class _Spent:
    requests: int = 0
    tokens: int = 0
    dollars: float | None = 0.0


@dataclass(slots=True)
class Turns:
    """Takes the turns of one conversation, one after the other."""

    workspace: Workspace
    transcript: Transcript
    policy: Policy
    approver: Approver
    read_offline: Reader
    model: Model | None = None
    limits: Limits = Limits()
    standing: str = ""
    """The person's standing instructions."""
    _toolbox: Toolbox = field(default_factory=Toolbox)
    _watch: Watch | None = None
    _sender: Sender | None = None
    _interrupted: Event = field(default_factory=Event)
    _was_denied: bool = False
    _kept: tuple[dict[str, Json], ...] = ()
    """Messages of the last exchange that is kept: the next one holds what is new."""
    _n_done: int = 0
    """Calls of this turn that did what they were asked."""

    def interrupt(self) -> None:
        """Stops the reply that is under way; trials go on."""
        self._interrupted.set()
        if self._sender is not None:
            self._sender.cancel()

    def news(self) -> list[StudyHappened]:
        """What has happened in the study that is spoken of; kept in the conversation."""
        if self.workspace.study_id is None:
            return []
        if self._watch is None or self._watch.study_id != self.workspace.study_id:
            self._watch = Watch(self.workspace.store, self.workspace.study_id, since_now=True)
        told = self._watch.news()
        if told:
            self.transcript.add("study", text="\n".join(f"{entry.study}: {entry.sentence}" for entry in told))
        return told

    def take(self, text: str) -> Iterator[AgentEvent]:
        """What happens once the person has said `text`; the last event is `Done`."""
        self._interrupted.clear()
        self._was_denied = False
        self._n_done = 0
        yield from self.news()
        self.workspace.said.append(text)
        self.transcript.add("user", text=text)
        if self.model is None:
            yield from self._offline(text)
        else:
            yield from self._with_model(text, self.model)

    # -- with a model ------------------------------------------------------------------------------

    def _with_model(self, text: str, model: Model) -> Iterator[AgentEvent]:
        spent = _Spent()
        for _ in range(self.limits.steps):
            if self.transcript.tokens() > self.limits.context_tokens:
                self.transcript.compact(self.workspace)
            try:
                sent = yield from self._asked(model, spent)
            except Cancelled:
                yield self._done("", by=model.spec, is_interrupted=True)
                return
            except BudgetExhausted as error:
                yield from self._instead(text, Failed("over-budget", str(error)))
                return
            yield UsageTold(spent.requests, spent.tokens, spent.dollars)
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
            yield from self.news()
        sentence = f"the turn took {self.limits.steps} steps, which is its limit; say `go on` to have it go on"
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

    def _asked(self, model: Model, spent: _Spent) -> Generator[AgentEvent, None, Sent]:
        """The reply to the conversation so far.

        Raises:
            Cancelled: the turn was interrupted.
            BudgetExhausted: a limit of the turn or of the day would be passed; nothing was sent.
        """
        n_refusals = n_waits = 0
        while True:
            sent = yield from self._sent(model, spent)
            if isinstance(sent.error, CapabilityMissing) and n_refusals < MOST_REFUSALS:
                n_refusals += 1
                continue
            if isinstance(sent.error, RateLimited) and n_waits < MOST_WAITS:
                n_waits += 1
                wait_s = min(sent.error.retry_after_s or 1.0, LONGEST_WAIT_S)
                yield Failed("rate-limited", f"{model.spec} wants fewer requests; asked again in {wait_s:.0f} s")
                if self._interrupted.wait(wait_s):
                    raise Cancelled
                continue
            return sent

    def _sent(self, model: Model, spent: _Spent) -> Generator[AgentEvent, None, Sent]:
        """What came of one request; pieces of its text as they come."""
        settings, schemas = load_settings(), self._toolbox.schemas()
        is_native = model.capabilities.tools is not False
        messages: list[dict[str, Json]] = [{"role": "system", "content": self._system()}, *self.transcript.messages()]
        told = tuple(messages if is_native else with_tools(messages, schemas))
        sampling = Sampling(max_tokens=settings.max_tokens_per_reply, timeout_s=patience_of(model).reply_s)
        request = ExchangeRequest(
            model.spec, told, _named(schemas), sampling.to_json(), {f"agent{SUFFIX}": prompt_hash("agent")}
        )
        tools = schemas if is_native else []
        n_prompt = math.ceil(MARGIN * (estimate_prompt(request) + len(json.dumps(tools)) // 3))
        price = price_of(model.spec, is_local=model.is_local)
        worst = worst_case(price, prompt=n_prompt, completion=sampling.max_tokens)
        self._require(spent, worst.tokens, worst.dollars)
        sender = self._sender = Sender(
            model, self.workspace.store, None, budget=Budget, daily=settings.daily, price=price
        )
        if self._interrupted.is_set():  # between two requests, when there was no sender to cancel
            raise Cancelled
        heard: SimpleQueue[str | Sent | BaseException] = SimpleQueue()

        def send() -> None:
            try:
                on_text = heard.put if is_native else None
                heard.put(sender.send(request, None, sampling, prompt_tokens=n_prompt, tools=tools, on_text=on_text))
            except BaseException as error:  # noqa: BLE001  # whatever it is belongs to the one who waits
                heard.put(error)

        Thread(target=send, name="agent-request", daemon=True).start()
        n_pieces = 0
        while not isinstance(came := heard.get(), Sent):
            if isinstance(came, BaseException):
                raise came
            n_pieces += 1
            yield TextDelta(came)
        sent = came if is_native else _spoken(came)
        if sent.text and not n_pieces:
            yield TextDelta(sent.text)
        self._keep(request, came)
        spent.requests += 1
        spent.tokens += sum(came.usage.get(kind, 0) for kind in ("prompt", "completion"))
        spent.dollars = None if came.dollars is None or spent.dollars is None else spent.dollars + came.dollars
        return sent

    def _system(self) -> str:
        study = None
        if self.workspace.study_id is not None:
            study = self.workspace.row().name
        return render("agent", workspace=str(self.workspace.folder), study=study, standing=self.standing)

    def _require(self, spent: _Spent, tokens: int | None, dollars: float | None) -> None:
        """Refuses a request that could pass a limit of the turn."""
        for name, bound, so_far, more in (
            ("tokens", self.limits.tokens, spent.tokens, tokens),
            ("dollars", self.limits.dollars, spent.dollars, dollars),
        ):
            if bound is None:
                continue
            if so_far is None or more is None:
                raise BudgetExhausted(f"the turn may cost {bound:g} {name}, and what a request costs is not known")
            if so_far + more > bound:
                raise BudgetExhausted(
                    f"the turn may cost {bound:g} {name}: {so_far:g} are spent, and the next request may take {more:g}"
                )

    def _keep(self, request: ExchangeRequest, sent: Sent) -> None:
        calls = [f"{call.name}({call.arguments})" for call in sent.tool_calls]
        text = "\n".join(filter(None, [sent.text, *calls])) or sent.text
        n_before, self._kept = _n_same(self._kept, request.messages), request.messages
        schema = {**(request.schema or {}), "messages_before": n_before}  # which the exchange before it holds
        exchange = Exchange(
            replace(request, messages=request.messages[n_before:], schema=schema),
            None if text is None else redact(text),
            sent.verdict or "used",
            sent.latency_s,
            sent.usage,
            sent.dollars,
            sent.why,
            sent.revision,
        )
        self.workspace.store.add_exchange(None, exchange)

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
        understood = self.read_offline(text, self.workspace)
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


def _n_same(one: Sequence[object], other: Sequence[object]) -> int:
    """How many they begin with in common."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _named(schemas: list[dict[str, Json]]) -> dict[str, Json]:
    """Which tools a request offered, for its record: their schemas are as long as a prompt."""
    names: list[Json] = [cast("dict[str, Json]", schema["function"])["name"] for schema in schemas]
    return {"tools": names, "sha256": hashlib.sha256(json.dumps(schemas, sort_keys=True).encode()).hexdigest()}


def _spoken(sent: Sent) -> Sent:
    """A reply of a model without tool calls of its own, read as words or a call."""
    if sent.text is None:
        return sent
    reply = read_call(Reply(sent.text, usage=sent.usage))
    return replace(sent, text=reply.text, tool_calls=reply.tool_calls)
