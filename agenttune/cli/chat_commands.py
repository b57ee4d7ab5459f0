"""Slash commands in line mode: the same registry as in the full-screen interface, done by the commands of the shell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from agenttune.cli.console import put, say
from agenttune.errors import UserError
from agenttune.visible import clean_block

if TYPE_CHECKING:
    from agenttune.agent import Agent
    from agenttune.agent.approvals import Mode

VIEWS = {"overview": "show", "parameters": "importance", "curves": "plot", "trust": "cost"}
"""View of a study in the interface -> the command that tells the same."""
LOG_LINES = "40"
"""The end of a log: `agenttune logs` has all of it, and follows it."""


class LineActions:
    """Does what commands ask for, line by line (`agenttune.tui.commands.Actions`)."""

    def __init__(self, agent: Agent, store: str | None, turn: Callable[[str], object]) -> None:
        """
        Args:
            agent: of the conversation.
            store: as `--store` has it.
            turn: takes a turn and shows it.
        """
        self._agent = agent
        self._store = store
        self._turn = turn
        self.is_over = False
        """Whether the person has asked to leave."""

    def _run(self, *words: str) -> None:
        from agenttune.cli import main

        main([*words, *(["--store", self._store] if self._store else [])])

    def _study(self) -> str:
        if self._agent.study is None:
            raise UserError("no study is spoken of yet: describe one, or open one with /open")
        return self._agent.study

    def show_help(self) -> None:
        """Lists the commands."""
        from agenttune.tui.commands import COMMANDS

        for command in COMMANDS:
            put(f"  {command.usage:<22} {command.help}")

    def show_studies(self) -> None:
        """Lists the studies."""
        self._run("ps")

    def open_study(self, wanted: str | None) -> None:
        """Speaks of another study."""
        say(f"study {self._agent.open_study(wanted)} is spoken of")

    def new_study(self) -> None:
        """Says how."""
        say("describe what to tune; the study that is spoken of goes on by itself")

    def open_trial(self, wanted: str) -> None:
        """Shows one trial."""
        self._run("show", self._study(), wanted)

    def compare_trials(self, wanted: str) -> None:
        """Has trials compared."""
        self._turn(f"compare {' and '.join(wanted.split())}")

    def set_filter(self, text: str) -> None:
        """Lists the trials that fit."""
        self._turn(f"trials where {text}" if text else "list the trials")

    def show_pane(self, pane: str) -> None:
        """Tells what that view of the interface shows."""
        self._run(VIEWS[pane], self._study())

    def show_code(self, wanted: str) -> None:
        """Prints the variants of the code, or one of them."""
        self._run("code", "show", self._study(), *wanted.split())

    def show_log(self, wanted: str) -> None:
        """Prints the end of what a trial printed."""
        study = self._study()
        self._run("logs", study, wanted or self._newest_log(study), "-n", LOG_LINES)

    def _newest_log(self, study: str) -> str:
        from agenttune.cli.opening import open_existing
        from agenttune.report.logs import worth_reading

        with open_existing(self._store) as store:
            number = worth_reading(store.trials(store.study(study).id))
        if number is None:
            raise UserError(f"no trial of study {study!r} has started yet")
        return str(number)

    def pause_study(self) -> None:
        """Starts no new trials."""
        self._run("pause", self._study())

    def continue_study(self) -> None:
        """Goes on."""
        self._run("resume", self._study(), "--detach")

    def ask_to_stop(self) -> None:
        """Has the study ended, which is asked first."""
        say("to kill the running trials, too, answer no here and say: kill it")
        self._turn("stop after the running trials")

    def say_to_agent(self, text: str) -> None:
        """Takes a turn."""
        self._turn(text)

    def use_model(self, spec: str) -> None:
        """Has another model answer."""
        if not spec:
            raise UserError("which model? As in /model openai:gpt-5, http://localhost:11434/v1#qwen3 or none")
        self._agent.use_model(spec)
        say(f"{self._agent.model or 'the offline assistant'} answers from here on")

    def use_mode(self, mode: str) -> None:
        """Sets how much is done without asking."""
        self._agent.use_mode(cast("Mode", mode))
        say(f"mode {mode}")

    def show_conversations(self) -> None:
        """Lists earlier conversations."""
        self._run("chat", "--list")

    def compact_conversation(self) -> None:
        """Makes it shorter for the model."""
        say(self._agent.compact().sentence)

    def rewind(self, n_turns: int) -> None:
        """Takes turns back and says what was said first in them, for the person to say otherwise."""
        sentence = self._agent.rewind(n_turns)
        say(str(self._agent.entries[-1].content["text"]))
        say(f"you had said: {clean_block(sentence)}")

    def find_text(self, text: str) -> None:
        """Cannot be done here."""
        raise UserError("in line mode the terminal's own search finds; /export writes a file")

    def copy_reply(self) -> None:
        """Cannot be done here."""
        raise UserError("in line mode the terminal's own selection copies; /export writes a file")

    def export_transcript(self, path: str) -> None:
        """Writes the conversation to a file."""
        if not path:
            raise UserError("into which file? As in /export chat.md")
        from agenttune.agent.transcript import as_markdown

        place = Path(path).expanduser()
        try:
            with place.open("x", encoding="utf-8") as stream:
                stream.write(as_markdown(self._agent.live_entries))
        except FileExistsError:
            raise UserError(f"{place} is there already: name another file") from None
        except OSError as error:
            raise UserError(f"{place} cannot be written: {error.strerror or error}") from None
        say(f"written to {place.absolute()}")

    def use_theme(self, name: str) -> None:
        """Cannot be done here."""
        raise UserError("in line mode the terminal's own colours hold")

    def show_config(self) -> None:
        """Lists the settings."""
        from agenttune.cli import main

        main(["config", "show"])

    def show_doctor(self) -> None:
        """Prints what is found."""
        self._run("doctor")

    def leave(self) -> None:
        """Ends the conversation."""
        self.is_over = True
