"""What the driver of a study over code does with the variants that a model wrote, before they can run.

Each gets its files and a version of the space. Not for: asking for variants (code_asking.py), or which one runs next
(proposers/code.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from agenttune.events import VariantAdded
from agenttune.space import Space
from agenttune.spec import StudySpec
from agenttune.store import Store
from agenttune.study.code_asking import FOLDER, first_of, keep_files
from agenttune.trial import Trial
from agenttune.types import Scalar
from agenttune.variant import PARAMETER, CodeEntry, Variant, name_of
from agenttune.variants.space import choices, with_variant


class StudyVariants:
    """The variants of one study, in the process that drives it."""

    def __init__(self, store: Store, study_id: str, spec: StudySpec, *, spaces: Iterable[Space]) -> None:
        """
        Args:
            store: where entries and spaces are kept.
            study_id: the study.
            spec: its objective is code; what is read of it never changes.
            spaces: all versions of its space so far.
        """
        self._store = store
        self._id = study_id
        self._spec = spec
        self._offered: set[Scalar] = {name for space in spaces for name in choices(space)}
        """Names of those that some version of the space has, or had: what a person took out stays out."""
        self.entries: tuple[CodeEntry, ...] = ()
        """What the model said so far, in order; empty before the first `take_in`."""
        self.folder: Path = store.study_dir(study_id) / FOLDER
        """Where the files are."""

    def take_in(self, space: Space) -> Iterator[tuple[int, Space]]:
        """Reads what the model said since, and gives each new variant its files and a version of the space.

        Where a person fixed the choice there is no new version; the variant has its own once the choice is free again.

        Args:
            space: the current version.

        Yields:
            (version, space) of each that was added; the last one is the current one then.
        """
        last = self.entries[-1].id if self.entries else None
        self.entries += self._store.code_entries(self._id, after=last or 0)
        if not self.entries:
            self.entries = tuple(self._store.add_code_entries(self._id, [first_of(self._spec)]))
        for variant in self.entries:
            if not isinstance(variant, Variant) or variant.name in self._offered:
                continue
            keep_files(self.folder, self._spec, variant)
            grown = with_variant(space, variant)
            if grown == space:
                continue
            parent = None if variant.parent is None else name_of(variant.parent)
            added = self._store.add_variant(
                self._id, grown, VariantAdded(variant.name, variant.idea, parent, version=0)
            )
            self._offered.add(variant.name)
            space = grown
            yield added.version, space

    def keep_files_of(self, trial: Trial) -> None:
        """Writes the files of a trial's variant again, should somebody have taken them away."""
        name = trial.config.get(PARAMETER)
        entries = (first_of(self._spec), *(self.entries or self._store.code_entries(self._id)))
        variant = next((entry for entry in entries if isinstance(entry, Variant) and entry.name == name), None)
        if variant is not None:
            keep_files(self.folder, self._spec, variant)
