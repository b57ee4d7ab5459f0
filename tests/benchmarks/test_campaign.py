"""A campaign keeps what it ran, and runs only what is missing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import psutil
import pytest

from agenttune.errors import UserError
from agenttune.settings import load_settings, settings_path
from agenttune.testing.executors import wait_until
from benchmarks import campaign
from benchmarks.campaign import CELLS, PATIENCE_S, Cell, run, use_settings_of_nobody
from benchmarks.suites import FIXED


def cell(method: str = "random", condition: str = "real", seed: int = 0) -> Cell:
    return Cell("synthetic", "sphere-0", condition, method, seed, 7)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / CELLS).mkdir()
    return tmp_path


def test_cell_keeps_every_trial_and_its_incumbent(out: Path) -> None:
    assert run(cell(), out, None) is None
    kept = pd.read_parquet(out / CELLS / cell().file)
    assert list(kept["trial"]) == list(range(7))
    assert list(kept["incumbent"]) == list(kept["value"].cummin())


def test_cell_that_cannot_run_says_why_and_leaves_nothing(out: Path) -> None:
    why = run(cell(condition="shifted"), out, None)
    assert why is not None and "means nothing there" in why
    why = run(cell("llambo"), out, None)
    assert why is not None and "published no runs" in why
    assert not list((out / CELLS).iterdir())


def test_killed_campaign_runs_only_what_is_missing(
    out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = "campaign --suite synthetic --task sphere-0 --method random --seeds 2 --trials 7 --processes 1 --out"
    monkeypatch.setattr("sys.argv", [*arguments.split(), str(out)])
    run(cell(), out, None)
    (out / CELLS / cell(seed=1).file).with_suffix(".99.part").write_bytes(b"cut off")
    before = (out / CELLS / cell().file).stat().st_mtime_ns
    assert campaign.main() == 0
    assert "2 cells, 1 of them done before" in capsys.readouterr().out
    assert (out / CELLS / cell().file).stat().st_mtime_ns == before
    assert len(pd.read_parquet(out / CELLS / cell(seed=1).file)) == 7


@pytest.fixture
def under_way(out: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[str]]:
    """A campaign of many runs, after its first."""
    monkeypatch.setenv("TMPDIR", str(out))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it
    arguments = "-m benchmarks.campaign --suite synthetic --method random --seeds 2000 --trials 7 --processes 1 --out"
    command = [sys.executable, *arguments.split(), str(out)]
    with subprocess.Popen(
        command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as started:
        signal.signal(signal.SIGINT, before)
        wait_until(lambda: any((out / CELLS).iterdir()), what="a first cell")
        yield started
        started.kill()


def test_processes_of_a_killed_campaign_end_with_it(under_way: subprocess.Popen[str]) -> None:
    workers = psutil.Process(under_way.pid).children(recursive=True)
    under_way.kill()
    assert workers
    assert not psutil.wait_procs(workers, timeout=30)[1]


def test_interrupted_campaign_stops_and_says_how_to_go_on(out: Path, under_way: subprocess.Popen[str]) -> None:
    n_before = len(list((out / CELLS).iterdir()))
    os.killpg(under_way.pid, signal.SIGINT)  # as a terminal does
    assert under_way.wait(timeout=30) == 2
    assert under_way.stderr is not None
    assert under_way.stderr.read().rstrip() == "stopped; the same command goes on with what is missing"
    assert len(list((out / CELLS).iterdir())) < n_before + 1000


def _killed(cell: Cell, out: Path, data: Path | None) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_process_that_was_killed_ends_the_campaign_in_a_sentence(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign, "run", _killed)
    with pytest.raises(UserError, match="a process was killed, for its memory maybe; the same command goes on"):
        campaign.run_all([cell(), cell(seed=1)], out, data=None, n_processes=1)


def test_suite_that_needs_data_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["campaign", "--suite", "lcbench"])
    assert campaign.main() == 2
    assert "name its folder with --data" in capsys.readouterr().err


def test_cells_have_files_of_their_own() -> None:
    cells = [cell(method, condition, seed) for method in ("gp", "tpe") for condition in ("real",) for seed in (0, 1)]
    assert len({one.file for one in cells}) == len(cells)


def test_models_that_read_alike_have_files_of_their_own() -> None:
    files = [replace(cell("model"), model=model).file for model in ("hf:a/b", "hf:a:b", "small-2.1", None)]
    assert len(set(files)) == 4
    assert files[2:] == [
        "synthetic__sphere-0__real__model__0__7__small-2.1.parquet",
        "synthetic__sphere-0__real__model__0__7.parquet",
    ]


def test_profile_of_the_peers_runs_the_fixed_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["campaign", "--profile", "peers", "--seeds", "1"])  # without data
    cells = list(campaign.planned(campaign.PROFILES["peers"], campaign._options()))
    wanted = {(suite, task) for suite, task in FIXED if suite in ("synthetic", "conditional")}
    assert {(cell.suite, cell.task) for cell in cells} == wanted
    assert {cell.method for cell in cells} >= {"auto", "optuna tpe", "optuna gp", "smac"}


@pytest.mark.parametrize("option", ["--seeds", "--trials", "--tasks", "--processes"])
@pytest.mark.parametrize("value", ["0", "-1", "1.5"])
def test_count_below_one_is_refused(
    option: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["campaign", option, value])
    with pytest.raises(SystemExit, match="2"):
        campaign.main()
    assert f"argument {option}: must be a whole number of at least 1, but got {value!r}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("--condition neutral+nosuch", "no condition is called 'nosuch'; there are real, neutral, shifted, default"),
        (
            "--suite conditional --suite failing --task nosuch",
            "conditional has 0, 1, 2, 3, 4, 5, 6, 7; failing has wine",
        ),
        ("--data nowhere", "there is no folder 'nowhere'"),
        ("--suite tables --data .", "needs 'tasks.json', which is not there"),
        ("--trials 5", "--trials must be more than the 5 starts that all methods share, but got 5"),
        ("--method model --model bogus:zz", "no model is spelled 'bogus:zz'"),
        ("--out a-file", "--out must name a folder to write in, but got 'a-file'"),
    ],
)
def test_wrong_name_is_refused_in_a_sentence(
    wrong: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a-file").touch()
    monkeypatch.setattr("sys.argv", ["campaign", *wrong.split()])
    assert campaign.main() == 2
    assert sentence in capsys.readouterr().err


def test_named_task_is_run_in_the_suite_that_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = "campaign --suite conditional --suite failing --task wine --method random"
    monkeypatch.setattr("sys.argv", arguments.split())
    cells = campaign.planned(campaign.PROFILES["quick"], campaign._options())
    assert {(cell.suite, cell.task) for cell in cells} == {("failing", "wine")}


def test_damaged_cell_is_not_done(out: Path) -> None:
    file = out / CELLS / cell().file
    assert not campaign.is_done(file)
    run(cell(), out, None)
    assert campaign.is_done(file)
    whole = file.read_bytes()
    for damaged in (whole[:-100], whole[:4] + b"\xaa" * (len(whole) // 3) + whole[4 + len(whole) // 3 :]):
        file.write_bytes(damaged)
        assert not campaign.is_done(file)


def test_conditions_have_one_spelling_and_a_cell_is_planned_once(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = "campaign --suite live --tasks 1 --seeds 1 --method random --method random"
    spelled = " ".join(f"--condition {name}" for name in ("shifted+neutral", "neutral+shifted", "real+real"))
    monkeypatch.setattr("sys.argv", [*arguments.split(), *spelled.split()])
    cells = campaign.planned(campaign.PROFILES["quick"], campaign._options())
    assert [cell.condition for cell in cells] == ["neutral+shifted", "real"]


def test_settings_of_who_measures_do_not_count_and_models_are_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    settings_path().parent.mkdir(parents=True)
    settings_path().write_text("latency_s = 1.0\n")
    monkeypatch.setenv("AGENTTUNE_MODEL", "openai:somebodys")
    use_settings_of_nobody(str(tmp_path / "nobody"))
    assert (load_settings().latency_s, load_settings().model) == (PATIENCE_S, None)
