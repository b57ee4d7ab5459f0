"""The fork server: who is forked, what a fork is like, and that any death or hang of the server costs nothing.

That forked attempts are what other attempts are is the claim of test_process.py, which runs them all twice.
"""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agenttune.executors import Ended, Task, forking
from agenttune.executors.attempt_files import AttemptFiles
from agenttune.executors.fork_server import serve
from agenttune.executors.forking import ForkServer
from agenttune.executors.process import ProcessExecutor
from agenttune.objectives import REGISTRY, modules_to_preload
from agenttune.objectives.python import PythonObjective
from agenttune.processes import row_of
from agenttune.spec import TrialLimits
from agenttune.testing.executors import end_of, make_task, wait_until
from agenttune.trial import FailureKind
from agenttune.types import Config

HERE = Path(__file__).parent

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks of a server are Linux only")

Preload = Callable[..., None]


@pytest.fixture
def preload(monkeypatch: pytest.MonkeyPatch) -> Preload:
    """Makes attempts of Python functions forks of a server that has imported these modules."""

    def declare(*modules: str) -> None:
        monkeypatch.setattr(PythonObjective, "PRELOAD", ("agenttune.objectives.python", *modules), raising=False)

    declare()
    return declare


@pytest.fixture
def executor() -> Iterator[ProcessExecutor]:
    executor = ProcessExecutor(grace_s=0.3, stop_grace_s=0.3)
    yield executor
    executor.close(kill=True)


def hostile(folder: Path, name: str, *, attempt_id: int = 1, **changes: Any) -> Task:
    names = {"pids": "pids", "path": "executions", "go": "go"}
    config = {key: str(folder / name) for key, name in names.items()}
    return make_task(folder, f"hostile.py:{name}", attempt_id=attempt_id, config=config, cwd=HERE, **changes)


def run(executor: ProcessExecutor, task: Task) -> Ended:
    executor.submit(task)
    return end_of(executor, task.attempt.id)


def value(executor: ProcessExecutor, task: Task, name: str = "score") -> float:
    values = run(executor, task).values
    assert values is not None
    return values[name]


def server_of(executor: ProcessExecutor) -> ForkServer:
    assert executor._servers.current is not None
    return executor._servers.current


def warm(executor: ProcessExecutor, folder: Path) -> ForkServer:
    """The executor's server, after a first attempt."""
    task = make_task(folder, attempt_id=99, cwd=HERE)
    assert value(executor, task) == 9.0
    return server_of(executor)


def is_gone(pid: int) -> bool:
    row = row_of(pid)
    return row is None or row.is_zombie


def pids(folder: Path) -> list[int]:
    path = folder / "pids"
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def start_waiting(executor: ProcessExecutor, folder: Path) -> int:
    """The pid of an attempt that runs until `go` is there."""
    executor.submit(hostile(folder, "writes_then_waits"))
    wait_until(lambda: bool(pids(folder)), what="the attempt")
    return pids(folder)[0]


# -- who is forked ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", [kind for kind in REGISTRY if kind not in ("estimator", "code")] + ["told", "nonsense", 3]
)
def test_code_of_the_users_is_never_preloaded(kind: Any) -> None:
    assert modules_to_preload({"type": kind, "target": "module:function"}) == ()


def test_objective_that_declares_nothing_starts_no_server(executor: ProcessExecutor, tmp_path: Path) -> None:
    assert value(executor, make_task(tmp_path)) == 9.0
    assert executor._servers.current is None


def test_estimators_are_forked_by_one_server(executor: ProcessExecutor, tmp_path: Path) -> None:
    objective: Any = {"type": "estimator", "family": "svm", "data": "iris", "metric": "accuracy"}
    parents = []
    for number in (1, 2):
        config: Config = {"C": 1.0, "gamma": 0.25, "kernel": "rbf"}
        task = replace(make_task(tmp_path, attempt_id=number, objective=objective, config=config), metric="accuracy")
        executor.submit(task)
        process = executor._running[0].process
        assert process is not None
        row = row_of(process.pid)
        assert row is not None
        parents.append(row.parent)
        values = end_of(executor, number).values
        assert values is not None
        assert values["accuracy"] > 0.9
    assert parents == [server_of(executor).pid] * 2


# -- what a fork is like ---------------------------------------------------------------------------


def test_forks_draw_different_random_numbers(executor: ProcessExecutor, tmp_path: Path, preload: Preload) -> None:
    preload("random", "numpy.random")
    drawn = [run(executor, hostile(tmp_path, "draws", attempt_id=number)).values for number in (1, 2)]
    assert drawn[0] is not None
    assert drawn[1] is not None
    assert drawn[0]["score"] != drawn[1]["score"]
    assert drawn[0]["numpy"] != drawn[1]["numpy"]


