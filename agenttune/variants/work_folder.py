"""The fresh folder in which a variant runs: its file, what stands beside it, and nothing that is the user's own.

Python files are copied, since `python train.py` looks for its modules where the file really lies. A script
also gets links to the other files of the workspace. They lead to what may be read, never to what may be
written. Whatever begins with a dot, the store, the study's folder and what lies outside the workspace
stay out of reach. Not for: running anything (running.py).
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import shutil
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agenttune.errors import ObjectiveError

log = logging.getLogger(__name__)

MAX_COPIES = 500
"""A package of that size is a large one; more is a folder that holds other things, too."""
MAX_COPIED_BYTES = 10_000_000
MAX_LINKS = 1_000
"""Each is mounted anew for every run, which takes some 50 microseconds."""
MAX_LOOKED_AT = 200_000
"""Entries of the workspace; looking at so many takes about a second."""
_NEVER = ("__pycache__",)
_ENVIRONMENT = "pyvenv.cfg"
"""What a folder with a Python of its own holds."""


@dataclass(frozen=True, slots=True)
class WorkFolder:
    """A folder ready to run in."""

    path: Path
    readable: tuple[Path, ...] = ()
    """What its links lead to."""
    left_out: tuple[str, ...] = ()
    """A sentence for each link of the workspace that is not followed."""


@contextlib.contextmanager
def work_folder(
    path: Path,
    *,
    workspace: Path,
    file: str,
    text: str,
    with_links: bool = False,
    private: Sequence[Path] = (),
) -> Iterator[WorkFolder]:
    """A folder for one run, as of `make_work_folder`; what is there, of a run that was killed, is taken away first.

    Raises:
        ObjectiveError: as of `make_work_folder`.
    """
    if path.exists():
        remove_work_folder(path)
    try:
        yield make_work_folder(path, workspace=workspace, file=file, text=text, with_links=with_links, private=private)
    finally:
        if path.exists():
            remove_work_folder(path)


def make_work_folder(
    path: Path,
    *,
    workspace: Path,
    file: str,
    text: str,
    with_links: bool = False,
    private: Sequence[Path] = (),
) -> WorkFolder:
    """Makes the folder for one run.

    Args:
        path: of the new folder; nothing may be there.
        workspace: the user's folder.
        file: the variant's file, relative to the workspace.
        text: what stands in that file.
        with_links: whether files other than Python's are reached through links, as a script needs.
        private: files and folders that stay out of reach wherever they lie: the store, the study's folder.

    Raises:
        ObjectiveError: there is too much to copy or to link, or `file` leads out of the workspace.
    """
    root = workspace.resolve()
    if Path(file).is_absolute() or ".." in Path(file).parts:
        raise ObjectiveError(f"the code's file must lie in the study's folder {root}, but got {file!r}")
    plan = _Plan(root, Path(file), with_links, [entry.resolve() for entry in private])
    steps, _ = plan.of(root)
    plan.check()
    path.mkdir(mode=0o700, parents=True)
    readable = []
    for kind, source, to in steps:
        place = path / source.relative_to(root)
        place.parent.mkdir(parents=True, exist_ok=True)
        if kind == "copy":
            shutil.copyfile(source, place)
        else:
            place.symlink_to(os.path.relpath(path / to.relative_to(root), place.parent) if kind == "inner" else to)
        if kind == "link":
            readable.append(source)
    own = path / file
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(text, encoding="utf-8")
    return WorkFolder(path, tuple(readable), tuple(plan.left_out))


def remove_work_folder(path: Path) -> None:
    """Takes it away with whatever the code left in it, locked or a thousand folders deep; a failure is logged."""
    try:
        path.chmod(stat.S_IRWXU)
        while entries := list(os.scandir(path)):
            for entry in entries:
                _take_away(Path(entry.path), root=path)
        path.rmdir()
    except OSError as error:
        log.warning("the work folder %s could not be taken away: %s", path, error)


def _take_away(path: Path, *, root: Path) -> None:
    """Removes an entry of `root`; folders within it become entries of `root`, so that depth costs nothing."""
    if path.is_symlink() or not path.is_dir():
        path.unlink()
        return
    path.chmod(stat.S_IRWXU)
    for entry in list(os.scandir(path)):
        inner = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            inner.chmod(stat.S_IRWXU)  # who moves a folder writes into it
            inner.rename(root / secrets.token_hex(16))  # a name that the code could not take first
        else:
            inner.unlink()
    path.rmdir()


_Step = tuple[str, Path, Path]
"""("copy" | "link" | "inner", what in the workspace, where a link leads)."""


class _Plan:
    """What is to be laid out, found before anything is."""

    def __init__(self, root: Path, file: Path, with_links: bool, private: list[Path]) -> None:
        self.root, self.own, self.with_links, self.private = root, root / file, with_links, private
        self.n_looked_at = self.n_copies = self.copied_bytes = self.n_links = 0
        self.left_out: list[str] = []

    def of(self, folder: Path) -> tuple[list[_Step], bool]:
        """The steps for a folder, and whether a single link to it would do: nothing in it needs a closer look."""
        steps: list[_Step] = []
        is_plain = True
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            self.n_looked_at += 1
            if self.n_looked_at > MAX_LOOKED_AT:
                raise ObjectiveError(
                    f"{self.root} holds more than {MAX_LOOKED_AT} files: put the code into a folder of its own"
                )
            found, entry_is_plain = self._of_entry(entry)
            steps += found
            is_plain = is_plain and entry_is_plain
        return steps, is_plain

    def _of_entry(self, entry: os.DirEntry[str]) -> tuple[list[_Step], bool]:
        path = Path(entry.path)
        if entry.name.startswith(".") or entry.name in _NEVER or path == self.own or self._is_private(path):
            return [], False
        if entry.is_symlink():
            return self._of_link(path), False
        if entry.is_dir():
            if (path / _ENVIRONMENT).exists():
                return [], False
            steps, is_plain = self.of(path)
            if self.with_links and is_plain:
                return self._linked(path, instead_of=len(steps)), True
            return steps, False
        if not entry.is_file():
            return [], False
        if path.suffix == ".py":
            self.n_copies += 1
            self.copied_bytes += entry.stat().st_size
            return [("copy", path, path)], False
        return self._linked(path) if self.with_links else [], True

    def _linked(self, path: Path, *, instead_of: int = 0) -> list[_Step]:
        self.n_links += 1 - instead_of
        return [("link", path, path)]

    def _of_link(self, path: Path) -> list[_Step]:
        """A link within the workspace becomes one within the work folder."""
        try:
            to = path.resolve(strict=True)
        except (OSError, RuntimeError):  # leads nowhere, or in a circle
            return []
        inside = to.relative_to(self.root).parts if to.is_relative_to(self.root) else ()
        if not inside or any(part.startswith(".") for part in inside) or self._is_private(to):
            name = path.relative_to(self.root)
            self.left_out.append(f"{name} leads out of {self.root} or to what is hidden: the code does not see it")
            return []
        return [("inner", path, to)] if self.with_links or to.suffix == ".py" else []

    def _is_private(self, path: Path) -> bool:
        return any(path == entry or path.is_relative_to(entry) for entry in self.private)

    def check(self) -> None:
        """Refuses what is too much.

        Raises:
            ObjectiveError: names the bound and what was found.
        """
        if self.n_copies > MAX_COPIES or self.copied_bytes > MAX_COPIED_BYTES:
            raise ObjectiveError(
                f"{self.root} holds {self.n_copies} Python files of {self.copied_bytes} bytes, and at most "
                f"{MAX_COPIES} of {MAX_COPIED_BYTES} are copied for each run: put the code into a folder of its own"
            )
        if self.n_links > MAX_LINKS:
            raise ObjectiveError(
                f"the code would see {self.n_links} files and folders of {self.root}, and at most {MAX_LINKS} can be "
                "shown to it: put data into folders that hold no Python files, links or hidden files"
            )
