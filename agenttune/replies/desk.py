"""`Desk`: asks a model for configurations, with everything around it, and keeps what comes of it in the store."""

from __future__ import annotations

import time
from collections.abc import Callable

from agenttune.budget import Budget
from agenttune.exchange import ExchangeRequest
from agenttune.models import Model, Sampling, Schemas, redraws_of
from agenttune.models.prices import Price
from agenttune.replies import Answer, Question
from agenttune.replies.asking import CLOSED, REPAIRABLE, Asking, DeskStore
from agenttune.replies.decode import Decoded
from agenttune.replies.schema import reply_schema
from agenttune.replies.sender import Cancelled, Sends, Sent
from agenttune.replies.turn import Turn, answer_of, read, redrawn, repair_of

REDRAWN = ("infeasible", "duplicate")
"""Verdicts on replies that were well formed: there is nothing to repair, but another draw may bring something new."""


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
        self._asking = Asking(
            model,
            store=store,
            study_id=study_id,
            budget=budget,
            daily=daily,
            price=price,
            sampling=sampling,
            deadline_s=deadline_s,
            sender=sender,
        )

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
        ends_at = self._asking.ends_at()
        try:
            turns = [self._turn(self._request(question, schema), question, schema, ends_at=ends_at)]
            if turns[0].decoded.verdict in REPAIRABLE and time.monotonic() <= ends_at:
                repair = repair_of(turns[0], question)
                turns.append(self._turn(repair, question, schema, ends_at=ends_at, after=turns[0]))
            asked = question
            for number in range(1, redraws_of(self._asking.model) + 1):
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
        self._asking.cancel()

    # -- one request -------------------------------------------------------------------------------

    def _further(self, first: Turn, question: Question, schema: Schemas, ends_at: float) -> list[Turn]:
        """Turns for the replies that the first request did not bring; one that brings none is the last."""
        turns: list[Turn] = []
        for sample in range(first.n_replies, self._asking.sampling.n):
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
        return self._asking.request(question.prompt, seed=question.seed, schema=dict(schema.ranges), sample=sample)

    def _turn(
        self,
        request: ExchangeRequest,
        question: Question,
        schema: Schemas,
        *,
        ends_at: float,
        after: Turn | None = None,
    ) -> Turn:
        """The replies to a request, read and kept.

        Raises:
            Cancelled: the desk is closed.
        """

        def read_in(sent: Sent) -> Decoded:
            return read(sent, question, sample=request.sample_index, after=after)

        return self._asking.turn(request, schema, read_in, ends_at=ends_at)
