"""Names of files to mention, for the prompt's completion: one folder is listed at a time, and only in part."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import islice
from pathlib import Path

READ = 2_000
"""Entries read of one folder: a few milliseconds, at every key of a mention."""
OFFERED = 50


def files_of(workspace: Path) -> Callable[[str], list[str]]:
    """What lists the paths within a workspace that begin with a prefix: folders with a slash, hidden ones on demand."""

    def list_files(prefix: str) -> list[str]:
        folder, _, name = prefix.rpartition("/")
        try:
            place = (workspace / folder).resolve()
            if prefix.startswith("/") or not place.is_relative_to(workspace.resolve()):
                return []
            with os.scandir(place) as entries:
                found = [
                    entry.name + "/" * _is_folder(entry)
                    for entry in islice(entries, READ)
                    if entry.name.startswith(name) and (name or not entry.name.startswith("."))
                ]
        except (OSError, ValueError, RuntimeError):  # no folder, none of ours, no path at all, or links in a circle
            return []
        return [f"{folder}/{each}" if folder else each for each in sorted(found)[:OFFERED]]

    return list_files


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False
