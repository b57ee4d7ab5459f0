"""Edits in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import cast

from agenttune.edits.kinds import (
    AddConstraint,
    AddMetricConstraint,
    AddParameter,
    Edit,
    Freeze,
    RemoveConstraint,
    RemoveMetricConstraint,
    RemoveParameter,
    Restore,
    SetBudget,
    SetChoices,
    SetRange,
    SetTarget,
    SetTrialLimit,
    SetWorkers,
)
from agenttune.space import spell
from agenttune.space.serial import parameter_from_json
from agenttune.types import Json, Scalar


def describe_edit(edit: Edit) -> str:
    """The edit in a few words: "C: from 0.01 to 100, log"."""
    match edit:
        case SetRange(name, low, high, log):
            scale = {None: "", True: "log", False: "linear"}[log]
            bounds = [f"from {spell(low)}" if low is not None else "", f"to {spell(high)}" if high is not None else ""]
            return f"{name}: {', '.join(part for part in (' '.join(filter(None, bounds)), scale) if part)}"
        case SetChoices(name, choices):
            return f"{name}: one of {'|'.join(spell(choice) for choice in choices)}"
        case AddParameter(name, parameter, when):
            return f"new parameter {_spell_definition(name, parameter, when or parameter.get('when'))}"
        case RemoveParameter(name):
            return f"without {name}"
        case Freeze(name, value):
            return f"{name}: fixed at {spell(value)}"
        case Restore(name, parameter, when):
            return f"back to {_spell_definition(name, parameter, when)}"
        case AddConstraint(text):
            return f"constraint {text}"
        case RemoveConstraint(text):
            return f"without the constraint {text}"
        case SetBudget():
            return f"budget: {_spell_bounds(edit)}"
        case AddMetricConstraint(text):
            return f"feasible only with {text}"
        case RemoveMetricConstraint(text):
            return f"feasible without {text}"
        case SetTarget(value):
            return "no target" if value is None else f"target {spell(value)}"
        case SetTrialLimit():
            return f"limit of a trial: {_spell_bounds(edit)}"
        case SetWorkers(workers):
            return f"{workers} at a time"


def _spell_bounds(edit: SetBudget | SetTrialLimit) -> str:
    """The bounds that are set or lifted: "trials 60, no seconds"."""
    values = {entry.name: getattr(edit, entry.name) for entry in fields(edit) if entry.name != "lifted"}
    bounds = [f"{name} {spell(value)}" for name, value in values.items() if value is not None]
    return ", ".join([*bounds, *(f"no bound of {name}" for name in edit.lifted)])


def _spell_definition(name: str, parameter: Mapping[str, Json], when: Json) -> str:
    label = f"{name} {parameter_from_json(parameter, name=name).describe()}"
    if not isinstance(when, dict):
        return label
    parts = []
    for parent, values in when.items():
        listed = values if isinstance(values, list) else [values]
        parts.append(f"{parent}={'|'.join(spell(cast(Scalar, value)) for value in listed)}")
    return f"{label} when {', '.join(parts)}"
