"""The bars say met or missed by what was run, and that nothing was run where it is so."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from agenttune.errors import UserError
from benchmarks import ablation, methods
from benchmarks.ablation import EARLY, LATE, Runs, bars, table
from benchmarks.campaign import CELLS, Cell, keep, rows
from benchmarks.methods import Step
from tests.benchmarks.tasks import BEST, bowl

N_TASKS = 3


def made(regrets: dict[str, tuple[float, float]]) -> Runs:
    """Runs of three tasks with the same regret (early, late) on all of them."""
    index = pd.MultiIndex.from_product(
        [["tests"], [f"t{k}" for k in range(N_TASKS)], [0]], names=["suite", "task", "seed"]
    )
    early, late = (pd.DataFrame({name: found[at] for name, found in regrets.items()}, index=index) for at in (0, 1))
    return Runs(early, late, "Measured by hand.")


def told(runs: Runs, start: str) -> list[str]:
    return [line for line in bars(runs) if line.startswith(start)]


def test_oracles_gap_is_closed_by_shares() -> None:
    runs = {"gp": (0.5, 0.1), "near alone": (0.1, 0.0), "near": (0.14, 0.02)}
    assert told(made(runs), "near: ") == [
        f"near: 90% of the oracle's gap closed at {EARLY}, at least 85%: met",
        f"near: +0.020 beside the best single arm at {LATE}, at most 0.03: met",
    ]
    assert told(made(runs | {"near": (0.3, 0.04)}), "near: ") == [
        f"near: 50% of the oracle's gap closed at {EARLY}, at least 85%: MISSED",
        f"near: +0.040 beside the best single arm at {LATE}, at most 0.03: MISSED",
    ]


def test_bad_model_must_not_harm() -> None:
    (line, _) = told(made({"gp": (0.5, 0.1), "worst": (0.5, 0.15)}), "worst: ")
    assert line == f"worst: +0.050 (error 0.000) beside the GP at {LATE}, at most 0.02: MISSED"


def test_harm_is_told_beside_what_stands_in_too() -> None:
    runs = made({"gp": (0.5, 0.1), "auto": (0.5, 0.08), "worst": (0.5, 0.11)})
    bar, _, beside = told(runs, "worst: ")
    assert bar.endswith("met") and "+0.030 (error 0.000) beside auto" in beside
    assert next(table(runs)) == "| model | gp alone | auto alone | ours |"


def test_partly_right_model_is_used_better_than_by_the_first_gate() -> None:
    line = told(made({"gp": (0.5, 0.1), "half": (0.3, 0.1), "half by first": (0.4, 0.1)}), "half: ")[-1]
    assert line == f"half: 25% less regret than by the first gate at {EARLY}, at least 20%: met"


def test_bar_without_runs_is_said_and_not_met() -> None:
    lines = list(bars(made({"gp": (0.5, 0.1)})))
    assert f"near: ? of the oracle's gap closed at {EARLY}, at least 85%: not run" in lines
    assert [line for line in lines if line.startswith("alone") and line.endswith("not run")]


def test_runs_that_are_not_paired_are_no_runs() -> None:
    runs = made({"gp": (0.5, 0.1), "worst": (0.5, 0.1)})
    runs.late.loc[runs.late.index[:1], "worst"] = None
    runs.late.loc[runs.late.index[1:], "gp"] = None
    assert told(runs, "worst: ")[0].endswith("not run")


def test_method_with_other_runs_is_shown_beside_ours_on_the_same() -> None:
    runs = made({"gp": (0.5, 0.1), "half": (0.2, 0.1), "half by coin": (0.4, 0.3)})
    runs.early.loc[runs.early.index[1:], "half by coin"] = None
    runs.early.loc[runs.early.index[:1], "half"] = 0.3
    (row,) = [line for line in table(runs) if line.startswith("| half ")]
    assert row == "| half | 0.500 / 0.100 (3) | 0.233 / 0.100 (3) | 0.400 / 0.300 (1; ours there 0.300 / 0.100) |"


def test_gp_alone_misses_the_bar_of_near_by_its_runs() -> None:
    (line,) = told(made({"gp": (0.5, 0.1), "near alone": (0.1, 0.0), "near": (0.1, 0.0)}), "gp alone: ")
    assert "2 of 5 bars missed, at least 1; near, gp alone: 0% of the oracle's gap closed" in line and line.endswith(
        "met"
    )


def test_arm_that_meets_every_bar_makes_them_say_nothing() -> None:
    kinds = methods.SKILLS
    level = {"gp": (0.5, 0.1), **{f"{kind} alone": (0.4, 0.1) for kind in kinds}}
    (line,) = told(made(level), "alone: ")
    assert "bars missed, at least 1" in line and line.endswith("MISSED")


def test_other_rules_are_told_beside_ours() -> None:
    runs = {"gp": (0.5, 0.1), "near alone": (0.1, 0.0), "near by ratio": (0.3, 0.01)}
    (line,) = told(made(runs), "ratio: ")
    assert line.startswith("ratio: 1 of 2 bars missed; near by ratio: 50% of the oracle's gap")


def test_table_shows_regret_and_number_of_runs() -> None:
    lines = list(table(made({"gp": (0.5, 0.1), "near": (0.2, 0.05)})))
    assert lines == ["| model | gp alone | ours |", "|---|---|---|", "| near | 0.500 / 0.100 (3) | 0.200 / 0.050 (3) |"]


def test_runs_of_ten_trials_count_at_ten_alone(tmp_path: Path) -> None:
    (tmp_path / CELLS).mkdir()
    for name, value in (("half", -0.5), ("half by first", -0.8)):
        cell = Cell("tests", "bowl", "real", name, 0, EARLY)
        keep(rows(cell, bowl(), [Step(BEST, value, "gp")] * EARLY, {}), tmp_path / CELLS / cell.file)
    runs = ablation.read(tmp_path)
    assert [line.rpartition(": ")[2] for line in told(runs, "half: ")] == ["not run", "met"]
    assert "| half | 0.500 / not run (1) | 0.800 / not run (1) |" in list(table(runs))


def test_runs_under_other_names_are_left_out(tmp_path: Path) -> None:
    (tmp_path / CELLS).mkdir()
    for condition in ("neutral", "real"):
        if condition == "real":
            with pytest.raises(UserError, match="there are no runs under real names"):
                ablation.read(tmp_path)
        cell = Cell("tests", "bowl", condition, "gp", 0, EARLY)
        keep(rows(cell, bowl(), [Step(BEST, -0.5, "gp")] * EARLY, {}), tmp_path / CELLS / cell.file)
    assert list(ablation.read(tmp_path).early["gp"]) == [0.5]


def test_missing_bars_end_the_command_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.argv", ["ablation", "--out", str(tmp_path), "--report"])
    monkeypatch.setattr(ablation, "read", lambda out: made({"gp": (0.5, 0.1)}))
    assert ablation.main() == 1
    assert "not run" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--seeds", "--processes", "--first-seed"])
def test_negative_count_is_refused(
    option: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["ablation", option, "-1"])
    with pytest.raises(SystemExit, match="2"):
        ablation.main()
    assert f"argument {option}: must be a whole number of at least" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "sentence"),
    [("--report", "there are no results"), ("", "--data"), ("--data nowhere", "there is no folder 'nowhere'")],
)
def test_nothing_to_tell_is_said_in_a_sentence(
    options: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["ablation", *options.split(), "--out", str(tmp_path / "none")])
    assert ablation.main() == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_share_of_nothing_cannot_be_told() -> None:
    runs = made(
        {"gp": (0.1, 0.1), "near alone": (0.1, 0.0), "near": (0.1, 0.0), "half": (0, 0), "half by first": (0, 0)}
    )
    assert told(runs, "near: ")[0] == f"near: ? of the oracle's gap closed at {EARLY}, at least 85%: cannot be told"
    assert told(runs, "half: ")[-1].endswith("at least 20%: cannot be told")


def test_runs_without_those_of_the_gp_have_a_report(tmp_path: Path) -> None:
    (tmp_path / CELLS).mkdir()
    cell = Cell("tests", "bowl", "real", "worst", 0, LATE)
    keep(rows(cell, bowl(), [Step(BEST, -0.5, "gp")] * LATE, {}), tmp_path / CELLS / cell.file)
    runs = ablation.read(tmp_path)
    assert list(table(runs))[-1] == "| worst | 0.500 / 0.500 (1) |"
    assert all(line.endswith("not run") for line in bars(runs))
