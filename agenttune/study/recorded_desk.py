"""The desk of a replay: a question is answered from the record, once the replay has come to the answer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, cast

from agenttune import events
from agenttune.budget import Budget
from agenttune.exchange import Exchange
from agenttune.models import Model, Sampling
from agenttune.replies import Answer, Question
from agenttune.replies.desk import Desk
from agenttune.replies.recorded import RecordedSender
from agenttune.store import Store
from agenttune.types import Json

DRAWN = ("temperature", "max_tokens", "n")
"""What of a recorded request tells how all replies to its question are drawn."""


class _Named:
    """The spelling of a model that nobody asks, and how often it drew again then."""

    is_local = False

    def __init__(self, spec: str, redraws: int) -> None:
        self.spec = spec
        self.redraws = redraws


class RecordedDesk:
    """Stands where a study's desk does: a question is answered when the replay has come to the answer."""

    def __init__(self, into: Store, study_id: str, model: str, on_difference: Callable[[str], object]) -> None:
        self._store = into
        self._id = study_id
        self._model = model
        self._on_difference = on_difference
        self.sender = RecordedSender(into, study_id, on_difference)
        self.question: Question | None = None
        """The one that is not answered yet."""
        self.came: list[tuple[events.ModelAnswered, Exchange | None]] = []
        """What the record has of its answer so far."""
        self.n_answers = 0
        self._unsent: events.ModelAnswered | None = None
        self._answer: Answer | None = None
        self._sampling = Sampling()
        self._seeds: set[Json] = set()
        """Of the first replies to the question that came so far: one, and one more for each redraw."""
        self._future: Future[Answer] = Future()

    def start(self, desk: object, question: Question) -> Future[Answer]:
        """Takes the question."""
        self.question, self._answer, self._future, self._seeds = question, None, Future(), set()
        return self._future

    def write(self) -> None:
        """Keeps what came of the question in the new store, where candidates are found; more replies may come later."""
        if self.question is not None and (self._answer is None or self.came):
            self._answer = self.ask(self.question)

    def hear(self) -> None:
        """Has the arm know the answer, too."""
        self.write()
        if self.question is not None and self._answer is not None:
            self._future.set_result(self._answer)
            self.drop()

    def drop(self) -> None:
        """Forgets the question: its driver died."""
        self.question, self._answer = None, None

    def ask(self, question: Question) -> Answer:
        """Asks the record."""
        came, self.came = self.came, []
        exchanges = [exchange for _, exchange in came if exchange is not None]
        self._unsent = next((event for event, exchange in reversed(came) if exchange is None), self._unsent)
        if not exchanges and self._unsent is not None and self._unsent.verdict != "over-budget":
            self._store.add_unsent(self._id, self._model, self._unsent.verdict, self._unsent.why or "")
            return Answer((), (), self._unsent.verdict, self._unsent.why, 0)
        self.sender.came.extend(exchanges)
        self.sender.unsent = None if self._unsent is None else self._unsent.why
        first = [exchange.request for exchange in exchanges if exchange.request.sample_index == 0]
        self._seeds |= {request.sampling.get("seed") for request in first}
        n_redraws = len(self._seeds) - 1 + any(exchange is None for _, exchange in came)
        if exchanges and exchanges[0].request.sample_index == 0:
            then = cast(dict[str, Any], exchanges[0].request.sampling)
            self._sampling = Sampling(**{name: then[name] for name in DRAWN if name in then})
        desk = Desk(
            cast(Model, _Named(self._model, n_redraws)),  # nothing else is looked at, since the sender sends nothing
            store=self._store,
            study_id=self._id,
            budget=Budget,
            sampling=self._sampling,
            sender=self.sender,
        )
        answer = desk.ask(question)
        n_left = len(self.sender.came)
        self.n_answers += len(exchanges) - n_left
        if n_left:
            self.came = [entry for entry in came if entry[1] is not None][-n_left:]
            self.sender.came.clear()
            self._on_difference("another request followed then, and would not now")
        return answer

    def close(self) -> None:
        """Nothing is under way."""
