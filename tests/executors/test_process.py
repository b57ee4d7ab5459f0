"""Attempts as processes: the suite, then objectives, commands and outsiders that misbehave."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agenttune.errors import InternalError, UserError
from agenttune.executors import Ended, Executor, Started, Task
from agenttune.executors.attempt_files import AttemptFiles, AttemptResult, TaskFile
from agenttune.executors.child import result_of_status
from agenttune.executors.process import ProcessExecutor, rerun_command
from agenttune.objectives.output import out_of_memory_kills
from agenttune.objectives.python import PythonObjective
from agenttune.processes import MARKER, row_of
from agenttune.spec import TrialLimits
from agenttune.testing.executors import ExecutorConformance, end_of, make_task, notices_until, wait_until
from agenttune.trial import FailureKind

HERE = Path(__file__).parent


@pytest.fixture(autouse=True, params=["interpreter", "fork"])
def way_to_start(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Everything here holds for attempts with an interpreter of their own and for forks of a server alike."""
    if request.param == "fork":
        monkeypatch.setattr(PythonObjective, "PRELOAD", ("agenttune.objectives.python",), raising=False)
    return str(request.param)


class TestProcessExecutor(ExecutorConformance):
    def executor(self) -> Executor:
        return ProcessExecutor()


@pytest.fixture
def executor() -> Iterator[ProcessExecutor]:
    executor = ProcessExecutor(grace_s=0.3, stop_grace_s=0.3)
    yield executor
    executor.close(kill=True)


def hostile(folder: Path, name: str, **changes: Any) -> Task:
    config = {"pids": str(folder / "pids"), **changes.pop("config", {})}
    return make_task(folder, f"hostile.py:{name}", config=config, cwd=HERE, **changes)


def pids(folder: Path) -> list[int]:
    path = folder / "pids"
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def is_gone(pid: int) -> bool:
    row = row_of(pid)
    return row is None or row.is_zombie


def run(executor: ProcessExecutor, task: Task) -> Ended:
    executor.submit(task)
    return end_of(executor, task.attempt.id)


def log_of(task: Task) -> str:
    return (Path(task.attempt.directory) / "log.txt").read_text()


# -- no process survives ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["leaves_setsid_grandchild", "grandchild_ignores_sigterm", "grandchild_holds_pipe_and_prints"]
)
def test_grandchild_in_a_session_of_its_own_dies_with_the_attempt(
    executor: ProcessExecutor, tmp_path: Path, name: str
) -> None:
    ended = run(executor, hostile(tmp_path, name, limits=TrialLimits(log_bytes=10_000)))
    assert ended.values == {"score": 1.0}
    assert len(pids(tmp_path)) == 1
    assert all(is_gone(pid) for pid in pids(tmp_path))


def test_orphan_without_session_and_environment_is_killed(executor: ProcessExecutor, tmp_path: Path) -> None:
    executor.submit(hostile(tmp_path, "leaves_double_fork_without_environment"))
    wait_until(lambda: len(pids(tmp_path)) == 2, what="the orphan")
    executor.cancel(1)
    end_of(executor)
    assert all(is_gone(pid) for pid in pids(tmp_path))


def test_sigterm_is_followed_by_sigkill(executor: ProcessExecutor, tmp_path: Path) -> None:
    executor.submit(hostile(tmp_path, "ignores_sigterm"))
    wait_until(lambda: bool(pids(tmp_path)), what="the objective")
    executor.cancel(1)
    assert end_of(executor).died == "it was cancelled"
    assert all(is_gone(pid) for pid in pids(tmp_path))


def test_descendant_by_fork_alone_dies_though_everybody_above_it_is_gone(
    executor: ProcessExecutor, tmp_path: Path
) -> None:
    ended = run(executor, hostile(tmp_path, "forks_away_and_kills_its_keeper"))
    assert ended.died == "its process was killed by SIGKILL"
    assert len(pids(tmp_path)) == 1
    assert all(is_gone(pid) for pid in pids(tmp_path))


def test_ended_attempt_leaves_no_zombie(executor: ProcessExecutor, tmp_path: Path) -> None:
    task = make_task(tmp_path)
    assert run(executor, task).values == {"score": 9.0}
    lease = AttemptFiles(task.attempt.directory).read_lease()
    assert lease is not None
    assert row_of(lease.pid) is None


