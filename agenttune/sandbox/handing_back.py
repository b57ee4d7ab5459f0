"""Takes a file from code that is not trusted. Not for: what is in it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from agenttune.errors import SandboxError


def hand_back(folder: Path, name: str, *, limit_bytes: int) -> bytes:
    """Content of a file that the code left in its folder.

    The file may be a link to held-out labels, or a pipe that never ends; links and all that is no plain
    file are refused, and what is read is bounded.

    Args:
        folder: the work folder of a run that has ended.
        name: without slashes.
        limit_bytes: the largest file that is taken.

    Raises:
        SandboxError: there is no such file, it is too large, or it is no plain file of the folder.
    """
    if name != Path(name).name:
        raise SandboxError(f"a file is handed back by its bare name, but got {name!r}")
    try:
        descriptor = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise SandboxError(f"the code handed back no {name!r}: {error.strerror}") from None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            raise SandboxError(f"what the code handed back as {name!r} is no plain file of its folder")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(limit_bytes + 1)
    finally:
        os.close(descriptor)
    if len(content) > limit_bytes:
        raise SandboxError(f"the code handed back more than {limit_bytes} bytes as {name!r}")
    return content
