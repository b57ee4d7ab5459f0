"""What measured: the version of the project, its commit, and the versions of the peers. Kept with every cell."""

from __future__ import annotations

import importlib.metadata
import subprocess
from functools import cache
from pathlib import Path

import agenttune

PEERS = ("optuna", "smac")
VERSIONS = "versions"
"""Where a cell keeps them, and the column that a campaign's trials have them in."""
ROOT = Path(__file__).parents[1]
N_DIGITS = 12
"""Of a commit."""


@cache
def versions() -> str:
    """For people: "agenttune 0.1.0 at 75f7cf0a1b2c, optuna 5.0.0, smac 2.4.1", without what is not known."""
    at = commit(ROOT)
    ours = f"agenttune {agenttune.__version__}" + ("" if at is None else f" at {at}")
    return ", ".join([ours, *(f"{name} {version}" for name in PEERS if (version := _installed(name)) is not None)])


def commit(root: Path) -> str | None:
    """The commit of a checkout, with "-dirty" where files differ from it; None if it is no checkout."""
    if not (root / ".git").exists():  # git itself would look further up
        return None
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", f"--abbrev={N_DIGITS}", "--exclude=*"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
