"""The search for the ends of a task finds them, and forgets nothing better."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import extremes
from tests.benchmarks.tasks import BEST, bowl, value

UNHURRIED_S = 1e6
"""The numbers of draws and steps end a search, not its time."""


@pytest.fixture(autouse=True)
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extremes, "N_DRAWN", 300)
    monkeypatch.setattr(extremes, "N_STEPS", 800)


def test_search_comes_close_to_both_ends() -> None:
    task = replace(bowl(), optimum=None, worst=None)
    entry = extremes.extremes(task, UNHURRIED_S)
    assert entry["best"]["value"] > -0.01
    assert entry["worst"]["value"] < entry["median"] < entry["best"]["value"]
    assert value(entry["best"]["config"]) == pytest.approx(entry["best"]["value"], abs=1e-4)


def test_search_keeps_what_was_known() -> None:
    before = {"best": {"config": BEST, "value": 0.0}, "worst": {"config": BEST, "value": 0.0}, "median": -1.0}
    entry = extremes.extremes(replace(bowl(), optimum=None), UNHURRIED_S, before)
    assert entry["best"] == {"config": BEST, "value": 0.0}


def test_median_stays_as_it_was_found_first() -> None:
    before = {"best": {"config": BEST, "value": 0.0}, "worst": {"config": BEST, "value": 0.0}, "median": -1.25}
    assert extremes.extremes(bowl(), UNHURRIED_S, before)["median"] == -1.25


def test_walk_never_loses_what_it_has() -> None:
    reached, config = extremes.climbed(bowl(), (0.0, BEST), way=1.0, seconds=UNHURRIED_S, rng=np.random.default_rng(0))
    assert (reached, config) == (0.0, BEST)


def test_file_is_read_as_it_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extremes, "FILE", tmp_path / "extremes.json")
    found: extremes.Found = {"b": {"x": {"median": 1.0}}, "a": {"z": {"median": 2.0}, "y": {"median": 3.0}}}
    extremes.write(found)
    assert extremes.known.__wrapped__() == found


@pytest.mark.parametrize("seconds", ["-1", "0", "nan"])
def test_search_without_time_is_refused(
    seconds: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["extremes", "--seconds", seconds])
    with pytest.raises(SystemExit, match="2"):
        extremes.main()
    assert "a duration must be positive" in capsys.readouterr().err


def test_suite_that_needs_data_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["extremes", "--suite", "lcbench"])
    assert extremes.main() == 2
    assert "name its folder with --data" in capsys.readouterr().err


def test_write_that_is_cut_off_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extremes, "FILE", tmp_path / "extremes.json")
    found: extremes.Found = {"a": {"x": {"median": 1.0}}}
    extremes.write(found)
    with monkeypatch.context() as patch, pytest.raises(OSError, match="disk is full"):
        patch.setattr(Path, "write_text", cut_off)
        extremes.write({})
    assert extremes.known.__wrapped__() == found


def cut_off(path: Path, text: str) -> None:
    """Stands in for `Path.write_text` on a full disk."""
    path.write_bytes(text.encode()[:3])
    raise OSError("disk is full")
