"""Everything about one trial: configuration, difference to the best, where it came from, how it went."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from agenttune.cli.console import emit, put, put_labelled, table
from agenttune.cli.format import change, number, scalar, seconds
from agenttune.history import StudyView, read_view
from agenttune.insight.answers.answer import differences
from agenttune.report.export import trial_json
from agenttune.report.logs import tail
from agenttune.spec import StudyRow
from agenttune.store import Store
from agenttune.trial import SOURCE_WORDS, Attempt, Trial
from agenttune.types import Json, Scalar
from agenttune.visible import clean_block

LOG_LINES = 10
REPORTS_SHOWN = 5


def show_trial(store: Store, row: StudyRow, wanted: int, *, json: bool) -> None:
    """Prints one trial of a study.

    Raises:
        TrialNotFound: there is no such trial.
    """
    trial = store.trial(row.id, wanted)
    view = read_view(store, row)
    attempts = store.attempts(row.id, wanted)
    log = tail(Path(attempts[-1].directory) / "log.txt", LOG_LINES) if attempts else []
    ids = trial.proposal.exchange_ids
    asked = {number: exchange.reused_from for number, exchange in store.exchanges(row.id) if number in ids}
    if json:
        _emit(row, view, trial, attempts, log, asked)
        return
    for label, text in [*_origin(row, trial, asked), *_result(view, trial), *_course(trial, attempts)]:
        put_labelled(label, text)
    _put_config(view, trial)
    if trial.failure is not None and trial.failure.traceback_tail:
        _put_block("traceback", clean_block(trial.failure.traceback_tail).splitlines())
    if log:
        _put_block(f"log, its last lines ({Path(attempts[-1].directory) / 'log.txt'})", log)


def _origin(row: StudyRow, trial: Trial, asked: dict[int, str | None]) -> list[tuple[str, str]]:
    told = [("trial", f"{trial.number} of {row.name}, {trial.state.value}, seed {trial.seed}")]
    if trial.replicate_of is not None:
        told.append(("repeats", f"trial {trial.replicate_of}"))
    told.append(("proposed by", f"{trial.arm}: {trial.reason}"))
    gate = trial.proposal.memory.get("gate")
    if isinstance(gate, dict):
        told.append(("gate", gate_line(gate)))
    if asked:
        told.append(("asked in", ", ".join(map(_exchange, asked.items()))))
    return told


def _exchange(asked: tuple[int, str | None]) -> str:
    """`exchange 12`, and where its reply was read if nothing was sent."""
    number, reused_from = asked
    return f"exchange {number}" + ("" if reused_from is None else f" (its reply is that of {reused_from})")


def gate_line(gate: Mapping[str, Json]) -> str:
    """The gate's rule and its numbers: "slack: gap 0.31, slack 2.9, log_ei_model -2.1, ..."."""
    numbers = ((name, value) for name, value in gate.items() if name not in ("rule", "sentence") and value is not None)
    shown = [f"{name.replace('_', ' ')} {value:.4g}" for name, value in numbers if isinstance(value, int | float)]
    return ", ".join([str(gate.get("rule")), *shown])


def _result(view: StudyView, trial: Trial) -> list[tuple[str, str]]:
    told: list[tuple[str, str]] = []
    value = trial.value(view.goal.metric)
    if trial.outcome is not None:
        values = ", ".join(f"{name} {number(entry)}" for name, entry in trial.outcome.values.items())
        late = ", told late" if trial.outcome.is_late else ""
        told.append(("measured", f"{values} in {seconds(trial.outcome.elapsed_s)}{late}"))
        if value is not None and not view.is_feasible(trial):
            missing = view.goal.missing(trial.outcome.values)
            why = f"did not report {', '.join(missing)}, needed for" if missing else "breaks"
            told.append(("infeasible", f"{why} {', '.join(view.goal.constraints)}"))
    best = view.incumbent
    if best is not None and value is not None and best.number != trial.number:
        gap = value - view.value(best)
        told.append(("best", f"{number(view.value(best))}, trial {best.number}; this one differs by {gap:+.4g}"))
    elif best is not None and best.number == trial.number:
        told.append(("best", "this one"))
    if line := _prediction(trial, value):
        told.append(("predicted", line))
    return told


