"""The one registry of verbs: slash commands, the palette, completion, the help screen and line mode read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Protocol

from agenttune.errors import UserError


class Actions(Protocol):
    """What commands may do; the application implements it."""

    def show_help(self) -> None:
        """Opens the list of keys and commands."""
        ...

    def show_studies(self) -> None:
        """Opens the list of studies."""
        ...

    def open_study(self, wanted: str | None) -> None:
        """Follows another study, by name; None is the latest."""
        ...

    def new_study(self) -> None:
        """Leaves the study to itself and shows an empty prompt."""
        ...

    def open_trial(self, wanted: str) -> None:
        """Shows one trial whole."""
        ...

    def compare_trials(self, wanted: str) -> None:
        """Shows trials side by side."""
        ...

    def set_filter(self, text: str) -> None:
        """Shows only the trials that fit; all of them without a text."""
        ...

    def show_pane(self, pane: str) -> None:
        """Shows one view of the study."""
        ...

    def show_log(self, wanted: str) -> None:
        """Shows what a trial prints, by number; the newest without one."""
        ...

    def show_code(self, wanted: str) -> None:
        """Shows the variants of a study over code, or one of them whole, by number."""
        ...

    def pause_study(self) -> None:
        """Starts no new trials."""
        ...

    def continue_study(self) -> None:
        """Goes on with a paused, interrupted or stopped study."""
        ...

    def ask_to_stop(self) -> None:
        """Asks, then ends the study."""
        ...

    def say_to_agent(self, text: str) -> None:
        """Takes a turn of the conversation."""
        ...

    def use_model(self, spec: str) -> None:
        """Has another model answer."""
        ...

    def use_mode(self, mode: str) -> None:
        """Sets how much is done without asking."""
        ...

    def show_conversations(self) -> None:
        """Opens the list of earlier conversations."""
        ...

    def compact_conversation(self) -> None:
        """Makes the conversation shorter for the model."""
        ...

    def rewind(self, n_turns: int) -> None:
        """Takes the last turns of the conversation back."""
        ...

    def find_text(self, text: str) -> None:
        """Shows the next place of the conversation that holds a text."""
        ...

    def copy_reply(self) -> None:
        """Copies the latest reply."""
        ...

    def export_transcript(self, path: str) -> None:
        """Writes the conversation to a file."""
        ...

    def use_theme(self, name: str) -> None:
        """Shows other colours; offers them without a name."""
        ...

    def show_config(self) -> None:
        """Shows every setting with where its value comes from."""
        ...

    def show_doctor(self) -> None:
        """Shows what is installed, where things are, and whether they can be used."""
        ...

    def leave(self) -> None:
        """Closes the interface; the study goes on."""
        ...


@dataclass(frozen=True, slots=True)
class Command:
    """One verb."""

    name: str
    help: str
    """What it does, as a phrase."""
    run: Callable[[Actions, str], None]
    """Called with the words after the name."""
    argument: str = ""
    """How the argument is written, "[NAME]"; empty without one."""
    aliases: tuple[str, ...] = ()
    is_for_code: bool = False
    """Whether only a study over code has it."""

    @property
    def usage(self) -> str:
        """`/open [NAME]`."""
        return f"/{self.name} {self.argument}".rstrip()

    @property
    def needs_argument(self) -> bool:
        """Whether it does nothing without one."""
        return self.argument != "" and not self.argument.startswith("[")


def _saying(text: str) -> Callable[[Actions, str], None]:
    return lambda app, _: app.say_to_agent(text)


def _n_turns(text: str) -> int:
    if text and not (text.isdecimal() and len(text) < 10):
        raise UserError(f"how many turns are taken back is a number, as in /rewind 2, but got {text!r}")
    return int(text or 1)


def _pane(pane: str) -> Callable[[Actions, str], None]:
    return lambda app, _: app.show_pane(pane)


COMMANDS = (
    Command("help", "keys and commands", lambda app, _: app.show_help(), aliases=("keys",)),
    Command("studies", "all studies of the store; Enter opens one", lambda app, _: app.show_studies()),
    Command(
        "open",
        "follow a study, the latest without a name",
        lambda app, rest: app.open_study(rest or None),
        argument="[NAME]",
        aliases=("attach",),
    ),
    Command("new", "an empty prompt; the study on screen goes on by itself", lambda app, _: app.new_study()),
    Command(
        "trial",
        "one trial whole: configuration, reason, failure, log",
        lambda app, rest: app.open_trial(rest),
        argument="NUMBER",
    ),
    Command("compare", "trials side by side", lambda app, rest: app.compare_trials(rest), argument="NUMBERS"),
    Command(
        "filter",
        "only failed trials, those of an arm, or those for which something holds",
        lambda app, rest: app.set_filter(rest),
        argument="[C > 1]",
    ),
    Command("study", "chart, best and trials", _pane("overview"), aliases=("trials",)),
    Command(
        "code",
        "variants of the code: their tree, or one of them whole",
        lambda app, rest: app.show_code(rest),
        argument="[N]",
        aliases=("variants",),
        is_for_code=True,
    ),
    Command("parameters", "importance, slices and versions of the space", _pane("parameters"), aliases=("params",)),
    Command("curves", "learning curves of the trials that run", _pane("curves")),
    Command("trust", "who proposed what, what it was worth and what it cost", _pane("trust"), aliases=("cost",)),
    Command(
        "log", "what a trial prints, as it comes: the newest, or trial N", lambda app, rest: app.show_log(rest), "[N]"
    ),
    Command("pause", "start no new trials; those that run go on", lambda app, _: app.pause_study()),
    Command(
        "continue",
        "go on with a paused, interrupted or stopped study",
        lambda app, _: app.continue_study(),
        aliases=("resume",),
    ),
    Command("stop", "end the study after the trials that run, or now; asks first", lambda app, _: app.ask_to_stop()),
    Command("confirm", "run the best configurations again, to be sure of them", _saying("confirm the winner")),
    Command("undo", "take the latest edit of the study back", _saying("undo")),
    Command(
        "model",
        "have another language model answer, or none",
        lambda app, rest: app.use_model(rest),
        argument="SPEC",
    ),
    Command(
        "mode",
        "ask before changes, act within the budget, or only look",
        lambda app, rest: app.use_mode(rest),
        argument="ask|auto|plan",
    ),
    Command(
        "chats",
        "earlier conversations; Enter goes on with one",
        lambda app, _: app.show_conversations(),
        aliases=("sessions",),
    ),
    Command(
        "compact",
        "make what was said before the last turn one message for the model",
        lambda app, _: app.compact_conversation(),
    ),
    Command(
        "rewind",
        "take the last turn, or turns, back out of the conversation; trials and edits stay",
        lambda app, rest: app.rewind(_n_turns(rest)),
        argument="[N]",
    ),
    Command(
        "find", "the next place of the conversation that holds a text", lambda app, rest: app.find_text(rest), "TEXT"
    ),
    Command("copy", "copy the latest reply", lambda app, _: app.copy_reply()),
    Command(
        "export",
        "write the conversation to a file",
        lambda app, rest: app.export_transcript(rest),
        argument="[FILE]",
    ),
    Command("theme", "other colours; without a name, choose and see", lambda app, rest: app.use_theme(rest), "[NAME]"),
    Command("config", "the settings in force, and where each comes from", lambda app, _: app.show_config()),
    Command("doctor", "what is installed, where things are, and what cannot be used", lambda app, _: app.show_doctor()),
    Command("quit", "leave; the study goes on without this window", lambda app, _: app.leave(), aliases=("exit", "q")),
)


def commands_for(*, is_code: bool) -> tuple[Command, ...]:
    """Those to offer while such a study is on screen, over code or not."""
    return tuple(command for command in COMMANDS if is_code or not command.is_for_code)


def find_command(line: str) -> tuple[Command, str]:
    """(command, the words after its name) of a line that begins with a slash.

    Raises:
        UserError: no command is called that; the nearest name is offered.
    """
    word, _, rest = line.removeprefix("/").strip().partition(" ")
    for command in COMMANDS:
        if word in (command.name, *command.aliases):
            return command, rest.strip()
    near = get_close_matches(word, [command.name for command in COMMANDS], n=1)
    hint = f"did you mean /{near[0]}?" if near else "/help lists them"
    raise UserError(f"there is no command /{word}: {hint}")
