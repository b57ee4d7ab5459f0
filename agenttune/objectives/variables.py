"""The environment variables that tell a command which trial it is, and the file names behind them.

The contract with programs that know nothing of this package.
"""

from __future__ import annotations

from pathlib import Path

TRIAL = "AGENTTUNE_TRIAL"
"""Number of the trial: 0, 1, 2, ..."""
SEED = "AGENTTUNE_SEED"
"""What to seed randomness with."""
CHECKPOINT_DIR = "AGENTTUNE_CHECKPOINT_DIR"
"""Folder that survives the attempt; the next attempt of the same trial finds it as it was left."""
STOP_FILE = "AGENTTUNE_STOP_FILE"
"""Path of a file that appears when the trial should end early with what it has."""
RESULT = "AGENTTUNE_RESULT"
"""Path at which a command may write its result: a JSON object of metrics, or one number."""
REPORTS = "AGENTTUNE_REPORTS"
"""Path of a file to which a command may append reports, one JSON object with a "step" per line."""

STOP_NAME = "stop"
RESULT_NAME = "result_from_command.json"
REPORTS_NAME = "reports_from_command.jsonl"


def attempt_variables(*, trial_number: int, seed: int, checkpoint_dir: Path, directory: Path) -> dict[str, str]:
    """The variables of one attempt whose own folder is `directory`."""
    return {
        TRIAL: str(trial_number),
        SEED: str(seed),
        CHECKPOINT_DIR: str(checkpoint_dir),
        STOP_FILE: str(directory / STOP_NAME),
        RESULT: str(directory / RESULT_NAME),
        REPORTS: str(directory / REPORTS_NAME),
    }
