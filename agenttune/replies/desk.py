"""`Desk`: asks a model for configurations, with everything around it, and keeps what comes of it in the store.

A request that this study has asked before and got a reply to is not sent again: its reply is read from the store.
So a study that was interrupted goes on as it would have, and nothing is paid for twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from threading import Event, Thread
from typing import Protocol, TypeVar, cast

from agenttune.budget import Budget, Ledger
from agenttune.errors import BudgetExhausted, CapabilityMissing, RateLimited
from agenttune.exchange import Exchange, ExchangeLog, ExchangeRequest
from agenttune.models import Model, Sampling, Schemas, patience_of
from agenttune.models.prices import Price
from agenttune.prompts import SUFFIX, prompt_hash, render
from agenttune.redaction import redact, redact_json
from agenttune.replies import Answer, Question
from agenttune.replies.decode import Decoded, decode
from agenttune.replies.schema import reply_schema
from agenttune.replies.sender import Cancelled, Sender, Sends, Sent
from agenttune.replies.tokens import PromptTokens
from agenttune.trial import Candidate, Proposal
from agenttune.types import Json

MAX_TURNS = 4
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
MAX_ERRORS = 8
"""Most errors that a repair request names."""
MAX_REPLY_CHARS = 4_000
"""Of the model's own reply, as it is shown to it again."""
DECODED = ("used", "repaired", *REPAIRABLE, "infeasible", "duplicate", "empty")
"""Verdicts that follow from the text of a reply alone."""
Told = TypeVar("Told", Candidate, Proposal)
CLOSED = "the study is shutting down: nobody waits for the model any more"


class DeskStore(ExchangeLog, Ledger, Protocol):
    """What a desk needs of a store."""

    def exchanges(self, study_id: str) -> list[tuple[int, Exchange]]:
        """(id, exchange) of all that a study asked, in order."""
        ...


@dataclass(frozen=True, slots=True)
class _Turn:
    """One request, and what was read in its reply."""

    request: ExchangeRequest
    decoded: Decoded
    n_sent: int
    reply: str | None = None
    exchange_id: int | None = None


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
            sampling: how replies are drawn; the seed is the question's, and None takes the model's own timeout.
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

    def ask(self, question: Question, *, sample_index: int = 0) -> Answer:
        """Sends the question, and once a repair request if nothing of the reply can be used; stores all of it.

        Args:
            question: what is asked.
            sample_index: which of several samples of this question it is.

        Raises:
            StoreError: the store cannot be written. Never because of what a model says or does.
        """
        schema = reply_schema(question.space, question.goal, k=question.k)
        ends_at = time.monotonic() + self._deadline_s
        try:
            first = self._turn(self._request(question, schema, sample_index), question, schema, ends_at=ends_at)
            if first.decoded.verdict not in REPAIRABLE or time.monotonic() > ends_at:
                return _answer(first)
            repair = self._turn(_repair_of(first, question), question, schema, ends_at=ends_at, after=first)
            return _answer(first, repair)
        except Cancelled:
            return Answer((), (), "error", CLOSED, 0)

    def samples(self, question: Question, n: int) -> list[Answer]:
        """`n` samples of the question's answer, asked for at once.

        Raises:
            StoreError: the store cannot be written.
        """
        answers: list[Future[Answer]] = [Future() for _ in range(n)]

        def run(index: int) -> None:
            try:
                answers[index].set_result(self.ask(question, sample_index=index))
            except BaseException as error:  # noqa: BLE001  # raised again in the caller's thread
                answers[index].set_exception(error)

        for index in range(n):
            Thread(target=run, args=(index,), name=f"sample {index}", daemon=True).start()
        return [answer.result() for answer in answers]

    def cancel(self) -> None:
        """Has every `ask` return at once and sends nothing more; what was reserved stays reserved."""
        self._is_cancelled.set()
        self._sender.cancel()

    # -- one request -------------------------------------------------------------------------------

    def _request(self, question: Question, schema: Schemas, sample_index: int) -> ExchangeRequest:
        sampling = replace(self._sampling, seed=(question.seed + sample_index) % 2**32)
        return ExchangeRequest(
            model=self._model.spec,
            messages=tuple(cast(dict[str, Json], redact_json(message)) for message in question.prompt.messages),
            schema=dict(schema.ranges),
            sampling=sampling.to_json(),
            prompt_hashes=dict(question.prompt.hashes),
            sample_index=sample_index,
        )

    def _turn(
        self,
        request: ExchangeRequest,
        question: Question,
        schema: Schemas,
        *,
        ends_at: float,
        after: _Turn | None = None,
    ) -> _Turn:
        """The reply to a request, from the store or from the model, read and kept.

        Raises:
            Cancelled: the desk is closed.
        """
        known = None if self._study_id is None else self._store.find_answered(self._study_id, request.key)
        if known is not None:
            exchange_id, exchange = known
            verdict = None if exchange.verdict in DECODED else exchange.verdict
            decoded = _read(exchange.reply, verdict, exchange.why, question, after)
            return _Turn(request, decoded, 0, exchange.reply, exchange_id)
        failed: list[Exception | None] = []
        try:
            sent = self._send(request, schema, ends_at)
            while self._is_sent_again(sent.error, failed, ends_at):
                self._keep(request, sent, _read(sent.text, sent.verdict, sent.why, question, after))
                failed.append(sent.error)
                sent = self._send(request, schema, ends_at)
        except BudgetExhausted as error:
            self._store.add_unsent(self._study_id, self._model.spec, "over-budget", str(error))
            return _Turn(request, Decoded((), (), "over-budget", str(error)), len(failed))
        decoded = _read(sent.text, sent.verdict, sent.why, question, after)
        n_sent = len(failed) + (sent.reused_from is None)
        return _Turn(request, decoded, n_sent, sent.text, self._keep(request, sent, decoded))

    def _send(self, request: ExchangeRequest, schema: Schemas, ends_at: float) -> Sent:
        left_s = max(ends_at - time.monotonic(), 1.0)
        seed = request.sampling["seed"]
        assert isinstance(seed, int)  # `_request` wrote it
        sampling = replace(self._sampling, seed=seed, timeout_s=min(self._sampling.timeout_s, left_s))
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
            reused_from=sent.reused_from,
        )
        self._tokens.learn(exchange)
        return self._store.add_exchange(
            self._study_id, exchange, candidates=decoded.candidates, refused=decoded.refused
        )