def test_close_with_kill_leaves_nothing(executor: ProcessExecutor, tmp_path: Path) -> None:
    executor.submit(hostile(tmp_path, "ignores_sigterm"))
    wait_until(lambda: bool(pids(tmp_path)), what="the objective")
    executor.close(kill=True)
    assert all(is_gone(pid) for pid in pids(tmp_path))


# -- limits ----------------------------------------------------------------------------------------


def test_wall_limit_ends_in_timeout(executor: ProcessExecutor, tmp_path: Path) -> None:
    ended = run(executor, hostile(tmp_path, "ignores_sigterm", limits=TrialLimits(seconds=0.5)))
    assert ended.failure is not None
    assert (ended.failure.kind, ended.failure.message) == (FailureKind.TIMEOUT, "it ran longer than its limit of 0.5 s")
    assert all(is_gone(pid) for pid in pids(tmp_path))


@pytest.mark.parametrize("name", ["eats_memory", "grandchild_eats_memory"])
def test_memory_limit_holds_for_the_whole_tree(executor: ProcessExecutor, tmp_path: Path, name: str) -> None:
    ended = run(executor, hostile(tmp_path, name, limits=TrialLimits(memory_bytes=200_000_000)))
    assert ended.failure is not None
    assert ended.failure.kind is FailureKind.OOM
    assert "more than its limit of 200 MB" in ended.failure.message
    assert all(is_gone(pid) for pid in pids(tmp_path))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells shared pages apart")
def test_memory_shared_by_forks_counts_once(executor: ProcessExecutor, tmp_path: Path) -> None:
    ended = run(executor, hostile(tmp_path, "shares_memory_by_fork", limits=TrialLimits(memory_bytes=200_000_000)))
    assert ended.values == {"score": 80_000_000.0}


def test_log_is_cut_at_its_limit_and_says_so(executor: ProcessExecutor, tmp_path: Path) -> None:
    task = hostile(tmp_path, "prints_much", limits=TrialLimits(log_bytes=1_000_000))
    assert run(executor, task).values == {"score": 1.0}
    log = log_of(task)
    assert log.endswith("[agenttune: 99000000 bytes of output dropped after the first 1000000]\n")
    assert len(log) < 1_000_100


def test_printing_with_the_interpreter_lock_held_does_not_hang(executor: ProcessExecutor, tmp_path: Path) -> None:
    assert run(executor, hostile(tmp_path, "prints_with_interpreter_lock_held")).values == {"score": 1.0}


def test_asked_to_stop_in_vain_its_last_report_of_the_metric_counts(executor: ProcessExecutor, tmp_path: Path) -> None:
    executor.submit(hostile(tmp_path, "reports_then_sleeps"))
    wait_until(lambda: bool(pids(tmp_path)), what="the objective")
    executor.ask_to_stop(1)
    assert end_of(executor).values == {"score": 0.25}


def test_asked_to_stop_without_a_report_is_a_failure(executor: ProcessExecutor, tmp_path: Path) -> None:
    executor.submit(hostile(tmp_path, "sleeps"))
    executor.ask_to_stop(1)
    failure = end_of(executor).failure
    assert failure is not None
    assert failure.message == "it was asked to stop and had not reported 'score' yet"


# -- ends ------------------------------------------------------------------------------------------


def test_segfault_is_a_crash_with_signal_and_stack(executor: ProcessExecutor, tmp_path: Path) -> None:
    failure = run(executor, hostile(tmp_path, "segfaults")).failure
    assert failure is not None
    assert (failure.kind, failure.exit_code) == (FailureKind.CRASH, -signal.SIGSEGV)
    assert failure.message == "the process crashed with SIGSEGV"
    assert "in segfaults" in (failure.traceback_tail or "")


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL])
def test_signals_of_its_own_doing_are_crashes(executor: ProcessExecutor, tmp_path: Path, number: int) -> None:
    failure = run(executor, hostile(tmp_path, "crashes", config={"signal": int(number)})).failure
    assert failure is not None
    assert (failure.kind, failure.exit_code) == (FailureKind.CRASH, -number)
    assert "about to crash" in (failure.traceback_tail or "")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signals_from_outside_are_deaths(executor: ProcessExecutor, tmp_path: Path, number: int) -> None:
    ended = run(executor, hostile(tmp_path, "crashes", config={"signal": int(number)}))
    assert ended.died == f"its process was killed by {signal.Signals(number).name}"


