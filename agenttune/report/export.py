"""A study or one configuration as text for other programs: JSON, CSV, command-line flags, Python.

Not for: writing files, or results for people (cli/).
"""

from __future__ import annotations

import csv
import io
import json
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from agenttune.history import StudyView
from agenttune.objectives.command_line import argument_text, filled, is_option, placeholders, switches
from agenttune.redaction import HIDDEN, is_secret, redact
from agenttune.spec import StudyRow
from agenttune.trial import Trial
from agenttune.types import Config, Json

TRIAL_COLUMNS = ("number", "state", "arm", "reason", "replicate_of", "seed", "elapsed_s", "failure_kind", "failure")
"""Columns of the CSV before metrics and parameters."""


def study_json(row: StudyRow, view: StudyView) -> str:
    """The whole study as indented JSON: what it is, its best trial, all trials."""
    spec = row.spec
    content: dict[str, Json] = {
        "study": row.name,
        "id": row.id,
        "state": row.state.value,
        "end_reason": row.end_reason,
        "request": spec.request,
        "goal": spec.goal.to_json(),
        "space": view.space.to_json(),
        "objective": _without_keys(spec.objective),
        "proposer": spec.proposer,
        "scheduler": spec.scheduler,
        "seed": spec.seed,
        "workers": spec.workers,
        "created_at": row.created_at,
        "active_s": row.active_s,
        "summary": row.summary,
        "best": None if view.incumbent is None else view.incumbent.number,
        "trials": [trial_json(trial) for trial in view.trials],
    }
    return json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def _without_keys(objective: dict[str, Json]) -> dict[str, Json]:
    """An objective without the keys in a user's code and in the variables of a command."""
    source, env = objective.get("source"), objective.get("env")
    shown: dict[str, Json] = {"source": redact(source)} if isinstance(source, str) else {}
    if isinstance(env, dict):
        texts = {name: str(value) for name, value in env.items()}
        shown["env"] = {name: HIDDEN if is_secret(name, text) else redact(text) for name, text in texts.items()}
    return {**objective, **shown}


def trial_json(trial: Trial) -> dict[str, Json]:
    """One trial as plain JSON, its reports included."""
    proposal, outcome, failure = trial.proposal, trial.outcome, trial.failure
    return {
        "number": trial.number,
        "state": trial.state.value,
        "config": dict(trial.config),
        "values": {} if outcome is None else dict(outcome.values),
        "elapsed_s": None if outcome is None else outcome.elapsed_s,
        "arm": proposal.arm,
        "reason": proposal.reason,
        "predicted_mean": proposal.predicted_mean,
        "predicted_sd": proposal.predicted_sd,
        "prediction_source": proposal.prediction_source,
        "gate": proposal.memory.get("gate"),
        "exchange_ids": list(proposal.exchange_ids),
        "space_version": proposal.space_version,
        "replicate_of": trial.replicate_of,
        "in_budget": trial.in_budget,
        "seed": trial.seed,
        "created_at": trial.created_at,
        "ended_at": trial.ended_at,
        "failure": None
        if failure is None
        else {"kind": failure.kind.value, "message": failure.message, "exit_code": failure.exit_code},
        "reports": [
            {"step": report.step, "metrics": dict(report.metrics), "elapsed_s": report.elapsed_s}
            for report in trial.reports
        ],
        "notes": list(trial.notes),
    }


def study_csv(view: StudyView) -> str:
    """One line a trial; metrics are headed `metric.NAME`, parameters `param.NAME`, so that nothing collides."""
    metrics = _names(trial.outcome.values for trial in view.trials if trial.outcome is not None)
    parameters = _names(trial.config for trial in view.trials)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(
        [*TRIAL_COLUMNS, *(f"metric.{name}" for name in metrics), *(f"param.{name}" for name in parameters)]
    )
    for trial in view.trials:
        values = {} if trial.outcome is None else trial.outcome.values
        writer.writerow(
            [
                trial.number,
                trial.state.value,
                trial.arm,
                trial.reason,
                trial.replicate_of,
                trial.seed,
                None if trial.outcome is None else trial.outcome.elapsed_s,
                None if trial.failure is None else trial.failure.kind.value,
                None if trial.failure is None else trial.failure.message,
                *(values.get(name) for name in metrics),
                *(trial.config.get(name) for name in parameters),
            ]
        )
    return stream.getvalue()


def config_flags(config: Config, objective: Mapping[str, Json]) -> str:
    """`--lr 0.001 --optimizer adam`, quoted for a shell; numbers exact to the last digit.

    What a command reads from its environment stands first, as in front of a command: `LR=0.001 --optimizer adam`.

    Args:
        config: of one trial.
        objective: of its study; where it is a command, its own words set the parameters: `--batch-size {batch_size}`.
    """
    words, env = _words_of(objective), objective.get("env")
    variables = {name: redact(str(text)) for name, text in env.items()} if isinstance(env, dict) else {}
    values = {name: argument_text(value) for name, value in config.items()}
    found: list[str] = []
    for before, word in zip(["", *words], words, strict=False):
        text = filled(word, values) if placeholders([word]) else None
        if text is not None:
            has_option = is_option(before) and not word.startswith("-") and not switches([word])
            found += [before, text] if has_option else [text]
    unset = [name for name in config if name not in placeholders([*words, *variables.values()])]
    found += [word for name in unset for word in (f"--{name}", values[name])]
    texts = {name: filled(text, values) for name, text in variables.items() if placeholders([text])}
    assigned = [f"{name}={shlex.quote(text)}" for name, text in texts.items() if text is not None]
    return " ".join([*assigned, *map(shlex.quote, found)])


def _words_of(objective: Mapping[str, Json]) -> list[str]:
    """The words of a command; none of another objective, or where a shell command cannot be split."""
    command = objective.get("command")
    if isinstance(command, list):
        return [str(word) for word in command]
    try:
        return shlex.split(command) if isinstance(command, str) else []
    except ValueError:
        return []


def config_python(config: Config, *, comment: str = "") -> str:
    """A snippet that defines `config`, with one line of comment before it."""
    printable = "".join(character if character.isprintable() else " " for character in comment)
    lines = [f"# {printable}"] if comment else []
    lines.append("config = {")
    lines += [f"    {name!r}: {value!r}," for name, value in config.items()]
    lines.append("}")
    return "\n".join(lines) + "\n"


def estimator_python(model: Any, *, is_scaled: bool) -> str:
    """The import and the constructor call of a scikit-learn estimator; only what differs from the library's own.

    Args:
        model: the estimator, not fitted.
        is_scaled: whether numbers were standardised for it.
    """
    kind = type(model)
    public = ".".join(part for part in kind.__module__.split(".") if not part.startswith("_"))
    call = " ".join(line.strip() for line in model.__repr__(N_CHAR_MAX=100_000).splitlines())
    scaling = "numbers are standardised, " if is_scaled else ""
    before = f"# before it, where the data has any: {scaling}gaps filled, categories one-hot encoded"
    return f"\nfrom {public} import {kind.__name__}\n\n{before}\nmodel = {call}\n"


def _names(mappings: Iterable[Mapping[str, Any]]) -> list[str]:
    """Every key, in order of first appearance."""
    return list(dict.fromkeys(name for mapping in mappings for name in mapping))
