"""What `chat` and `ask` share: flags, how events of a turn are shown, and how a person is asked for approval."""

from __future__ import annotations

import argparse
import json
import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from agenttune.cli.console import ask_text, emit, forget_typed, is_interactive, put, say
from agenttune.cli.options import add_store
from agenttune.visible import clean, clean_block

if TYPE_CHECKING:
    from agenttune.agent import Agent, AgentEvent
    from agenttune.agent.events import ApprovalRequested, Done

MOST_LINES = 12
"""Of a tool's result that are shown while a model answers."""
MOST_ARGUMENTS = 160


def add_conversation(parser: argparse.ArgumentParser) -> None:
    """`--model`, `--approve`, `--workspace` and the store."""
    parser.add_argument("--model", metavar="SPEC", help="language model to talk to; none: the offline assistant")
    parser.add_argument(
        "--approve",
        choices=("ask", "auto", "plan"),
        help="ask before every change (default), only before what is dangerous or costs more, or change nothing",
    )
    parser.add_argument("--workspace", default=".", metavar="FOLDER", help="files it may read (default: this folder)")
    parser.add_argument("--max-dollars", type=float, metavar="X", help="US dollars for the model, per turn")
    parser.add_argument("--max-tokens", type=int, metavar="N", help="tokens of the model, per turn")
    add_store(parser)


def make_agent(arguments: argparse.Namespace, *, study: str | None = None, session: str | None = None) -> Agent:
    """The agent of these flags.

    Raises:
        UserError: it cannot be had.
    """
    from agenttune.agent import Agent, Limits

    can_ask = is_interactive() and not arguments.json
    return Agent(
        arguments.model,
        workspace=arguments.workspace,
        approve=approve if can_ask else arguments.approve,
        mode=arguments.approve,
        store=arguments.store,
        study=study,
        session=session,
        limits=Limits(tokens=arguments.max_tokens, dollars=arguments.max_dollars),
    )


def approve(asked: ApprovalRequested) -> bool:
    """Shows what a call would do and asks; Enter is no, and so is Ctrl-C, which stops the reply, too."""
    say()
    for line in clean_block(asked.what).splitlines():
        say(f"  │ {clean(line)}")
    forget_typed()  # what was typed or pasted before the question was seen answers nothing
    try:
        with _raising():
            return ask_text(f"  allow {asked.name} ({asked.effect})? [y/N] ").lower() in ("y", "yes")
    except KeyboardInterrupt:
        say()
        signal.raise_signal(signal.SIGINT)  # for the turn, which stops
        return False


@contextmanager
def _raising() -> Iterator[None]:
    """Has Ctrl-C break off what is read."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Voice:
    """Shows the events of turns: the reply on stdout, the rest on stderr; or each as JSON on stdout."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._is_mid_line = False
        self._held: list[str] = []
        """Pieces of a reply where stdout is read by a program: it gets the reply with its marks."""

    def tell(self, event: AgentEvent) -> None:
        """Shows one."""
        from agenttune.agent import event_to_json
        from agenttune.agent import events as kinds

        if self._as_json:
            emit(event_to_json(event))
            return
        match event:
            case kinds.TextDelta(text) if sys.stdout.isatty():
                self._write(clean_block(text))
            case kinds.TextDelta(text):
                self._held.append(text)
            case kinds.ToolCalled():
                if self._held:  # said on the way to the reply
                    self._say(clean_block("".join(self._held)))
                    self._held.clear()
                told = " ".join(f"{name}={_spelled(value)}" for name, value in event.arguments.items())
                self._say(f"· {event.name} {clean(told)[:MOST_ARGUMENTS]}".rstrip())
            case kinds.ApprovalGiven(_, False, by):
                self._say(f"  not allowed ({by})")
            case kinds.ToolReturned():
                self._returned(event.id, event.text, is_error=event.is_error)
            case kinds.StudyHappened(study, sentence):
                self._say(f"  {clean(study)}: {clean(sentence)}")
            case kinds.Compacted(sentence):
                self._say(f"  {sentence}")
            case kinds.Failed(verdict, sentence):
                self._say(f"! {verdict}: {clean(sentence)}")
            case kinds.Done():
                self._done(event)

    def _returned(self, call_id: str, text: str, *, is_error: bool) -> None:
        lines = clean_block(text).splitlines()
        if call_id.startswith("offline-"):  # the result is the reply
            self._end_line()
            for line in lines:
                put(line)
            return
        mark = "!" if is_error else " "
        for line in lines[:MOST_LINES]:
            self._say(f"{mark} {line}")
        if len(lines) > MOST_LINES:
            self._say(f"  ... {len(lines) - MOST_LINES} more lines")

    def _done(self, done: Done) -> None:
        self._end_line()
        if self._held:
            put(clean_block(done.text or "".join(self._held)))
            self._held.clear()
        if done.is_interrupted:
            say("(stopped; trials go on)")
        if done.unsupported:
            say(f"! not in the record: {', '.join(map(clean, done.unsupported))}")

    def _write(self, text: str) -> None:
        if text:
            sys.stdout.write(text)
            sys.stdout.flush()
            self._is_mid_line = not text.endswith("\n")

    def _say(self, text: str) -> None:
        self._end_line()
        say(text)

    def _end_line(self) -> None:
        if self._is_mid_line:
            sys.stdout.write("\n")
            sys.stdout.flush()
            self._is_mid_line = False


def _spelled(value: object) -> str:
    return shlex.quote(value) if isinstance(value, str) else json.dumps(value)


def take_turn(agent: Agent, text: str, voice: Voice) -> Done:
    """One turn, shown as it goes; Ctrl-C stops the reply, not the trials."""
    from agenttune.agent.events import Done

    done: Done | None = None
    with _interrupts(agent.interrupt):
        for event in agent.stream(text):
            voice.tell(event)
            if isinstance(event, Done):
                done = event
    assert done is not None  # every turn ends so
    return done


@contextmanager
def _interrupts(stop: Callable[[], None]) -> Iterator[None]:
    """Has Ctrl-C call `stop`; a second one raises KeyboardInterrupt."""
    n_pressed = 0

    def pressed(number: int, frame: FrameType | None) -> None:
        nonlocal n_pressed
        n_pressed += 1
        if n_pressed > 1:
            raise KeyboardInterrupt
        stop()

    before = signal.signal(signal.SIGINT, pressed)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
