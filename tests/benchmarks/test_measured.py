"""Runs that are kept in the repository come back as the cells they were."""

from __future__ import annotations

import runpy
from pathlib import Path

import pandas as pd
import pytest

from agenttune.errors import UserError
from benchmarks import measured, scoring
from benchmarks.campaign import CELLS, Cell, keep, rows, run
from benchmarks.measured import FOLDER, keep_runs, restore
from benchmarks.methods import Step
from tests.benchmarks.tasks import BEST, bowl

CELL = Cell("synthetic", "sphere-0", "real", "random", 0, 7)
UNTOLD = Cell("tests", "bowl", "real", "model", 1, 2, model="openai:a/b")
STEPS = [Step(BEST, None, "start"), Step(BEST, -0.5, "model", cpu_s=None, requests=2, tokens_in=None, usd=None)]


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    folder = tmp_path / "small"
    (folder / CELLS).mkdir(parents=True)
    assert run(CELL, folder, None) is None
    keep(rows(UNTOLD, bowl(), STEPS, {"run_cpu_s": 1.0, "run_s": 2.0}), folder / CELLS / UNTOLD.file, measured_by="old")
    return folder


def test_kept_runs_come_back_as_they_were(campaign: Path, tmp_path: Path) -> None:
    file, n_runs, _ = keep_runs(campaign, tmp_path / "kept")
    assert (file.name, n_runs) == ("small.parquet", 2)
    assert restore("small", tmp_path / "again", tmp_path / "kept") == 2
    for cell in (CELL, UNTOLD):
        before, after = (scoring.read_cell(folder / CELLS / cell.file) for folder in (campaign, tmp_path / "again"))
        assert before is not None and after is not None
        assert before.astype(object).where(before.notna(), None).equals(after.astype(object).where(after.notna(), None))


def test_keeping_adds_and_restoring_replaces_nothing(campaign: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    keep_runs(campaign, kept)
    (campaign / CELLS / CELL.file).unlink()
    assert keep_runs(campaign, kept)[1] == 2
    stamp = (campaign / CELLS / UNTOLD.file).stat().st_mtime_ns
    assert restore("small", campaign, kept) == 1
    assert (campaign / CELLS / UNTOLD.file).stat().st_mtime_ns == stamp


def test_run_that_is_kept_again_leaves_nothing_of_the_one_before(campaign: Path, tmp_path: Path) -> None:
    keep_runs(campaign, tmp_path / "kept")
    keep(rows(UNTOLD, bowl(), STEPS[:1], {}), campaign / CELLS / UNTOLD.file, measured_by="new")
    file, n_runs, _ = keep_runs(campaign, tmp_path / "kept")
    again = pd.read_parquet(file).query("suite == 'tests'")
    assert (n_runs, list(again["trial"]), list(again["versions"])) == (2, [0], ["new"])


def test_copies_and_damaged_cells_are_not_kept(campaign: Path, tmp_path: Path) -> None:
    (campaign / CELLS / "copy.parquet").write_bytes((campaign / CELLS / CELL.file).read_bytes())
    (campaign / CELLS / "damaged.parquet").write_bytes(b"PAR1")
    _, n_runs, unread = keep_runs(campaign, tmp_path / "kept")
    assert (n_runs, unread) == (2, ["damaged.parquet"])


def test_kept_file_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "small.parquet").write_text("version https://git-lfs.github.com/spec/v1")
    with pytest.raises(UserError, match=r"small\.parquet cannot be read as runs; check it out anew"):
        restore("small", tmp_path / "again", tmp_path)


def test_what_is_not_kept_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no runs are kept as 'none'; kept are: nothing"):
        restore("none", tmp_path, tmp_path)
    with pytest.raises(UserError, match="there are no results"):
        keep_runs(tmp_path, tmp_path / "kept")


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.parquet")), ids=lambda file: file.stem)
def test_runs_of_the_repository_can_be_told(file: Path) -> None:
    trials = scoring.read_cell(file)
    assert trials is not None
    assert scoring.with_regret(scoring.longest(trials))["regret"].between(0, 50).all()


def test_it_is_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["measured", "restore", "nothing"])
    with pytest.raises(SystemExit, match="2"):
        runpy.run_path(str(FOLDER.parent / "measured.py"), run_name="__main__")


def test_commands_tell_what_they_did(
    campaign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(measured, "FOLDER", tmp_path / "kept")
    for arguments, code, told in (
        (["keep", str(campaign)], 0, "2 runs are kept in"),
        (["restore", "small", "--out", str(tmp_path / "again")], 0, "2 runs restored to"),
        (["restore", "nothing"], 2, "no runs are kept as 'nothing'; kept are: small"),
    ):
        monkeypatch.setattr("sys.argv", ["measured", *arguments])
        assert measured.main() == code
        assert told in "".join(capsys.readouterr())
