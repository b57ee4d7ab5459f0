"""The tool `show_trials`."""

from __future__ import annotations

from typing import Literal

from agenttune.errors import ExpressionError, UserError
from agenttune.expressions import Expression
from agenttune.history import StudyView
from agenttune.insight.quoting import quote, spell_json, spell_number, spell_value
from agenttune.tools.workspace import ToolResult, Workspace
from agenttune.trial import Trial
from agenttune.types import Json, Scalar

MOST = 50
State = Literal["any", "complete", "failed", "stopped", "running", "waiting"]


def show_trials(
    workspace: Workspace,
    study: str | None = None,
    state: State = "any",
    where: str | None = None,
    sort: Literal["number", "best", "worst", "longest"] = "number",
    top: int = 10,
) -> ToolResult:
    """List trials of a study: number, state, who proposed it, what it measured, its configuration.

    Args:
        study: its name; left out, the one that is spoken of.
        state: only trials in this state.
        where: only trials for which this holds, over parameters, metrics, number, elapsed_s: "lr < 0.1 and loss < 2".
        sort: by number, or by the goal's metric from the best or the worst, or the longest first.
        top: at most so many, 1 to 50.
    """
    if not 1 <= top <= MOST:
        raise UserError(f"`top` must be from 1 to {MOST}, but got {top}")
    view = workspace.view(study)
    condition = None if where is None else Expression(where)
    found = [trial for trial in view.trials if state in ("any", trial.state.value) and _holds(condition, trial)]
    found = _sorted(view, found, sort)
    lines = [trial_line(view, trial) for trial in found[:top]]
    more = [f"... and {len(found) - top} more"] if len(found) > top else []
    record: list[Json] = [_record(trial) for trial in found[:top]]
    return ToolResult("\n".join(lines + more) or "no trial fits", {"n": len(found), "trials": record})


def _holds(condition: Expression | None, trial: Trial) -> bool:
    if condition is None:
        return True
    values: dict[str, Scalar] = {**trial.config, "number": trial.number}
    if trial.outcome is not None:
        values |= {**trial.outcome.values, "elapsed_s": trial.outcome.elapsed_s}
    try:
        return bool(condition.evaluate(values))
    except ExpressionError:  # a parameter that is inactive there, or a metric it has not
        return False


def _sorted(view: StudyView, trials: list[Trial], sort: str) -> list[Trial]:
    if sort == "number":
        return trials
    if sort == "longest":
        return sorted(trials, key=lambda trial: -(trial.outcome.elapsed_s if trial.outcome else 0.0))
    sign = view.goal.sign if sort == "worst" else -view.goal.sign
    measured = [(value, trial) for trial in trials if (value := trial.value(view.goal.metric)) is not None]
    return [trial for _, trial in sorted(measured, key=lambda pair: (sign * pair[0], pair[1].number))]


def trial_line(view: StudyView, trial: Trial) -> str:
    """One trial on one line: state, who proposed it, what it measured, its configuration."""
    values = {} if trial.outcome is None else trial.outcome.values
    measured = ", ".join(f"{quote(name, 40)} {spell_number(value)}" for name, value in values.items())
    if trial.failure is not None:
        measured = f"failed ({trial.failure.kind.value}): {quote(trial.failure.message)}"
    config = "{" + ", ".join(f"{spell_json(name)}: {spell_value(value)}" for name, value in trial.config.items()) + "}"
    broken = "" if trial not in view.complete or view.is_feasible(trial) else " (infeasible)"
    return f"{trial.number} {trial.state.value} by {trial.arm}: {measured or 'nothing yet'}{broken} {config}"


def _record(trial: Trial) -> dict[str, Json]:
    outcome = trial.outcome
    return {
        "number": trial.number,
        "state": trial.state.value,
        "arm": trial.arm,
        "config": dict(trial.config),
        "values": {} if outcome is None else dict(outcome.values),
        "elapsed_s": None if outcome is None else outcome.elapsed_s,
    }
