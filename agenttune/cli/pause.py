"""`agenttune pause [STUDY]`: no new trials; those that run go on."""

from __future__ import annotations

import argparse

from agenttune.cli.console import emit, put
from agenttune.cli.options import add_store, add_study

DESCRIPTION = "Starts no new trials of a running study; `agenttune resume` goes on. Running trials end as usual."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    add_study(parser)
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Sends the control and prints the driver's answer.

    Raises:
        UserError: nothing runs.
    """
    from agenttune.cli.opening import open_existing
    from agenttune.steering import pause

    with open_existing(arguments.store) as store:
        row = store.study(arguments.study)
        answer = pause(store, row)
    if arguments.json:
        emit({"study": row.name, "id": row.id, "control": "pause", "answer": answer})
    else:
        put(f"{row.name}: {answer}")
    return 0
