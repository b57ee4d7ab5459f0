"""`agenttune confirm [STUDY]`: repeats the best configurations with other seeds, and says whether the winner holds."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from agenttune.cli.console import emit, put, table
from agenttune.cli.format import config, number, parse_positive
from agenttune.cli.options import add_follow, add_store, add_study
from agenttune.errors import UserError

if TYPE_CHECKING:
    from agenttune.cli.displays import Display
    from agenttune.events import Event
    from agenttune.history import StudyView
    from agenttune.report.replicates import Confirmation, Replicated
    from agenttune.spec import StudyRow

DESCRIPTION = """\
Runs the best configurations again with other seeds, outside the budget, so that the winner is not a
lucky seed. Prints mean and 95% t-interval of the repeats; the trial that won is not counted again.
A paused study has to be resumed first."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    add_study(parser)
    parser.add_argument("--top", type=parse_positive, default=3, metavar="K", help="configurations (default 3)")
    parser.add_argument("--replicates", type=parse_positive, default=5, metavar="N", help="of each (default 5)")
    add_follow(parser)
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Sends the control, sees to a driver, follows until the replicates are done, prints what they say.

    Raises:
        UserError: nothing is complete and feasible yet, or the study is paused.
    """
    from agenttune.cli.displays import choose_display
    from agenttune.cli.following import catch_up, follow_study
    from agenttune.cli.opening import current_space, open_existing
    from agenttune.history import read_view
    from agenttune.spec import StudyState
    from agenttune.steering import ensure_driver
    from agenttune.study.step import best_to_confirm

    with open_existing(arguments.store) as store:
        row = store.study(arguments.study)
        if row.state is StudyState.PAUSED:
            raise UserError(f"study {row.name!r} is paused, so nothing would run: `agenttune resume {row.name}` first")
        best_to_confirm(read_view(store, row), arguments.top, name=row.name)
        display = choose_display(row, space=current_space(store, row), json=arguments.json)
        after = catch_up(store, row, display)
        after = max(after, store.last_event(row.id))
        control_id = store.send(row.id, "confirm", {"top": arguments.top, "replicates": arguments.replicates})
        if arguments.detach:
            ensure_driver(store, row)
            return 0
        watch = _Watch(display, control_id)
        followed = follow_study(
            store, row, display, after=after, begin=lambda: ensure_driver(store, row), until=watch.is_done
        )
        if followed.fatal is not None:
            return 128 + followed.fatal
        if watch.refusal is not None:
            raise UserError(watch.refusal)
        return _tell(
            store.study(row.id), read_view(store, row), json=arguments.json, is_broken_off=not watch.is_done(None)
        )


class _Watch:
    """Knows when the control was answered and its replicates are over."""

    def __init__(self, display: Display, control_id: int) -> None:
        self.display = display
        self.control_id = control_id
        self.is_answered = False
        self.refusal: str | None = None

    def is_done(self, event: Event | None) -> bool:
        """Takes in an event (None: just asks)."""
        from agenttune.events import ControlAnswered

        if isinstance(event, ControlAnswered) and event.control_id == self.control_id:
            self.is_answered = True
            self.refusal = None if event.accepted else event.answer
        progress = self.display.progress
        return self.is_answered and (
            self.refusal is not None or progress.n_replicates_finished >= progress.n_replicates
        )


def _tell(row: StudyRow, view: StudyView, *, json: bool, is_broken_off: bool) -> int:
    from agenttune.report.replicates import confirmation

    found = confirmation(view)
    n_measured = 0 if found is None else sum(len(entry.values) for entry in found.rows)
    if json:
        emit(_as_json(row, found))
    elif found is None:
        put("no replicate has run")
    else:
        _put(found)
    if is_broken_off:
        return 130
    return 0 if n_measured else 1


def _put(found: Confirmation) -> None:
    headers = ["trial", "was", "mean", "95%", "repeats", "configuration"]
    for line in table(headers, [_cells(entry) for entry in found.rows], right=frozenset({"trial"})):
        put(line)
    put(found.sentence)


def _cells(entry: Replicated) -> list[str]:
    failed = f" ({entry.n_failed} failed)" if entry.n_failed else ""
    interval = "" if entry.half_width is None else f"± {number(entry.half_width)}"
    return [
        str(entry.number),
        number(entry.original),
        "" if entry.mean is None else number(entry.mean),
        "all alike" if entry.is_alike else interval,
        f"{len(entry.values)}{failed}",
        config(entry.config),
    ]


def _as_json(row: StudyRow, found: Confirmation | None) -> dict[str, object]:
    return {
        "event": "Result",
        "study": row.name,
        "id": row.id,
        "verdict": None if found is None else found.verdict,
        "sentence": None if found is None else found.sentence,
        "winner": None if found is None else found.winner,
        "difference": None if found is None else found.difference,
        "difference_half_width": None if found is None else found.difference_half_width,
        "configurations": []
        if found is None
        else [
            {
                "trial": entry.number,
                "config": dict(entry.config),
                "was": entry.original,
                "mean": entry.mean,
                "half_width": entry.half_width,
                "values": list(entry.values),
                "n_failed": entry.n_failed,
            }
            for entry in found.rows
        ],
    }
