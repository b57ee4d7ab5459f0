"""Sends one request: the worst case is reserved before, what it did cost is settled after. Not for retries (asking.py).

The model works in a thread of its own that nobody has to wait for: one that does not keep its time, or a driver
that shuts down, costs a reservation and no minute.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Protocol

from agenttune.budget import Budget, Ledger, Spending
from agenttune.errors import ModelError
from agenttune.exchange import VERDICTS, Exchange, ExchangeRequest, NumberSaid, Sample
from agenttune.models import Model, Reply, Sampling, Schemas, ToolCall, patience_of
from agenttune.models.prices import FREE, Price, dollars
from agenttune.redaction import redact
from agenttune.replies.clean import clean_text
from agenttune.replies.tokens import worst_case
from agenttune.types import Json

GRACE_S = 5.0
"""How much longer than its own timeout a model is waited for."""
NOT_BILLED = ("rate-limited", "no-quota", "unauthorised", "unsupported")
"""Verdicts of requests that no model began to work on: they cost a request and no token. Not "unreachable", which may
be a line that broke later; a backend that knows better tells a usage of 0."""
MAX_TOKENS_TOLD = 10**9
"""Larger counts of a server are not believed."""
MAX_WHY_CHARS = 400
NOTHING = Spending(0, 0, 0.0)


class Cancelled(Exception):
    """The desk is closed: nobody waits for this reply any more."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a request."""

    text: str | None
    """The model's, without keys; None when none came."""
    latency_s: float
    usage: dict[str, int] = field(default_factory=dict)
    dollars: float | None = None
    revision: str | None = None
    verdict: str | None = None
    """Why there is no usable reply; None where there is one, to be decoded."""
    why: str | None = None
    error: Exception | None = None
    numbers: tuple[NumberSaid, ...] = ()
    """Of the text."""
    others: tuple[Sample, ...] = ()
    """More replies to the same prompt, cleaned like the first."""
    reused_from: str | None = None
    """The exchange of another study whose reply this is; nothing went out then."""
    tool_calls: tuple[ToolCall, ...] = ()
    """Untrusted."""

    @property
    def n_replies(self) -> int:
        """How many there are."""
        return 0 if self.text is None else 1 + len(self.others)


class Sends(Protocol):
    """What a desk needs of a sender."""

    def send(self, request: ExchangeRequest, schema: Schemas | None, sampling: Sampling, *, prompt_tokens: int) -> Sent:
        """What came of one request; see `Sender.send`."""
        ...

    def cancel(self) -> None:
        """Lets go of what is under way."""
        ...


class Sender:
    """Sends requests to one model at one study's expense."""

    def __init__(
        self,
        model: Model,
        ledger: Ledger,
        study_id: str | None,
        *,
        budget: Callable[[], Budget],
        daily: Budget | None,
        price: Price | None,
    ) -> None:
        self._model = model
        self._ledger = ledger
        self._study_id = study_id
        self._budget = budget
        self._daily = daily
        self._price = FREE if price is None and model.is_local else price
        self._lock = Lock()
        self._waiting: set[SimpleQueue[Reply | Exception]] = set()
        self._is_cancelled = False

    def send(
        self,
        request: ExchangeRequest,
        schema: Schemas | None,
        sampling: Sampling,
        *,
        prompt_tokens: int,
        tools: Sequence[Mapping[str, Json]] = (),
        on_text: Callable[[str], None] | None = None,
    ) -> Sent:
        """Reserves, sends and settles.

        Args:
            request: what is sent, free of keys.
            schema: what the reply is held to.
            sampling: how it is drawn.
            prompt_tokens: which the prompt will hardly pass.
            tools: which the model may call, where no schema holds it.
            on_text: hears the reply as it comes, where no schema holds it, in a thread of its own.

        Raises:
            BudgetExhausted: nothing was sent.
            Cancelled: by `cancel`; what was reserved stays reserved.
        """
        if self._is_cancelled:
            raise Cancelled
        worst = worst_case(self._price, prompt=prompt_tokens, completion=sampling.n * sampling.max_tokens)
        reservation = self._ledger.reserve(self._study_id, worst, self._budget(), daily=self._daily)
        began = time.monotonic()
        came = self._complete(request, schema, sampling, tools, on_text)
        if self._is_cancelled:  # the store may be closed by now
            raise Cancelled
        latency_s = time.monotonic() - began
        sent = self._failed(came, latency_s) if isinstance(came, Exception) else self._answered(came, latency_s)
        self._ledger.settle(reservation, spending(sent))
        return sent

    def cancel(self) -> None:
        """Lets go of every request under way; nothing is sent from now on."""
        with self._lock:
            self._is_cancelled = True
            for waiting in self._waiting:
                waiting.put(Cancelled())

    def _complete(
        self,
        request: ExchangeRequest,
        schema: Schemas | None,
        sampling: Sampling,
        tools: Sequence[Mapping[str, Json]],
        on_text: Callable[[str], None] | None,
    ) -> Reply | Exception:
        """A reply, or why there is none.

        Raises:
            Cancelled: by `cancel`.
        """
        came: SimpleQueue[Reply | Exception] = SimpleQueue()
        with self._lock:
            if self._is_cancelled:
                raise Cancelled
            self._waiting.add(came)

        def run() -> None:
            try:
                reply: Reply | None
                if on_text is None or schema is not None:
                    reply = self._model.complete(request.messages, schema=schema, tools=tools, sampling=sampling)
                else:
                    reply = _heard(self._model.stream(request.messages, tools=tools, sampling=sampling), on_text)
                came.put(_checked(reply, sampling.n))
            except Exception as error:  # noqa: BLE001  # a model may be anybody's code: it costs a verdict, no study
                came.put(error)

        Thread(target=run, name="request", daemon=True).start()
        try:
            result = came.get(timeout=patience_of(self._model).start_s + sampling.timeout_s + GRACE_S)
        except Empty:
            result = ModelError(f"no reply within {sampling.timeout_s:.0f} s", verdict="timeout")
        finally:
            with self._lock:
                self._waiting.discard(came)
        if isinstance(result, Cancelled):
            raise result
        return result

    def _answered(self, reply: Reply, latency_s: float) -> Sent:
        usage = _believed(reply.usage)
        cost = reply.dollars
        if cost is None or not 0 <= cost < math.inf:
            cost = dollars(self._price, usage)
        return Sent(
            text=reply.text,
            latency_s=latency_s if reply.latency_s is None else reply.latency_s,
            usage=usage,
            dollars=cost,
            revision=None if reply.revision is None else clean_text(str(reply.revision), limit=100),
            numbers=reply.numbers,
            others=reply.others,
            tool_calls=reply.tool_calls,
        )

    def _failed(self, error: Exception, latency_s: float) -> Sent:
        why = clean_text(str(error) or type(error).__name__, limit=MAX_WHY_CHARS)
        if not isinstance(error, ModelError):
            return Sent(None, latency_s, verdict="error", why=f"{type(error).__name__}: {why}", error=error)
        usage = _believed(error.usage)
        verdict = error.verdict if error.verdict in VERDICTS else "error"
        is_free = not any(usage.values()) and (bool(usage) or verdict in NOT_BILLED)
        return Sent(
            text=redact(error.text) if error.text else None,
            latency_s=latency_s,
            usage=usage,
            dollars=0.0 if is_free else dollars(self._price, usage),
            verdict=verdict,
            why=why,
            error=error,
        )


