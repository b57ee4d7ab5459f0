"""`Agent`: a conversation about tuning, from Python. Command line and terminal interface hold one, too."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock, Thread
from types import TracebackType
from typing import get_args

from agenttune.agent.approvals import Mode, load_policy
from agenttune.agent.events import AgentEvent, ApprovalRequested, Compacted, Done, Failed, StudyHappened, UsageTold
from agenttune.agent.requests import Limits
from agenttune.agent.transcript import Transcript
from agenttune.agent.turn import Approver, Turns
from agenttune.errors import StudyNotFound, UserError
from agenttune.models import Model, load_model
from agenttune.plan.model_choice import NONE, settings_model
from agenttune.redaction import redact
from agenttune.session import SessionEntry
from agenttune.settings import default_store_path
from agenttune.spec import StudyState
from agenttune.store import Store
from agenttune.study import has_live_driver
from agenttune.study.arguments import check_text
from agenttune.tools.workspace import STANDING, Workspace
from agenttune.visible import clean_block

MOST_STANDING = 8_000
"""Characters of it that are read."""


@dataclass(frozen=True, slots=True)
class AgentResult:
    """What came of a turn."""

    text: str
    """The reply."""
    events: tuple[AgentEvent, ...]
    study: str | None
    """Name of the study that is spoken of now."""

    @property
    def failures(self) -> tuple[Failed, ...]:
        """Why a model gave no reply, where one gave none."""
        return tuple(event for event in self.events if isinstance(event, Failed))

    @property
    def usage(self) -> UsageTold:
        """What the turn cost."""
        told = [event for event in self.events if isinstance(event, UsageTold)]
        return told[-1] if told else UsageTold(0, 0, 0.0)


class Agent:
    """Plans, runs, changes and explains studies in a conversation.

    ::

        agent = Agent(model="openai:gpt-5-mini", workspace=".", approve="ask")
        print(agent.ask("tune an SVM on digits, 20 trials").text)

    One turn at a time: a second call waits for the first. Trials run in processes of their own and go on without it.
    """

    def __init__(
        self,
        model: str | Model | None = None,
        *,
        workspace: str | Path = ".",
        approve: Mode | Callable[[ApprovalRequested], bool] | None = None,
        mode: Mode | None = None,
        store: Store | Path | str | None = None,
        study: str | None = None,
        session: str | None = None,
        limits: Limits | None = None,
    ) -> None:
        """
        Args:
            model: the language model or its spelling; None takes that of the settings, "none" the offline assistant.
            workspace: folder whose files it may read.
            approve: "ask", "auto" or "plan" in place of the policy file's mode, or a function that is shown what a
                call would do and returns whether it may. With a mode alone there is nobody to ask: what would have to
                be asked is denied, and the reply says so.
            mode: in place of the policy file's, beside a function.
            store: where studies and conversations are kept; None is the person's own.
            study: name of the study that is spoken of first.
            session: beginning of the id of a conversation that goes on; "" the latest.
            limits: of one turn.

        Raises:
            UserError: the workspace is no folder, or model, policy, study or session cannot be had.
        """
        if not callable(approve) and approve not in (None, *get_args(Mode)):
            modes = ", ".join(map(repr, get_args(Mode)))
            raise UserError(f"`approve` must be {modes} or a function, but got {approve!r}")
        folder = Path(workspace).expanduser().resolve()
        if not folder.is_dir():
            raise UserError(f"the workspace {folder} is no folder")
        self._owns_store = not isinstance(store, Store)
        self._store = store if isinstance(store, Store) else Store.open(store or default_store_path())
        asked = _model(model)
        work = Workspace(folder, self._store, model=_spelled(asked, model))
        row = self._store.session(session or None) if session is not None else None
        transcript = Transcript(self._store, row, workspace=str(folder))
        work.said += transcript.said
        work.study_id = self._store.study(study).id if study is not None else transcript.study_id
        self._turns = Turns(
            work,
            transcript,
            load_policy(mode if callable(approve) else approve or mode),
            _approver(approve),
            model=asked,
            limits=limits or Limits(),
            standing=_standing(folder),
        )
        self._lock = Lock()

    @property
    def session(self) -> str | None:
        """Id of the conversation, to resume it by; None before anything was said."""
        row = self._turns.transcript.row
        return None if row is None else row.id

    @property
    def study(self) -> str | None:
        """Name of the study that is spoken of."""
        return None if self._turns.workspace.study_id is None else self._turns.workspace.row().name

    @property
    def model(self) -> str | None:
        """Spelling of the language model; None: the offline assistant answers."""
        return None if self._turns.model is None else self._turns.model.spec

    @property
    def mode(self) -> Mode:
        """How much is done without asking."""
        return self._turns.policy.mode

    @property
    def context_tokens(self) -> int:
        """Of the conversation as a model is sent it, estimated."""
        return self._turns.transcript.tokens()

    @property
    def entries(self) -> tuple[SessionEntry, ...]:
        """All that was said and done so far, as it is kept."""
        return tuple(self._turns.transcript.entries)

    @property
    def live_entries(self) -> tuple[SessionEntry, ...]:
        """The same without the turns that were taken back."""
        return tuple(self._turns.transcript.live)

    @property
    def workspace(self) -> Path:
        """The folder whose files it may read."""
        return self._turns.workspace.folder

    def ask(self, text: str) -> AgentResult:
        """Takes one turn and returns once it is over."""
        events = tuple(self.stream(text))
        done = events[-1]
        assert isinstance(done, Done)  # every turn ends so
        return AgentResult(done.text, events, self.study)

    def stream(self, text: str) -> Iterator[AgentEvent]:
        """Takes one turn and yields what happens; a caller that stops listening interrupts it.

        Raises:
            UserError: nothing was said, or no text.
        """
        check_text("text", text)
        said = redact(clean_block(text)).strip()
        if not said:
            raise UserError("say what to do, as in `tune an SVM on digits, 20 trials`")
        with self._lock:
            finished = False
            try:
                yield from self._turns.take(said)
                finished = True
            finally:
                if not finished:
                    self._turns.interrupt()

    async def aask(self, text: str) -> AgentResult:
        """`ask` for programs that run on asyncio."""
        return await asyncio.to_thread(self.ask, text)

    async def astream(self, text: str) -> AsyncIterator[AgentEvent]:
        """`stream` for programs that run on asyncio."""
        loop = asyncio.get_running_loop()
        heard: asyncio.Queue[AgentEvent | BaseException | None] = asyncio.Queue()

        def tell(event: AgentEvent | BaseException | None) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
                loop.call_soon_threadsafe(heard.put_nowait, event)

        def listen() -> None:
            try:
                for event in self.stream(text):
                    tell(event)
            except BaseException as error:  # noqa: BLE001  # raised again where it is awaited
                tell(error)
            else:
                tell(None)

        Thread(target=listen, name="agent-turn", daemon=True).start()
        is_over = False
        try:
            while True:
                came = await heard.get()
                if came is None or isinstance(came, BaseException):
                    is_over = True
                    if came is not None:
                        raise came
                    return
                yield came
        finally:
            if not is_over:
                self.interrupt()

    def use_model(self, model: str | Model | None) -> None:
        """Has another model answer from the next turn on; None is that of the settings, "none" the offline assistant.

        Raises:
            UserError: it cannot be had; the one before stays.
        """
        asked = _model(model)
        with self._lock:
            self._turns.model, self._turns.workspace.model = asked, _spelled(asked, model)

    def use_mode(self, mode: Mode) -> None:
        """Sets how much is done without asking, from the next turn on.

        Raises:
            UserError: there is no such mode.
        """
        if mode not in get_args(Mode):
            raise UserError(f"`mode` must be {', '.join(map(repr, get_args(Mode)))}, but got {mode!r}")
        with self._lock:
            self._turns.policy = replace(self._turns.policy, mode=mode)

    def compact(self) -> Compacted:
        """Puts one message, made of the record, in the place of all that was said before the last turn.

        Raises:
            UserError: that would save nothing.
        """
        with self._lock:
            return Compacted(self._turns.transcript.compact(self._turns.workspace, must_save=True))

    def rewind(self, n_turns: int = 1) -> str:
        """Takes the last turns back, as if they had not been said, and returns the first sentence of them.

        Trials and edits of studies are facts and stay; so do the entries in the store.

        Raises:
            UserError: there are not so many turns.
        """
        with self._lock:
            sentence = self._turns.transcript.rewind(n_turns)
            self._turns.workspace.said = self._turns.transcript.said
            return sentence

    def open_study(self, name: str | None = None) -> str:
        """Speaks of that study from now on, or of the latest; returns its name.

        Raises:
            StudyNotFound: there is none.
        """
        row = self._store.study(name)
        self._turns.workspace.study_id = row.id
        return row.name

    def leave_study(self) -> None:
        """Speaks of no study from now on."""
        self._turns.workspace.study_id = None

    def news(self) -> list[StudyHappened]:
        """What has happened in the study since the last turn; the model is told of it, too."""
        with self._lock:
            return self._turns.news()

    def follow(self, *, poll_s: float = 0.5) -> Iterator[StudyHappened]:
        """What happens in the study that is spoken of, as it happens, until it is paused or nobody drives it any more.

        Raises:
            StudyNotFound: no study is spoken of.
        """
        if self._turns.workspace.study_id is None:
            raise StudyNotFound("no study is spoken of yet: ask for one, or call open_study")
        while True:
            row = self._turns.workspace.row()
            is_over = row.state is StudyState.PAUSED or not has_live_driver(row)
            yield from self.news()
            if is_over:
                return
            time.sleep(poll_s)

    def interrupt(self) -> None:
        """Stops the reply that is under way, from any thread; trials go on."""
        self._turns.interrupt()

    def close(self) -> None:
        """Ends the conversation; it is kept, and studies go on."""
        self._turns.interrupt()
        if self._owns_store:
            self._store.close()

    def __enter__(self) -> Agent:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _model(given: str | Model | None) -> Model | None:
    if given is not None and not isinstance(given, str):
        return given
    spelled = given if given is not None else settings_model()[0]
    return None if spelled in (None, NONE) else load_model(spelled)


def _spelled(model: Model | None, given: str | Model | None) -> str | None:
    """How a study asks for the model; None for an object, which a driver cannot have."""
    return None if model is None or model is given else model.spec


def _approver(approve: Mode | Callable[[ApprovalRequested], bool] | None) -> Approver:
    if callable(approve):
        return approve
    return lambda asked: None


def _standing(folder: Path) -> str:
    try:
        with (folder / STANDING).open(encoding="utf-8", errors="replace") as stream:
            return redact(clean_block(stream.read(MOST_STANDING)))
    except OSError:
        return ""
