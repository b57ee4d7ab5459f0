"""What the attacks are aimed at, and how one is run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agenttune.sandbox import Execution, Limits, Method
from agenttune.sandbox.probing import reason_against
from agenttune.sandbox.running import execute
from tests.sandbox.aims import ATTACKS, SECRET, VICTIM, Attack, Victim


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The work folder of a run."""
    made = tmp_path / "work"
    made.mkdir()
    return made


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder beside it that holds a secret."""
    made = tmp_path / "outside"
    made.mkdir()
    (made / "secret.txt").write_text(SECRET)
    return made


@pytest.fixture
def victim(outside: Path) -> Iterator[Victim]:
    labels = outside / "labels.txt"
    labels.write_text(f"{SECRET} 0 1 1 0")
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", VICTIM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=outside,
        env={"API_KEY": SECRET},
        start_new_session=True,
    ) as process:
        assert process.stdout is not None and process.stdin is not None
        address, size = map(int, process.stdout.readline().split())
        yield Victim(process, labels, address, size)
        process.stdin.close()


@pytest.fixture
def attack(folder: Path, method: Method) -> Attack:
    """Runs `attacks/NAME.py` with arguments, confined by the method of the test."""
    reason = reason_against(method)
    if reason is not None:
        pytest.skip(f"{method} is not offered here: {reason}")

    def run_attack(
        name: str, *arguments: object, limits: Limits | None = None, readable: tuple[Path, ...] = ()
    ) -> Execution:
        script = ATTACKS / f"{name}.py"
        command = [sys.executable, "-I", str(script), *map(str, arguments)]
        return execute(
            command,
            folder,
            readable=[script, *readable],
            limits=limits or Limits(seconds=9),
            environment={},
            method=method,
        )

    return run_attack
