"""The examples of the agent run as they stand, without a model and with one that calls tools."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from agenttune.store import Store
from agenttune.testing.answers import Response, completion
from agenttune.testing.server import ModelServer

EXAMPLES = Path(__file__).parent.parent.parent / "examples" / "agent"

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the examples, as a person would have it."""
    copied: Path = shutil.copytree(EXAMPLES, tmp_path / "agent")
    return copied


def run(script: Path, *words: str) -> str:
    """What it prints."""
    home = os.environ | {"XDG_DATA_HOME": str(script.parent), "XDG_CONFIG_HOME": str(script.parent)}
    ran = subprocess.run(
        [sys.executable, script, *words], cwd=script.parent, capture_output=True, text=True, timeout=300, env=home,
        check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.long
def test_a_study_is_steered(folder: Path) -> None:
    told = run(folder / "steer.py")
    assert "n_neighbors: 1..35 rows log, default 5 -> 1..20 rows log, default 5" in told
    assert "n_neighbors: 1..20 rows log, default 5 -> 1..35 rows log, default 5" in told  # undone
    assert "orth going on" in told
    with Store.open(folder / "steer.db") as store:
        (row,) = store.studies()
        assert row.n_trials == 10


@pytest.mark.long
def test_nights_work_is_bounded(folder: Path) -> None:
    told = run(folder / "overnight.py")
    assert told.count("complete") >= 2
    assert "40 more trials: denied (nobody was there to ask)" in told
    with Store.open(folder / "overnight.db") as store:
        assert [row.n_trials for row in store.studies()] == [4, 4]


@pytest.mark.long
def test_own_script_is_found_and_tuned_without_a_model(folder: Path) -> None:
    told = run(folder / "own_script" / "tune.py")
    assert "maximise val_accuracy · 8 trials" in told
    assert (folder / "own_script" / "best.txt").read_text().startswith("--")


@pytest.mark.long
def test_own_script_is_found_and_tuned_by_a_model(folder: Path) -> None:
    request = "maximise val_accuracy of train.py, 8 trials"
    steps: list[tuple[str, dict[str, Any]]] = [
        ("list_files", {}),
        ("inspect_script", {"path": "train.py"}),
        ("create_study", {"request": request}),
    ]

    def answers(asked: Mapping[str, Any]) -> Response:
        if not steps:
            return completion("It runs.")
        name, arguments = steps.pop(0)
        call: dict[str, Any] = {
            "id": name,
            "type": "function",
            "function": {"name": name, "arguments": json.dumps(arguments)},
        }
        return completion(None, finish="tool_calls", tool_calls=[call])

    with ModelServer(answers) as server:
        told = run(folder / "own_script" / "tune.py", f"{server.url}#test")
        asked = server.chats[2]["messages"]
    assert "train.py" in asked[-3]["content"] and "--lr" in asked[-1]["content"]
    assert "--- create_study (run)" in told  # the person did not type the command
    with Store.open(folder / "own_script" / "own_script.db") as store:
        (row,) = store.studies()
        assert row.n_trials == 8
