"""The one registry of verbs: slash commands, the palette, completion and the help screen read it.

A later agent package takes the registry over; what a command does stays with the interface.
"""

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

    def pause_study(self) -> None:
        """Starts no new trials."""
        ...

    def continue_study(self) -> None:
        """Goes on with a paused, interrupted or stopped study."""
        ...

    def ask_to_stop(self) -> None:
        """Asks, then ends the study."""
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

    @property
    def usage(self) -> str:
        """`/open [NAME]`."""
        return f"/{self.name} {self.argument}".rstrip()


COMMANDS = (
    Command("help", "keys and commands", lambda app, _: app.show_help(), aliases=("keys",)),
    Command(
        "studies",
        "all studies of the store; Enter opens one",
        lambda app, _: app.show_studies(),
        aliases=("sessions",),
    ),
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
    Command("pause", "start no new trials; those that run go on", lambda app, _: app.pause_study()),
    Command(
        "continue",
        "go on with a paused, interrupted or stopped study",
        lambda app, _: app.continue_study(),
        aliases=("resume",),
    ),
    Command("stop", "end the study after the trials that run; asks first", lambda app, _: app.ask_to_stop()),
    Command("quit", "leave; the study goes on without this window", lambda app, _: app.leave(), aliases=("exit", "q")),
)


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


def completions() -> list[str]:
    """What a line that begins with a slash may become."""
    return [f"/{command.name}" for command in COMMANDS]
