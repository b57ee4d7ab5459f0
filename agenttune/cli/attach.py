"""`agenttune attach [STUDY]`: the terminal interface on a study."""

from __future__ import annotations

import argparse

from agenttune.cli.console import has_screen
from agenttune.cli.options import add_store, add_study
from agenttune.errors import UserError

DESCRIPTION = "Watches a study in the terminal interface. Leaving it leaves the study running."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    add_study(parser)
    add_store(parser, json=False)


def run(arguments: argparse.Namespace) -> int:
    """Opens the interface."""
    if not has_screen():
        raise UserError("`attach` needs a terminal and there is none: `agenttune show` and `agenttune logs -f` do not")
    from agenttune.cli.opening import open_existing

    with open_existing(arguments.store) as store:
        row, path = store.study(arguments.study), store.path
    from agenttune.tui import run_app

    return run_app(path, row.id)
