"""`agenttune show [STUDY] [N]`: a study, or everything about one trial."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from agenttune.cli.console import emit, put, put_labelled, table
from agenttune.cli.format import config, number
from agenttune.cli.options import add_store, add_target

if TYPE_CHECKING:
    from agenttune.history import StudyView
    from agenttune.spec import StudyRow
    from agenttune.store import Store
    from agenttune.trial import Trial

DESCRIPTION = "Shows a study and its best trials or, with a trial's number, everything known of that trial."
SHOWN = 10
"""Trials listed without `--all`."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    add_target(parser)
    parser.add_argument("--all", action="store_true", help=f"list every trial, not the best {SHOWN}")
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Prints the study or the trial."""
    from agenttune.cli.opening import open_existing, resolve_target

    with open_existing(arguments.store) as store:
        row, number = resolve_target(store, arguments.target)
        if number is None:
            _show_study(store, row, json=arguments.json, is_all=arguments.all)
        else:
            from agenttune.cli.trial_sheet import show_trial

            show_trial(store, row, number, json=arguments.json)
    return 0


def _show_study(store: Store, row: StudyRow, *, json: bool, is_all: bool) -> None:
    from agenttune.cli.outcome import put_summary, summary
    from agenttune.history import read_view
    from agenttune.plan.describing import spec_lines
    from agenttune.replies.offers import offers_of
    from agenttune.study import has_live_driver, status

    view = read_view(store, row)
    files, offers = store.study_dir(row.id), offers_of(store, row.id)
    content = summary(row, view, status=status(row), store=store.path, files=files, offers=offers)
    if json:
        emit(content)
        return
    if row.spec.request:
        put_labelled("request", row.spec.request)
    for label, text in spec_lines(row.spec, space=view.space):
        put_labelled(label, text)
    if row.driver is not None and has_live_driver(row):
        put_labelled("driver", f"process {row.driver.pid} on {row.driver.host}")
    put_summary(content)
    if line := _costs_line(store, row):
        put_labelled("model", line)
    trials = list(view.trials) if is_all else view.ranked()[:SHOWN]
    if trials:
        put()
        _put_trials(view, trials)


def _costs_line(store: Store, row: StudyRow) -> str | None:
    """What the study's requests cost; None where nothing was asked."""
    from agenttune.replies.costs import costs_of, spell_spending

    costs = costs_of(store, row.id)
    if not costs.spent.requests and not costs.n_reused:
        return None
    reused = f", {costs.n_reused:,} answered by other studies" if costs.n_reused else ""
    return f"{spell_spending(costs.spent)}{reused} (agenttune cost {row.name})"


def _put_trials(view: StudyView, trials: list[Trial]) -> None:
    headers = ["#", "state", "arm", view.goal.metric, "configuration"]
    rows = [
        [str(trial.number), _state(trial), trial.arm, _value(view, trial), config(trial.config)] for trial in trials
    ]
    for line in table(headers, rows, right=frozenset({"#"})):
        put(line)


def _state(trial: Trial) -> str:
    return trial.state.value if trial.failure is None else f"failed ({trial.failure.kind.value})"


def _value(view: StudyView, trial: Trial) -> str:
    value = trial.value(view.goal.metric)
    return "" if value is None else number(value)
