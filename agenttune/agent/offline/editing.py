"""Calls of `edit_study`, made only where the edit can be made."""

from __future__ import annotations

from typing import get_args

from agenttune.agent.offline.understood import Call
from agenttune.edits import SpaceEdit, apply_to_space, edit_from_json
from agenttune.errors import RequestNotUnderstood, UserError
from agenttune.space import Space
from agenttune.types import Json


def edit(kind: str, **fields: Json) -> Call:
    """One edit of the study."""
    return Call("edit_study", {"edits": [{"edit": kind, **fields}]})


def space_edit(space: Space, kind: str, **fields: Json) -> Call:
    """One edit of the space.

    Raises:
        RequestNotUnderstood: it cannot be made; the sentence is the space's.
    """
    call = edit(kind, **fields)
    try:
        edited(space, call)
    except UserError as error:
        raise RequestNotUnderstood(str(error)) from None
    return call


def edited(space: Space, call: Call) -> Space:
    """The space after the edits of a call; those of other things leave it.

    Raises:
        UserError: one cannot be made.
    """
    edits = call.arguments["edits"]
    assert isinstance(edits, list)
    for entry in edits:
        assert isinstance(entry, dict)
        made = edit_from_json(entry)
        if isinstance(made, get_args(SpaceEdit)):
            space = apply_to_space(space, made)
    return space
