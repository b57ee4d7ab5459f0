"""What a study is, in labelled lines, from its spec."""

from __future__ import annotations

from agenttune.plan.words import duration_text, size_text
from agenttune.space import Space, spell
from agenttune.spec import StudySpec
from agenttune.types import Json

OBJECTIVES = {
    "python": "function {target}",
    "pickle": "a Python callable, pickled",
    "command": "command {command}",
    "table": "table {path}",
    "estimator": "{family} on {data}",
    "code": "{target} of {file}, rewritten by a model",
    "told": "whoever asks and tells",
}


def spec_lines(spec: StudySpec, *, space: Space | None = None) -> list[tuple[str, str]]:
    """(label, text) of what the study does; `space` in place of the first version."""
    told = [("objective", objective_line(spec.objective))]
    told += _said("data", spec.extra.get("data"))
    verb = "maximise" if spec.goal.sign > 0 else "minimise"
    goal = f"{verb} {spec.goal.metric}"
    goal += "".join(f", {text}" for text in spec.goal.constraints)
    goal += "" if spec.goal.target is None else f", until {spec.goal.target:g}"
    told.append(("goal", goal))
    told.append(("space", " · ".join((space or spec.space).describe())))
    told.append(("budget", budget_line(spec)))
    asking = "" if spec.model is None else f" asking {spec.model}"
    told.append(("proposer", f"{spec.proposer}{asking}, scheduler {spec.scheduler}, seed {spec.seed}"))
    if spec.default is not None:
        told.append(("starts from", " ".join(f"{name}={spell(value)}" for name, value in spec.default.items())))
    return told + _said("assumed", spec.extra.get("assumed"))


def _said(label: str, phrases: Json) -> list[tuple[str, str]]:
    return [(label, " · ".join(map(str, phrases)))] if isinstance(phrases, list) and phrases else []


def objective_line(objective: dict[str, Json]) -> str:
    """What is evaluated."""
    kind = str(objective.get("type"))
    try:
        return OBJECTIVES[kind].format_map({key: _word(value) for key, value in objective.items()})
    except KeyError:
        return kind


def budget_line(spec: StudySpec) -> str:
    """How much may be spent, at how many trials at a time."""
    parts = []
    if spec.budget.trials is not None:
        parts.append(f"{spec.budget.trials} trials")
    if spec.budget.seconds is not None:
        parts.append(duration_text(spec.budget.seconds))
    text = " or ".join(parts) or "until it is stopped"
    text += f", {spec.workers} at a time" if spec.workers > 1 else ""
    text += f" on {spec.gpus} GPUs" if spec.gpus else ""
    if spec.limits.seconds is not None:
        text += f", a trial at most {duration_text(spec.limits.seconds)}"
    if spec.limits.memory_bytes is not None:
        text += f", a trial at most {size_text(spec.limits.memory_bytes)}"
    return text


def _word(value: Json) -> str:
    if isinstance(value, dict):
        return str(value.get("name") or value.get("path") or value)
    if isinstance(value, list):
        return " ".join(str(entry) for entry in value)
    return str(value)
