"""Typed, reversible changes of a living study: what "cap batch at 256" or "ten more trials" becomes.

An edit is a frozen record that can be stored, shown and undone. `apply` makes the study's next `Terms`, `diff` tells
what changes and what that means for its trials. To add one: its record in kinds.py, what it does in space_edits.py or
study_edits.py, its words in telling.py. Not for: reading sentences, or deciding who may edit.
"""

from agenttune.edits.diff import Diff, Line, diff
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
    SpaceEdit,
    StudyEdit,
    edit_from_json,
    edit_to_json,
)
from agenttune.edits.outcome import edited, grows, without
from agenttune.edits.space_edits import apply_to_space, invert_in_space
from agenttune.edits.study_edits import Terms, apply, invert, undo
from agenttune.edits.telling import describe_edit

__all__ = [
    "AddConstraint",
    "AddMetricConstraint",
    "AddParameter",
    "Diff",
    "Edit",
    "Freeze",
    "Line",
    "RemoveConstraint",
    "RemoveMetricConstraint",
    "RemoveParameter",
    "Restore",
    "SetBudget",
    "SetChoices",
    "SetRange",
    "SetTarget",
    "SetTrialLimit",
    "SetWorkers",
    "SpaceEdit",
    "StudyEdit",
    "Terms",
    "apply",
    "apply_to_space",
    "describe_edit",
    "diff",
    "edit_from_json",
    "edit_to_json",
    "edited",
    "grows",
    "invert",
    "invert_in_space",
    "undo",
    "without",
]
