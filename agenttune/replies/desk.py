"""`Desk`: asks a model for configurations, with everything around it, and keeps what comes of it in the store.

A request that this study has asked before and got a reply to is not sent again: its reply is read from the store.
So a study that was interrupted goes on as it would have, and nothing is paid for twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Event
from typing import Protocol, cast

from agenttune.budget import Budget, Ledger
from agenttune.errors import BudgetExhausted, CapabilityMissing, RateLimited
from agenttune.exchange import Exchange, ExchangeLog, ExchangeRequest
from agenttune.models import Model, Sampling, Schemas, patience_of, redraws_of
from agenttune.models.prices import Price
from agenttune.redaction import redact_json
from agenttune.replies import Answer, Question
from agenttune.replies.decode import Decoded
from agenttune.replies.schema import reply_schema
from agenttune.replies.sender import Cancelled, Sender, Sends, Sent, sent_then
from agenttune.replies.tokens import PromptTokens
from agenttune.replies.turn import Turn, answer_of, read, redrawn, repair_of
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
REDRAWN = ("infeasible", "duplicate")
"""Verdicts on replies that were well formed: there is nothing to repair, but another draw may bring something new."""
DECODED = ("used", "repaired", *REPAIRABLE, "infeasible", "duplicate", "empty")
"""Verdicts that follow from the text of a reply alone."""
CLOSED = "the study is shutting down: nobody waits for the model any more"


class DeskStore(ExchangeLog, Ledger, Protocol):
    """What a desk needs of a store."""

    def exchanges(self, study_id: str) -> list[tuple[int, Exchange]]:
        """(id, exchange) of all that a study asked, in order."""
        ...


class Desk:
    """Asks one model for one study; its methods block, and may be called from several threads."""

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
        deadline_s: float | None = None,
        sender: Sends | None = None,
    ) -> None:
        """
        Args:
            model: who is asked.
            store: where exchanges and the ledger are kept.
            study_id: the study that asks; None for requests outside any, whose candidates are not kept.
            budget: bounds of the study as they are now.
            daily: bounds of all requests of one day (UTC), whoever asks.
            price: of the model; None is unknown, and free if the model is local.
            sampling: how replies are drawn, and how many; the seed is the question's, and None takes the model's own
                timeout.
            deadline_s: longest time of one `ask`, all its requests together; None has room for replies that take
                their whole timeout, and a wait.
            sender: sends in place of the model itself, for replays.
        """
        self._model = model
        self._store = store
        self._study_id = study_id
        self._sender: Sends = sender or Sender(model, store, study_id, budget=budget, daily=daily, price=price)
        patience = patience_of(model)
        self._sampling = sampling or Sampling(timeout_s=patience.reply_s)
        usual_s = patience.start_s + N_REPLIES * self._sampling.timeout_s + MAX_WAIT_S
        self._deadline_s = usual_s if deadline_s is None else deadline_s
        self._is_cancelled = Event()
        self._tokens = PromptTokens()
        for _, exchange in [] if study_id is None else store.exchanges(study_id):
            self._tokens.learn(exchange)

    def ask(self, question: Question) -> Answer:
        """Sends the question, and once a repair request if nothing of the reply can be used; stores all of it.

        Where all that was offered breaks a constraint or is there already, a model whose replies cost nothing draws
        again (`redraws_of`): the same question with another seed, each time a request and an exchange of its own.

        Replies that the sampling asks for and one request did not bring are asked for by requests of their own, one
        after the other: what is kept of them then stands in the same order in a replay.

        Args:
            question: what is asked.

        Raises:
            StoreError: the store cannot be written. Never because of what a model says or does.
        """
        schema = reply_schema(question.space, question.goal, k=question.k)
        ends_at = time.monotonic() + self._deadline_s
        try:
            turns = [self._turn(self._request(question, schema), question, schema, ends_at=ends_at)]
            if turns[0].decoded.verdict in REPAIRABLE and time.monotonic() <= ends_at:
                repair = repair_of(turns[0], question)
                turns.append(self._turn(repair, question, schema, ends_at=ends_at, after=turns[0]))
            asked = question
            for number in range(1, redraws_of(self._model) + 1):
                if turns[-1].decoded.verdict not in REDRAWN or time.monotonic() > ends_at:
                    break
                asked = redrawn(question, number)
                turns.append(self._turn(self._request(asked, schema), asked, schema, ends_at=ends_at))
            if turns[-1].decoded.verdict != "used":
                return answer_of(turns)
            return answer_of(turns, self._further(turns[-1], asked, schema, ends_at))
        except Cancelled:
            return Answer((), (), "error", CLOSED, 0)

    def cancel(self) -> None:
        """Has every `ask` return at once and sends nothing more; what was reserved stays reserved."""
        self._is_cancelled.set()
        self._sender.cancel()

    # -- one request -------------------------------------------------------------------------------

    def _further(self, first: Turn, question: Question, schema: Schemas, ends_at: float) -> list[Turn]:
        """Turns for the replies that the first request did not bring; one that brings none is the last."""
        turns: list[Turn] = []
        for sample in range(first.n_replies, self._sampling.n):
            if time.monotonic() > ends_at or (turns and turns[-1].reply is None):
                break
            request = self._request(question, schema, sample)
            try:
                turns.append(self._turn(request, question, schema, ends_at=ends_at))
            except Cancelled:  # what the first reply brought is an answer
                break
        return turns

    def _request(self, question: Question, schema: Schemas, sample: int = 0) -> ExchangeRequest:
        """The request for a question's replies; for one of them alone, if it is not the first."""
        sampling = replace(self._sampling, seed=(question.seed + sample) % 2**32)
        return ExchangeRequest(
            model=self._model.spec,
            messages=tuple(cast(dict[str, Json], redact_json(message)) for message in question.prompt.messages),
            schema=dict(schema.ranges),
            sampling=(replace(sampling, n=1) if sample else sampling).to_json(),
            prompt_hashes=dict(question.prompt.hashes),
            sample_index=sample,
        )

    def _turn(
        self,
        request: ExchangeRequest,
        question: Question,
        schema: Schemas,
        *,
        ends_at: float,
        after: Turn | None = None,
    ) -> Turn:
        """The replies to a request, from the store or from the model, read and kept.

        Raises:
            Cancelled: the desk is closed.
        """

        def read_in(sent: Sent) -> Decoded:
            return read(sent, question, sample=request.sample_index, after=after)

        known = None if self._study_id is None else self._store.find_answered(self._study_id, request.key)
        if known is not None:
            exchange_id, exchange = known
            sent = sent_then(exchange, verdict=None if exchange.verdict in DECODED else exchange.verdict)
            return Turn(request, read_in(sent), 0, sent.text, sent.n_replies, exchange_id)
        failed: list[Exception | None] = []
        try:
            sent = self._send(request, schema, ends_at)
            while self._is_sent_again(sent.error, failed, ends_at):
                self._keep(request, sent, read_in(sent))
                failed.append(sent.error)
                sent = self._send(request, schema, ends_at)
        except BudgetExhausted as error:
            self._store.add_unsent(self._study_id, self._model.spec, "over-budget", str(error))
            return Turn(request, Decoded((), (), "over-budget", str(error)), len(failed))
        decoded = read_in(sent)
        n_sent = len(failed) + (sent.reused_from is None)
        return Turn(request, decoded, n_sent, sent.text, sent.n_replies, self._keep(request, sent, decoded))

    def _send(self, request: ExchangeRequest, schema: Schemas, ends_at: float) -> Sent:
        left_s = max(ends_at - time.monotonic(), 1.0)
        seed, n = request.sampling["seed"], request.sampling.get("n", 1)
        assert isinstance(seed, int) and isinstance(n, int)  # `_request` wrote them
        sampling = replace(self._sampling, seed=seed, n=n, timeout_s=min(self._sampling.timeout_s, left_s))
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
