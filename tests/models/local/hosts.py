"""What tests of hosts share."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from agenttune.models.local import LocalModel

FAKE_HOST = (sys.executable, str(Path(__file__).with_name("fake_host.py")))
DEADLINE_S = 60.0

Make = Callable[..., LocalModel]


def until(condition: Callable[[], object], what: str) -> None:
    """Returns once the condition holds."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {DEADLINE_S:g} s for {what}"
        time.sleep(0.01)


def starts(tmp_path: Path, name: str = "tiny") -> list[int]:
    """Pids of the hosts that loaded the model, in order."""
    path = tmp_path / name / "starts"
    return [int(line) for line in path.read_text().splitlines()] if path.exists() else []
