"""`Requests`: the requests of one turn's model: within the turn's limits, counted before they are sent, kept after.

A part that a server refuses is left out and asked again; one that wants fewer requests is waited for. Not for: what a
reply leads to (turn.py).
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from queue import SimpleQueue
from threading import Event, Thread
from typing import cast

from agenttune.agent.events import AgentEvent, Failed, TextDelta
from agenttune.agent.transcript import Transcript
from agenttune.budget import Budget, Spending
from agenttune.errors import BudgetExhausted, CapabilityMissing, RateLimited
from agenttune.exchange import Exchange, ExchangeRequest
from agenttune.models import Model, Reply, Sampling, patience_of
from agenttune.models.prices import price_of
from agenttune.models.spoken_tools import read_call, with_tools
from agenttune.prompts import SUFFIX, prompt_hash
from agenttune.redaction import redact
from agenttune.replies.sender import Cancelled, Sender, Sent, spending
from agenttune.replies.tokens import MARGIN, estimate_prompt, worst_case
from agenttune.settings import load_settings
from agenttune.tools.toolbox import Toolbox
from agenttune.tools.workspace import Workspace
from agenttune.types import Json

MOST_REFUSALS = 8
"""Times a request is sent again because the server refused a part of it: each time another one."""
MOST_WAITS = 2
LONGEST_WAIT_S = 30.0
"""For a server that wants fewer requests."""
UNTOLD = Spending(1, None, None)


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
class Spent:
    """By the requests of one turn so far."""

    requests: int = 0
    tokens: int = 0
    dollars: float | None = 0.0
    is_estimated: bool = False
    """Whether something was not told and counts at its worst case, as the ledger has it."""

    def add(self, cost: Spending, *, worst: Spending) -> None:
        """Adds one request."""
        tokens = worst.tokens if cost.tokens is None else cost.tokens
        dollars = worst.dollars if cost.dollars is None else cost.dollars
        self.requests += 1
        self.tokens += tokens or 0
        self.dollars = None if dollars is None or self.dollars is None else self.dollars + dollars
        self.is_estimated |= cost.tokens is None


class Requests:
    """Asks whichever model it is told, about one conversation."""

    def __init__(
        self, workspace: Workspace, transcript: Transcript, limits: Limits, toolbox: Toolbox, interrupted: Event
    ) -> None:
        """
        Args:
            workspace: whose store counts and keeps the requests.
            transcript: what the model is told.
            limits: of each turn.
            toolbox: what it may call.
            interrupted: set while nobody wants the reply any more.
        """
        self._workspace = workspace
        self._transcript = transcript
        self._limits = limits
        self._toolbox = toolbox
        self._interrupted = interrupted
        self._sender: Sender | None = None
        self._kept: tuple[dict[str, Json], ...] = ()
        """Messages of the last exchange that is kept: the next one holds what is new."""

    def cancel(self) -> None:
        """Lets go of the request that is under way."""
        if self._sender is not None:
            self._sender.cancel()

    def reply(self, model: Model, system: str, spent: Spent) -> Generator[AgentEvent, None, Sent]:
        """The reply to the conversation so far, and what happens until it is there.

        Args:
            model: which is asked.
            system: what it is told before all else.
            spent: by the turn; the request is added.

        Raises:
            Cancelled: the turn was interrupted.
            BudgetExhausted: a limit of the turn or of the day would be passed; nothing was sent.
        """
        n_refusals = n_waits = 0
        while True:
            sent = yield from self._sent(model, system, spent)
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

    def _sent(self, model: Model, system: str, spent: Spent) -> Generator[AgentEvent, None, Sent]:
        """What came of one request; pieces of its text as they come."""
        settings, schemas = load_settings(), self._toolbox.schemas()
        is_native = model.capabilities.tools is not False
        messages: list[dict[str, Json]] = [{"role": "system", "content": system}, *self._transcript.messages()]
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
            model, self._workspace.store, None, budget=Budget, daily=settings.daily, price=price
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
            if isinstance(came, Cancelled):  # what was reserved stays so
                spent.add(UNTOLD, worst=worst)
            if isinstance(came, BaseException):
                raise came
            n_pieces += 1
            yield TextDelta(came)
        sent = came if is_native else _spoken(came)
        if sent.text and not n_pieces:
            yield TextDelta(sent.text)
        self._keep(request, came)
        spent.add(spending(came), worst=worst)
        return sent

    def _require(self, spent: Spent, tokens: int | None, dollars: float | None) -> None:
        """Refuses a request that could pass a limit of the turn."""
        for name, bound, so_far, more in (
            ("tokens", self._limits.tokens, spent.tokens, tokens),
            ("dollars", self._limits.dollars, spent.dollars, dollars),
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
        self._workspace.store.add_exchange(None, exchange)


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
