"""What was learned about servers, kept in a small file so that the next study need not learn it again.

`servers.json` in the state folder, one entry per base address and model. It may always be deleted: a file that is
damaged, or of another version, counts as empty, and what cannot be written is learned again next time.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

from agenttune.models import SchemaRung
from agenttune.settings import state_dir

RUNGS: tuple[SchemaRung, ...] = get_args(SchemaRung)
"""From the strictest down."""
EXPIRES_S = 30 * 86_400
"""Age at which an entry is forgotten: servers get better."""
MOST = 200
"""Entries kept, the latest."""
MOST_BYTES = 1_000_000
"""A file beyond is not ours."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What one server refused of one model."""

    rung: SchemaRung = "ranges"
    without: tuple[str, ...] = ()
    at: float = 0.0
    """Seconds since the epoch when the first of it was learned."""

    def merged(self, other: Learned) -> Learned:
        """What both know together."""
        rung = max(self.rung, other.rung, key=RUNGS.index)
        return Learned(rung, tuple(sorted({*self.without, *other.without})), min(self.at, other.at))


def memory_path() -> Path:
    """The file, whether it is there or not."""
    return state_dir() / "servers.json"


def recall(server: str) -> Learned | None:
    """What is known of a server and model."""
    return _read().get(server)


def learn(server: str, learned: Learned) -> None:
    """Adds to what is known of a server and model; silently does nothing where nothing can be written."""
    path = memory_path()
    with contextlib.suppress(OSError), _locked(path):
        entries = _read()
        known = entries.pop(server, None)
        entries[server] = learned if known is None else known.merged(learned)
        kept = sorted(entries.items(), key=lambda entry: entry[1].at)[-MOST:]
        _write(path, {name: {"rung": entry.rung, "without": entry.without, "at": entry.at} for name, entry in kept})


def _read() -> dict[str, Learned]:
    try:
        with memory_path().open("rb") as stream:
            content = json.loads(stream.read(MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    servers = content.get("servers") if isinstance(content, dict) and content.get("version") == 1 else None
    if not isinstance(servers, dict):
        return {}
    entries = {name: _entry(entry) for name, entry in servers.items()}
    return {name: entry for name, entry in entries.items() if entry is not None}


def _entry(content: Any) -> Learned | None:
    """An entry of the file; None if it is damaged, expired or from the future."""
    if not isinstance(content, dict):
        return None
    rung, without, at = content.get("rung"), content.get("without"), content.get("at")
    if rung not in RUNGS or not isinstance(without, list) or not all(isinstance(name, str) for name in without):
        return None
    if isinstance(at, bool) or not isinstance(at, (int, float)) or not 0 <= time.time() - at < EXPIRES_S:
        return None
    return Learned(cast(SchemaRung, rung), tuple(without), at)


def _write(path: Path, servers: dict[str, Any]) -> None:
    with tempfile.NamedTemporaryFile("w", dir=path.parent, suffix=".new", delete=False, encoding="utf-8") as stream:
        json.dump({"version": 1, "servers": servers}, stream)
    os.replace(stream.name, path)  # noqa: PTH105  # the atomic one, by its name


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One writer at a time, so that nobody's lesson is lost."""
    import fcntl

    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