def test_number_libraries_have_the_threads_of_the_environment_now(
    executor: ProcessExecutor, tmp_path: Path, preload: Preload, monkeypatch: pytest.MonkeyPatch
) -> None:
    preload("numpy", "threadpoolctl")
    for number, threads in ((1, "1"), (2, str(min(2, os.cpu_count() or 1)))):
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", threads)
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        task = hostile(tmp_path, "threads_of_number_libraries", attempt_id=number)
        assert value(executor, task) == float(threads)


def test_variables_of_one_attempt_do_not_reach_the_next(
    executor: ProcessExecutor, tmp_path: Path, preload: Preload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert value(executor, hostile(tmp_path, "environment", gpu=3), "gpu") == 3.0
    assert value(executor, hostile(tmp_path, "environment", attempt_id=2), "gpu") == -1.0


def test_memory_of_the_server_is_not_the_attempts(
    executor: ProcessExecutor, tmp_path: Path, preload: Preload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    preload("ballast")
    limits = TrialLimits(memory_bytes=280_000_000)
    assert value(executor, hostile(tmp_path, "takes_its_time", limits=limits)) == 1.0


def test_server_keeps_neither_lock_nor_log(executor: ProcessExecutor, tmp_path: Path, preload: Preload) -> None:
    server = warm(executor, tmp_path)
    assert not AttemptFiles(tmp_path / "attempt-99").is_locked
    opened = [str(entry.readlink()) for entry in Path(f"/proc/{server.pid}/fd").iterdir()]
    assert [path for path in opened if str(tmp_path) in path] == []


def test_folder_that_is_gone_is_an_invalid_trial(executor: ProcessExecutor, tmp_path: Path, preload: Preload) -> None:
    cwd = tmp_path / "cwd"
    cwd.mkdir()
    assert value(executor, make_task(tmp_path, cwd=cwd)) == 9.0
    cwd.rmdir()
    failure = run(executor, make_task(tmp_path, attempt_id=2, cwd=cwd)).failure
    assert failure is not None
    assert failure.kind is FailureKind.INVALID
    assert failure.message == f"the trial's process cannot be started in {cwd}: No such file or directory {cwd}"


# -- a server that dies, hangs, cannot start --------------------------------------------------------


def test_attempt_outlives_the_server(executor: ProcessExecutor, tmp_path: Path, preload: Preload) -> None:
    attempt = start_waiting(executor, tmp_path)
    server = server_of(executor).pid
    os.kill(server, signal.SIGKILL)
    wait_until(lambda: is_gone(server), what="the end of the server")
    assert not is_gone(attempt)
    (tmp_path / "go").touch()
    assert end_of(executor).values == {"score": 0.5}
    assert (tmp_path / "executions").read_text() == "ran\n"


def test_dead_server_is_noticed_and_replaced_though_an_attempt_of_it_runs(
    executor: ProcessExecutor, tmp_path: Path, preload: Preload, caplog: pytest.LogCaptureFixture
) -> None:
    start_waiting(executor, tmp_path)
    first = server_of(executor)
    os.kill(first.pid, signal.SIGKILL)
    assert value(executor, make_task(tmp_path, attempt_id=3, cwd=HERE)) == 9.0
    assert f"fork server {first.pid} is lost: it ended" in caplog.text
    assert "attempt 3 is not forked" in caplog.text
    assert value(executor, make_task(tmp_path, attempt_id=2, cwd=HERE)) == 9.0
    assert server_of(executor).pid != first.pid


def test_hung_server_is_killed_and_the_attempt_run_once(
    executor: ProcessExecutor,
    tmp_path: Path,
    preload: Preload,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = warm(executor, tmp_path)
    os.kill(server.pid, signal.SIGSTOP)
    monkeypatch.setattr(forking, "REPLY_S", 0.1)
    (tmp_path / "go").touch()
    assert value(executor, hostile(tmp_path, "writes_then_waits")) == 0.5
    assert (tmp_path / "executions").read_text() == "ran\n"
    assert is_gone(server.pid)
    assert "did not answer within 0.1 s" in caplog.text


class Deaf:
    """A server's socket that loses the answer to what it sent, once the attempt has named its process."""

    def __init__(self, inner: socket.socket, files: AttemptFiles, error: type[BaseException]) -> None:
        self.inner, self.files, self.error = inner, files, error

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def recv(self, n_bytes: int) -> bytes:
        wait_until(lambda: self.files.read_lease() is not None, what="the lease")
        raise self.error


def test_attempt_whose_start_was_not_answered_is_not_started_again(
    executor: ProcessExecutor, tmp_path: Path, preload: Preload
) -> None:
    server = warm(executor, tmp_path)
    deaf: Any = Deaf(server._socket, AttemptFiles(tmp_path / "attempt-1"), TimeoutError)
    server._socket = deaf
    executor.submit(hostile(tmp_path, "writes_then_waits"))
    (tmp_path / "go").touch()
    assert end_of(executor).values == {"score": 0.5}
    assert (tmp_path / "executions").read_text() == "ran\n"


def test_attempt_that_ended_before_its_start_was_found_unanswered_is_collected(
    executor: ProcessExecutor, tmp_path: Path, preload: Preload
) -> None:
    server = warm(executor, tmp_path)
    files = AttemptFiles(tmp_path / "attempt-1")
    (tmp_path / "go").touch()

    class DeafForLong(Deaf):
        def recv(self, n_bytes: int) -> bytes:
            wait_until(lambda: files.has_result, what="the result")
            lease = files.read_lease()
            assert lease is not None
            wait_until(lambda: is_gone(lease.pid), what="the end")
            raise self.error

    deaf: Any = DeafForLong(server._socket, files, TimeoutError)
    server._socket = deaf
    assert value(executor, hostile(tmp_path, "writes_then_waits")) == 0.5
    assert (tmp_path / "executions").read_text() == "ran\n"


def test_attempt_forked_while_its_start_is_interrupted_is_killed_by_close(
    executor: ProcessExecutor, tmp_path: Path, preload: Preload
) -> None:
    server = warm(executor, tmp_path)
    files = AttemptFiles(tmp_path / "attempt-1")
    deaf: Any = Deaf(server._socket, files, KeyboardInterrupt)
    server._socket = deaf
    with pytest.raises(KeyboardInterrupt):
        executor.submit(hostile(tmp_path, "writes_then_waits"))
    lease = files.read_lease()
    assert lease is not None
    assert not is_gone(lease.pid)
    executor.close(kill=True)
    assert is_gone(lease.pid)


def test_server_that_never_forked_is_not_started_again(
    executor: ProcessExecutor, tmp_path: Path, preload: Preload, caplog: pytest.LogCaptureFixture
) -> None:
    preload("a_module_that_is_not_there")
    for number in (1, 2):
        assert value(executor, make_task(tmp_path, attempt_id=number)) == 9.0
    assert [record.message.endswith("is lost: it ended") for record in caplog.records].count(True) == 1
    assert executor._servers.current is None


def test_server_that_cannot_be_started_is_done_without(
    executor: ProcessExecutor,
    tmp_path: Path,
    preload: Preload,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(*arguments: Any) -> Any:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(socket, "socketpair", fails)
    assert value(executor, make_task(tmp_path)) == 9.0
    assert "no fork server could be started: [Errno 24] Too many open files" in caplog.text


# -- the server goes with its executor --------------------------------------------------------------


def test_closed_executor_has_no_server_and_can_go_on(
    executor: ProcessExecutor, tmp_path: Path, preload: Preload
) -> None:
    attempt = start_waiting(executor, tmp_path)
    first = server_of(executor)
    executor.close(kill=False)
    assert is_gone(first.pid)
    assert not is_gone(attempt)
    assert executor.adopt(hostile(tmp_path, "writes_then_waits")) is None
    (tmp_path / "go").touch()
    assert end_of(executor).values == {"score": 0.5}
    assert warm(executor, tmp_path).pid != first.pid


def test_serving_ends_with_the_other_end_of_the_socket() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.close()
    with theirs:
        assert serve(theirs) is None


DRIVER = """
import os, signal, subprocess
from pathlib import Path
from agenttune.executors.process import ProcessExecutor
from agenttune.objectives.python import PythonObjective
from agenttune.testing.executors import end_of, make_task
PythonObjective.PRELOAD = ("agenttune.objectives.python",)
executor = ProcessExecutor()
executor.submit(make_task(Path({folder!r})))
end_of(executor)
server = executor._servers.current
os.set_inheritable(server._socket.fileno(), True)
holder = subprocess.Popen(["sleep", "600"], close_fds=False)
print(server.pid, holder.pid, flush=True)
signal.pause()
"""
"""Its socket outlives it in another process, so that the server cannot know from that."""


def test_server_ends_with_a_driver_that_is_killed_though_its_socket_is_still_open(tmp_path: Path) -> None:
    command = [sys.executable, "-c", DRIVER.format(folder=str(tmp_path))]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as driver:
        assert driver.stdout is not None
        server, holder = (int(pid) for pid in driver.stdout.readline().split())
        try:
            assert not is_gone(server)
            driver.kill()
            driver.wait()
            wait_until(lambda: is_gone(server), what="the end of the server")
        finally:
            os.kill(holder, signal.SIGKILL)
