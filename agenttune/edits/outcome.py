"""The terms that several edits, or an undo, lead to. Not for: carrying them out (study/editing.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from agenttune.budget import Budget
from agenttune.edits.kinds import Edit, edit_from_json
from agenttune.edits.study_edits import Terms, apply, undo
from agenttune.edits.telling import describe_edit
from agenttune.errors import UserError
from agenttune.events import StudyEdited


def edited(terms: Terms, edits: Sequence[Edit]) -> Terms:
    """The terms after all of the edits.

    Raises:
        UserError: one breaks a rule or changes nothing.
    """
    for edit in edits:
        after = apply(terms, edit)
        if after == terms:
            raise UserError(f"{describe_edit(edit)}: this is so already, the edit would change nothing")
        terms = after
    return terms


def without(terms: Terms, entry: StudyEdited) -> Terms:
    """The terms without an edit.

    Raises:
        UserError: it cannot be undone any more.
    """
    try:
        return undo(terms, edit_from_json(entry.edit), edit_from_json(entry.inverse))
    except UserError as error:
        raise UserError(f"edit {entry.edit_id} ({entry.summary}): {error}") from None


def grows(before: Terms, after: Terms) -> bool:
    """Whether the study may spend more, or more at a time, than it might."""
    pairs = [(getattr(before.budget, bound.name), getattr(after.budget, bound.name)) for bound in fields(Budget)]
    pairs += [(before.limits.seconds, after.limits.seconds), (before.limits.memory_bytes, after.limits.memory_bytes)]
    if before.goal.target is not None:  # without it, or with a better one, the study goes on longer
        sign, target = before.goal.sign, after.goal.target
        pairs.append((sign * before.goal.target, None if target is None else sign * target))
    pairs.append((before.workers, after.workers))
    return any(old is not None and (new is None or new > old) for old, new in pairs)
