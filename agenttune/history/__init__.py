"""The read-only view of a study that proposers, schedulers, reports and people share.

A view is a snapshot: building one reads nothing, and whoever holds one cannot change the study.
`read_view` takes one from a store.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agenttune.history.view import StudyView, config_key
from agenttune.variant import CODE

if TYPE_CHECKING:  # who has a view needs no store
    from agenttune.spec import StudyRow
    from agenttune.store import Store

__all__ = ["StudyView", "config_key", "read_view"]


def read_view(store: Store, row: StudyRow) -> StudyView:
    """A snapshot of a study in a store, in the version of the space that `row` names."""
    trials = store.trials(row.id)
    view = StudyView.of(row.spec, trials, spaces=store.spaces(row.id), space_version=row.space_version)
    return replace(view, code=store.code_entries(row.id)) if row.spec.objective.get("type") == CODE else view
