"""`agenttune why [STUDY] N`: why a trial was run, what each arm would have run, and who was right."""

from __future__ import annotations

import argparse

from agenttune.cli.console import emit, put
from agenttune.cli.options import add_store, add_target
from agenttune.errors import UserError

DESCRIPTION = """\
Tells why a trial was run: who proposed it, what the gate believed, what every arm would have run instead and what was
expected of it; and in hindsight, by all that was measured since, who was right."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    add_target(parser)
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Prints the answer.

    Raises:
        UserError: there is no such study or trial, or no trial was named.
    """
    from agenttune.cli.opening import open_existing, resolve_target
    from agenttune.history import read_view
    from agenttune.insight.answers.why import gate_of, why_trial
    from agenttune.insight.answers.worded import worded

    with open_existing(arguments.store) as store:
        row, number = resolve_target(store, arguments.target)
        if number is None:
            raise UserError(f"which trial? Name its number, as in `agenttune why {row.name} 3`")
        view = read_view(store, row)
    surrogate = None
    if any(trial.number == number and "arms" in (gate_of(trial) or {}) for trial in view.trials):
        from agenttune.surrogate import fit, remembered  # with scipy: other trials do without

        surrogate = fit(view, remembered(view))
    answer = why_trial(view, number, surrogate)
    if arguments.json:
        emit({"study": row.name, **answer.to_json()})
    else:
        put(worded(answer))
    return 0
