"""The settings file can be found, read with its sources, and edited."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pexpect
import pytest

from agenttune.cli import main
from agenttune.settings import Settings, load_settings, settings_path

Output = pytest.CaptureFixture[str]


def write(text: str) -> None:
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    settings_path().write_text(text)


def test_path_is_told_and_nothing_made(capsys: Output, _own_home: Path) -> None:
    assert main(["config", "path"]) == 0
    assert capsys.readouterr().out == f"{settings_path()}\n"
    assert list(_own_home.iterdir()) == []


def test_every_setting_is_shown_with_its_source(monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    write("latency_s = 3")
    monkeypatch.setenv("AGENTTUNE_MODEL", "openai:gpt-5")
    assert main(["config", "show", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown.keys() == Settings.model_fields.keys()
    assert shown["latency_s"] == {"value": 3.0, "from": str(settings_path())}
    assert shown["model"] == {"value": "openai:gpt-5", "from": "AGENTTUNE_MODEL"}
    assert shown["store"] == {"value": None, "from": "default"}


def test_secrets_are_not_shown(capsys: Output) -> None:
    write('model = "https://me:secret-word@host/v1#m"')
    assert main(["config", "show"]) == 0
    out = capsys.readouterr().out
    assert "https://***@host/v1#m" in out
    assert "secret-word" not in out


def test_mistake_is_told(capsys: Output) -> None:
    write("latencys = 3")
    assert main(["config", "show"]) == 2
    assert "did you mean 'latency_s'?" in capsys.readouterr().err


def edited(tmp_path: Path, script: str) -> tuple[str, int | None]:
    """What `config edit` says on a terminal, and its exit code, where the editor is a script."""
    editor = tmp_path / "editor"
    editor.write_text(f"#!/bin/sh\n{script}\n")
    editor.chmod(0o755)
    environment = os.environ | {"TERM": "xterm", "VISUAL": str(editor)}
    terminal = pexpect.spawn(
        sys.executable, ["-m", "agenttune", "config", "edit"], encoding="utf-8", timeout=60, env=environment
    )
    terminal.setwinsize(24, 400)
    terminal.expect(pexpect.EOF)
    terminal.close()
    return str(terminal.before), terminal.exitstatus


def test_edit_makes_a_commented_file_and_opens_it(tmp_path: Path) -> None:
    said, code = edited(tmp_path, 'grep -q "# latency_s = 20.0" "$1" && echo "latency_s = 7" >> "$1"')
    assert (code, load_settings().latency_s) == (0, 7.0)
    assert "is in order" in said


def test_edit_checks_what_was_written_and_keeps_it(tmp_path: Path) -> None:
    said, code = edited(tmp_path, 'echo "latency_s = 0" > "$1"')
    assert code == 2
    assert "the setting `latency_s` cannot be 0" in said
    assert settings_path().read_text() == "latency_s = 0\n"


def test_editor_that_fails_is_told(tmp_path: Path) -> None:
    said, code = edited(tmp_path, "exit 3")
    assert code == 2
    assert "ended with exit code 3" in said


@pytest.mark.parametrize(
    ("editor", "said"), [("", "no editor is set: set VISUAL or EDITOR"), ("vi", "no terminal to edit in")]
)
def test_edit_that_cannot_be_says_why(editor: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor)
    assert main(["config", "edit"]) == 2
    assert said in capsys.readouterr().err
    assert not settings_path().exists()