def _read(text: str | None, verdict: str | None, why: str | None, question: Question, after: _Turn | None) -> Decoded:
    """What a reply came to; one that was cut may hold whole candidates.

    Args:
        text: of the reply, if any came.
        verdict: why there is no whole reply; None where there is one.
        why: that in a sentence.
        question: what was asked.
        after: the turn that this one is to repair.
    """
    decoded = Decoded((), (), verdict or "empty", why)
    if text and verdict in (None, "cut"):
        decoded = decode(text, question)
        if verdict is not None and not decoded.candidates:
            decoded = Decoded((), decoded.refused, verdict, why)
    elif verdict is None:
        decoded = Decoded((), (), "empty", "the reply has no text")
    if after is None or after.exchange_id is None:
        return decoded
    earlier = (after.exchange_id,)
    return replace(
        decoded,
        candidates=tuple(replace(entry, exchange_ids=earlier) for entry in decoded.candidates),
        verdict="repaired" if decoded.verdict == "used" else decoded.verdict,
    )


def _repair_of(turn: _Turn, question: Question) -> ExchangeRequest:
    """The same conversation, the reply, and what is wrong with it."""
    errors = [reason for _, _, reason in turn.decoded.refused][:MAX_ERRORS] or [turn.decoded.why or "it is no JSON"]
    said: dict[str, Json] = {"role": "assistant", "content": (turn.reply or "")[:MAX_REPLY_CHARS]}
    asked: dict[str, Json] = {"role": "user", "content": redact(render("repair", errors=errors, k=question.k))}
    return replace(
        turn.request,
        messages=(*turn.request.messages, said, asked),
        prompt_hashes={**turn.request.prompt_hashes, f"repair{SUFFIX}": prompt_hash("repair")},
    )


def _answer(*turns: _Turn) -> Answer:
    """The answer of a question's turns: what the last one came to, and all that was refused on the way."""
    last = turns[-1]
    return Answer(
        candidates=tuple(_told_from(entry, last) for entry in last.decoded.candidates),
        refused=tuple(
            (_told_from(proposal, turn), kind, reason)
            for turn in turns
            for proposal, kind, reason in turn.decoded.refused
        ),
        verdict=last.decoded.verdict,
        why=last.decoded.why,
        n_sent=sum(turn.n_sent for turn in turns),
    )


def _told_from(entry: Told, turn: _Turn) -> Told:
    """A candidate or a proposal with the exchange it came from, as the store keeps it."""
    if turn.exchange_id is None:
        return entry
    return replace(entry, exchange_ids=(*entry.exchange_ids, turn.exchange_id))
