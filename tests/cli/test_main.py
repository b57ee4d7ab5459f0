"""Exit codes, sentences and imports of the command line as a whole."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from agenttune import cli
from agenttune.cli import parser
from agenttune.spec import StudyRow

HEAVY = ("numpy", "pydantic", "rich", "sqlalchemy", "torch", "textual", "scipy", "optuna", "pandas", "psutil")


def modules_loaded_by(code: str) -> set[str]:
    script = f"import sys\ntry:\n    {code}\nexcept SystemExit:\n    pass\nprint(*sys.modules, file=sys.stderr)"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in result.stderr.split()}


@pytest.mark.parametrize("arguments", [["--help"], ["tune", "--help"], ["--version"]])
def test_help_imports_the_standard_library_only(arguments: list[str]) -> None:
    loaded = modules_loaded_by(f"from agenttune.cli import main; main({arguments!r})")
    assert not loaded & set(HEAVY)
    assert loaded - set(sys.stdlib_module_names) <= {"agenttune", "__main__", "sitecustomize", "_virtualenv"} | {
        name for name in loaded if name.startswith("__editable__") or name.startswith("_distutils")
    }


@pytest.mark.parametrize("name", parser.COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([name, "--help"]) == 0
    assert parser.load_command(name).DESCRIPTION.split()[0] in capsys.readouterr().out


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["--help"])
    shown = capsys.readouterr().out
    assert all(f"    {name}" in shown for name in parser.COMMANDS)


def test_command_with_a_typo_is_answered_by_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["tuen", "x"]) == 2
    assert "did you mean 'tune'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "way"),
    [(["--store", "x.db"], "agenttune ps --store PATH"), (["--store=x.db", "show"], "agenttune show --store PATH")],
)
def test_store_before_the_command_is_told_its_place(
    words: list[str], way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(words) == 2
    assert f"--store belongs behind the command: {way}" in capsys.readouterr().err


def test_bare_sentence_is_answered_by_the_command_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["tune an SVM on digits"]) == 2
    assert 'agenttune tune "tune an SVM on digits"' in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["tune"],
        ["tune", "x", "--trials", "none"],
        ["tune", "x", "--nonsense"],
        ["tune", "x", "--seconds", "-1"],
        ["ps", "extra"],
        ["export", "--format", "xml"],
    ],
)
def test_bad_arguments_are_one_sentence_and_exit_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("agenttune: ")
    assert captured.err.count("\n") == 1


def test_no_command_and_no_terminal_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2
    assert "agenttune tune" in capsys.readouterr().err


def test_bug_of_ours_is_a_file_with_the_traceback_and_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def explode(arguments: list[str]) -> int:
        raise RuntimeError("boom\nand more")

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(cli, "_dispatch", explode)
    assert cli.main(["ps"]) == 70
    (log,) = (tmp_path / "agenttune" / "errors").iterdir()
    said = capsys.readouterr().err
    assert str(log) in said and said.count("\n") == 1
    assert "Traceback" in log.read_text() and "explode" in log.read_text()


def test_bug_with_an_unwritable_state_folder_still_leaves_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr(cli, "_dispatch", lambda arguments: 1 // 0)
    assert cli.main(["ps"]) == 70
    assert str(tmp_path) in capsys.readouterr().err


def test_interrupted_command_is_130_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(arguments: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_dispatch", interrupt)
    assert cli.main(["ps"]) == 130
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("flags", [[], ["-u"]])
def test_reader_that_goes_away_is_quiet(flags: list[str]) -> None:
    script = (
        "import sys; from agenttune import cli; from agenttune.cli.console import put; "
        "cli._dispatch = lambda arguments: put('x') or 0; sys.exit(cli.main(['ps']))"
    )
    child = subprocess.Popen([sys.executable, *flags, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdout is not None and child.stderr is not None
    child.stdout.close()
    said = child.stderr.read()
    child.stderr.close()
    assert child.wait(30) == 141
    assert said == b""


def agenttune_in_a_shell(words: str, store: Path) -> subprocess.CompletedProcess[str]:
    command = f"exec {shlex.quote(sys.executable)} -m agenttune {words} --store {shlex.quote(str(store))}"
    return subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("words", ["ps >&-", "ps >&- 2>&- <&-", "show --json >&-"])
def test_closed_stream_is_the_null_device(words: str, store_path: Path, study: StudyRow) -> None:
    result = agenttune_in_a_shell(words, store_path)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_closed_stream_keeps_the_exit_code_and_the_sentence(store_path: Path) -> None:
    result = agenttune_in_a_shell("show >&-", store_path)
    assert result.returncode == 2
    assert result.stderr.startswith("agenttune: no store at ") and result.stderr.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the device that is always full is Linux's")
@pytest.mark.parametrize("words", ["ps", "show --json"])
def test_full_disk_under_stdout_is_one_sentence(words: str, store_path: Path, study: StudyRow) -> None:
    result = agenttune_in_a_shell(f"{words} >/dev/full", store_path)
    assert result.returncode == 2
    assert result.stderr == "agenttune: the results cannot be written to stdout: No space left on device\n"


def test_windows_is_refused_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    assert cli.main(["ps"]) == 2
    assert "WSL" in capsys.readouterr().err
