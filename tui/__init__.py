"""The terminal interface: a client of the store, which may come and go while a study runs.

Not for: running anything. A study lives in its driver (driver.py); this package shows what the
store knows and sends controls. Nothing heavy is imported before the first paint.
"""

from __future__ import annotations

from pathlib import Path


def run_app(store_path: Path, study_id: str | None) -> int:
    """Shows the interface until the person leaves, and returns the process's exit code.

    Args:
        store_path: the store file; made if it is missing.
        study_id: the study to follow from the start; None begins with an empty prompt.
    """
    from agenttune.tui.launch import launch

    return launch(store_path, study_id)
