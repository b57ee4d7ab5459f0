"""How a study stands, seen from outside, and its events as they come. Reads only."""

from __future__ import annotations

import time
from collections.abc import Iterator

from agenttune.errors import UserError
from agenttune.events import Event
from agenttune.spec import StudyRow, StudyState
from agenttune.store import Store
from agenttune.study.leases import is_alive

POLL_S = 0.1
WAITING = "waiting"
"""How a study stands that nobody asks and tells just now."""


def has_live_driver(row: StudyRow) -> bool:
    """Whether a process drives the study now."""
    return row.driver is not None and is_alive(row.driver)


def status(row: StudyRow) -> str:
    """One word: the study's state, or why one that should run does not.

    Without a live driver it is "interrupted", or "waiting" for the program that asks and tells it.
    """
    if row.state is StudyState.RUNNING and not has_live_driver(row):
        return WAITING if row.spec.objective.get("type") == "told" else "interrupted"
    return row.state.value


def require_stored_objective(store: Store, row: StudyRow) -> None:
    """Refuses a study over a callable that is not stored: it could not be pickled, and ran inline.

    Raises:
        UserError: only a program that has the callable can run it.
    """
    objective = row.spec.objective
    if objective.get("type") != "pickle" or (store.study_dir(row.id) / str(objective["path"])).exists():
        return
    raise UserError(
        f"the objective of study {row.name!r} is not stored, as it could not be pickled: only a program that has it "
        f"can run it; go on there by Study.open({row.name!r}).run(objective=f)"
    )


def follow(
    store: Store, study_id: str, *, after: int = 0, poll_s: float = POLL_S
) -> Iterator[tuple[int, float, Event] | None]:
    """The study's events as they are stored: (id, seconds since the epoch, event).

    Yields None whenever there is nothing new, so that a caller can redraw or look at the keyboard,
    and ends once no driver is alive and everything was told.
    """
    cursor = after
    while True:
        is_last = not has_live_driver(store.study(study_id))
        batch = store.events(study_id, after=cursor)
        for entry in batch:
            cursor = entry[0]
            yield entry
        if batch:
            continue
        if is_last:
            return
        yield None
        time.sleep(poll_s)
