"""`agenttune export [STUDY] [N]`: a study, or one configuration, for other programs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from agenttune.cli.console import say
from agenttune.cli.options import add_store, add_target
from agenttune.errors import UserError
from agenttune.visible import clean

if TYPE_CHECKING:
    from agenttune.history import StudyView
    from agenttune.spec import StudyRow
    from agenttune.trial import Trial

DESCRIPTION = """\
json and csv hold the whole study; flags and python hold the best configuration, or that of trial N."""
FORMATS = ("json", "csv", "flags", "python")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    add_target(parser)
    parser.add_argument("--format", choices=FORMATS, default="json", help="default: json")
    parser.add_argument("-o", "--output", metavar="FILE", help="where to (default: stdout); overwritten if it exists")
    add_store(parser, json=False)


def run(arguments: argparse.Namespace) -> int:
    """Writes the export.

    Raises:
        UserError: there is no such configuration, or the file cannot be written.
    """
    from agenttune.cli.opening import open_existing, resolve_target
    from agenttune.history import read_view

    with open_existing(arguments.store) as store:
        row, number = resolve_target(store, arguments.target)
        view = read_view(store, row)
        trial = view.incumbent if number is None else store.trial(row.id, number)
    text = _text(arguments.format, row, view, trial, has_number=number is not None)
    if arguments.output is None:
        sys.stdout.write(text)
        return 0
    try:
        Path(arguments.output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"cannot write {arguments.output!r}: {error.strerror}") from None
    say(f"wrote {clean(arguments.output)}")
    return 0


def _text(kind: str, row: StudyRow, view: StudyView, trial: Trial | None, *, has_number: bool) -> str:
    from agenttune.report.export import config_flags, study_csv, study_json

    if kind in ("json", "csv"):
        if has_number:
            raise UserError(f"{kind} holds a whole study; leave the trial's number out, or use flags or python")
        return study_json(row, view) if kind == "json" else study_csv(view)
    if trial is None:
        raise UserError(f"study {row.name!r} has no best configuration yet; name a trial: agenttune export STUDY N")
    if kind == "flags":
        return config_flags(trial.config, row.spec.objective) + "\n"
    return _python(row, view, trial)


def _python(row: StudyRow, view: StudyView, trial: Trial) -> str:
    from agenttune.cli.format import number
    from agenttune.report.export import config_python

    value = trial.value(view.goal.metric)
    measured = trial.state.value if value is None else f"{view.goal.metric} {number(value)}"
    snippet = config_python(trial.config, comment=clean(f"trial {trial.number} of study {row.name}: {measured}"))
    return snippet + (_estimator(row, trial) if row.spec.objective.get("type") == "estimator" else "")


def _estimator(row: StudyRow, trial: Trial) -> str:
    """The import and the constructor call of the estimator that was tuned."""
    from agenttune.cards.estimators import metric_named
    from agenttune.cards.families import card_named
    from agenttune.report.export import estimator_python

    card, task = card_named(str(row.spec.objective["family"])), metric_named(row.spec.goal.metric).task
    model = card.make(trial.config, task=task, seed=row.spec.seed)
    return estimator_python(model, is_scaled=card.scales)
