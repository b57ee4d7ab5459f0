"""`agenttune resume [STUDY]`: goes on with a paused, interrupted or stopped study."""

from __future__ import annotations

import argparse

from agenttune.cli.options import add_follow, add_store, add_study

DESCRIPTION = """\
Goes on with a study: one that is paused, one whose driver died, or one that was stopped. What ran
when the driver died is collected, adopted or run again; nothing is counted twice."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    add_study(parser)
    parser.add_argument("--trials", type=int, metavar="N", help="let the study run N trials in all")
    parser.add_argument("--seconds", type=float, metavar="S", help="let the study take S seconds in all")
    add_follow(parser)
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Sends the control where one is needed, sees to a driver, and follows."""
    from agenttune.cli.opening import open_existing
    from agenttune.cli.running import drive
    from agenttune.spec import StudyState
    from agenttune.study import Study, has_live_driver

    with open_existing(arguments.store) as store:
        row = store.study(arguments.study)
        is_driven = has_live_driver(row)  # it may be stopping: a resume takes that back
        is_halted = row.state is StudyState.PAUSED or row.state.is_ended
        if is_driven or is_halted or arguments.trials or arguments.seconds:
            Study(store, row.id).resume(trials=arguments.trials, seconds=arguments.seconds)
        return drive(store, row, json=arguments.json, detach=arguments.detach)