def _prediction(trial: Trial, value: float | None) -> str | None:
    mean, sd = trial.proposal.predicted_mean, trial.proposal.predicted_sd
    if mean is None:
        return None
    line = number(mean) if sd is None else f"{number(mean)} ± {number(sd)} (one standard deviation)"
    if trial.proposal.prediction_source is not None:
        line += f", {SOURCE_WORDS[trial.proposal.prediction_source]}"
    if value is None:
        return line
    away = f", {abs(value - mean) / sd:.1f} of those" if sd else ""
    return f"{line}; it came out {value - mean:+.4g}{away}"


def _course(trial: Trial, attempts: list[Attempt]) -> list[tuple[str, str]]:
    told = [("attempt", _attempt(attempt)) for attempt in attempts]
    if trial.reports:
        shown = trial.reports[-REPORTS_SHOWN:]
        steps = ", ".join(
            f"step {report.step}: " + " ".join(f"{name} {number(value)}" for name, value in report.metrics.items())
            for report in shown
        )
        told.append(("reports", f"{len(trial.reports)}, the last: {steps}"))
    if trial.failure is not None:
        code = "" if trial.failure.exit_code is None else f" (exit code {trial.failure.exit_code})"
        told.append(("failed", f"{trial.failure.kind.value}: {trial.failure.message}{code}"))
    told += [("note", note) for note in trial.notes]
    return told


def _attempt(attempt: Attempt) -> str:
    lasted = "" if attempt.ended_at is None else f" after {seconds(max(0.0, attempt.ended_at - attempt.started_at))}"
    pid = f", process {attempt.lease.pid}" if attempt.lease is not None and attempt.ended_at is None else ""
    return f"{attempt.number} {attempt.state.value}{lasted}{pid}, in {attempt.directory}"


def _put_config(view: StudyView, trial: Trial) -> None:
    best = view.incumbent
    put()
    if best is None or best.number == trial.number:
        for line in table(["parameter", "value"], [[name, _exact(value)] for name, value in trial.config.items()]):
            put(line)
        return
    other = {entry.name: entry.other for entry in differences(trial.config, best.config)}
    rows = [
        [name, _exact(trial.config.get(name)), *_against(trial.config.get(name), other, name)]
        for name in dict.fromkeys([*trial.config, *other])
    ]
    for line in table(["parameter", "value", f"best ({best.number})", "change"], rows):
        put(line)


def _against(value: Scalar | None, other: dict[str, Scalar | None], name: str) -> list[str]:
    """The best's value and the relative change, empty where both agree."""
    if name not in other:
        return ["", ""]
    return [_exact(other[name]), "" if value is None or other[name] is None else change(value, other[name])]


def _exact(value: Scalar | None) -> str:
    if value is None:
        return "-"
    return f"{value:.6g}" if isinstance(value, float) else scalar(value)


def _put_block(title: str, lines: list[str]) -> None:
    put()
    put(title)
    for line in lines:
        put(f"  {line}")


def _emit(
    row: StudyRow,
    view: StudyView,
    trial: Trial,
    attempts: list[Attempt],
    log: list[str],
    asked: dict[int, str | None],
) -> None:
    best = view.incumbent
    content: dict[str, Json] = {
        "study": row.name,
        "id": row.id,
        **trial_json(trial),
        "reused": {str(number): told for number, told in asked.items() if told is not None},
        "traceback_tail": None if trial.failure is None else trial.failure.traceback_tail,
        "best_trial": None if best is None else best.number,
        "differs_from_best": {}
        if best is None
        else {
            entry.name: {"value": entry.value, "best": entry.other} for entry in differences(trial.config, best.config)
        },
        "attempts": [
            {
                "number": attempt.number,
                "state": attempt.state.value,
                "directory": attempt.directory,
                "started_at": attempt.started_at,
                "ended_at": attempt.ended_at,
            }
            for attempt in attempts
        ],
        "log_tail": list(log),
    }
    emit(content)
