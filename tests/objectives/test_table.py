"""Enumerated tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest

from agenttune.errors import ObjectiveError, TrialFailure
from agenttune.objectives.table import TableObjective
from agenttune.testing.objectives import FakeRun, ObjectiveConformance
from agenttune.types import Config, Json

TABLE = """lr,layers,kernel,bias,degree,score,latency_ms
0.1,1,rbf,true,,0.5,12
0.30000000000000004,1,rbf,true,,0.6,13
0.1,2,poly,False,3,0.7,
0.1,2,rbf,true,,NA,14

0.1,3,rbf,true,,high,14
0.1,4,rbf,true,,nan,14
"""


class TestTableObjective(ObjectiveConformance):
    config: ClassVar[Config] = {"lr": 0.1, "layers": 1}

    def content(self, folder: Path) -> dict[str, Json]:
        (folder / "table.csv").write_text(TABLE)
        return {"type": "table", "path": "table.csv"}


def table(folder: Path, text: str = TABLE, **entries: Any) -> TableObjective:
    (folder / "table.csv").write_text(text)
    return TableObjective.from_json({"type": "table", "path": "table.csv", **entries}, cwd=folder)


def look_up(folder: Path, config: Config, text: str = TABLE, **entries: Any) -> dict[str, float]:
    return dict(table(folder, text, **entries).evaluate(config, FakeRun(folder)))


def test_row_of_a_configuration_has_its_metrics(tmp_path: Path) -> None:
    assert look_up(tmp_path, {"lr": 0.1, "layers": 1, "kernel": "rbf", "bias": True}) == {
        "score": 0.5,
        "latency_ms": 12.0,
    }


def test_numbers_match_within_rounding(tmp_path: Path) -> None:
    assert look_up(tmp_path, {"lr": 0.3, "layers": 1})["score"] == 0.6


def test_conditional_parameters_match_where_they_are_active(tmp_path: Path) -> None:
    assert look_up(tmp_path, {"lr": 0.1, "layers": 2, "kernel": "poly", "bias": False, "degree": 3}) == {"score": 0.7}


def test_other_column_may_hold_the_metric(tmp_path: Path) -> None:
    values = look_up(tmp_path, {"lr": 0.1, "layers": 1}, metric="latency_ms")
    assert values["score"] == 12.0


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"lr": 0.2, "layers": 1}, "has no row for lr=0.2, layers=1"),
        ({"lr": 0.1, "layers": 2, "kernel": "rbf"}, "line 5 of table.csv has no measurement of score"),
        ({"lr": 0.1, "layers": 4}, "line 8 of table.csv has no measurement of score"),
        ({"lr": 0.1, "layers": 3}, "line 7 of table.csv has score = 'high'"),
        ({"lr": 0.1, "layers": 1, "bias": False}, "has no row for"),
    ],
)
def test_unmeasured_configuration_is_invalid(tmp_path: Path, config: Config, said: str) -> None:
    with pytest.raises(TrialFailure) as failure:
        look_up(tmp_path, config)
    assert failure.value.kind == "invalid"
    assert said in str(failure.value)


REPEATED = "x,seed,score\n1,1,0.5\n1,2,0.7\n"


def test_several_rows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TrialFailure, match=r"lines 2 and 3 of table\.csv both fit"):
        look_up(tmp_path, {"x": 1}, REPEATED)


def test_several_rows_are_averaged_when_asked_for(tmp_path: Path) -> None:
    assert look_up(tmp_path, {"x": 1}, REPEATED, duplicates="mean")["score"] == pytest.approx(0.6)


def test_columns_are_checked_against_space_and_goal(tmp_path: Path) -> None:
    with pytest.raises(ObjectiveError, match=r"no column 'layer': did you mean 'layers'"):
        table(tmp_path).check(["lr", "layer"], "score")
    with pytest.raises(ObjectiveError, match=r"no column 'accuracy'; it has lr"):
        table(tmp_path).check(["lr"], "accuracy")


@pytest.mark.parametrize(
    ("text", "entries", "said"),
    [
        ("", {}, "needs a header"),
        ("x,score\n", {}, "needs a header"),
        ("x,score\n1\n", {}, "line 2 of "),
        (TABLE, {"metric": "scor"}, "did you mean 'score'"),
        (TABLE, {"duplicate": "mean"}, "did you mean 'duplicates'"),
        (TABLE, {"duplicates": "max"}, "must be 'refuse' or 'mean'"),
        (TABLE, {"path": "none.csv"}, "none.csv cannot be read"),
    ],
)
def test_malformed_table_is_refused(tmp_path: Path, text: str, entries: dict[str, Any], said: str) -> None:
    with pytest.raises(ObjectiveError) as error:
        table(tmp_path, text, **entries)
    assert said in str(error.value)


def test_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_bytes("größe,score\n1,2\n".encode("latin-1"))
    with pytest.raises(ObjectiveError, match="no CSV file in UTF-8"):
        TableObjective.from_json({"type": "table", "path": "table.csv"}, cwd=tmp_path)
