"""What happens to an error that is ours: the traceback goes to a file, the person gets a sentence."""

from __future__ import annotations

import os
import platform
import tempfile
import time
import traceback
from pathlib import Path

from agenttune import __version__
from agenttune.redaction import redact


def record_crash(error: BaseException, arguments: list[str]) -> str:
    """Writes the traceback under the state folder and returns the sentence that names the file."""
    text = redact(
        "".join(
            [
                f"agenttune {__version__}, Python {platform.python_version()}, {platform.platform()}\n",
                f"arguments: {arguments!r}\n\n",
                *traceback.format_exception(error),
            ]
        )
    )
    try:
        path = _write(state_dir() / "errors", text)
    except OSError:
        path = _write(Path(tempfile.gettempdir()), text)
    summary = redact(next(iter(f"{type(error).__name__}: {error}".splitlines())))[:200]
    return f"this is our fault, not yours ({summary}); the traceback is in {path}"


def state_dir() -> Path:
    """`$XDG_STATE_HOME/agenttune`; worked out without the settings, which may be what is broken."""
    home = Path(os.environ.get("XDG_STATE_HOME") or "")
    return (home if home.is_absolute() else Path.home() / ".local" / "state") / "agenttune"


def _write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"agenttune-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
    with path.open("w", encoding="utf-8", errors="replace") as stream:
        path.chmod(0o600)
        stream.write(text)
    return path
