"""`agenttune chat`: a conversation, line by line; also where there is no full-screen terminal."""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agenttune.cli.chat_commands import LineActions
from agenttune.cli.console import emit, is_interactive, put, say, table
from agenttune.cli.conversation import Voice, add_conversation, make_agent, take_turn
from agenttune.errors import UserError
from agenttune.tui.commands import find_command

if TYPE_CHECKING:
    from agenttune.agent import Agent

DESCRIPTION = """\
Talks about tuning: say what to tune, ask what happened, change a study while it runs.

  > tune an SVM on digits for accuracy, 20 trials
  > why trial 7?
  > cap C at 100 and give it ten more trials

A language model understands it if there is one (--model, settings), else the offline assistant does. Whatever
changes something is shown and waits for your yes. Ctrl-C stops the reply, never the trials; Ctrl-D leaves, studies go
on, and `agenttune chat --resume` goes on with the conversation. /help lists commands. Lines may also come from a
pipe."""
NEWS_S = 1.0
"""How often is looked for news of the study while the person is silent."""
PROMPT = "> "
LEAVE = ("quit", "exit", "bye")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("--resume", nargs="?", const="", metavar="ID", help="go on with a conversation, the latest")
    parser.add_argument("--list", action="store_true", help="list the conversations and leave")
    parser.add_argument("--study", metavar="STUDY", help="speak of this study first")
    add_conversation(parser)


def run(arguments: argparse.Namespace) -> int:
    """Converses until the person leaves.

    Raises:
        UserError: there is no such study or session, or the model cannot be had.
    """
    if arguments.list:
        return _list(arguments)
    with make_agent(arguments, study=arguments.study, session=arguments.resume) as agent:
        voice = Voice(as_json=arguments.json)
        if is_interactive():
            _greet(agent)
        actions = LineActions(agent, arguments.store, lambda text: take_turn(agent, text, voice))
        for line in _lines(agent, voice):
            try:
                if line.strip().startswith("/"):
                    command, rest = find_command(line.strip())
                    command.run(actions, rest)
                else:
                    take_turn(agent, line, voice)
            except UserError as error:
                say(f"! {error}")
            except KeyboardInterrupt:
                break
            if actions.is_over:
                break
        if is_interactive() and agent.session is not None:
            say(f"`agenttune chat --resume {agent.session}` goes on with this conversation")
    return 0


def _greet(agent: Agent) -> None:
    who = agent.model or "no language model is set (--model, settings): the offline assistant answers"
    say(f"{who} · workspace {agent.workspace}")
    if agent.study is not None:
        say(f"study {agent.study} is spoken of")


def _lines(agent: Agent, voice: Voice) -> Iterator[str]:
    """What the person says, line by line, until they leave; news of the study come in between."""
    can_prompt = is_interactive()
    if can_prompt:
        _with_history()
    while True:
        try:
            with _news(agent, voice) if can_prompt else _silence():
                line = _read(can_prompt)
        except (EOFError, KeyboardInterrupt):
            say()
            return
        if line.strip().lower() in LEAVE:
            return
        if line.strip():
            yield line


def _read(can_prompt: bool) -> str:
    if can_prompt:
        sys.stderr.write(PROMPT)
        sys.stderr.flush()
        return input()
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line


@contextmanager
def _silence() -> Iterator[None]:
    yield


@contextmanager
def _news(agent: Agent, voice: Voice) -> Iterator[None]:
    """Tells what happens in the study while it lasts."""
    is_over = threading.Event()

    def look() -> None:
        while not is_over.wait(NEWS_S):
            for event in agent.news():
                voice.tell(event)

    thread = threading.Thread(target=look, name="news", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _with_history() -> None:
    """Arrow keys and Ctrl-R where Python has a line editor."""
    try:
        import readline  # noqa: F401  # `input` uses it once it is there
    except ImportError:
        return


def _list(arguments: argparse.Namespace) -> int:
    from agenttune.cli.format import ago
    from agenttune.cli.opening import open_existing

    with open_existing(arguments.store) as store:
        rows = store.sessions()
    if arguments.json:
        for row in rows:
            emit({"session": row.id, "created_at": row.created_at, "workspace": row.workspace, "title": row.title})
        return 0
    if not rows:
        put("no conversation yet")
    for line in table(["id", "began", "with"], [[row.id, ago(row.created_at), row.title] for row in rows]):
        put(line)
    return 0
