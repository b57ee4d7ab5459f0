"""A study with trials at work, on a real terminal: left alive by Ctrl+Q, gone with all its processes after `/stop`."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from agenttune import driver
from agenttune.budget import Budget
from agenttune.goal import Goal
from agenttune.space import Float, Space
from agenttune.spec import StudySpec, StudyState
from agenttune.store import Store
from agenttune.trial import TrialState
from agenttune.tui.widgets.guarded import GRACE_S
from agenttune.types import Json
from tests.tui.terminal import rest_of, spawn

WORK = """
import pathlib, subprocess, sys, time
gate = pathlib.Path(sys.argv[2])
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
while not gate.exists():
    time.sleep(0.02)
child.kill()
print(f"score {sys.argv[1]}")
"""
"""Has a child of its own, and waits for a gate."""
PATIENCE_S = 60.0
GONE_S = 5.0
"""From the answer to the end of the last process."""


class Scene:
    """A study whose two trials are at work."""

    def __init__(self, folder: Path) -> None:
        self.store = Store.open(folder / "at.db")
        self.gate = folder / "gate"
        command: list[Json] = [sys.executable, "-c", WORK, "{x}", str(self.gate)]
        objective: dict[str, Json] = {"type": "command", "command": command, "metric": {"regex": "score (.*)"}}
        goal, budget = Goal("score", "maximize"), Budget(trials=4)
        space = Space(x=Float(0.0, 1.0))
        spec = StudySpec("slow", space, goal, objective, budget=budget, proposer="sobol", workers=2, cwd=str(folder))
        self.id = self.store.create_study(spec).id
        self.pid = driver.start(self.id, self.store.path)
        wait_for(lambda: len(self.processes()) >= 5)  # the driver, two trials, a child of each

    def processes(self) -> list[psutil.Process]:
        """The driver and everything below it."""
        try:
            root = psutil.Process(self.pid)
            return [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def close(self) -> None:
        """Kills what is left."""
        for process in reversed(self.processes()):
            process.send_signal(signal.SIGKILL)
        self.store.close()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path)
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_leaving_asks_nothing_and_names_the_way_back_last(scene: Scene) -> None:
    child = spawn(str(scene.store.path), scene.id)
    child.expect("running 2 trials")
    child.send("\x11")
    lines = rest_of(child).split("\x1b\\")[-1].replace("\x1b[23;2t", "").strip().splitlines()
    assert child.exitstatus == 0
    assert lines[0].startswith("slow goes on by itself: 0/4 trials")
    assert "".join(lines[1:]) == f"agenttune attach slow --store {scene.store.path}"
    scene.gate.touch()
    wait_for(lambda: scene.store.study(scene.id).state is StudyState.FINISHED)
    assert all(trial.state is TrialState.COMPLETE for trial in scene.store.trials(scene.id))


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_stopping_now_asks_and_leaves_no_process(scene: Scene) -> None:
    child = spawn(str(scene.store.path), scene.id)
    child.expect("running 2 trials")
    processes = scene.processes()
    child.send("/")
    child.expect("/studies")  # the prompt has the focus
    child.send("stop\r")
    child.expect("Stop this study")
    time.sleep(2 * GRACE_S)  # the card is deaf for so long by the clock on the wall
    assert all(process.is_running() for process in processes)
    child.send("k")
    child.expect("asking the study to stop now")
    _, alive = psutil.wait_procs(processes, timeout=GONE_S)
    assert alive == []
    child.expect("stopped")
    child.send("\x11")
    rest_of(child)
    row = scene.store.study(scene.id)
    assert row.state is StudyState.STOPPED
    assert {trial.state for trial in scene.store.trials(scene.id)} == {TrialState.WAITING}


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_stopping_after_the_trials_lets_them_finish(scene: Scene) -> None:
    child = spawn(str(scene.store.path), scene.id)
    child.expect("running 2 trials")
    child.send("s")
    child.expect("Stop this study")
    time.sleep(2 * GRACE_S)
    child.send("y")
    child.expect("asking the study to stop")
    scene.gate.touch()
    wait_for(lambda: scene.store.study(scene.id).state is StudyState.STOPPED)
    assert [trial.state for trial in scene.store.trials(scene.id)] == [TrialState.COMPLETE] * 2
    child.send("\x11")
    rest_of(child)
