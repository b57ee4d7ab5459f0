"""Which commands there are, and how their arguments are parsed. Standard library only.

Only the module of the command that was named is imported: `agenttune --help` imports none.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import sys
from collections.abc import Sequence
from typing import NoReturn, Protocol, cast

from agenttune import __version__

COMMANDS = {
    "tune": 'tune what a sentence says: "tune an SVM on digits for accuracy, 30 trials"',
    "chat": "talk about tuning: plan, run, change and explain studies",
    "ask": "one question or wish about a study",
    "run": "run the study a file describes",
    "code": "have a model improve a part of your code, run it confined, see what it is worth",
    "init": "write a commented study file to start from",
    "ps": "list studies",
    "show": "a study, or one of its trials",
    "why": "why a trial was run, what else would have run, and who was right",
    "attach": "watch a study in the terminal interface",
    "logs": "the log of a study's driver, or of one trial",
    "add": "have a configuration of your own run next",
    "edit": "change what a study tries, counts as good or may spend",
    "undo": "take an edit back",
    "pause": "start no new trials",
    "resume": "go on with a paused or interrupted study",
    "stop": "end a study after its running trials",
    "rerun": "run one trial again, outside the study",
    "replay": "make every proposal of a study again from its record, and compare",
    "confirm": "repeat the best configurations with other seeds",
    "cost": "what was asked of language models, and what it cost",
    "importance": "how much each parameter matters",
    "plot": "draw a study as PNG",
    "export": "a study or its best configuration as JSON, CSV, flags or Python",
    "models": "the language model in force, and a test of one",
    "config": "the settings file: where it is, what holds, edit it",
    "doctor": "what is installed and where things are",
}
"""Command -> one line of help; each is a module of this package that offers `add_arguments` and `run`."""


class Command(Protocol):
    """What a command's module offers."""

    DESCRIPTION: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declares the command's arguments."""
        ...

    def run(self, arguments: argparse.Namespace) -> int:
        """Does the work and returns the exit code."""
        ...


class Parser(argparse.ArgumentParser):
    """Errors are one sentence on stderr and exit code 2."""

    def error(self, message: str) -> NoReturn:
        """Says what is wrong and where help is."""
        sys.stderr.write(f"agenttune: {message} (see `{self.prog} --help`)\n")
        raise SystemExit(2)


class _CommandParser(Parser):
    """Of one command: options may stand among its words, as in `code show --json STUDY v3`."""

    _is_within = False

    def parse_known_args(  # type: ignore[override]  # the one form that the parser of all commands calls
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """As argparse's own, which takes all words from between two options, and refuses those after the next one."""
        if self._is_within or (args is not None and "--" in args):  # whose second half would be read as options
            return super().parse_known_args(args, namespace)
        self._is_within = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._is_within = False


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Room for the longest command and the longest option beside their help."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26, width=100)


def load_command(name: str) -> Command:
    """The module of one command."""
    return cast(Command, importlib.import_module(f"agenttune.cli.{name}"))


def build_parser(arguments: list[str]) -> argparse.ArgumentParser:
    """A parser that knows all commands by name, and the arguments of the one that is named."""
    parser = Parser(
        prog="agenttune",
        usage="agenttune [COMMAND] [...]",
        description="Say what to tune; see who proposed what, and why.",
        epilog="STUDY is a name or a unique prefix of one; left out, the latest.\n"
        "`agenttune COMMAND --help` tells more; without a command the terminal interface opens.",
        formatter_class=_Formatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"agenttune {__version__}")
    commands = parser.add_subparsers(
        prog="agenttune",
        dest="command",
        metavar="COMMAND",
        required=True,
        title="commands",
        parser_class=_CommandParser,
    )
    if arguments and arguments[0].partition("=")[0] == "--store":
        meant = next((word for word in arguments if word in COMMANDS), "ps")
        parser.error(f"--store belongs behind the command: agenttune {meant} --store PATH")
    named = next((word for word in arguments if not word.startswith("-")), None)
    if named is not None and named not in COMMANDS:
        parser.error(f"no command is called {named!r}{_nearest(named)}")
    for name, line in COMMANDS.items():
        sub = commands.add_parser(name, help=line, formatter_class=_Formatter, allow_abbrev=False)
        if name == named:
            command = load_command(name)
            sub.description = command.DESCRIPTION
            command.add_arguments(sub)
    return parser


def _nearest(word: str) -> str:
    near = difflib.get_close_matches(word, COMMANDS, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    if " " in word:
        return f'; to tune what a sentence says: agenttune tune "{word}"'
    return f"; there are {', '.join(COMMANDS)}"
