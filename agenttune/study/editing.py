"""The controls "edit" and "undo": what a running study does with them. Which edits there are: agenttune/edits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from agenttune.edits import edit_from_json, edited, without
from agenttune.errors import UserError

if TYPE_CHECKING:
    from agenttune.edits import Edit
    from agenttune.events import StudyEdited
    from agenttune.store import Store
    from agenttune.study.step import Steps
    from agenttune.types import Json

BY = "a person"
"""Who edits where a control does not say."""


def edits_of(payload: dict[str, Json]) -> list[Edit]:
    """The edits that a control asks for: `edit`, or `edits` together.

    Raises:
        UserError: there is none, or one cannot be read.
    """
    contents = payload.get("edits", [payload.get("edit")])
    if not isinstance(contents, list) or not contents or not all(isinstance(entry, dict) for entry in contents):
        raise UserError(
            f"`edits` must be a list of edits, as in [{{'edit': 'set_workers', ...}}], but got {contents!r}"
        )
    return [edit_from_json(cast("dict[str, Any]", entry)) for entry in contents]


def edit_study(steps: Steps, payload: dict[str, Json]) -> str:
    """Applies the edits, all or none, and says so.

    Raises:
        UserError: one cannot be; nothing was changed.
    """
    edits = edits_of(payload)
    edited(steps.terms, edits)
    by = str(payload.get("by") or BY)
    return "; ".join(_told(steps.edit(edit, by=by)) for edit in edits)


def undo_edit(steps: Steps, payload: dict[str, Json]) -> str:
    """Takes an edit back, the latest that is not taken back yet or the one of `edit_id`, and says so.

    Raises:
        UserError: there is none, or it cannot be.
    """
    wanted = undoable(steps.store, steps.id, cast("int | None", payload.get("edit_id")))
    inverse = edit_from_json(wanted.inverse)
    without(steps.terms, wanted)
    return _told(steps.edit(inverse, by=str(payload.get("by") or BY), undoes=wanted.edit_id))


def undoable(store: Store, study_id: str, edit_id: int | None = None) -> StudyEdited:
    """The edit that an undo takes back.

    Raises:
        UserError: there is none, or it is taken back already.
    """
    known = {entry.edit_id: entry for _, entry in store.edits(study_id)}
    undone_by = {entry.undoes: entry.edit_id for entry in known.values() if entry.undoes is not None}
    if edit_id is None:
        left = [entry for entry in known.values() if entry.undoes is None and entry.edit_id not in undone_by]
        if not left:
            raise UserError("there is no edit to undo")
        return left[-1]
    if edit_id not in [*known]:  # it may be anything
        raise UserError(f"there is no edit {edit_id!r}; there are: {', '.join(map(str, known)) or 'none'}")
    if edit_id in undone_by:
        raise UserError(f"edit {edit_id} is undone already, by edit {undone_by[edit_id]}")
    if known[edit_id].undoes is not None:
        raise UserError(f"edit {edit_id} took edit {known[edit_id].undoes} back; make that edit again instead")
    return known[edit_id]


def _told(entry: StudyEdited) -> str:
    return "; ".join([entry.sentence, *entry.effects])
