"""The tool `patch_script`."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from agenttune.errors import UserError
from agenttune.inspection import Patch, propose_patch
from agenttune.tools.toolbox import Weighed, weighed_writing
from agenttune.tools.workspace import ToolResult, Workspace

MOST_CHARS = 300
"""Of a line of the diff that is shown."""


def patch_script(
    workspace: Workspace, path: str, metric: str | None = None, constants: list[str] | None = None
) -> ToolResult:
    """Change a Python script of the workspace so that it can be tuned: print its metric, make constants settable.

    The person sees the difference first, and a copy of the old script is kept beside it. inspect_script tells which
    constants there are. A study of the patched script is a create_study request as for any other script.

    Args:
        path: the script, relative to the workspace.
        metric: variable that holds the metric; left out, it is looked for where the script prints none.
        constants: names of constants that environment variables are to set, as in ["LR", "CONFIG.batch_size"].
    """
    place = workspace.path(path)
    patch = propose_patch(place, metric=metric, constants=constants or ())
    kept = _written(place, patch)
    return ToolResult(
        f"{path} is changed, and the old one is kept as {kept.name}\n{_told(patch)}",
        {"path": str(place), "kept": str(kept), "metric": patch.metric, "variables": dict(patch.variables)},
    )


def weigh(workspace: Workspace, path: str, metric: str | None = None, constants: list[str] | None = None) -> Weighed:
    """The difference, and that it overwrites."""
    place = workspace.path(path)
    patch = propose_patch(place, metric=metric, constants=constants or ())
    weighed = weighed_writing(workspace, place, "write a changed script, with a copy of the old one kept beside it,")
    return Weighed(weighed.effect, f"{weighed.what}\n{_told(patch)}")


def _told(patch: Patch) -> str:
    lines = [line if len(line) <= MOST_CHARS else f"{line[:MOST_CHARS]} ..." for line in patch.diff.splitlines()]
    lines += [f"variable {variable} sets {name}" for variable, name in patch.variables.items()]
    lines += [f"prints {patch.metric}"] if patch.metric else []
    return "\n".join([*lines, *(f"not done: {note}" for note in patch.notes)])


def _written(place: Path, patch: Patch) -> Path:
    """Writes the script at once or not at all; returns the copy of the old one."""
    kept: Path | None = None
    temporary: Path | None = None
    try:
        kept = _kept(place, patch.before)
        shutil.copymode(place, kept)
        descriptor, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(patch.after)
            stream.flush()
            os.fsync(stream.fileno())
        shutil.copymode(place, temporary)
        if place.read_bytes() != patch.before:
            raise UserError(f"{place.name} has changed meanwhile: look at it again")
        temporary.replace(place)
    except (OSError, UserError) as error:
        for left in (kept, temporary):
            if left is not None:
                left.unlink(missing_ok=True)
        if isinstance(error, UserError):
            raise
        raise UserError(f"{place} cannot be written: {error.strerror or error}") from None
    return kept


def _kept(place: Path, content: bytes) -> Path:
    """A copy under the first name that is free: train.py.orig, train.py.orig.1, ..."""
    number = 0
    while True:
        kept = place.with_name(f"{place.name}.orig{f'.{number}' if number else ''}")
        try:
            with kept.open("xb") as stream:
                stream.write(content)
            return kept
        except FileExistsError:
            number += 1
