"""`agenttune tune "..."`: a sentence becomes a study; it is shown, confirmed, run and followed."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agenttune.cli.console import ask, ask_text, is_interactive, labelled, say
from agenttune.cli.options import add_store, add_tuning, model_choice
from agenttune.errors import RequestNotUnderstood
from agenttune.visible import clean

if TYPE_CHECKING:
    from agenttune.plan import PlanOptions, Understood

DESCRIPTION = """\
Tunes what a sentence says, as in

  agenttune tune "tune an SVM on digits for accuracy, 30 trials, at most 5 minutes"
  agenttune tune "tune a random forest" --data penguins.csv --target species --trials 40

Flags win over what the sentence says. Words that cannot be read are read by the language model, where there is one,
and what is missing is asked back at a terminal. What was understood is shown before anything runs. Ctrl-C
ends the study after its running trials (exit code 0, or 1 without a successful trial), a second one
kills those (130); a closed terminal leaves the study running, and `agenttune attach` finds it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("request", metavar="REQUEST", help="what to tune, in a sentence")
    parser.add_argument("--data", metavar="FILE", help="a CSV file, or the name of a data set of scikit-learn's")
    parser.add_argument("--target", metavar="COLUMN", help="the column to predict")
    add_tuning(parser)
    parser.add_argument("-y", "--yes", action="store_true", help="start without asking")
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Understands, shows, asks, runs.

    Raises:
        RequestNotUnderstood: the sentence has words that mean nothing here.
        UserError: the plan cannot be, or an answer is needed and there is no terminal.
    """
    from agenttune.plan import model_line, spec_of, with_model

    understood = _understood(arguments)
    plan = understood.plan
    spec = with_model(spec_of(plan), model_choice(arguments))
    show_understood([*understood.lines(), model_line(spec)])
    if not arguments.yes and not ask("start?", way_out="pass --yes to start without asking"):
        say("nothing was started")
        return 130
    from agenttune.cli.running import create_and_run

    is_named = arguments.name is not None or plan.request.name is not None
    return create_and_run(spec, arguments, is_name_exact=is_named)


def _understood(arguments: argparse.Namespace) -> Understood:
    """What the sentence asks for, and the answers to what had to be asked back.

    Raises:
        RequestNotUnderstood: nobody answers.
    """
    from agenttune.cli.hosts import telling_progress
    from agenttune.cli.opening import store_path
    from agenttune.plan import understand_with

    @contextmanager
    def waiting(model: str) -> Iterator[None]:
        say(f"asking {clean(model)} what the words mean")
        with telling_progress():
            yield

    turns, options, choice = [arguments.request], options_of(arguments), model_choice(arguments)
    is_answered = not arguments.yes and is_interactive()
    while True:
        try:
            return understand_with(
                turns, options, choice, store=store_path(arguments.store), waiting=waiting, is_shown=is_answered
            )
        except RequestNotUnderstood as error:
            answer = _answer(error) if is_answered else ""
            if not answer:
                raise
            turns = [*(turns[:-1] if error.fragments else turns), answer]


def _answer(error: RequestNotUnderstood) -> str:
    """What the person says to a question; nothing to give up."""
    say(f"{clean(str(error))}\n{'say it in other words' if error.fragments else 'your answer'} (Enter gives up)")
    return ask_text("> ")


def options_of(arguments: argparse.Namespace) -> PlanOptions:
    """The flags as the plan takes them."""
    from agenttune.plan import PlanOptions

    names = [name for name in PlanOptions.model_fields if name != "cwd" and hasattr(arguments, name)]
    return PlanOptions(**{name: getattr(arguments, name) for name in names}, cwd=str(Path.cwd()))


def show_understood(lines: list[tuple[str, str]]) -> None:
    """Prints (label, text) on stderr."""
    for label, text in lines:
        for line in labelled(label, text):
            say(line)
