"""From `--store` and STUDY to a store, a study's row and a view of it."""

from __future__ import annotations

from pathlib import Path

from agenttune.errors import TrialNotFound, UserError
from agenttune.settings import default_store_path
from agenttune.space import Space
from agenttune.spec import StudyRow
from agenttune.store import Store


def store_path(given: str | None) -> Path:
    """The store file that is meant, whether it exists or not."""
    return Path(given).expanduser().absolute() if given else default_store_path()


def open_existing(given: str | None) -> Store:
    """The store, which must exist: reading creates nothing.

    Raises:
        StudyNotFound: there is no such file.
    """
    return Store.open(store_path(given), must_exist=True)


def current_space(store: Store, row: StudyRow) -> Space:
    """The current version of the study's space."""
    return store.spaces(row.id)[row.space_version]


def resolve_target(store: Store, words: list[str]) -> tuple[StudyRow, int | None]:
    """(study, trial number or None) of `STUDY`, `STUDY N`, `N` or nothing.

    A lone whole number is a trial of the latest study unless a study has that very name.

    Raises:
        UserError: too many words, or a trial number that is none.
        StudyNotFound: no such study.
    """
    if len(words) > 2:
        raise UserError(f"a study and a trial number are enough, but got {' '.join(words)!r}")
    if len(words) == 1 and words[0].isdecimal() and words[0] not in store.names():
        return store.study(None), int(words[0])
    row = store.study(words[0] if words else None)
    if len(words) < 2:
        return row, None
    if not words[1].isdecimal():
        raise TrialNotFound(f"a trial is named by its number, but got {words[1]!r}")
    return row, int(words[1])


def resolve_trial(store: Store, words: list[str]) -> tuple[StudyRow, int]:
    """As `resolve_target`, for commands that need a trial.

    Raises:
        UserError: no trial is named.
    """
    row, number = resolve_target(store, words)
    if number is None:
        raise UserError(f"which trial of study {row.name!r}? Give its number, as in `{row.name} 3`")
    return row, number
