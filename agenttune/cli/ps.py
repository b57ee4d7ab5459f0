"""`agenttune ps`: the studies of a store, newest first."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from agenttune.cli.console import emit, put, say, table
from agenttune.cli.format import ago, number, seconds
from agenttune.cli.options import add_store
from agenttune.errors import StoreError
from agenttune.types import Json
from agenttune.visible import clean

if TYPE_CHECKING:
    from agenttune.spec import StudyRow
    from agenttune.store import Store

DESCRIPTION = """\
Lists studies, newest first; `interrupted` ones have lost their driver and `resume` mends them, `waiting`
ones go on when their Python program asks and tells again."""
SHOWN = 20
"""Studies listed without `--all`."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("--all", action="store_true", help=f"all studies, not the latest {SHOWN}")
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Prints a line per study."""
    from agenttune.cli.opening import store_path
    from agenttune.store import Store

    path = store_path(arguments.store)
    if not path.exists():
        say(f"no studies yet: there is no store at {path}")
        return 0
    damaged: list[StoreError] = []
    with Store.open(path) as store:
        rows = store.studies(on_damage=damaged.append)
        shown = rows if arguments.all or arguments.json else rows[:SHOWN]
        entries = _entries(store, shown, damaged)
    for error in damaged:
        say(clean(f"agenttune: not listed: {error}"))
    if arguments.json:
        for entry in entries:
            emit(entry)
    elif entries:
        _put_table(entries)
    elif not damaged:
        say(f"no studies yet in {path}")
    if len(shown) < len(rows):
        say(f"{len(rows) - len(shown)} older ones: agenttune ps --all")
    return 0


def _entries(store: Store, rows: Sequence[StudyRow], damaged: list[StoreError]) -> list[dict[str, Json]]:
    """A line for each study whose records can be read; why the others cannot is added to `damaged`."""
    entries = []
    for row in rows:
        try:
            entries.append(_entry(store, row))
        except StoreError as error:
            damaged.append(StoreError(f"study {row.name!r}: {error}"))
    return entries


def _entry(store: Store, row: StudyRow) -> dict[str, Json]:
    from agenttune.history import read_view
    from agenttune.study import status

    view = read_view(store, row)
    best = view.incumbent
    return {
        "study": row.name,
        "id": row.id,
        "status": status(row),
        "end_reason": row.end_reason,
        "metric": row.spec.goal.metric,
        "best": None if best is None else view.value(best),
        "best_trial": None if best is None else best.number,
        "n_finished": sum(trial.in_budget for trial in view.finished),
        "n_running": sum(trial.state.value == "running" for trial in view.trials),
        "n_failed": len(view.failed),
        "budget_trials": row.spec.budget.trials,
        "budget_seconds": row.spec.budget.seconds,
        "active_s": row.active_s,
        "created_at": row.created_at,
    }


def _put_table(entries: list[dict[str, Json]]) -> None:
    headers = ["study", "status", "trials", "failed", "metric", "best", "time", "made"]
    rows = [
        [
            str(entry["study"]),
            str(entry["status"]),
            f"{entry['n_finished']}" + (f"/{entry['budget_trials']}" if entry["budget_trials"] else ""),
            str(entry["n_failed"] or ""),
            str(entry["metric"]),
            "" if entry["best"] is None else number(float(entry["best"])),  # type: ignore[arg-type]  # a number
            seconds(float(entry["active_s"])),  # type: ignore[arg-type]  # a number
            ago(float(entry["created_at"])),  # type: ignore[arg-type]  # a number
        ]
        for entry in entries
    ]
    for line in table(headers, rows, right=frozenset({"trials", "failed", "best", "time"})):
        put(line)
