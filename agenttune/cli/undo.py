"""`agenttune undo [STUDY]`: takes an edit of a study back."""

from __future__ import annotations

import argparse

from agenttune.cli.edit import may_go_on, tell
from agenttune.cli.options import add_store, add_study

DESCRIPTION = """\
Takes the latest edit of a study back that still stands, or the one of --edit N (`agenttune edit --list`
shows them). What has run since stays; an edit whose subject was changed again is not undone."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    add_study(parser)
    parser.add_argument("--edit", type=int, metavar="N", help="the edit of this number (default: the latest)")
    parser.add_argument("--dry-run", action="store_true", help="show what would change, and do nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--by", default="a person", metavar="WHO", help="kept with the undoing (default: a person)")
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Shows the difference, asks, sends the control and prints the answer.

    Raises:
        UserError: there is no edit to undo, or it cannot be undone any more.
    """
    from agenttune import steering
    from agenttune.cli.opening import open_existing

    with open_existing(arguments.store) as store:
        row = store.study(arguments.study)
        entry = steering.last_edit(store, row, arguments.edit)
        change = steering.preview_undo(store, row, entry).diff
        answer = None
        if may_go_on(arguments, change):
            answer = steering.undo(store, row, entry, by=arguments.by)
    tell(arguments, row, "undo", {"undoes": entry.edit_id, "diff": change.to_json()}, answer)
    return 0
