"""`agenttune stop [STUDY]`: ends a study after its running trials, or at once."""

from __future__ import annotations

import argparse

from agenttune.cli.console import emit, put
from agenttune.cli.options import add_store, add_study

DESCRIPTION = "Ends a study after its running trials. `agenttune resume` takes the end back."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    add_study(parser)
    parser.add_argument("--kill", action="store_true", help="kill the running trials; they wait for a resume")
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Sends the control and prints the answer; an interrupted study gets a driver that puts it right and ends it.

    Raises:
        UserError: the study has ended already.
    """
    from agenttune.cli.opening import open_existing
    from agenttune.steering import stop

    with open_existing(arguments.store) as store:
        row = store.study(arguments.study)
        answer = stop(store, row, kill=arguments.kill)
    if arguments.json:
        emit({"study": row.name, "id": row.id, "control": "stop", "answer": answer})
    else:
        put(f"{row.name}: {answer}")
    return 0