def test_killed_keeper_is_a_death_and_takes_the_objective_along(executor: ProcessExecutor, tmp_path: Path) -> None:
    ended = run(executor, hostile(tmp_path, "kills_its_keeper"))
    assert ended.died == "its process was killed by SIGKILL"
    assert all(is_gone(pid) for pid in pids(tmp_path))


def test_sigterm_to_the_keeper_alone_ends_the_attempt(executor: ProcessExecutor, tmp_path: Path) -> None:
    executor.submit(hostile(tmp_path, "sleeps"))
    wait_until(lambda: bool(pids(tmp_path)), what="the objective")
    lease = AttemptFiles(tmp_path / "attempt-1").read_lease()
    assert lease is not None
    os.kill(lease.pid, signal.SIGTERM)
    assert end_of(executor).died == "its process was killed by SIGTERM"


def test_killed_right_after_its_start_is_a_death(executor: ProcessExecutor, tmp_path: Path) -> None:
    executor.submit(hostile(tmp_path, "sleeps"))
    process = executor._running[0].process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    assert end_of(executor).died == "its process was killed by SIGKILL"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts its out-of-memory kills")
def test_sigkill_while_the_kernel_killed_for_memory_is_oom(tmp_path: Path) -> None:
    files, status = AttemptFiles(tmp_path), int(signal.SIGKILL)
    result = result_of_status(files, status, elapsed_s=1.0, kills_before=out_of_memory_kills() - 1)
    assert result.failure is not None
    assert result.failure.kind is FailureKind.OOM
    assert result_of_status(files, status, elapsed_s=1.0, kills_before=out_of_memory_kills()).failure is None


def test_exit_without_a_result_is_a_crash_with_its_code(executor: ProcessExecutor, tmp_path: Path) -> None:
    failure = run(executor, hostile(tmp_path, "exits_without_a_word")).failure
    assert failure is not None
    assert (failure.kind, failure.exit_code) == (FailureKind.CRASH, 3)


