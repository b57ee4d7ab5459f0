"""`agenttune ask [STUDY] "..."`: one question or wish about a study, answered from its record."""

from __future__ import annotations

import argparse
from contextlib import suppress

from agenttune.cli.conversation import Voice, add_conversation, make_agent, take_turn
from agenttune.errors import StudyNotFound

DESCRIPTION = """\
Asks or tells something of a study, as in

  agenttune ask "why trial 7?"
  agenttune ask svm-digits "cap C at 100 and give it ten more trials"

A language model words the answer if there is one (--model, settings), else it comes from templates. Changes are shown
and wait for your yes. Exit code 2 when it was not understood, could not be done, was denied, or needed a yes and there
is no terminal."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("study", nargs="?", metavar="STUDY", help="name or unique prefix (default: the latest)")
    parser.add_argument("text", metavar="TEXT", help="what you want to know or have done")
    add_conversation(parser)


def run(arguments: argparse.Namespace) -> int:
    """Takes one turn.

    Raises:
        UserError: there is no such study, or the model cannot be had.
    """
    with make_agent(arguments, study=arguments.study) as agent:
        if arguments.study is None:
            with suppress(StudyNotFound):  # there is none yet: the first is made so
                agent.open_study()
        done = take_turn(agent, arguments.text, Voice(as_json=arguments.json))
    if done.is_interrupted:
        return 130
    return 2 if done.is_question or done.is_denied or done.is_failed else 0
