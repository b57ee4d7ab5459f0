"""The tool `show_study`."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict

from agenttune.goal import Goal
from agenttune.history import StudyView, read_view
from agenttune.insight.digest import default_trial
from agenttune.insight.quoting import quote, spell_number
from agenttune.replies.costs import costs_of, spell_spending
from agenttune.spec import StudyRow
from agenttune.study import status
from agenttune.tools.show_trials import trial_line
from agenttune.tools.workspace import ToolResult, Workspace
from agenttune.trial import TrialState
from agenttune.types import Json

MOST_LATEST = 3
"""Finished trials that are told beside the best."""


def show_study(workspace: Workspace, study: str | None = None) -> ToolResult:
    """Tell how a study stands: goal, space, budget, cost, the best, the latest and the running trials.

    Args:
        study: its name; left out, the one that is spoken of.
    """
    row = workspace.row(study)
    view = read_view(workspace.store, row)
    spent = costs_of(workspace.store, row.id).spent
    why = f" ({row.end_reason})" if row.end_reason else ""
    told = [
        f"study {quote(row.name)}: {status(row)}{why} · ran for {row.active_s:.0f} s · {spell_spending(spent)}",
        f"goal: {_goal(row.spec.goal)}",
        "space: " + " · ".join(view.space.describe()),
        f"trials: {_counts(row, view)}",
        *_best(view),
        *(f"latest: {trial_line(view, trial)}" for trial in view.finished[: -MOST_LATEST - 1 : -1]),
        *(f"running: {trial_line(view, trial)}" for trial in view.pending if trial.state is TrialState.RUNNING),
    ]
    return ToolResult("\n".join(told), _record(row, view) | {"spent": dict(asdict(spent))})


def _goal(goal: Goal) -> str:
    target = "" if goal.target is None else f" until {spell_number(goal.target)}"
    bounds = "".join(f", with {quote(text)}" for text in goal.constraints)
    return f"{goal.direction} {quote(goal.metric)}{target}{bounds}"


def _counts(row: StudyRow, view: StudyView) -> str:
    counts = Counter(trial.state.value for trial in view.trials)
    told = ", ".join(f"{n} {state}" for state, n in counts.items()) or "none yet"
    bound = row.spec.budget.trials
    return told if bound is None else f"{told}; {bound} may run in all"


def _best(view: StudyView) -> list[str]:
    best, default = view.incumbent, default_trial(view)
    if best is None:
        return ["best: none yet"]
    told = [f"best: {trial_line(view, best)}"]
    value = best.value(view.goal.metric)
    usual = None if default is None else default.value(view.goal.metric)
    if value is not None and usual is not None and best is not default:
        how = "better" if view.goal.is_better(value, usual) else "worse"  # as of one that breaks a bound
        told.append(f"{spell_number(abs(value - usual))} {how} than the library's default ({spell_number(usual)})")
    return told


def _record(row: StudyRow, view: StudyView) -> dict[str, Json]:
    best = view.incumbent
    told: Json = None
    if best is not None:
        told = {"trial": best.number, "value": view.value(best), "config": dict(best.config)}
    return {
        "study": row.name,
        "status": status(row),
        "n_trials": row.n_trials,
        "active_s": row.active_s,
        "budget": dict(asdict(row.spec.budget)),
        "best": told,
    }
