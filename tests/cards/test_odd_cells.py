"""Columns of numbers with a cell that is none: what is made of them, and what is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from agenttune.cards.data import ColumnCard, Dataset, load_dataset
from agenttune.errors import DataError

N_ROWS = 60


def dataset(
    folder: Path,
    cells: dict[int, str],
    *,
    separator: str = ",",
    numbers: list[str] | None = None,
    target: str = "y",
) -> Dataset:
    """A table of numbers in column `x` and classes in `y`, with some cells of `x` replaced, by row."""
    column = numbers or [f"{row / 4}" for row in range(N_ROWS)]
    for row, cell in cells.items():
        column[row] = cell
    lines = [f"{cell}{separator}{'ab'[row % 2]}" for row, cell in enumerate(column)]
    path = folder / "table.csv"
    path.write_text("\n".join([f"x{separator}y", *lines]) + "\n")
    return load_dataset(path, target=target)


def x_of(found: Dataset) -> ColumnCard:
    return next(column for column in found.card.columns if column.name == "x")


@pytest.mark.parametrize("cell", ["n/a?", '"12,5"', "O.5", " 3.5 m"])
def test_odd_cell_among_numbers_is_missing_and_said(tmp_path: Path, cell: str) -> None:
    found = dataset(tmp_path, {15: cell})
    assert (x_of(found).kind, x_of(found).n_missing, x_of(found).is_used) == ("number", 1, True)
    text = cell.strip().strip('"')
    assert found.card.notes == (f"'x' holds numbers, but {text!r} in line 17: taken as missing",)


def test_several_odd_cells_are_counted(tmp_path: Path) -> None:
    found = dataset(tmp_path, {3: "low", 5: "low", 7: "high"})
    assert found.card.notes == ("'x' holds numbers, but 'low' in line 5: taken as missing, as are 2 more of 'x'",)


@pytest.mark.parametrize("mark", ["NA", "n/a", "N/A", "na", "null", "?", "-", "--", "", "NaN", " - ", '"-"'])
def test_marks_for_missing_are_missing_without_a_word(tmp_path: Path, mark: str) -> None:
    found = dataset(tmp_path, dict.fromkeys(range(0, N_ROWS, 3), mark))
    assert (x_of(found).kind, x_of(found).n_missing, found.card.notes) == ("number", N_ROWS // 3, ())


def test_column_with_more_text_stays_text(tmp_path: Path) -> None:
    numbers = ["1", "2", "3+"] * (N_ROWS // 3)
    assert x_of(dataset(tmp_path, {}, numbers=numbers)).kind == "category"


def test_minus_beside_a_plus_is_a_value(tmp_path: Path) -> None:
    found = dataset(tmp_path, {}, numbers=["+", "-"] * (N_ROWS // 2))
    assert (x_of(found).kind, x_of(found).n_missing) == ("category", 0)


def test_decimal_commas_are_kept_apart_from_thousands(tmp_path: Path) -> None:
    commas = [f"{row / 4}".replace(".", ",") for row in range(N_ROWS)]
    found = dataset(tmp_path, {20: "1.234,5"}, separator=";", numbers=commas)
    assert found.features["x"].sum() == sum(row / 4 for row in range(N_ROWS) if row != 20)
    assert "'1.234,5' in line 22" in found.card.notes[0]


def test_row_with_an_odd_target_is_left_out_and_said(tmp_path: Path) -> None:
    found = dataset(tmp_path, {9: "12,5 "}, separator=";", target="x")
    assert (found.card.task, found.card.n_rows) == ("regression", N_ROWS - 1)
    assert found.card.notes == (
        "'x' holds numbers, but '12,5' in line 11: taken as missing",
        "1 rows without 'x' left out",
    )


def test_odd_cell_in_a_target_of_few_numbers_is_a_class_and_said(tmp_path: Path) -> None:
    found = dataset(tmp_path, {4: "2O"}, numbers=[str(row % 3) for row in range(N_ROWS)], target="x")
    assert [name for name, _ in found.card.classes] == ["0", "1", "2", "2O"]
    assert found.card.notes == ("'x' holds numbers, but '2O' in line 6: taken for a class",)


def test_text_in_a_target_that_should_be_a_number_is_quoted(tmp_path: Path) -> None:
    dataset(tmp_path, {4: "2O"}, numbers=[str(row % 3) for row in range(N_ROWS)], target="x")
    with pytest.raises(DataError, match=r"holds text \('2O', \.\.\.\)"):
        load_dataset(tmp_path / "table.csv", target="x", task="regression")
