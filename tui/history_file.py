"""What was sent from the prompt, kept across runs in the state folder: one JSON line per text, oldest first.

Secrets are taken out before anything is written. A file that cannot be read or written costs the
history, never the application. Two windows may append at once; one that trims may lose the other's line.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Sequence
from pathlib import Path

from agenttune.redaction import redact

KEPT = 1_000
"""Texts."""
LONGEST = 20_000
"""Characters of a text that is kept: a longer one is a paste, and nobody walks back to it in another run."""

_log = logging.getLogger(__name__)


def history_path() -> Path:
    """`history.jsonl` in the state folder, whether it is there or not."""
    from agenttune.settings import state_dir  # with pydantic: the first paint does without

    return state_dir() / "history.jsonl"


def load_history(path: Path | None = None) -> list[str]:
    """The last texts, oldest first; damaged lines are skipped.

    Args:
        path: the file; None is `history_path()`. One that is missing is an empty one.
    """
    path = history_path() if path is None else path
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        _log.info("the history %s cannot be read: %s", path, error)
        return []
    return [text for line in lines if (text := _text_of(line)) is not None][-KEPT:]


def append_history(text: str, path: Path | None = None) -> None:
    """Adds a text, and forgets the oldest beyond `KEPT`; one that repeats the last is not added.

    Args:
        path: as for `load_history`.
    """
    path = history_path() if path is None else path
    text = redact(text)
    if not text.strip() or len(text) > LONGEST:
        return
    texts = load_history(path)
    if texts and texts[-1] == text:
        return
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if len(texts) < KEPT:
            _write(path, [text], os.O_APPEND)
        else:
            trimmed = path.with_name(f"{path.name}.{os.getpid()}")
            _write(trimmed, [*texts, text][-KEPT:], os.O_TRUNC)
            trimmed.replace(path)
    except OSError as error:
        _log.info("the history %s cannot be written: %s", path, error)


def _write(path: Path, texts: Sequence[str], flag: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | flag, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, 0o600)  # a file that was there may have been readable by all
        file.write(b"".join(json.dumps({"text": text}).encode() + b"\n" for text in texts))


def _text_of(line: bytes) -> str | None:
    """The text of a line, or None."""
    try:
        text = json.loads(line)["text"]
        text.encode()  # half a character cannot be painted
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return text if isinstance(text, str) and text.strip() else None
