"""`Conversation`: the agent in a thread of its own: sentences go in, messages for the screen come out.

The agent blocks, loads heavy packages and waits for a person; here it does so beside the event loop. Not for: what is
said on the screen, or what the agent may do (agenttune.agent).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Literal

from textual.message import Message

from agenttune.errors import UserError
from agenttune.tui.messages import Broken, ConversationStands, Happened, Refused, StudyChosen, TakenBack, TurnEnded

if TYPE_CHECKING:
    from agenttune.agent import Agent, ApprovalRequested

Answer = Literal["once", "session", "deny"]
"""What a person says to a call that waits."""
NEWS_S = 1.0
"""How often is looked for news of the study while nothing is said."""
FLUSH_S = 0.05
"""Between two pieces of a reply that are told."""


class Conversation:
    """One conversation; nothing is opened or loaded before the first sentence."""

    def __init__(
        self,
        store_path: Path,
        post: Callable[[Message], object],
        *,
        workspace: Path,
        make: Callable[..., Agent] | None = None,
    ) -> None:
        """
        Args:
            store_path: where it is kept.
            post: hears the messages, from the thread.
            workspace: folder whose files the agent may read.
            make: makes the agent; None is `agenttune.agent.Agent`.
        """
        self._store_path = store_path
        self._post = post
        self._workspace = workspace
        self._make = make
        self._agent: Agent | None = None
        self._options: dict[str, Any] = {}
        self._study: str | None = None
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._answers: SimpleQueue[Answer] = SimpleQueue()
        self._is_asking = threading.Event()
        self._is_stopped = threading.Event()
        """Set by an interrupt, until the next sentence: the agent may not be there yet to hear of it."""
        self._answering = threading.Lock()
        self._allowed: set[tuple[str, str]] = set()
        self._dollars: float | None = 0.0
        self._tokens = 0
        self._is_estimated = False
        self._thread: threading.Thread | None = None

    # -- from the event loop -------------------------------------------------------------------------

    def send(self, text: str) -> None:
        """Takes a turn, after those before it."""
        self._is_stopped.clear()
        self._do(lambda: self._turn(text))

    def interrupt(self) -> None:
        """Stops the reply that is under way, and says no to what waits; trials go on."""
        self._is_stopped.set()
        if self._agent is not None:
            self._agent.interrupt()
        self.answer("deny")

    def answer(self, answer: Answer) -> None:
        """What the person says to the call that waits; nothing where none does."""
        with self._answering:
            if self._is_asking.is_set():
                self._is_asking.clear()
                self._answers.put(answer)

    def leave_study(self) -> None:
        """From now on no study is meant."""
        self._do(self._leave)

    def speak_of(self, study: str) -> None:
        """From now on that study is meant."""
        self._do(lambda: self._open(study))

    def use(self, **options: str | None) -> None:
        """Another `model`, approval `mode`, or `session` to go on with."""
        self._do(lambda: self._use(options))

    def compact(self) -> None:
        """Makes it shorter for the model."""
        self._do(self._compact)

    def rewind(self, n_turns: int) -> None:
        """Takes turns back, and hands the first sentence of them on."""
        self._do(lambda: self._rewind(n_turns))

    def close(self) -> None:
        """Ends the thread; the conversation is kept, and studies go on."""
        self.interrupt()
        self._jobs.put(None)

    # -- in the thread -------------------------------------------------------------------------------

    def _do(self, job: Callable[[], None]) -> None:
        self._jobs.put(job)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="conversation", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                job()
            except UserError as error:
                self._post(Refused(str(error)))
            except Exception as error:  # noqa: BLE001  # a bug of ours: it ends the application, not this thread alone
                self._post(Broken(error))
        if self._agent is not None:
            self._agent.close()

    def _next(self) -> Callable[[], None] | None:
        """What is to be done next: to look for news of the study where nothing is asked for."""
        try:
            return self._jobs.get(timeout=None if self._agent is None else NEWS_S)
        except Empty:
            return self._tell_news

    def _tell_news(self) -> None:
        assert self._agent is not None  # it is what has news
        for event in self._agent.news():
            self._post(Happened(event))

    def _ready(self) -> Agent:
        if self._agent is None:
            if self._make is None:
                from agenttune.agent import Agent

                self._make = Agent
            self._agent = self._make(
                self._options.get("model"),
                workspace=self._workspace,
                store=self._store_path,
                approve=self._approve,
                mode=self._options.get("mode"),
                session=self._options.get("session"),
            )
            if self._study is not None:
                self._agent.open_study(self._study)
            self._study = self._agent.study
        return self._agent

    def _turn(self, text: str) -> None:
        try:
            agent = self._ready()
            if not self._is_stopped.is_set():
                self._tell(agent, text)
        finally:
            self._post(TurnEnded())
        self._stands(agent)

    def _tell(self, agent: Agent, text: str) -> None:
        """Hands the events of a turn on, the pieces of a reply a few at a time."""
        from agenttune.agent import ApprovalRequested, TextDelta, ToolReturned, UsageTold

        pieces: list[str] = []
        told_at = 0.0
        usage: UsageTold | None = None

        def flush() -> None:
            nonlocal told_at
            if pieces:
                self._post(Happened(TextDelta("".join(pieces))))
                pieces.clear()
                told_at = time.monotonic()

        for event in agent.stream(text):
            if self._is_stopped.is_set():
                agent.interrupt()
            if isinstance(event, TextDelta):
                pieces.append(event.text)
                if time.monotonic() - told_at >= FLUSH_S:
                    flush()
                continue
            flush()
            if isinstance(event, UsageTold):
                usage = event
            if not (isinstance(event, ApprovalRequested) and (event.name, event.effect) in self._allowed):
                self._post(Happened(event))
            if isinstance(event, ToolReturned) and agent.study is not None and agent.study != self._study:
                self._study = agent.study
                self._post(StudyChosen(agent.study))
        flush()
        if usage is not None:
            self._tokens += usage.tokens
            self._is_estimated |= usage.is_estimated
            known = usage.dollars is not None and self._dollars is not None
            self._dollars = (self._dollars or 0.0) + (usage.dollars or 0.0) if known else None

    def _approve(self, asked: ApprovalRequested) -> bool:
        if (asked.name, asked.effect) in self._allowed:
            return True
        self._is_asking.set()
        if self._is_stopped.is_set():
            self.answer("deny")
        answer = self._answers.get()
        if answer == "session":
            self._allowed.add((asked.name, asked.effect))
        return answer != "deny"

    def _leave(self) -> None:
        self._study = None
        if self._agent is not None:
            self._agent.leave_study()

    def _open(self, study: str) -> None:
        self._study = study
        if self._agent is not None:
            self._agent.open_study(study)

    def _use(self, options: dict[str, Any]) -> None:
        agent = self._agent
        if agent is None or "session" in options:
            before, study = self._options, self._study
            self._options, self._agent = {**before, **options}, None
            if "session" in options:
                self._study = None  # it speaks of its own
            try:
                other = self._ready()
            except UserError:
                self._agent, self._options, self._study = agent, before, study
                raise
            if agent is not None:
                agent.close()
            agent = other
            if "session" in options:
                self._allowed.clear()
                if agent.study is not None:
                    self._post(StudyChosen(agent.study))
                elif study is not None:  # that conversation was about none: the one on screen goes on
                    self._open(study)
        else:
            if "model" in options:
                agent.use_model(options["model"])
            if "mode" in options:
                agent.use_mode(options["mode"])
            self._options |= options  # they hold for the next agent, too
        self._stands(agent, is_restored="session" in options)

    def _compact(self) -> None:
        agent = self._ready()
        self._post(Happened(agent.compact()))
        self._stands(agent)

    def _rewind(self, n_turns: int) -> None:
        agent = self._ready()
        sentence = agent.rewind(n_turns)
        self._stands(agent, is_restored=True)
        self._post(TakenBack(sentence))

    def _stands(self, agent: Agent, *, is_restored: bool = False) -> None:
        entries = agent.live_entries if is_restored else ()
        self._post(
            ConversationStands(
                agent.model,
                agent.mode,
                agent.session,
                agent.context_tokens,
                self._tokens,
                self._dollars,
                entries,
                is_estimated=self._is_estimated,
            )
        )