def sent_then(exchange: Exchange, *, verdict: str | None, error: Exception | None = None) -> Sent:
    """What came of a request that is recorded.

    Args:
        exchange: the record.
        verdict: why there was no usable reply; None where there was one, to be decoded.
        error: what it ended in.
    """
    return Sent(
        text=exchange.reply,
        latency_s=exchange.latency_s or 0.0,
        usage=exchange.usage,
        dollars=exchange.dollars,
        revision=exchange.revision,
        verdict=verdict,
        why=None if verdict is None else exchange.why,
        error=error,
        numbers=exchange.numbers,
        others=exchange.others,
        reused_from=exchange.reused_from,
    )


def _heard(pieces: Iterator[str | Reply], on_text: Callable[[str], None]) -> Reply | None:
    """The reply that ends a stream; its text is told word by word as it comes, since a key may come in two pieces."""
    reply: Reply | None = None
    rest = ""
    for piece in pieces:
        if isinstance(piece, Reply):
            reply = piece
            continue
        rest += str(piece)
        end = max(rest.rfind(" "), rest.rfind("\n")) + 1
        if end:
            on_text(redact(rest[:end]))
            rest = rest[end:]
    if rest:
        on_text(redact(rest))
    return reply


def _checked(reply: object, n: int) -> Reply | Exception:
    """The reply without keys, with at most `n` in all, if it is one: a model may be anybody's.

    Raises:
        Exception: of any kind, where what it holds is not what a reply holds.
    """
    if not isinstance(reply, Reply) or not isinstance(reply.text, str):
        return ModelError(f"the model returned {type(reply).__name__} instead of a Reply with text")
    first, *others = (_cleaned(entry) for entry in (Sample(reply.text, reply.numbers), *reply.others))
    return replace(reply, text=first.text, numbers=first.numbers, others=tuple(others[: n - 1]))


def _cleaned(sample: Sample) -> Sample:
    """A reply without keys; with its numbers only if they stand where they did and are numbers."""
    text = redact(sample.text)
    is_whole = text == sample.text == sample.text.encode("utf-8", "replace").decode()  # as the store keeps it
    return Sample(text, tuple(filter(_is_believed, sample.numbers)) if is_whole else ())


def _is_believed(number: object) -> bool:
    return (
        isinstance(number, NumberSaid)
        and isinstance(number.at, int)
        and math.isfinite(number.mean)
        and 0 <= number.sd < math.inf
        and 0 <= number.resolved <= 1 + 1e-9
    )


def _believed(usage: Mapping[str, object]) -> dict[str, int]:
    """Counts of tokens that can be counts of tokens."""
    return {
        str(kind): count
        for kind, count in usage.items()
        if isinstance(count, int) and not isinstance(count, bool) and 0 <= count <= MAX_TOKENS_TOLD
    }


def spending(sent: Sent) -> Spending:
    """What the request did cost; what is unknown stays at the worst case."""
    if sent.reused_from is not None:
        return NOTHING
    if "prompt" in sent.usage and "completion" in sent.usage:
        return Spending(1, sent.usage["prompt"] + sent.usage["completion"], sent.dollars)
    return Spending(1, 0 if sent.verdict in NOT_BILLED else None, sent.dollars)
