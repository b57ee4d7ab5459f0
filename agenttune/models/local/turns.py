"""One model and the requests that wait for it: it is loaded, then answers one at a time. Not for processes or HTTP."""

from __future__ import annotations

import contextlib
import json
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Literal, Protocol

from agenttune.errors import ModelError
from agenttune.models import Message, Reply, Sampling, Schemas, Score
from agenttune.models.local.wire import (
    CompleteRequest,
    Event,
    ScoreRequest,
    error_event,
    reply_event,
    scores_event,
)
from agenttune.types import Json

FAILED_S = 30.0
"""How long a model that could not be loaded waits for someone to be told so."""
END_S = 10.0
"""How long a request that is given up may take to end."""
ENDED = "the model's process was asked to end; the next request starts it again"
NOTHING_DONE = {"prompt": 0, "completion": 0}

logger = logging.getLogger(__name__)


class Info(Protocol):
    """What an engine tells of itself."""

    def to_json(self) -> dict[str, Json]:
        """As JSON."""
        ...


class Answers(Protocol):
    """What a host needs of an engine, which is asked one thing at a time, always by one thread."""

    @property
    def info(self) -> Info:
        """Name, device, size and the like."""
        ...

    def complete(
        self,
        messages: Sequence[Message],
        *,
        schema: Schemas | None = None,
        tools: Sequence[Mapping[str, Json]] = (),
        sampling: Sampling | None = None,
        on_text: Callable[[str], None],
        is_cancelled: Callable[[], bool],
    ) -> Reply:
        """A reply; `on_text` gets the pieces of its text as they come."""
        ...

    def score(self, messages: Sequence[Message], candidates: Sequence[str]) -> list[Score]:
        """The score of each candidate."""
        ...


Load = Callable[[Callable[[str], None]], Answers]
"""Loads the model, which takes long, and tells a sentence now and then."""


class Asked:
    """A request on its way."""

    def __init__(self, content: CompleteRequest | ScoreRequest) -> None:
        self.content = content
        self.events: SimpleQueue[Event] = SimpleQueue()
        """What came of it so far; the last is one of `LAST`."""
        self.is_cancelled = threading.Event()


