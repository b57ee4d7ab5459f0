"""`agenttune resume [STUDY]`: goes on with a paused, interrupted or stopped study."""

from __future__ import annotations

import argparse

from agenttune.cli.options import add_follow, add_model_limits, add_store, add_study

DESCRIPTION = """\
Goes on with a study: one that is paused, one whose driver died, or one that was stopped. What ran
when the driver died is collected, adopted or run again; nothing is counted twice.

A driver on another machine (the store lies on a shared disk) cannot be looked at from here and counts
as alive. Once you made sure that it is gone for good, --take-over goes on without it."""

BUDGET = ("trials", "seconds", "max_dollars", "max_requests", "max_tokens")
"""Arguments that set a bound of the whole study anew."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    add_study(parser)
    parser.add_argument("--trials", type=int, metavar="N", help="let the study run N trials in all")
    parser.add_argument("--seconds", type=float, metavar="S", help="let the study take S seconds in all")
    add_model_limits(parser)
    parser.add_argument(
        "--take-over",
        action="store_true",
        help="take the study from a driver on another machine; make sure first that it is gone for good",
    )
    add_follow(parser)
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Sends the control where one is needed, sees to a driver, and follows."""
    from agenttune.cli.console import say
    from agenttune.cli.opening import open_existing
    from agenttune.cli.running import drive
    from agenttune.spec import StudyState
    from agenttune.study import Study, has_live_driver
    from agenttune.study.leases import is_elsewhere
    from agenttune.visible import clean

    with open_existing(arguments.store) as store:
        row = store.study(arguments.study)
        if arguments.take_over:
            taken = Study(store, row.id).take_over()
            row = store.study(row.id)
            if taken is not None:
                say(f"took the study from process {taken.pid} on {clean(taken.host)}; what ran there runs again here")
        elif row.driver is not None and is_elsewhere(row.driver):
            say(
                f"process {row.driver.pid} on {clean(row.driver.host)} drives the study and cannot be looked at from "
                f"here; if it is gone for good, `agenttune resume --take-over {clean(row.name)}` goes on without it"
            )
        is_driven = has_live_driver(row)  # it may be stopping: a resume takes that back
        is_halted = row.state is StudyState.PAUSED or row.state.is_ended
        budget = {name: getattr(arguments, name) for name in BUDGET}
        if is_driven or is_halted or any(value is not None for value in budget.values()):
            Study(store, row.id).resume(**budget)
            if row.spec.objective.get("type") == "told":
                say(f"{clean(row.name)} goes on with the next `ask`")
                return 0
        return drive(store, row, json=arguments.json, detach=arguments.detach)
