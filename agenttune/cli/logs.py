"""`agenttune logs [STUDY] [N]`: the driver's log, or what a trial printed."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from agenttune.cli.console import put, say
from agenttune.cli.format import parse_positive
from agenttune.cli.options import add_store, add_target

if TYPE_CHECKING:
    from agenttune.spec import StudyRow
    from agenttune.store import Store

DESCRIPTION = "Prints the log of a study's driver, or, with a trial's number, what its last attempt printed."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    add_target(parser)
    parser.add_argument("-f", "--follow", action="store_true", help="go on until the study or the trial has ended")
    parser.add_argument("-n", "--lines", type=parse_positive, metavar="N", help="the last N lines only")
    add_store(parser, json=False)


def run(arguments: argparse.Namespace) -> int:
    """Prints the lines."""
    from agenttune.cli.opening import open_existing, resolve_target
    from agenttune.report.logs import growing, lines, tail

    with open_existing(arguments.store) as store:
        row, number = resolve_target(store, arguments.target)
        path, is_over = _source(store, row, number)
        if arguments.follow:
            for line in growing(path, is_over):
                put(line)
                _flush()
        elif not path.exists():
            say(f"nothing was logged yet: {path}")
        else:
            for line in lines(path) if arguments.lines is None else tail(path, arguments.lines):
                put(line)
    return 0


def _source(store: Store, row: StudyRow, number: int | None) -> tuple[Path, Callable[[], bool]]:
    """The file, and whether nothing will be added to it any more."""
    from agenttune.driver import LOG
    from agenttune.report.logs import log_of
    from agenttune.study import has_live_driver

    def is_undriven() -> bool:
        return not has_live_driver(store.study(row.id))

    if number is None:
        return store.study_dir(row.id) / LOG, is_undriven
    path = log_of(store, row.id, number) or store.study_dir(row.id) / "no-attempt-yet"
    return path, lambda: store.trial(row.id, number).state.is_finished or is_undriven()


def _flush() -> None:
    import sys

    sys.stdout.flush()