class Turns:
    """The model and the requests that wait for it."""

    def __init__(self, load: Load, *, idle_s: float, log: Path) -> None:
        """
        Args:
            load: loads the model.
            idle_s: seconds without a request after which it is done.
            log: where tracebacks go, for people.
        """
        self._load = load
        self._log = log
        self._idle_s = idle_s
        self._changed = threading.Condition()
        self._waiting: deque[Asked] = deque()
        self._running: Asked | None = None
        self._state: Literal["loading", "ready", "failed"] = "loading"
        self._progress = "its process starts"
        self._failure: ModelError | None = None
        self._failed_at = 0.0
        self._info: dict[str, Json] | None = None
        self._n_told = 0
        """Requests that were told why the model could not be loaded."""
        self._n_open = 0
        self._used_at = time.monotonic()
        self._is_ending = False
        self._thread = threading.Thread(target=self._work, name="model", daemon=True)

    def start(self) -> None:
        """Begins to load the model."""
        self._thread.start()

    def enter(self, content: CompleteRequest | ScoreRequest) -> Asked | None:
        """Takes a request, which must `leave`; None where the host is about to end."""
        with self._changed:
            has_said_why = self._n_told > 0 and self._n_open == 0
            if self._is_ending or has_said_why:
                return None
            asked = Asked(content)
            self._n_open += 1
            if self._failure is not None:
                asked.events.put(error_event(self._failure))
                self._n_told += 1
            else:
                self._waiting.append(asked)
                self._changed.notify_all()
            return asked

    def leave(self, asked: Asked) -> None:
        """The request's client has heard its end, or left: what is under way for it is given up."""
        asked.is_cancelled.set()
        with self._changed:
            with contextlib.suppress(ValueError):
                self._waiting.remove(asked)
            self._n_open -= 1
            self._used_at = time.monotonic()
            self._changed.notify_all()

    def stands(self, asked: Asked) -> Event:
        """How a request stands."""
        with self._changed:
            if self._state == "loading":
                return {"loading": self._progress}
            if asked in self._waiting:
                return {"waiting": self._waiting.index(asked) + (self._running is not None)}
            return {"working": True}

    def status(self) -> dict[str, Json]:
        """How the host stands, for people."""
        with self._changed:
            is_used = self._n_open > 0 or self._state == "loading"
            return {
                "state": self._state,
                "progress": str(self._failure) if self._failure is not None else self._progress,
                "model": self._info,
                "requests": self._n_open,
                "idle_s": None if is_used else time.monotonic() - self._used_at,
            }

    def is_over(self) -> bool:
        """Whether the host is done, so that it takes no request any more: idle, or failed and said so."""
        with self._changed:
            now = time.monotonic()
            if self._n_open > 0 or self._state == "loading":
                is_over = False
            elif self._state == "failed":
                is_over = self._n_told > 0 or now - self._failed_at > FAILED_S
            else:
                is_over = now - self._used_at > self._idle_s
            self._is_ending = self._is_ending or is_over
            return self._is_ending

    def end(self) -> bool:
        """Gives up what is under way and waits until its clients have heard; returns whether all could be ended."""
        with self._changed:
            self._is_ending = True
            for asked in self._waiting:
                asked.events.put(error_event(ModelError(ENDED, verdict="unreachable", usage=NOTHING_DONE)))
            self._waiting.clear()
            if self._running is not None:
                self._running.is_cancelled.set()
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._n_open == 0, timeout=END_S)
        self._thread.join(END_S if self._state != "loading" else 0)
        return not self._thread.is_alive()

    def _work(self) -> None:
        """Loads the model and answers, in one thread, as libraries of models like it."""
        try:
            engine = self._load(self._say)
            info = engine.info.to_json()
        except ModelError as error:
            self._fail(error)
            return
        except BaseException as error:  # libraries of models fail in ways of their own
            logger.exception("the model could not be loaded")
            self._fail(ModelError(f"the model cannot be loaded ({in_one_line(error)}); see {self._log}"))
            return
        with self._changed:
            self._state, self._info, self._used_at = "ready", info, time.monotonic()
        logger.info("the model is loaded: %s", json.dumps(info))
        while (asked := self._next()) is not None:
            asked.events.put({"began": True})
            answer = _answer(engine, asked, self._log)
            was_ended = asked.is_cancelled.is_set()  # or its client left, and nobody hears it
            asked.events.put(error_event(ModelError(ENDED, verdict="unreachable")) if was_ended else answer)
            with self._changed:
                self._running = None

    def _next(self) -> Asked | None:
        """The request whose turn it is; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_ending)
            self._running = self._waiting.popleft() if self._waiting else None
            return self._running

    def _say(self, sentence: str) -> None:
        with self._changed:
            self._progress = sentence

    def _fail(self, error: ModelError) -> None:
        logger.error("%s", error)
        failure = ModelError(str(error), verdict=error.verdict, usage=NOTHING_DONE)
        with self._changed:
            self._state, self._failure, self._failed_at = "failed", failure, time.monotonic()
            self._n_told = len(self._waiting)
            for asked in self._waiting:
                asked.events.put(error_event(failure))
            self._waiting.clear()


def _answer(engine: Answers, asked: Asked, log: Path) -> Event:
    """What the model says to a request, or why it says nothing."""
    content = asked.content
    try:
        if isinstance(content, ScoreRequest):
            return scores_event(engine.score(content.messages, content.candidates))
        return reply_event(
            engine.complete(
                content.messages,
                schema=content.schema,
                tools=content.tools,
                sampling=content.sampling,
                on_text=lambda piece: asked.events.put({"text": piece}),
                is_cancelled=asked.is_cancelled.is_set,
            )
        )
    except ModelError as error:
        error.usage = error.usage or NOTHING_DONE  # nobody bills what a model of this machine read in vain
        return error_event(error)
    except Exception as error:  # libraries of models fail in ways of their own
        logger.exception("a request failed")
        sentence = f"the model failed ({in_one_line(error)}); see {log}"
        return error_event(ModelError(sentence, usage=NOTHING_DONE))


def in_one_line(error: BaseException) -> str:
    """An exception in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
