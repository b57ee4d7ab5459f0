"""The driver process: it outlives whoever started it, obeys controls, and any death of it is mended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from agenttune import Budget, Float, Goal, Space, driver
from agenttune.errors import StudyBusy, StudyNotFound, UserError
from agenttune.spec import StudySpec, StudyState
from agenttune.store import Store
from agenttune.study import follow, has_live_driver, status
from agenttune.trial import TrialState

DEADLINE_S = 60.0

WORK = """
import json, os, pathlib, sys, time
traces = pathlib.Path(sys.argv[2])
trial = os.environ["AGENTTUNE_TRIAL"]
with traces.open("a") as handle:
    handle.write(f"start {trial} {os.environ.get('CUDA_VISIBLE_DEVICES', 'none')}\\n")
gates = [traces.with_name("gate"), traces.with_name(f"gate-{trial}")]
while not any(gate.exists() for gate in gates):
    time.sleep(0.01)
json.dump({"score": float(sys.argv[1])}, open(os.environ["AGENTTUNE_RESULT"], "w"))
with traces.open("a") as handle:
    handle.write(f"end {trial}\\n")
"""
"""Waits for a gate, so that a test decides when a trial may end."""


def wait_for(condition: Callable[[], bool]) -> None:
    """Polls until `condition` holds.

    Raises:
        AssertionError: it did not within the deadline.
    """
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


class Scene:
    """One study whose trials wait for a gate."""

    def __init__(self, folder: Path, *, workers: int = 1, gpus: int = 0) -> None:
        self.traces = folder / "traces"
        self.traces.touch()
        self.gate = folder / "gate"
        self.store = Store.open(folder / "agenttune.db")
        spec = StudySpec(
            name="study",
            space=Space(x=Float(0.0, 1.0)),
            goal=Goal("score", "maximize"),
            objective={
                "type": "command",
                "command": [sys.executable, "-c", WORK, "{x}", str(self.traces)],
            },
            budget=Budget(trials=3),
            proposer="random",  # sobol loads SciPy: a second for each driver
            workers=workers,
            gpus=gpus,
            cwd=str(folder),
        )
        self.id = self.store.create_study(spec).id

    def start(self) -> int:
        """Starts a driver and returns its pid."""
        return driver.start(self.id, self.store.path)

    def lines(self, kind: str) -> list[str]:
        """Traces of one kind, in order."""
        return [line for line in self.traces.read_text().splitlines() if line.startswith(kind)]

    def states(self) -> list[TrialState]:
        """States of all trials by number."""
        return [trial.state for trial in self.store.trials(self.id)]

    def wait_for_end(self) -> None:
        """Until the study has ended and its driver is gone."""
        wait_for(lambda: self.store.study(self.id).state.is_ended and not has_live_driver(self.store.study(self.id)))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    yield from _ended(Scene(tmp_path))


@pytest.fixture
def scene_of_two_gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,5")
    yield from _ended(Scene(tmp_path, workers=2, gpus=2))


def _ended(made: Scene) -> Iterator[Scene]:
    """Gives the scene out and leaves no driver behind."""
    yield made
    row = made.store.study(made.id)
    if row.driver is not None and has_live_driver(row):
        os.kill(row.driver.pid, signal.SIGTERM)
        wait_for(lambda: not has_live_driver(made.store.study(made.id)))
    made.store.close()


def kill(pid: int) -> None:
    """SIGKILL, and wait until the process is gone (a child of ours is reaped)."""
    process = psutil.Process(pid)
    process.kill()
    process.wait(timeout=DEADLINE_S)


def test_a_driver_finishes_the_study_by_itself(scene: Scene) -> None:
    scene.gate.touch()
    scene.start()
    scene.wait_for_end()
    assert scene.states() == [TrialState.COMPLETE] * 3
    assert len(scene.lines("start")) == 3


def test_following_a_study_ends_with_it(scene: Scene) -> None:
    scene.gate.touch()
    scene.start()
    told = [entry[2] for entry in follow(scene.store, scene.id) if entry is not None]
    assert getattr(told[-1], "state", None) == "finished"


def test_a_second_driver_is_refused(scene: Scene) -> None:
    scene.start()
    with pytest.raises(StudyBusy, match="already"):
        scene.start()


def test_two_resumes_at_once_make_one_driver(scene: Scene) -> None:
    command = [sys.executable, "-m", "agenttune.driver", scene.id, "--store", str(scene.store.path)]
    drivers = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(2)]
    wait_for(lambda: any(process.poll() is not None for process in drivers))
    codes = [process.poll() for process in drivers]
    assert sorted(codes, key=str) == [driver.BUSY_EXIT, None]
    scene.gate.touch()
    wait_for(lambda: all(process.poll() is not None for process in drivers))
    assert len(scene.lines("start")) == 3


def test_a_killed_driver_leaves_its_trial_to_the_next_one(scene: Scene) -> None:
    first = scene.start()
    wait_for(lambda: len(scene.lines("start")) == 1)
    kill(first)
    assert status(scene.store.study(scene.id)) == "interrupted"
    scene.start()
    scene.gate.touch()
    scene.wait_for_end()
    assert scene.states() == [TrialState.COMPLETE] * 3
    assert len(scene.lines("start")) == 3, "the running attempt is adopted, not run again"


def test_a_result_that_came_while_no_driver_lived_is_collected(scene: Scene) -> None:
    first = scene.start()
    wait_for(lambda: len(scene.lines("start")) == 1)
    kill(first)
    scene.gate.touch()
    wait_for(lambda: len(scene.lines("end")) == 1)
    scene.start()
    scene.wait_for_end()
    assert len(scene.lines("start")) == 3 and scene.states() == [TrialState.COMPLETE] * 3


def test_an_adopted_trial_keeps_its_gpu_to_itself(scene_of_two_gpus: Scene) -> None:
    scene = scene_of_two_gpus
    first = scene.start()
    wait_for(lambda: len(scene.lines("start")) == 2)
    kill(first)
    gpus = dict(line.split()[1:] for line in scene.lines("start"))
    scene.gate.with_name("gate-0").touch()
    wait_for(lambda: len(scene.lines("end")) == 1)
    scene.start()
    wait_for(lambda: len(scene.lines("start")) == 3)
    assert scene.lines("start")[2] == f"start 2 {gpus['0']}"
    scene.gate.touch()
    scene.wait_for_end()


def test_a_killed_worker_costs_an_attempt_and_no_trial(scene: Scene) -> None:
    scene.start()
    wait_for(lambda: bool(scene.store.running_attempts(scene.id)) and len(scene.lines("start")) == 1)
    wait_for(lambda: scene.store.running_attempts(scene.id)[0].lease is not None)
    lease = scene.store.running_attempts(scene.id)[0].lease
    assert lease is not None
    os.kill(lease.pid, signal.SIGKILL)
    wait_for(lambda: len(scene.lines("start")) == 2)
    scene.gate.touch()
    scene.wait_for_end()
    assert scene.states() == [TrialState.COMPLETE] * 3 and len(scene.lines("end")) == 3


def test_sigterm_puts_running_trials_back_without_counting(scene: Scene) -> None:
    pid = scene.start()
    wait_for(lambda: len(scene.lines("start")) == 1)
    os.kill(pid, signal.SIGTERM)
    wait_for(lambda: not has_live_driver(scene.store.study(scene.id)))
    assert scene.states()[0] is TrialState.WAITING
    scene.gate.touch()
    scene.start()
    scene.wait_for_end()
    assert scene.states() == [TrialState.COMPLETE] * 3


def test_a_kill_control_ends_the_study_and_its_processes(scene: Scene) -> None:
    scene.start()
    wait_for(lambda: len(scene.lines("start")) == 1)
    scene.store.send(scene.id, "stop", {"kill": True})
    scene.wait_for_end()
    assert scene.store.study(scene.id).state is StudyState.STOPPED
    assert not [p for p in psutil.process_iter(["cmdline"]) if str(scene.traces) in (p.info["cmdline"] or [])]


def test_a_driver_that_cannot_start_says_why(scene: Scene, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nonexistent"):
        driver.start("nonexistent", scene.store.path)


@pytest.mark.long
def test_a_driver_whose_store_is_gone_ends_with_its_attempts_and_says_so(scene: Scene) -> None:
    process = psutil.Process(scene.start())
    wait_for(lambda: len(scene.lines("start")) == 1)
    attempts = process.children(recursive=True)
    log = scene.store.study_dir(scene.id) / driver.LOG
    away = scene.store.path.rename(scene.store.path.with_name("away.db"))
    psutil.wait_procs([process, *attempts], timeout=DEADLINE_S)
    assert attempts and not any(child.is_running() for child in [process, *attempts])
    assert not scene.store.path.exists()
    last = log.read_text().splitlines()[-1]
    assert f"the store {scene.store.path} was removed or replaced" in last
    assert f"the files of its trials are still in {scene.store.files}" in last
    away.rename(scene.store.path)
    scene.gate.touch()
    scene.start()
    scene.wait_for_end()
    assert scene.states() == [TrialState.COMPLETE] * 3


def test_a_driver_makes_no_store(tmp_path: Path) -> None:
    with pytest.raises(StudyNotFound, match="no store at"):
        driver.start("study", tmp_path / "gone.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("n_trials", "has_surrogate"), [(4, False), (5, True), (None, True)])
@pytest.mark.parametrize("proposer", ["auto", "llm+gp"])
def test_a_study_that_is_over_at_its_start_loads_no_surrogate(
    proposer: str, n_trials: int | None, has_surrogate: bool
) -> None:
    spec = StudySpec(
        name="study",
        space=Space(x=Float(0, 1)),
        goal=Goal("score", "maximize"),
        objective={"type": "told"},
        budget=Budget(trials=n_trials, seconds=60),
        proposer=proposer,
    )
    assert set(driver.GP_MODULES).isdisjoint(driver.modules_for(spec)) is not has_surrogate
    assert ("agenttune.insight.prompt" in driver.modules_for(spec)) is (proposer == "llm+gp")
