"""A language model as a source of configurations, and the proposer that runs it alone.

`ModelArm` asks in a thread, one request at a time, and never waits itself: `is_ready` tells whether a proposal can
be made now. What a model answers is kept in the store and comes back as the view's `candidates`, so that a
proposal stays a function of the view. An arm holds the request under way and how the last one ended: a model that
failed is spared for some trials, but not by a study that is resumed, since somebody may have mended it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from threading import Thread
from typing import Any, Protocol

from agenttune.history import StudyView
from agenttune.proposers import load_proposer
from agenttune.proposers.candidates import model_proposal, usable
from agenttune.replies import K
from agenttune.trial import Proposal

LATENCY_S = 20.0
"""How long a trial waits for a model before something else takes its place."""
NOTHING_NEW = "the model has nothing new to offer"
OF_TEXT = ("unparsable", "illegal", "duplicate", "infeasible", "refused", "cut", "empty")
"""Verdicts whose sentence quotes the model at length: told once, with the answer, not again with every trial."""
ANSWERED = ("used", "repaired")
"""Verdicts after which the model is waited for again."""

Hint = Callable[[], Proposal | None]
"""Makes the surrogate's own next point, where it has one."""


class Heard(Protocol):
    """What an arm hears of an answer; all else of it is in the store."""

    @property
    def verdict(self) -> str:
        """One of `agenttune.exchange.VERDICTS`."""
        ...

    @property
    def why(self) -> str | None:
        """The verdict in a sentence, where there is more to say."""
        ...

    @property
    def n_sent(self) -> int:
        """Requests that went out."""
        ...


class Desk(Protocol):
    """Sends a question and keeps what comes of it (replies/desk.py, variants/desk.py)."""

    def ask(self, question: Any) -> Heard:
        """Sends, decodes, stores; may take as long as a model takes. The question is of the desk's own kind."""
        ...

    def close(self) -> None:
        """Has `ask` return at once."""
        ...


class Prompter(Protocol):
    """Writes what a model is asked, from the view alone."""

    def __call__(self, view: StudyView, *, k: int, hint: Proposal | None) -> Any:
        """The request for `k` candidates; `hint` is the surrogate's own next point. A question as the desk takes it."""
        ...


Start = Callable[[Desk, Any], Future[Any]]
"""Has a desk asked a question, and returns at once what will be the answer."""


def in_thread(desk: Desk, question: Any) -> Future[Any]:
    """Asks in a thread that does not keep the process alive."""
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(desk.ask(question))
        except BaseException as error:  # noqa: BLE001  # a bug of ours: raised again in the loop's thread
            future.set_exception(error)

    Thread(target=run, name="model", daemon=True).start()
    return future


class ModelArm:
    """What a model offers, asked for when it is wanted: candidates, or code."""

    def __init__(
        self,
        desk: Desk,
        prompter: Prompter,
        *,
        latency_s: float = LATENCY_S,
        clock: Callable[[], float] = time.monotonic,
        last: tuple[int, Heard] | None = None,
        start: Start = in_thread,
    ) -> None:
        """
        Args:
            desk: where questions go.
            prompter: writes them.
            latency_s: seconds that a trial waits for an answer.
            clock: seconds that only grow.
            last: number of the trial that the study's last request was for and what came of it, so that a study
                that was interrupted asks again when it would have.
            start: has the desk asked without waiting for it.
        """
        self._desk = desk
        self._prompter = prompter
        self._latency_s = latency_s
        self._clock = clock
        self._start = start
        self._under_way: Future[Any] | None = None
        self._waits_until = 0.0
        self.asked_for: int | None = None
        """Number of the trial that was to be proposed at the last request."""
        self._is_answering = True
        self.said: str | None = None
        """Why the model has nothing to offer; None while it answers."""
        if last is not None:
            self.asked_for = last[0]
            self._hear(last[1])

    def is_ready(self, view: StudyView, *, wants: Callable[[], bool], hint: Hint) -> bool:
        """Whether a proposal can be made now; asks the model first where `wants` says so.

        False while an answer may still come within the latency budget, and once when it has come: it is in the
        next view. A model that failed last time is asked again but not waited for.
        """
        if self._under_way is not None:
            return self._is_overdue(self._under_way)
        if self.asked_for == view.number or not wants():
            return True
        self.asked_for = view.number
        self._waits_until = self._clock() + (self._latency_s if self._is_answering else 0.0)
        self._under_way = self._start(self._desk, self._prompter(view, k=K, hint=hint()))
        return False

    @property
    def is_unanswered(self) -> bool:
        """Whether a request is under way whose answer was not heard yet."""
        return self._under_way is not None

    def close(self) -> None:
        """Gives up the request under way."""
        self._desk.close()

    def _is_overdue(self, under_way: Future[Any]) -> bool:
        if under_way.done():
            self._under_way = None
            self._hear(under_way.result())
            return False
        if self._clock() < self._waits_until:
            return False
        if self._is_answering:
            self.said = f"the model has not answered within {self._latency_s:g} s"
        return True

    def _hear(self, answer: Heard) -> None:
        self._is_answering = answer.verdict in ANSWERED
        what = answer.verdict if answer.verdict in OF_TEXT else answer.why or answer.verdict
        self.said = None if self._is_answering else f"the model gave nothing to run: {what}"


class LLMProposer:
    """The model alone: what it offers is run in its own order."""

    def __init__(self, arm: ModelArm) -> None:
        self.arm = arm

    def is_ready(self, view: StudyView) -> bool:
        """Whether there is a candidate to take, or it has been waited for long enough."""
        return self.arm.is_ready(view, wants=lambda: not usable(view), hint=lambda: None)

    def propose(self, view: StudyView, n: int) -> list[Proposal]:
        """Up to `n` of the model's candidates; where it has none, what `auto` proposes, and the reason says so."""
        chosen = usable(view)[: max(n, 0)]
        if chosen or n <= 0:
            return [model_proposal(view, candidate, reason=candidate.reason) for candidate in chosen]
        why = self.arm.said or NOTHING_NEW
        return [standing_in(proposal, why) for proposal in load_proposer("auto").propose(view, n)]


def standing_in(proposal: Proposal, why: str) -> Proposal:
    """A proposal that takes the place of a model's, and says so."""
    return replace(proposal, reason=f"{why}; {proposal.arm} stands in: {proposal.reason}")
