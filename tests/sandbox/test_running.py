"""What a run gives and takes, at the level this machine offers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agenttune.errors import SandboxError
from agenttune.sandbox import Level, Limits, hand_back, probing, run
from agenttune.sandbox.records import LEVELS, Method
from agenttune.sandbox.running import execute

ROOT = Path(__file__).parents[2]


def script(folder: Path, text: str) -> Path:
    path = folder.parent / "script.py"
    path.write_text(text)
    return path


def printed(folder: Path, text: str, level: Level | None = None) -> str:
    ended = run(script(folder, text), folder, level=level, allow_unsafe=True, limits=Limits(seconds=30))
    assert ended.exit_code == 0, ended.output_tail
    return ended.output_tail.strip()


def offered(level: Level) -> None:
    try:
        probing.method_for(level)
    except SandboxError as error:
        pytest.skip(str(error))


def test_a_file_runs_in_its_folder_with_a_cleared_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEY", "planted")
    told = printed(folder, "import os; print(os.getcwd(), os.environ['HOME'], 'API_KEY' in os.environ)")
    assert told == f"{folder} {folder} False"


@pytest.mark.parametrize("level", ["strong", "medium", "weak"])
def test_installed_packages_can_be_used_at_every_level(level: Level, folder: Path) -> None:
    offered(level)
    told = printed(folder, "import sklearn.svm, numpy; print(numpy.ones(3) @ numpy.ones(3))", level)
    assert told == "3.0"


def test_processes_share_locks_and_memory_at_the_strong_level(folder: Path) -> None:
    offered("strong")
    text = "import multiprocessing as m\nwith m.get_context('fork').Pool(2) as pool: print(pool.map(abs, [-1, -2]))"
    assert printed(folder, text, "strong") == "[1, 2]"


def test_stdin_is_empty(folder: Path) -> None:
    assert printed(folder, "import sys; print(repr(sys.stdin.read()))") == "''"


def test_both_outputs_and_the_exit_code_are_told(folder: Path) -> None:
    ended = run(["sh", "-c", "echo one; echo two >&2; exit 3"], folder, allow_unsafe=True)
    assert (ended.exit_code, ended.output_tail, ended.n_output_bytes) == (3, "one\ntwo\n", 8)


@pytest.mark.parametrize("method", list(LEVELS))
def test_a_signal_is_told_as_minus_its_number(method: Method, folder: Path) -> None:
    reason = probing.reason_against(method)
    if reason is not None:
        pytest.skip(reason)
    command = ["sh", "-c", "kill -SEGV $$"]
    ended = execute(command, folder, readable=[], limits=Limits(), environment={}, method=method)
    assert ended.exit_code == -11


def test_a_file_that_grows_too_large_cannot_be_written_on(folder: Path) -> None:
    ended = run(["sh", "-c", "exec yes > large"], folder, limits=Limits(file_bytes=10_000), allow_unsafe=True)
    assert (ended.broken, ended.exit_code) == ("file size", None)
    assert (folder / "large").stat().st_size == 10_000


def test_a_program_that_does_not_exist_is_told(folder: Path) -> None:
    with pytest.raises(SandboxError, match="no program 'nothing-of-that-name'"):
        run(["nothing-of-that-name"], folder, allow_unsafe=True)


def test_the_weak_level_is_refused_unless_asked_for(folder: Path) -> None:
    with pytest.raises(SandboxError, match="only if unsafe execution is allowed"):
        run(["true"], folder, level="weak")
    assert run(["true"], folder, level="weak", allow_unsafe=True).level == "weak"


def test_a_trial_run_finds_out_that_code_can_get_out(tmp_path: Path) -> None:
    escapes = probing._try_out("rlimits", tmp_path)
    assert escapes is not None
    assert "use the network by UDP" in escapes and "read files of the user" in escapes


@pytest.fixture
def nothing_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(method: Method) -> str | None:
        return None if method == "rlimits" else "it is tested so"

    monkeypatch.setattr(probing, "reason_against", refuse)
    probing.probe.cache_clear()


def test_a_machine_that_offers_nothing_is_called_weak(nothing_offered: None, folder: Path) -> None:
    offer = probing.probe()
    probing.probe.cache_clear()
    assert offer.level == "weak"
    assert offer.missing[0] == "strong by namespaces does not work: it is tested so"
    assert offer.missing[-1].startswith("NOT isolated")
    with pytest.raises(SandboxError, match="does not offer the level 'strong'"):
        run(["true"], folder, level="strong")


def test_code_ends_with_its_driver(folder: Path) -> None:
    """A driver that is killed leaves no run behind: its keeper lets go of the lock that the code holds."""
    text = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from agenttune.sandbox import run
run(["flock", "lock", "sh", "-c", "echo held > told; exec sleep 8"], Path({str(folder)!r}), allow_unsafe=True)
"""
    if shutil.which("flock") is None:
        pytest.skip("util-linux has no flock here")
    os.mkfifo(folder / "told")
    with subprocess.Popen([sys.executable, "-c", text]) as driver:
        assert (folder / "told").read_text() == "held\n"
        driver.kill()
    done = subprocess.run(["flock", "--timeout", "5", str(folder / "lock"), "true"], check=False, timeout=10)
    assert done.returncode == 0


@pytest.mark.parametrize("kind", ["link", "hard link", "pipe", "folder", "absent", "too large"])
def test_only_plain_files_are_handed_back(kind: str, folder: Path, outside: Path) -> None:
    name = folder / "predictions"
    if kind == "link":
        name.symlink_to(outside / "secret.txt")
    elif kind == "hard link":
        name.hardlink_to(outside / "secret.txt")
    elif kind == "pipe":
        os.mkfifo(name)
    elif kind == "folder":
        name.mkdir()
    elif kind == "too large":
        name.write_bytes(b"1" * 11)
    with pytest.raises(SandboxError, match="handed back"):
        hand_back(folder, "predictions", limit_bytes=10)


def test_a_name_with_folders_is_not_handed_back(folder: Path) -> None:
    with pytest.raises(SandboxError, match="bare name"):
        hand_back(folder, "../outside/secret.txt", limit_bytes=10)
