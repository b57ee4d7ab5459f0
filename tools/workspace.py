"""`Workspace`: what tools act on: a folder of the user's, a store, and the study that is spoken of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from agenttune.errors import UserError
from agenttune.history import StudyView, read_view
from agenttune.spec import StudyRow
from agenttune.store import Store
from agenttune.types import Json

if TYPE_CHECKING:
    from agenttune.surrogate import Surrogate

STANDING = "AGENTTUNE.md"
"""File of a workspace with the person's standing instructions."""


@dataclass(slots=True)
class Workspace:
    """Shared by all tools of a conversation; changes as it goes on."""

    folder: Path
    """Files in it may be read; absolute, without links."""
    store: Store
    study_id: str | None = None
    """The study that is meant where none is named."""
    said: list[str] = field(default_factory=list)
    """What the person has said so far, verbatim: a command of theirs is found there."""
    model: str | None = None
    """Spelling of the model that studies made here ask; None: none."""
    unfinished: tuple[str, ...] = ()
    """Sentences of a request for a study that something was asked back about: the next one may answer it."""
    _fitted: tuple[StudyView, Surrogate | None] | None = None
    """The last fit, which all answers of a turn share."""

    def row(self, wanted: str | None = None) -> StudyRow:
        """The study of that name, or the one that is spoken of, or the latest.

        Raises:
            StudyNotFound: there is none.
        """
        return self.store.study(wanted or self.study_id)

    def view(self, wanted: str | None = None) -> StudyView:
        """That study with its trials."""
        return read_view(self.store, self.row(wanted))

    def surrogate(self, view: StudyView) -> Surrogate | None:
        """The surrogate of a view, fitted anew where space, goal or trials changed; None: too little to fit."""
        from agenttune.surrogate import fit, remembered  # with scipy: most tools do without

        if self._fitted is None or not _is_same(self._fitted[0], view):
            self._fitted = view, fit(view, remembered(view))
        return self._fitted[1]

    def path(self, name: str) -> Path:
        """The path of a file or folder of the workspace, links followed.

        Raises:
            UserError: it lies outside.
        """
        path = self.resolved(name)
        if not path.is_relative_to(self.folder):
            raise UserError(f"{name!r} lies outside the workspace {self.folder}: only files in it can be reached")
        return path

    def resolved(self, name: str) -> Path:
        """The same without the check.

        Raises:
            UserError: it is no path.
        """
        try:
            return (self.folder / Path(name).expanduser()).resolve()
        except (OSError, RuntimeError, ValueError) as error:
            raise UserError(f"{name[:200]!r} is no path: {error}") from None

    def is_hidden(self, path: Path) -> bool:
        """Whether a path of the workspace is hidden, or lies in what is: settings, keys, histories."""
        return any(part.startswith(".") for part in path.relative_to(self.folder).parts)

    def is_private(self, name: str) -> bool:
        """Whether that path lies outside the workspace or is hidden in it."""
        path = self.resolved(name)
        return not path.is_relative_to(self.folder) or self.is_hidden(path)

    def has_named(self, name: str) -> bool:
        """Whether the person wrote this path or model, as a word of its own.

        That they wrote of it does not say that they want it run.
        """
        word = re.compile(rf"(?<![^\s\"'`(]){re.escape(name)}(?![^\s\"'`),;:!?])")
        return bool(name.strip()) and any(word.search(said) for said in self.said)

    def has_asked(self, lines: Sequence[str]) -> bool:
        """Whether each of these, or all together, is all that the person wrote at one time.

        A line of it is not enough: a log that was pasted has lines, too.
        """
        theirs = {" ".join(said.split()) for said in self.said}
        return all(" ".join(line.split()) in theirs for line in lines) or " ".join(" ".join(lines).split()) in theirs


def _is_same(one: StudyView, other: StudyView) -> bool:
    return (one.space, one.goal, one.seed, one.trials) == (other.space, other.goal, other.seed, other.trials)


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool tells."""

    text: str
    """For model and person; what comes from files and programs in it is quoted or marked by whoever shows it."""
    record: dict[str, Json] = field(default_factory=dict)
    """The same for programs, and the ground on which numbers of a reply stand."""
