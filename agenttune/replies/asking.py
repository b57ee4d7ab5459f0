"""What every desk does with one request: looks for a known reply, sends, waits for a busy server, keeps what came.

A request that this study has asked before and got a reply to is not sent again: its reply is read from the store.
So a study that was interrupted goes on as it would have, and nothing is paid for twice. Not for: what is asked, or
what a reply is worth (the desk's own reader says).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Event
from typing import Protocol, cast

from agenttune.budget import Budget, Ledger
from agenttune.errors import BudgetExhausted, CapabilityMissing, RateLimited
from agenttune.exchange import Exchange, ExchangeLog, ExchangeRequest, Prompt
from agenttune.models import Model, Sampling, Schemas, patience_of
from agenttune.models.prices import Price
from agenttune.redaction import redact_json
from agenttune.replies.decode import Decoded
from agenttune.replies.sender import Cancelled, Sender, Sends, Sent, sent_then
from agenttune.replies.tokens import PromptTokens
from agenttune.replies.turn import Turn
from agenttune.types import Json

MAX_TURNS = 6
"""Times a request is sent again because the server refused a part of it: as many as a reply can lose."""
MAX_WAITS = 2
"""Times a request is sent again because the server was busy."""
WAIT_S = 2.0
"""Before the first of these, where the server does not say how long; doubled before the second."""
MAX_WAIT_S = 30.0
"""Longest wait for a server: a trial is not held up longer, whatever the server asks for."""
N_REPLIES = 2
"""Replies that one `ask` has time for: the question's and its repair's."""
REPAIRABLE = ("unparsable", "illegal")
DECODED = ("used", "repaired", *REPAIRABLE, "infeasible", "duplicate", "empty")
"""Verdicts that follow from the text of a reply alone."""
CLOSED = "the study is shutting down: nobody waits for the model any more"

Reader = Callable[[Sent], Decoded]
"""What the replies to a request came to."""


class DeskStore(ExchangeLog, Ledger, Protocol):
    """What a desk needs of a store."""

    def exchanges(self, study_id: str) -> list[tuple[int, Exchange]]:
        """(id, exchange) of all that a study asked, in order."""
        ...


class Asking:
    """Requests of one study to one model; its methods block, and may be called from several threads."""

    def __init__(
        self,
        model: Model,
        *,
        store: DeskStore,
        study_id: str | None,
        budget: Callable[[], Budget],
        daily: Budget | None = None,
        price: Price | None = None,
        sampling: Sampling | None = None,
        n_replies: int = N_REPLIES,
        deadline_s: float | None = None,
        sender: Sends | None = None,
    ) -> None:
        """
        Args:
            model: who is asked.
            store: where exchanges and the ledger are kept.
            study_id: the study that asks; None for requests outside any, whose results are not kept.
            budget: bounds of the study as they are now.
            daily: bounds of all requests of one day (UTC), whoever asks.
            price: of the model; None is unknown, and free if the model is local.
            sampling: how replies are drawn, and how many; None takes the model's own timeout.
            n_replies: that one question needs at most, each within its timeout.
            deadline_s: longest time of one question, all its requests together; None has room for replies that take
                their whole timeout, and a wait.
            sender: sends in place of the model itself, for replays.
        """
        self.model = model
        self._store = store
        self._study_id = study_id
        self._sender: Sends = sender or Sender(model, store, study_id, budget=budget, daily=daily, price=price)
        patience = patience_of(model)
        self.sampling = sampling or Sampling(timeout_s=patience.reply_s)
        usual_s = patience.start_s + n_replies * self.sampling.timeout_s + MAX_WAIT_S
        self._deadline_s = usual_s if deadline_s is None else deadline_s
        self._is_cancelled = Event()
        self._tokens = PromptTokens()
        for _, exchange in [] if study_id is None else store.exchanges(study_id):
            self._tokens.learn(exchange)

    def ends_at(self) -> float:
        """When a question that is asked now must be answered, on the monotonic clock."""
        return time.monotonic() + self._deadline_s

    def cancel(self) -> None:
        """Has every turn end at once and sends nothing more; what was reserved stays reserved."""
        self._is_cancelled.set()
        self._sender.cancel()

    def request(
        self,
        prompt: Prompt,
        *,
        seed: int,
        schema: dict[str, Json] | None = None,
        sample: int = 0,
        max_tokens: int | None = None,
    ) -> ExchangeRequest:
        """The request for the replies to a prompt; for one of them alone, if it is not the first.

        Args:
            prompt: what is asked.
            seed: of the first reply.
            schema: what replies are held to.
            sample: which of the replies is asked for.
            max_tokens: of a reply; None is the usual bound.
        """
        sampling = replace(
            self.sampling, seed=(seed + sample) % 2**32, max_tokens=max_tokens or self.sampling.max_tokens
        )
        return ExchangeRequest(
            model=self.model.spec,
            messages=tuple(cast(dict[str, Json], redact_json(message)) for message in prompt.messages),
            schema=schema,
            sampling=(replace(sampling, n=1) if sample else sampling).to_json(),
            prompt_hashes=dict(prompt.hashes),
            sample_index=sample,
        )

    def turn(self, request: ExchangeRequest, schema: Schemas | None, read: Reader, *, ends_at: float) -> Turn:
        """The replies to a request, from the store or from the model, read and kept.

        Raises:
            Cancelled: the desk is closed.
            StoreError: the store cannot be written. Never because of what a model says or does.
        """
        known = None if self._study_id is None else self._store.find_answered(self._study_id, request.key)
        if known is not None:
            exchange_id, exchange = known
            sent = sent_then(exchange, verdict=None if exchange.verdict in DECODED else exchange.verdict)
            return Turn(request, read(sent), 0, sent.text, sent.n_replies, exchange_id)
        failed: list[Exception | None] = []
        try:
            sent = self._send(request, schema, ends_at)
            while self._is_sent_again(sent.error, failed, ends_at):
                self._keep(request, sent, read(sent))
                failed.append(sent.error)
                sent = self._send(request, schema, ends_at)
        except BudgetExhausted as error:
            self._store.add_unsent(self._study_id, self.model.spec, "over-budget", str(error))
            return Turn(request, Decoded((), (), "over-budget", str(error)), len(failed))
        decoded = read(sent)
        n_sent = len(failed) + (sent.reused_from is None)
        return Turn(request, decoded, n_sent, sent.text, sent.n_replies, self._keep(request, sent, decoded))

    def _send(self, request: ExchangeRequest, schema: Schemas | None, ends_at: float) -> Sent:
        left_s = max(ends_at - time.monotonic(), 1.0)
        seed, n, max_tokens = (request.sampling.get(name, 1) for name in ("seed", "n", "max_tokens"))
        assert isinstance(seed, int) and isinstance(n, int) and isinstance(max_tokens, int)  # `request` wrote them
        timeout_s = min(self.sampling.timeout_s, left_s)
        sampling = replace(self.sampling, seed=seed, n=n, max_tokens=max_tokens, timeout_s=timeout_s)
        return self._sender.send(request, schema, sampling, prompt_tokens=self._tokens.at_most(request))

    def _is_sent_again(self, error: Exception | None, failed: Sequence[Exception | None], ends_at: float) -> bool:
        """Whether the request is worth another try, after the wait that the server asks for.

        Raises:
            Cancelled: the desk was closed during the wait.
        """
        left_s = ends_at - time.monotonic()
        if isinstance(error, CapabilityMissing):
            return left_s > 0 and sum(isinstance(entry, CapabilityMissing) for entry in failed) < MAX_TURNS
        n_waits = sum(isinstance(entry, RateLimited) for entry in failed)
        if not isinstance(error, RateLimited) or n_waits == MAX_WAITS:
            return False
        asked_for = error.retry_after_s
        wait_s = WAIT_S * 2**n_waits if asked_for is None else max(asked_for, 0.0)
        if not wait_s <= min(MAX_WAIT_S, left_s):  # a server may also ask for NaN seconds
            return False
        if self._is_cancelled.wait(wait_s):
            raise Cancelled
        return True

    def _keep(self, request: ExchangeRequest, sent: Sent, decoded: Decoded) -> int:
        exchange = Exchange(
            request=request,
            reply=sent.text,
            verdict=decoded.verdict,
            latency_s=sent.latency_s,
            usage=sent.usage,
            dollars=sent.dollars,
            why=decoded.why,
            revision=sent.revision,
            numbers=sent.numbers,
            others=sent.others,
            reused_from=sent.reused_from,
        )
        self._tokens.learn(exchange)
        return self._store.add_exchange(
            self._study_id, exchange, candidates=decoded.candidates, refused=decoded.refused
        )
