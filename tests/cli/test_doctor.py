"""What the doctor finds, and what it calls unusable."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agenttune.cli import doctor, main
from agenttune.sandbox import Offer
from agenttune.spec import StudyRow

Run = Callable[..., int]
Output = pytest.CaptureFixture[str]


def test_doctor_names_versions_store_and_studies(study: StudyRow, agenttune: Run, capsys: Output) -> None:
    assert agenttune("doctor", "--no-torch") == 0
    found = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert found["studies"] == "1 finished"
    assert found["locks"].endswith("work")
    assert found["numpy"][0].isdigit()


def test_doctor_makes_nothing(tmp_path: Path, capsys: Output, _own_home: Path) -> None:
    assert main(["doctor", "--no-torch", "--json"]) == 0
    assert "not made yet" in json.loads(capsys.readouterr().out)["store"]
    assert list(_own_home.iterdir()) == []


def test_doctor_calls_a_damaged_store_and_bad_settings_unusable(
    store_path: Path, agenttune: Run, capsys: Output, _own_home: Path
) -> None:
    store_path.write_bytes(b"this is no store" * 100)
    settings = _own_home / "config" / "agenttune" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("nonsense = 1\n")
    assert agenttune("doctor", "--no-torch", "--json") == 2
    assert json.loads(capsys.readouterr().out)["problems"] == ["settings", "studies"]


def doctored(capsys: Output) -> dict[str, Any]:
    main(["doctor", "--no-torch", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def test_doctor_names_the_model_and_where_its_key_is(monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    assert doctored(capsys)["model"].startswith("none set")
    monkeypatch.setenv("AGENTTUNE_MODEL", "openai:gpt-4o")
    assert doctored(capsys)["model key"].startswith("none: set OPENAI_API_KEY, or ")
    monkeypatch.setenv("OPENAI_API_KEY", "a-key-that-is-secret")
    found = doctored(capsys)
    assert (found["model"], found["model key"]) == ("openai:gpt-4o (from AGENTTUNE_MODEL)", "from OPENAI_API_KEY")
    assert "a-key-that-is-secret" not in str(found)


def test_doctor_calls_a_model_that_is_none_unusable(monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    monkeypatch.setenv("AGENTTUNE_MODEL", "openai:")
    assert doctored(capsys)["problems"] == ["model"]


def test_doctor_names_the_level_of_the_sandbox_and_what_it_lacks(
    monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    offer = Offer("medium", "landlock", ("strong does not work: it is tested so", "sockets can be reached"))
    monkeypatch.setattr("agenttune.sandbox.probe", lambda: offer)
    said = "medium, by landlock; strong does not work: it is tested so; sockets can be reached"
    assert doctored(capsys)["sandbox"] == said
    assert main(["doctor", "--no-torch"]) == 0
    assert f"sandbox       {said}\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'OSError: no CUDA' >&2; exit 1", "torch does not load: OSError: no CUDA"),
        ("kill -SEGV $$", "exit code -11"),
    ],
)
def test_torch_that_crashes_is_told_and_not_caught(
    script: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "python"
    broken.write_text(f"#!/bin/sh\n{script}\n")
    broken.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(broken))
    text, is_fine = doctor._torch()
    assert not is_fine
    assert said in text


def test_doctor_counts_the_studies_that_can_be_read_and_names_the_other(
    make_study: Callable[..., StudyRow], store_path: Path, agenttune: Run, capsys: Output
) -> None:
    make_study("broken")
    with contextlib.closing(sqlite3.connect(store_path)) as raw, raw:
        raw.execute("UPDATE studies SET spec = '{'")
    make_study("whole")
    assert agenttune("doctor", "--no-torch") == 2
    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith("studies")]
    assert "1 finished" in said[0] and "study 'broken' is damaged" in said[1]
