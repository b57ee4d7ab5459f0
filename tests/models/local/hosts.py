"""What tests of hosts share."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from agenttune.models.local import LocalModel
from agenttune.models.local.address import Wanted
from agenttune.types import Json

FAKE_HOST = (sys.executable, str(Path(__file__).with_name("fake_host.py")))
DEADLINE_S = 60.0


def fake_model(folder: Path, *, idle_s: float = 600.0, **asked_to: Json) -> LocalModel:
    """A model in that folder, whose engine does what the keywords say (fake_host.py)."""
    folder.mkdir(exist_ok=True)
    config, content = folder / "config.json", json.dumps(asked_to)
    if not config.exists() or config.read_text() != content:  # a file that was written anew is another model
        config.write_text(content)
    return LocalModel(f"hf:{folder}", Wanted(str(folder)), idle_s=idle_s, command=FAKE_HOST)


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
