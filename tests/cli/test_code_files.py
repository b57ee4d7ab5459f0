"""`agenttune code` and files as people have them: in a subfolder, with a byte order mark, \\r\\n, tabs and a key."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agenttune.testing.code_skill import CodePatch, CodeSkill
from agenttune.testing.server import ModelServer

Run = Callable[..., int]
Output = pytest.CaptureFixture[str]

KEY = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789"
SCRIPT = (
    f'"""Prints a metric."""\n\nimport beside\n\n\ndef slope():\n\tkey = "{KEY}"\n'
    '\tassert key.endswith("6789")\n\tsteepness = 1.0\n\treturn steepness\n\n\n'
    'print(f"score={1 - abs(slope() - beside.BEST) / 10:.4f}")\n'
)
CONTENT = b"\xef\xbb\xbf" + SCRIPT.replace("\n", "\r\n").encode()
BETTER = CONTENT.replace(b"return steepness", b"return 2.5")
STEEPER = CodePatch("make it steeper", lambda source: source.replace("return steepness", "return 2.5"))


@pytest.fixture
def server() -> Iterator[ModelServer]:
    """A server whose model knows the patch."""
    with ModelServer(CodeSkill([STEEPER])) as started:
        yield started


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the script in a subfolder, in which the commands run."""
    folder = tmp_path / "work"
    (folder / "part").mkdir(parents=True)
    (folder / "part" / "train.py").write_bytes(CONTENT)
    (folder / "part" / "beside.py").write_text("BEST = 3.0\n")
    subprocess.run(["git", "init", "-q", folder], check=True)
    monkeypatch.chdir(folder)
    return folder


def start(agenttune: Run, server: ModelServer, file: str, *more: str, trials: int = 2) -> int:
    """Exit code of a study of that file."""
    return agenttune(
        *("code", file, "--target", "slope", "--metric", "score", "--maximize", "--trials", str(trials)),
        *("--model", f"{server.url}#skill", "--yes", "--name", "odd", *more),
    )


@pytest.mark.long
def test_odd_file_is_changed_in_the_target_alone_and_keeps_its_key(
    workspace: Path, server: ModelServer, agenttune: Run, capsys: Output
) -> None:
    assert start(agenttune, server, "part/train.py") == 0, capsys.readouterr().err
    assert not any(KEY in str(body) for body in server.chats)
    assert agenttune("code", "apply", "odd", "--yes") == 0, capsys.readouterr().err
    assert (workspace / "part" / "train.py").read_bytes() == BETTER


def test_numbers_of_the_users_own_code_are_applied_without_taking_its_key_out(
    workspace: Path, agenttune: Run, capsys: Output
) -> None:
    with ModelServer(CodeSkill([])) as server:  # a model without ideas: numbers are all there is
        path = workspace / "part" / "train.py"
        path.write_bytes(CONTENT.replace(b"steepness = 1.0", b'PARAMS = {"slope": 1.0}; steepness = PARAMS["slope"]'))
        assert start(agenttune, server, "part/train.py", trials=4) == 0, capsys.readouterr().err
    assert agenttune("code", "apply", "odd", "--yes") == 0, capsys.readouterr().err
    assert b'PARAMS = {"slope": 1.0}' not in path.read_bytes()
    assert KEY.encode() in path.read_bytes()


@pytest.mark.long
def test_patch_of_a_file_in_a_subfolder_applies_in_the_studys_folder(
    workspace: Path, server: ModelServer, agenttune: Run, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = workspace / "part" / "train.py"
    path.write_bytes(CONTENT.removeprefix(b"\xef\xbb\xbf"))
    assert start(agenttune, server, "part/train.py") == 0
    capsysbinary.readouterr()
    assert agenttune("code", "diff", "odd") == 0
    subprocess.run(["git", "apply", "-"], input=capsysbinary.readouterr().out, cwd=workspace, check=True)
    assert path.read_bytes() == BETTER.removeprefix(b"\xef\xbb\xbf")


def test_file_in_another_encoding_is_refused_before_anything_runs(
    workspace: Path, server: ModelServer, agenttune: Run, capsys: Output
) -> None:
    (workspace / "part" / "train.py").write_bytes(b"# coding: latin-1\n" + SCRIPT.encode())
    assert start(agenttune, server, "part/train.py") == 2
    assert "save it as" in capsys.readouterr().err