def test_output_is_in_the_log_whatever_happens_next(
    executor: ProcessExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    task = hostile(tmp_path, "exits_after_a_word")
    run(executor, task)
    assert log_of(task) == "a word\n"


@pytest.mark.parametrize("name", ["result_then_crash_at_exit", "hangs_at_exit"])
def test_result_counts_whatever_happens_at_exit(executor: ProcessExecutor, tmp_path: Path, name: str) -> None:
    assert run(executor, hostile(tmp_path, name)).values == {"score": 1.0}


def test_missing_dependency_of_the_users_module_is_a_crash(executor: ProcessExecutor, tmp_path: Path) -> None:
    failure = run(executor, hostile(tmp_path, "fails_to_import_what_it_needs")).failure
    assert failure is not None
    assert failure.kind is FailureKind.CRASH
    assert "a_module_that_is_not_there" in failure.message


def test_missing_folder_is_an_invalid_trial(executor: ProcessExecutor, tmp_path: Path) -> None:
    failure = run(executor, make_task(tmp_path, cwd=tmp_path / "nowhere")).failure
    assert failure is not None
    assert failure.kind is FailureKind.INVALID
    assert "nowhere" in failure.message


def test_torn_report_line_is_no_report(executor: ProcessExecutor, tmp_path: Path) -> None:
    task = hostile(tmp_path, "reports_then_sleeps")
    executor.submit(task)
    wait_until(lambda: bool(pids(tmp_path)), what="the objective")
    with AttemptFiles(task.attempt.directory).reports.open("a") as file:
        file.write('{"step": 2, "metrics": {"score": 0.')
    executor.ask_to_stop(1)
    assert end_of(executor).values == {"score": 0.25}


# -- environment -----------------------------------------------------------------------------------


def test_the_environment_tells_trial_seed_and_gpu(
    executor: ProcessExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.delenv(MARKER, raising=False)
    values = run(executor, hostile(tmp_path, "environment", attempt_id=6, seed=5, gpu=3)).values
    assert values == {
        "score": 0.0,
        "gpu": 3.0,
        "seed": 5.0,
        "trial": 6.0,
        "unbuffered": 1.0,
        "depth": 0.0,
        "is_leader": 1.0,
    }


def test_gpus_are_dealt_among_those_visible(
    executor: ProcessExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5,7")
    values = run(executor, hostile(tmp_path, "environment", gpu=1)).values
    assert values is not None
    assert values["gpu"] == 7.0


def test_a_gpu_that_is_not_visible_is_refused(
    executor: ProcessExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5,7")
    with pytest.raises(UserError, match="--gpus 2"):
        executor.submit(make_task(tmp_path, gpu=2))


def test_an_attempt_inside_an_attempt_carries_both_markers(
    executor: ProcessExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MARKER, "outer")
    values = run(executor, hostile(tmp_path, "environment")).values
    assert values is not None
    assert values["depth"] == 1.0


def test_files_of_the_working_folder_do_not_hide_the_standard_library(
    executor: ProcessExecutor, tmp_path: Path
) -> None:
    (tmp_path / "json.py").write_text("raise RuntimeError('the wrong json')\n")
    assert run(executor, make_task(tmp_path)).values == {"score": 9.0}


# -- exactly once ----------------------------------------------------------------------------------

DRIVER = """
import sys
sys.path.insert(0, {here!r})
from pathlib import Path
from agenttune.executors.child import result_of_status
from agenttune.executors.process import ProcessExecutor
from agenttune.objectives.python import PythonObjective
from agenttune.testing.executors import make_task
PythonObjective.PRELOAD = {preload!r}
executor = ProcessExecutor()
executor.submit(make_task(Path({folder!r}), "hostile.py:writes_then_waits", config={config!r}, cwd=Path({here!r})))
print("submitted", flush=True)
while True:
    executor.poll(1.0)
"""


def waiting_config(folder: Path) -> dict[str, str]:
    return {"path": str(folder / "executions"), "pids": str(folder / "pids"), "go": str(folder / "go")}


def waiting_task(folder: Path) -> Task:
    return make_task(folder, "hostile.py:writes_then_waits", config=waiting_config(folder), cwd=HERE)


def killed_driver(folder: Path, *, once_running: bool) -> None:
    """A driver of its own that starts an attempt and is killed."""
    preload = getattr(PythonObjective, "PRELOAD", ())
    code = DRIVER.format(here=str(HERE), folder=str(folder), config=waiting_config(folder), preload=preload)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as driver:
        assert driver.stdout is not None
        assert driver.stdout.readline() == b"submitted\n"
        if once_running:
            wait_until(lambda: bool(pids(folder)), what="the attempt")
        driver.kill()


@pytest.mark.parametrize("once_running", [True, False])
def test_attempt_outlives_its_driver_and_is_adopted(
    executor: ProcessExecutor, tmp_path: Path, once_running: bool
) -> None:
    killed_driver(tmp_path, once_running=once_running)
    assert executor.adopt(waiting_task(tmp_path)) is None
    (tmp_path / "go").touch()
    told = notices_until(executor, lambda notice: isinstance(notice, Ended))
    assert isinstance(told[0], Started)
    assert isinstance(told[-1], Ended)
    assert told[-1].values == {"score": 0.5}
    assert (tmp_path / "executions").read_text() == "ran\n"


def test_attempt_that_finished_without_a_driver_is_collected(executor: ProcessExecutor, tmp_path: Path) -> None:
    killed_driver(tmp_path, once_running=True)
    (tmp_path / "go").touch()
    wait_until(lambda: AttemptFiles(tmp_path / "attempt-1").has_result, what="its result")
    ended = executor.adopt(waiting_task(tmp_path))
    assert ended is not None
    assert ended.values == {"score": 0.5}
    assert (tmp_path / "executions").read_text() == "ran\n"


def test_attempt_killed_while_no_driver_lives_died(executor: ProcessExecutor, tmp_path: Path) -> None:
    killed_driver(tmp_path, once_running=True)
    lease = AttemptFiles(tmp_path / "attempt-1").read_lease()
    assert lease is not None
    os.kill(lease.pid, signal.SIGKILL)
    wait_until(lambda: is_gone(lease.pid), what="its end")
    ended = executor.adopt(waiting_task(tmp_path))
    assert ended is not None
    assert ended.died is not None
    assert all(is_gone(pid) for pid in pids(tmp_path))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a process to the life of its parent")
def test_objective_dies_with_its_keeper_though_no_driver_lives(tmp_path: Path) -> None:
    killed_driver(tmp_path, once_running=True)
    files = AttemptFiles(tmp_path / "attempt-1")
    lease = files.read_lease()
    assert lease is not None
    os.kill(lease.pid, signal.SIGKILL)
    wait_until(lambda: is_gone(pids(tmp_path)[0]) and not files.is_locked, what="the end of both")
    assert not files.has_result


def test_crash_while_no_driver_lives_keeps_its_reason(executor: ProcessExecutor, tmp_path: Path) -> None:
    killed_driver(tmp_path, once_running=True)
    os.kill(pids(tmp_path)[0], signal.SIGABRT)
    files = AttemptFiles(tmp_path / "attempt-1")
    wait_until(lambda: files.has_result, what="its end")
    ended = executor.adopt(waiting_task(tmp_path))
    assert ended is not None
    assert ended.failure is not None
    assert ended.failure.exit_code == -signal.SIGABRT


def test_adopted_attempt_can_be_cancelled(executor: ProcessExecutor, tmp_path: Path) -> None:
    killed_driver(tmp_path, once_running=True)
    assert executor.adopt(waiting_task(tmp_path)) is None
    executor.cancel(1)
    assert end_of(executor).died == "it was cancelled"
    assert all(is_gone(pid) for pid in pids(tmp_path))


def test_adopted_attempt_that_has_not_named_its_process_is_not_over_before_it_is_gone(
    executor: ProcessExecutor, tmp_path: Path
) -> None:
    task = waiting_task(tmp_path)
    files = AttemptFiles(task.attempt.directory)
    files.directory.mkdir()
    files.write_task(TaskFile.of(task, marker="nobody-carries-this", grace_s=1.0))
    lock = files.lock()
    assert lock is not None
    assert executor.adopt(task) is None
    executor.cancel(1)
    assert executor.poll(0.2) == []
    os.close(lock)
    assert end_of(executor).died == "it was cancelled"


def test_value_of_an_attempt_that_never_saw_the_stop_of_another_driver_is_whole(
    executor: ProcessExecutor, tmp_path: Path
) -> None:
    killed_driver(tmp_path, once_running=True)
    AttemptFiles(tmp_path / "attempt-1").request_stop()
    assert executor.adopt(waiting_task(tmp_path)) is None
    (tmp_path / "go").touch()
    ended = end_of(executor)
    assert not ended.is_stopped
    assert ended.values == {"score": 0.5}


def test_adopted_attempt_is_held_to_its_wall_limit_from_its_own_start(
    executor: ProcessExecutor, tmp_path: Path
) -> None:
    killed_driver(tmp_path, once_running=True)
    task = make_task(
        tmp_path,
        "hostile.py:writes_then_waits",
        config=waiting_config(tmp_path),
        cwd=HERE,
        limits=TrialLimits(seconds=0.05),
    )
    assert executor.adopt(task) is None
    failure = end_of(executor).failure
    assert failure is not None
    assert failure.kind is FailureKind.TIMEOUT


def test_attempt_that_is_let_go_runs_on_and_is_adopted(tmp_path: Path, executor: ProcessExecutor) -> None:
    first = ProcessExecutor()
    first.submit(waiting_task(tmp_path))
    wait_until(lambda: bool(pids(tmp_path)), what="the attempt")
    first.close(kill=False)
    assert executor.adopt(waiting_task(tmp_path)) is None
    (tmp_path / "go").touch()
    assert end_of(executor).values == {"score": 0.5}


def test_locked_attempt_without_a_lease_is_waited_for(executor: ProcessExecutor, tmp_path: Path) -> None:
    """Its process exists and has not said who it is yet."""
    task = waiting_task(tmp_path)
    files = AttemptFiles(task.attempt.directory)
    files.directory.mkdir()
    files.write_task(TaskFile.of(task, marker="m", grace_s=1.0))
    lock = files.lock()
    assert lock is not None
    try:
        assert executor.adopt(task) is None
        assert executor.poll(0.1) == []
    finally:
        os.close(lock)
    assert end_of(executor).died is not None


def test_running_attempt_is_not_started_twice(executor: ProcessExecutor, tmp_path: Path) -> None:
    executor.submit(waiting_task(tmp_path))
    with pytest.raises(InternalError, match="running already"):
        executor.submit(waiting_task(tmp_path))


def test_a_stranger_with_the_pid_of_the_lease_is_not_killed(executor: ProcessExecutor, tmp_path: Path) -> None:
    task = waiting_task(tmp_path)
    files = AttemptFiles(task.attempt.directory)
    files.directory.mkdir()
    files.write_task(TaskFile.of(task, marker="nobody-carries-this", grace_s=1.0))
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as stranger:
        from agenttune.trial import Lease

        files.write_lease(Lease("host", "boot", stranger.pid, 1.0))
        ended = executor.adopt(task)
        assert ended is not None
        assert ended.died is not None
        assert stranger.poll() is None
        stranger.kill()


# -- commands --------------------------------------------------------------------------------------


def command(folder: Path, script: str, *, attempt_id: int = 1, **entries: Any) -> Task:
    (folder / "script.py").write_text(script)
    objective = {"type": "command", "command": [sys.executable, "script.py"], **entries}
    return make_task(folder, attempt_id=attempt_id, objective=objective)


def test_command_output_is_the_log(executor: ProcessExecutor, tmp_path: Path) -> None:
    task = command(tmp_path, "print('epoch 1'); print('{\"score\": 0.75}')")
    assert run(executor, task).values == {"score": 0.75}
    assert log_of(task) == 'epoch 1\n{"score": 0.75}\n'


def test_command_that_had_ended_before_it_was_asked_to_stop_is_whole(executor: ProcessExecutor, tmp_path: Path) -> None:
    task = command(tmp_path, "print('{\"score\": 0.75}')")
    files = AttemptFiles(task.attempt.directory)
    executor.submit(task)
    wait_until(lambda: files.has_result, what="the result of the command")
    executor.ask_to_stop(task.attempt.id)
    ended = end_of(executor)
    assert (ended.values, ended.is_stopped) == ({"score": 0.75}, False)


def test_command_killed_from_outside_died(executor: ProcessExecutor, tmp_path: Path) -> None:
    ended = run(executor, command(tmp_path, "import os; os.kill(os.getpid(), 9)"))
    assert ended.died == "the command was killed by SIGKILL"


KILLS_ITS_KEEPER = """
import json, os, signal
from pathlib import Path
Path(os.environ["AGENTTUNE_RESULT"]).write_text(json.dumps({"score": 0.5}))
worker = os.getppid()
keeper = int(Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[1])
Path("pids").write_text(f"{os.getpid()} {worker} {keeper}")
os.kill(keeper, signal.SIGKILL)
signal.pause()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_complete_result_file_counts_although_everybody_was_killed(executor: ProcessExecutor, tmp_path: Path) -> None:
    assert run(executor, command(tmp_path, KILLS_ITS_KEEPER)).values == {"score": 0.5}
    assert all(is_gone(pid) for pid in pids(tmp_path))


GRACEFUL = """
import signal, sys, time
def end(number, frame):
    time.sleep(0.1)
    print("saved", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
open("ready", "w").close()
while True: time.sleep(60)
"""


def test_command_has_time_to_answer_sigterm(tmp_path: Path) -> None:
    executor = ProcessExecutor(grace_s=30.0)
    task = command(tmp_path, GRACEFUL)
    executor.submit(task)
    wait_until((tmp_path / "ready").exists, what="the command")
    executor.cancel(1)
    end_of(executor)
    executor.close(kill=True)
    assert log_of(task).startswith("saved\n")


def test_rerun_of_a_command_shows_its_words_and_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    objective: Any = {"type": "command", "command": "train --x {x} --seed {seed}", "env": {"X": "{x}"}}
    words, variables = rerun_command(make_task(tmp_path, objective=objective, gpu=0))
    assert words == ["train", "--x", "3.0", "--seed", "11"]
    assert variables["X"] == "3.0"
    assert variables["CUDA_VISIBLE_DEVICES"] == "0"
    assert variables["AGENTTUNE_SEED"] == "11"


def test_rerun_of_a_function_runs_by_hand(tmp_path: Path) -> None:
    task = make_task(tmp_path)
    files = AttemptFiles(task.attempt.directory)
    files.directory.mkdir()
    files.write_task(TaskFile.of(task, marker="by-hand", grace_s=1.0))
    words, variables = rerun_command(task)
    subprocess.run(words, env=os.environ | variables, check=True, timeout=60)
    assert files.read_result() is not None
    result = files.read_result()
    assert isinstance(result, AttemptResult)
    assert result.values == {"score": 9.0}


# -- polling ---------------------------------------------------------------------------------------


def test_poll_with_nothing_to_do_waits_no_longer_than_asked(executor: ProcessExecutor) -> None:
    started = time.monotonic()
    assert executor.poll(0.05) == []
    assert time.monotonic() - started < 5.0
