"""`agenttune stop [STUDY]`: ends a study after its running trials, or at once."""

from __future__ import annotations

import argparse

from agenttune.cli.console import emit, put
from agenttune.cli.options import add_store, add_study
from agenttune.errors import UserError

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
    from agenttune.cli.controlling import ask_driver, ensure_driver, last_event_id, wait_for_answer
    from agenttune.cli.opening import open_existing
    from agenttune.study import has_live_driver

    with open_existing(arguments.store) as store:
        row = store.study(arguments.study)
        is_driven = has_live_driver(row)
        if row.state.is_ended and not is_driven:
            raise UserError(f"study {row.name!r} has ended already: {row.end_reason or row.state.value}")
        payload: dict[str, bool] = {"kill": bool(arguments.kill)}
        if is_driven:
            answer = ask_driver(store, row, "stop", {**payload})
        else:
            after = last_event_id(store, row.id)
            control_id = store.send(row.id, "stop", {**payload})
            ensure_driver(store, row)
            said = wait_for_answer(store, row, control_id, after=after)
            answer = None if said is None else said.answer
    answer = answer or "sent; the driver has not answered yet"
    if arguments.json:
        emit({"study": row.name, "id": row.id, "control": "stop", "answer": answer})
    else:
        put(f"{row.name}: {answer}")
    return 0
