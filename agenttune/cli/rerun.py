"""`agenttune rerun [STUDY] N`: runs one trial again, outside the study, and shows what was run."""

from __future__ import annotations

import argparse
import shlex
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from agenttune.cli.console import emit, put, say
from agenttune.cli.options import add_store, add_target
from agenttune.redaction import HIDDEN, SECRET_NAME, redact, redact_variables
from agenttune.visible import clean, clean_block

if TYPE_CHECKING:
    from agenttune.executors import Ended, Task
    from agenttune.spec import StudyRow
    from agenttune.store import Store
    from agenttune.trial import Trial
    from agenttune.types import Json

DESCRIPTION = """\
Runs one trial again with the same configuration and seed in a temporary folder: nothing of it enters
the study. Prints the command, the variables AgentTune sets, and the value beside the recorded one.
Exit code 1 when the run fails."""
LOG_LINES = 20
POLL_S = 0.2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    add_target(parser)
    parser.add_argument("--keep", action="store_true", help="keep the temporary folder and print its path")
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Runs the trial and prints what came of it.

    Raises:
        TrialNotFound: there is no such trial.
        UserError: its study has nothing to run.
    """
    from agenttune.cli.opening import open_existing, resolve_trial
    from agenttune.steering import require_objective

    with open_existing(arguments.store) as store, tempfile.TemporaryDirectory(prefix="agenttune-rerun-") as folder:
        row, number = resolve_trial(store, arguments.target)
        trial = store.trial(row.id, number)
        require_objective(store, row)
        home = Path(tempfile.mkdtemp(prefix="agenttune-rerun-")) if arguments.keep else Path(folder)
        task = _task(store, row, trial, home)
        command, variables = what_runs(task)
        if not arguments.json:
            _put_start(task, command, variables)
        ended = execute(task)
        if arguments.json:
            emit(_as_json(row, trial, command, variables, ended, home if arguments.keep else None))
        else:
            _put_end(row, trial, task, ended)
        if arguments.keep:
            say(f"its files: {home}")
        return 0 if ended.values is not None else 1


def execute(task: Task) -> Ended:
    """Runs one attempt in a process of its own until it ends; Ctrl-C kills it whole."""
    from agenttune.executors import Ended, load_executor

    executor = load_executor("process")
    try:
        executor.submit(task)
        while True:
            for notice in executor.poll(POLL_S):
                if isinstance(notice, Ended):
                    return notice
    finally:
        executor.close(kill=True)


def _task(store: Store, row: StudyRow, trial: Trial, home: Path) -> Task:
    from agenttune.study.step import Steps
    from agenttune.trial import Attempt, AttemptState

    attempt = Attempt(0, trial.number, 1, AttemptState.RUNNING, str(home / "attempt"))
    return Steps(store, row.id).task(trial, attempt, gpu=0 if row.spec.gpus else None)


def what_runs(task: Task) -> tuple[str, dict[str, str]]:
    """(the command as one could type it, the variables AgentTune sets), without secrets."""
    from agenttune.executors.process import rerun_command

    words, variables = rerun_command(task)
    command = shlex.join(words)
    for name, value in variables.items():
        if SECRET_NAME.search(name) and value:
            command = command.replace(value, HIDDEN)
    return redact(command), redact_variables(variables)


def _put_start(task: Task, command: str, variables: Mapping[str, str]) -> None:
    from agenttune.cli.format import config

    for name, value in variables.items():
        put(f"{name}={shlex.quote(clean(value))}")
    put(f"cd {shlex.quote(clean(task.cwd))}")
    put(clean_block(command))
    put(config(task.config))


def _put_end(row: StudyRow, trial: Trial, task: Task, ended: Ended) -> None:
    from agenttune.cli.format import number, seconds
    from agenttune.report.logs import tail

    metric = row.spec.goal.metric
    recorded = trial.value(metric)
    was = "has none" if recorded is None else number(recorded)
    if trial.failure is not None:
        was = f"failed ({trial.failure.kind.value}: {clean(trial.failure.message)})"
    if ended.values is not None:
        again = number(ended.values[metric])
        gap = "" if recorded is None else f", difference {ended.values[metric] - recorded:+.4g}"
        put(f"{metric} {again} in {seconds(ended.elapsed_s)}; recorded: {was}{gap}")
        return
    for line in tail(Path(task.attempt.directory) / "log.txt", LOG_LINES):
        put(f"  {line}")
    put(f"{_reason(ended)}, after {seconds(ended.elapsed_s)}; recorded: {was}")


def _reason(ended: Ended) -> str:
    if ended.failure is not None:
        return f"{ended.failure.kind.value}: {clean(ended.failure.message)}"
    return clean(ended.died or "died")


def _as_json(
    row: StudyRow, trial: Trial, command: str, variables: Mapping[str, str], ended: Ended, kept: Path | None
) -> dict[str, Json]:
    return {
        "study": row.name,
        "id": row.id,
        "trial": trial.number,
        "command": command,
        "variables": dict(variables),
        "values": None if ended.values is None else dict(ended.values),
        "recorded": None if trial.outcome is None else dict(trial.outcome.values),
        "failure": None if ended.values is not None else _reason(ended),
        "recorded_failure": None if trial.failure is None else trial.failure.message,
        "elapsed_s": ended.elapsed_s,
        "files": None if kept is None else str(kept),
    }
