"""Regret, ranks and comparisons from runs whose scores are known by hand; the report that shows them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from agenttune.errors import UserError
from benchmarks import bench_report, scoring
from benchmarks.bench_report import arm_rows, cost_rows, made, markdown, page, remarks
from benchmarks.campaign import CELLS, Cell, keep, rows
from benchmarks.methods import Step
from benchmarks.versions import versions
from tests.benchmarks.tasks import BEST, bowl


def trials(
    runs: dict[tuple[str, str, int], list[float | None]], *, is_pooled: bool = False, condition: str = "real"
) -> pd.DataFrame:
    """Rows of runs by (task, method, seed), to maximise; best 1, median 0."""
    rows = []
    n_trials = max(map(len, runs.values()))
    for (task, method, seed), values in runs.items():
        incumbent: float | None = None
        for number, value in enumerate(values):
            if value is not None and (incumbent is None or value > incumbent):
                incumbent = value
            fixed = {"suite": "tests", "condition": condition, "model": "", "direction": "maximize"}
            costs = {"cpu_s": 0.5, "requests": 2, "tokens_in": 10, "tokens_out": 4, "usd": 0.01, "arm": "gp"}
            scale = {"best": 1.0, "median": 0.0, "is_pooled": is_pooled}
            own = {"task": task, "method": method, "seed": seed, "trial": number, "n_trials": n_trials}
            rows.append({**fixed, **costs, **scale, **own, "value": value, "incumbent": incumbent})
    return pd.DataFrame(rows)


def regrets(found: pd.DataFrame, method: str = "gp") -> list[float]:
    scored = scoring.with_regret(found)
    return list(scored.loc[scored["method"] == method, "regret"])


def test_regret_is_the_share_of_the_way_from_median_to_best() -> None:
    assert regrets(trials({("a", "gp", 0): [-1.0, 0.0, 0.75, 0.5]})) == [2.0, 1.0, 0.25, 0.25]


def test_run_without_a_value_stands_at_the_median() -> None:
    assert regrets(trials({("a", "gp", 0): [None, 0.5]})) == [1.0, 0.5]


def test_better_value_than_the_known_best_becomes_the_best() -> None:
    assert regrets(trials({("a", "gp", 0): [0.0, 1.0], ("a", "tpe", 0): [2.0, 2.0]})) == [1.0, 0.5]


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_best_known_of_any_cell_counts_whatever_their_order(sign: float) -> None:
    older, newer = trials({("a", "tpe", 0): [sign * 0.5]}), trials({("a", "gp", 0): [0.0]}).assign(best=sign * 2.0)
    unknown = trials({("a", "smac", 0): [0.0]}).assign(best=None, median=None)
    cells = [cell.assign(direction="maximize" if sign > 0 else "minimize") for cell in (unknown, older, newer)]
    for order in (cells, cells[::-1]):
        assert regrets(pd.concat(order), "tpe") == [0.75]


def test_pooled_regret_is_between_what_the_methods_found() -> None:
    found = trials({("a", "gp", 0): [0.2, 0.4], ("a", "tpe", 0): [0.6, 0.1]}, is_pooled=True)
    assert regrets(found) == pytest.approx([0.8, 0.4])


def test_conditions_of_a_task_share_a_pool() -> None:
    runs: dict[tuple[str, str, int], list[float | None]] = {("a", "gp", 0): [0.0, 1.0]}
    granted = trials({("a", "gp", 0): [3.0, 4.0]}, is_pooled=True, condition="default")
    both = pd.concat([trials(runs, is_pooled=True), granted])
    assert regrets(both) == [1.0, 0.75, 0.25, 0.0]


def test_published_runs_stand_beside_granted_ones_and_are_marked() -> None:
    runs: dict[tuple[str, str, int], list[float | None]] = {("a", "llambo", 0): [0.0]}
    granted = trials({("a", "gp", 0): [1.0]}, condition="default")
    found = scoring.with_published(scoring.with_regret(pd.concat([trials(runs), granted])))
    assert set(found.loc[found["condition"] == "default", "method"]) == {"gp", "llambo, no default"}


def test_run_that_ended_early_keeps_its_incumbent() -> None:
    scored = scoring.with_regret(trials({("a", "gp", 0): [0.25], ("a", "tpe", 0): [0.0, 0.5]}))
    assert list(scoring.curves(scored, 2).xs("gp", level="method").iloc[0]) == [0.75, 0.75]


def test_run_made_with_fewer_trials_has_no_regret_at_more() -> None:
    shorter = trials({("a", "gp", 0): [0.25]})
    scored = scoring.with_regret(pd.concat([shorter, trials({("a", "tpe", 0): [0.0, 0.5]})]))
    assert list(scoring.curves(scored, 2).index.get_level_values("method")) == ["tpe"]
    assert len(scoring.curves(scored, 1)) == 2


def test_seeds_that_a_method_lacks_do_not_count() -> None:
    runs: dict[tuple[str, str, int], list[float | None]]
    runs = {("a", "gp", 0): [0.0], ("a", "gp", 1): [1.0], ("a", "tpe", 0): [0.5]}
    table = scoring.with_equal_seeds(scoring.curves(scoring.with_regret(trials(runs)), 1))
    assert set(table.index.get_level_values("seed")) == {0}


def test_report_names_tasks_left_out_and_who_lacks_them() -> None:
    runs: dict[tuple[str, str, int], list[float | None]] = {}
    runs |= {("a", method, 0): [0.5] for method in ("gp", "smac", "tpe")}
    runs |= {("b", method, 0): [0.5] for method in ("gp", "tpe")}
    runs |= {("c", "gp", 0): [0.5], ("c", "smac", 0): [0.5], ("c", "tpe", 1): [0.5]}
    (section,) = made(trials(runs))
    assert section.note.startswith("1 tasks, 1 seed(s)")
    assert "; left out for want of runs by smac: tests/b" in section.note
    assert "; left out for want of runs by gp, smac, tpe: tests/c" in section.note


def test_tasks_of_two_suites_with_one_name_are_both_left_out_by_name() -> None:
    runs = trials({("3", "gp", 0): [0.5], ("4", "gp", 0): [0.5], ("4", "tpe", 0): [0.5]})
    together, *_ = made(pd.concat([runs, runs.assign(suite="others")]))
    assert "; left out for want of runs by tpe: others/3, tests/3" in together.note


@pytest.mark.parametrize("unknown", ["best", "median"])
def test_report_says_pooled_where_best_or_median_is_unknown(unknown: str) -> None:
    runs = trials({("a", "gp", 0): [0.5]}).assign(**{unknown: None})
    (section,) = made(runs)
    assert section.note.endswith("normalised by the pool of these methods")
    (section,) = made(pd.concat([runs, trials({("b", "gp", 0): [0.5]})]))
    assert section.note.endswith("normalised by best known and median or by the pool of these methods")


def test_wins_ties_and_losses_are_counted_by_task() -> None:
    runs: dict[tuple[str, str, int], list[float | None]] = {}
    for task, ours, theirs in (("a", 0.9, 0.5), ("b", 0.5, 0.5), ("c", 0.2, 0.3), ("d", 0.8, 0.1)):
        runs |= {(task, "gp", 0): [ours], (task, "tpe", 0): [theirs]}
    by_task = scoring.mean_by_task(scoring.curves(scoring.with_regret(trials(runs)), 1), 1)
    found = scoring.compared(by_task, "gp", "tpe")
    assert (found.wins, found.ties, found.losses) == (2, 1, 1)
    assert found.difference == pytest.approx(-0.25)
    assert found.low < found.difference < found.high
    assert dict(scoring.mean_ranks(by_task)) == {"gp": 1.375, "tpe": 1.625}


def test_report_tells_the_same_in_both_forms() -> None:
    runs: dict[tuple[str, str, int], list[float | None]] = {("a", "gp", 0): [0.0, 0.75], ("a", "tpe", 0): [0.0, 0.5]}
    sections = list(made(trials(runs)))
    text, shown = markdown(sections), page(sections)
    assert "| gp | 0.250 | 1.00 |" in text and "<td>gp</td><td>0.250</td><td>1.00</td>" in shown
    assert "| tpe | 0 | 0 | 1 | +0.250 | too few tasks |" in text
    assert "| gp | 0.500 | 2.00 | 10 | 4 | 1 |" in text
    assert shown.count("<svg") == 1


def test_no_name_breaks_a_table_of_either_form() -> None:
    runs: dict[tuple[str, str, int], list[float | None]] = {("a", "<b>x|y\n# z", 0): [0.5]}
    sections = list(made(trials(runs)))
    assert "| &lt;b&gt;x\\|y # z | 0.500 |" in markdown(sections)
    assert "<b>" not in page(sections)


def test_report_of_several_suites_begins_with_all_of_them_by_methods_that_ran_in_each() -> None:
    one = trials({("0", "gp", 0): [0.0, 0.5], ("0", "tpe", 0): [0.0, 0.25], ("0", "llambo", 0): [0.0, 1.0]})
    other = trials({("0", "gp", 0): [0.0, 1.0], ("0", "tpe", 0): [0.0, 0.5]}).assign(suite="others")
    together, first, _ = made(pd.concat([one, other]))
    assert (together.title, first.title) == ("all suites, real", "tests, real")
    (_, means), (title, against), *_ = together.tables
    assert [row[:2] for row in means[1:]] == [["gp", "0.250"], ["tpe", "0.625"]]
    assert (title, against[1][:5]) == ("Against gp at 2 trials", ["tpe", "0", "0", "2", "+0.375"])
    assert together.note == "2 tasks, 1 seed(s), 2 trials; normalised by best known and median"
    assert "left out" not in together.note + first.note


def test_suites_without_a_method_in_common_are_told_one_by_one() -> None:
    one, other = trials({("0", "gp", 0): [0.0]}), trials({("0", "tpe", 0): [0.0]}).assign(suite="others")
    assert [section.title for section in made(pd.concat([one, other]))] == ["tests, real", "others, real"]


def test_unknown_cost_makes_the_mean_unknown() -> None:
    found = trials({("a", "gp", 0): [0.0, 0.75], ("a", "llambo", 0): [0.0, 0.5]})
    found.loc[3, ["cpu_s", "tokens_in", "tokens_out", "usd"]] = None
    assert cost_rows(found)[1:] == [
        ["gp", "0.500", "2.00", "10", "4", "1"],
        ["llambo", "unknown", "2.00", "unknown", "unknown", "unknown"],
    ]


def test_costs_are_of_the_runs_whose_regret_is_told() -> None:
    runs: dict[tuple[str, str, int], list[float | None]]
    runs = {("a", "gp", 0): [0.0, 0.5], ("a", "gp", 1): [0.0, 0.5], ("a", "tpe", 0): [0.0, 0.5]}
    found = trials(runs)
    found.loc[found["seed"] == 1, "cpu_s"] = 99.0
    (section,) = made(found)
    assert [row[:2] for row in dict(section.tables)["Per proposal"][1:]] == [["gp", "0.500"], ["tpe", "0.500"]]


def test_interval_over_a_few_tasks_is_none() -> None:
    runs: dict[tuple[str, str, int], list[float | None]] = {}
    for n, task in enumerate("abcde"):
        runs |= {(task, "gp", 0): [0.5], (task, "tpe", 0): [n / 10]}
        (section,) = made(trials(runs))
        interval = dict(section.tables)["Against gp at 1 trials"][1][-1]
        assert interval.startswith("[") if n == 4 else interval == "too few tasks"


def test_report_tells_who_stood_in_for_a_model() -> None:
    found = trials({("a", "model alone", 0): [0.0, 0.75, 0.5, 0.5], ("a", "gp", 0): [0.0, 0.5, 0.5, 0.5]})
    found["arm"] = ["start", "model", "gp", "gp", "start", "gp", "gp", "gp"]
    assert arm_rows(found)[1:] == [["gp", "gp 100%"], ["model alone", "gp 67%, model 33%"]]


def stored(folder: Path, *, values: list[float], method: str = "gp", seed: int = 0, model: str | None = None) -> None:
    """A file of a run as a campaign keeps it."""
    (folder / CELLS).mkdir(exist_ok=True)
    cell = Cell("tests", "bowl", "real", method if model is None else "model", seed, len(values), model)
    steps = [Step(BEST, value, "gp") for value in values]
    keep(rows(cell, bowl(), steps, {"run_cpu_s": 1.0, "run_s": 1.0}), folder / CELLS / cell.file)


def test_published_runs_in_older_cells_have_unknown_costs(tmp_path: Path) -> None:
    stored(tmp_path, values=[-0.5], method="llambo")  # its steps have 0, as they had
    assert cost_rows(scoring.read(tmp_path)[0])[1] == ["llambo", "unknown", "0.00", "unknown", "unknown", "0"]


def test_models_are_methods_of_their_own(tmp_path: Path) -> None:
    for value, model in ((-0.5, "hf:a/b"), (-0.1, "hf:a:b")):
        stored(tmp_path, values=[value], model=model)
    table = scoring.curves(scoring.with_regret(scoring.longest(scoring.read(tmp_path)[0])), 1)
    assert dict(scoring.mean_by_task(table, 1).iloc[0]) == {"model hf:a/b": 0.5, "model hf:a:b": 0.1}


def test_run_made_with_more_trials_stands_for_the_shorter_one(tmp_path: Path) -> None:
    for values in ([-0.5, -0.5], [-0.2, -0.2, -0.1]):
        stored(tmp_path, values=values)
    found, _ = scoring.read(tmp_path)
    with pytest.raises(ValueError, match="duplicate"):
        scoring.curves(scoring.with_regret(found), 2)
    kept = scoring.longest(found)
    assert list(scoring.curves(scoring.with_regret(kept), 2).iloc[0]) == [0.2, 0.2]
    note, _ = remarks(found, kept)
    assert note.startswith("1 run(s) left out") and note in markdown([], [note]) and note in page([], [note])


def test_report_says_what_measured_its_runs(tmp_path: Path) -> None:
    stored(tmp_path, values=[-0.5])
    stored(tmp_path, values=[-0.5], model="small")
    (older,) = (tmp_path / CELLS).glob("*__small.parquet")
    content = pd.read_parquet(older)
    content.attrs.clear()
    content.to_parquet(older)
    found, _ = scoring.read(tmp_path)
    (note,) = remarks(found, found)
    assert f"{versions()} (1 runs)" in note and "unknown versions (1 runs)" in note


def test_folder_without_results_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"benchmarks\.campaign makes some"):
        scoring.read(tmp_path)


def test_report_leaves_out_files_that_it_cannot_read_and_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stored(tmp_path, values=[-0.5])
    (whole,) = (tmp_path / CELLS).iterdir()
    (tmp_path / CELLS / "cut.parquet").write_bytes(whole.read_bytes()[:500])
    pd.DataFrame({"task": ["bowl"], "x": [1.0]}).to_parquet(tmp_path / CELLS / "foreign.parquet")
    monkeypatch.setattr("sys.argv", ["bench_report", str(tmp_path)])
    assert bench_report.main() == 0
    assert "\n2 files could not be read and are left out: cut.parquet, foreign.parquet.\n" in capsys.readouterr().out


def test_folder_of_nothing_but_damaged_files_has_no_results(tmp_path: Path) -> None:
    (tmp_path / CELLS).mkdir()
    (tmp_path / CELLS / "cut.parquet").write_bytes(b"PAR1")
    with pytest.raises(UserError, match=r"no results under .*1 file could not be read and is left out: cut\.parquet"):
        scoring.read(tmp_path)


def test_report_of_some_methods_counts_every_seed_that_these_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for method, seed in (("gp", 0), ("gp", 1), ("tpe", 0), ("tpe", 1), ("smac", 0)):
        stored(tmp_path, values=[-0.5], method=method, seed=seed)
    monkeypatch.setattr("sys.argv", ["bench_report", str(tmp_path), "--method", "gp", "--method", "tpe"])
    assert bench_report.main() == 0
    told = capsys.readouterr().out
    assert "1 tasks, 2 seed(s)" in told and "| smac |" not in told


@pytest.mark.parametrize("option", ["--reference", "--method"])
def test_method_that_did_not_run_is_refused(
    option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stored(tmp_path, values=[-0.5])
    stored(tmp_path, values=[-0.5], method="tpe")
    monkeypatch.setattr("sys.argv", ["bench_report", str(tmp_path), option, "nosuch"])
    assert bench_report.main() == 2
    assert f"{option} must name a method that ran, but got 'nosuch'; there are gp, tpe" in capsys.readouterr().err


def test_report_without_the_default_reference_says_so() -> None:
    (section,) = made(trials({("a", "smac", 0): [0.75], ("a", "tpe", 0): [0.5]}))
    assert "; compared with nobody, since gp did not run here" in section.note
    assert not [title for title, _ in section.tables if title.startswith("Against")]
