"""Senders that have replies already, since a record kept them: a replay's, and one that other studies answer.

In a replay, what is asked is compared with what was asked then. Spending is settled as it was, so that whoever counts
requests (the pace of the gate, a budget) counts the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from agenttune.budget import Budget, Ledger
from agenttune.errors import BudgetExhausted, CapabilityMissing, RateLimited
from agenttune.exchange import Exchange, ExchangeLog, ExchangeRequest
from agenttune.models import Sampling, Schemas
from agenttune.replies.asking import DECODED
from agenttune.replies.sender import NOTHING, Cancelled, Sends, Sent, sent_then, spending

SHOWN_CHARS = 40
"""Of a text, from where it differs on."""


class ReuseStore(ExchangeLog, Ledger, Protocol):
    """What a sender that other studies answer needs of a store."""


class RecordedSender:
    """Sends nothing: answers from `came`, in order."""

    def __init__(self, ledger: Ledger, study_id: str, on_difference: Callable[[str], object]) -> None:
        """
        Args:
            ledger: where what a request did cost then is counted.
            study_id: the study that asks now.
            on_difference: told in which way a request is not the recorded one.
        """
        self._ledger = ledger
        self._study_id = study_id
        self._on_difference = on_difference
        self.came: deque[Exchange] = deque()
        """What came of the requests of the question that is asked, the earliest first."""
        self.unsent: str | None = None
        """Why a request was not sent then, where that is how the question ended."""

    def send(self, request: ExchangeRequest, schema: Schemas | None, sampling: Sampling, *, prompt_tokens: int) -> Sent:
        """What came of the request then.

        Raises:
            BudgetExhausted: it was not sent.
            Cancelled: nothing came of it, since its driver died.
        """
        if not self.came:
            raise Cancelled if self.unsent is None else BudgetExhausted(self.unsent)
        exchange = self.came.popleft()
        difference = difference_of(exchange.request, request)
        if difference is not None:
            self._on_difference(difference)
        is_repeated = bool(self.came) and self.came[0].request == exchange.request
        sent = _sent(exchange, is_repeated=is_repeated)
        reservation = self._ledger.reserve(self._study_id, NOTHING, Budget())
        self._ledger.settle(reservation, spending(sent))
        return sent

    def cancel(self) -> None:
        """Nothing is under way."""


class ReusingSender:
    """Answers a request that any study of the store got a whole reply to from there; sends the others.

    What is answered so costs nothing, and leaves a line of nothing in the ledger: the gate's pace counts it.
    """

    def __init__(self, sender: Sends, store: ReuseStore, study_id: str, *, fingerprint: str = "") -> None:
        """
        Args:
            sender: of the requests that nobody asked before.
            store: where replies are looked for.
            study_id: the study that asks.
            fingerprint: of the model (`agenttune.models.fingerprint_of`): other replies than its own are not taken.
        """
        self._fingerprint = fingerprint
        self._sender = sender
        self._store = store
        self._study_id = study_id

    def send(self, request: ExchangeRequest, schema: Schemas | None, sampling: Sampling, *, prompt_tokens: int) -> Sent:
        """The reply that the request got before, or what comes of sending it; see `Sender.send`."""
        found = self._store.find_reusable(request.key, self._fingerprint)
        if found is None:
            return self._sender.send(request, schema, sampling, prompt_tokens=prompt_tokens)
        origin, exchange = found
        self._store.settle(self._store.reserve(self._study_id, NOTHING, Budget()), NOTHING)
        sent = _sent(exchange, is_repeated=False)
        return replace(sent, latency_s=0.0, usage={}, dollars=0.0, reused_from=origin)

    def cancel(self) -> None:
        """Lets go of what is under way."""
        self._sender.cancel()


def _sent(exchange: Exchange, *, is_repeated: bool) -> Sent:
    is_decoded = exchange.verdict in DECODED and exchange.verdict != "empty"  # which a server may say, too
    why = exchange.why or exchange.verdict
    refused = CapabilityMissing(why) if exchange.verdict == "unsupported" else RateLimited(why, retry_after_s=0.0)
    verdict = None if is_decoded else exchange.verdict
    return sent_then(exchange, verdict=verdict, error=refused if is_repeated else None)


def difference_of(then: ExchangeRequest, now: ExchangeRequest) -> str | None:
    """In which way a request is not the one of the record, in a sentence; None if it is."""
    if then == now:
        return None
    files = sorted(
        name
        for name in then.prompt_hashes.keys() | now.prompt_hashes.keys()
        if then.prompt_hashes.get(name) != now.prompt_hashes.get(name)
    )
    said = _message_difference(then, now)
    if files:
        said = f"{', '.join(files)} changed; {said or 'the messages are the same'}"
    if said is not None:
        return said
    names = [
        name for name in ("model", "schema", "sampling", "sample_index") if getattr(then, name) != getattr(now, name)
    ]
    return f"the {' and the '.join(names)} of the request changed"


def _message_difference(then: ExchangeRequest, now: ExchangeRequest) -> str | None:
    if len(then.messages) != len(now.messages):
        return f"the request had {len(then.messages)} messages and has {len(now.messages)}"
    for index, (old, new) in enumerate(zip(then.messages, now.messages, strict=True)):
        if old != new:
            before, after = str(old.get("content")), str(new.get("content"))
            at = _first_difference(before, after)
            shown = [repr(text[at : at + SHOWN_CHARS]) for text in (before, after)]
            return f"message {index} ({new.get('role')}) had {shown[0]} at character {at} and has {shown[1]}"
    return None


def _first_difference(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
