"""Data cards: what is inferred from a data set, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agenttune.cards.data import BUNDLED, column_names, load_dataset
from agenttune.errors import DataError

FLOWERS = Path(__file__).parent.parent / "data" / "flowers.csv"


def table(folder: Path, columns: dict[str, list[object]]) -> Path:
    lines = [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True))]
    path = folder / "table.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_set_knows_its_target(name: str) -> None:
    dataset = load_dataset(name)
    assert dataset.card.target == BUNDLED[name].target
    assert dataset.card.n_rows == len(dataset.target) == len(dataset.features)


def test_bundled_set_has_one_target() -> None:
    with pytest.raises(DataError, match="the target of iris is 'species', but got 'petal'"):
        load_dataset("iris", target="petal")


def test_kinds_of_columns_are_told_apart() -> None:
    kinds = {column.name: column.kind for column in load_dataset(FLOWERS, target="species").card.columns}
    assert (kinds["petal_width"], kinds["site"], kinds["wild"]) == ("number", "category", "boolean")


def test_constant_and_numbering_columns_are_left_out_and_said() -> None:
    card = load_dataset(FLOWERS, target="species").card
    assert [column.name for column in card.columns if not column.is_used] == ["sample_id", "unit"]
    assert any("'sample_id' left out" in note for note in card.notes)


def test_rows_without_a_target_are_left_out_and_said() -> None:
    card = load_dataset(FLOWERS, target="species").card
    assert card.n_rows == 148
    assert "2 rows without 'species' left out" in card.notes


def test_missing_values_are_counted() -> None:
    columns = {column.name: column.n_missing for column in load_dataset(FLOWERS, target="species").card.columns}
    assert (columns["site"], columns["petal_width"]) == (5, 0)


@pytest.mark.parametrize("target", ["y", "Y"])
def test_target_that_two_columns_are_named_is_refused(tmp_path: Path, target: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text("x,y,y\n" + "1,a,b\n2,b,a\n" * 9)
    with pytest.raises(DataError, match=r"several columns named 'y'.*rename or remove all but one"):
        load_dataset(path, target=target)


def test_target_is_found_whatever_its_case() -> None:
    assert load_dataset(FLOWERS, target="Species").card.target == "species"


def test_unknown_target_suggests_the_nearest_column() -> None:
    with pytest.raises(DataError, match=r"no column 'specis' \(did you mean 'species'\?\)"):
        load_dataset(FLOWERS, target="specis")


def test_target_must_be_named_for_a_file() -> None:
    with pytest.raises(DataError, match=r"which column of .* is to be predicted"):
        load_dataset(FLOWERS)


def test_text_target_means_classes_in_alphabetical_order() -> None:
    dataset = load_dataset(FLOWERS, target="species")
    assert [label for label, _ in dataset.card.classes] == ["setosa", "versicolor", "virginica"]
    assert sum(count for _, count in dataset.card.classes) == 148


def test_many_numbers_mean_regression(tmp_path: Path) -> None:
    path = table(tmp_path, {"x": [*range(40)], "y": [i * 1.5 for i in range(40)]})
    assert load_dataset(path, target="y").card.task == "regression"


def test_few_whole_numbers_mean_classes_unless_asked_otherwise(tmp_path: Path) -> None:
    path = table(tmp_path, {"x": [*range(40)], "y": [i % 4 for i in range(40)]})
    assert load_dataset(path, target="y").card.task == "classification"
    assert load_dataset(path, target="y", task="regression").n_classes == 0


def test_target_with_one_class_is_refused(tmp_path: Path) -> None:
    path = table(tmp_path, {"x": [1, 2, 3], "y": ["a", "a", "a"]})
    with pytest.raises(DataError, match=r"target 'y' has one value only \('a'\)"):
        load_dataset(path, target="y")


def test_target_missing_everywhere_is_refused(tmp_path: Path) -> None:
    path = table(tmp_path, {"x": [1, 2, 3], "y": ["", "", ""]})
    with pytest.raises(DataError, match="missing in every row"):
        load_dataset(path, target="y")


def test_text_cannot_be_predicted_as_a_number() -> None:
    with pytest.raises(DataError, match="holds text"):
        load_dataset(FLOWERS, target="species", task="regression")


def test_infinite_target_is_refused(tmp_path: Path) -> None:
    path = table(tmp_path, {"x": [*range(30)], "y": [*map(float, range(29)), "inf"]})
    with pytest.raises(DataError, match="infinite"):
        load_dataset(path, target="y")


def test_infinite_feature_counts_as_missing(tmp_path: Path) -> None:
    path = table(tmp_path, {"x": [0.5, 1.5, "inf"], "y": ["a", "b", "a"]})
    assert np.isnan(load_dataset(path, target="y").features["x"][2])


def test_file_without_a_useful_column_is_refused(tmp_path: Path) -> None:
    path = table(tmp_path, {"x": [1, 1, 1], "y": ["a", "b", "a"]})
    with pytest.raises(DataError, match="no column to predict 'y' from"):
        load_dataset(path, target="y")


def test_category_of_many_levels_is_said(tmp_path: Path) -> None:
    cities = [f"city {i % 60}" for i in range(180)]
    path = table(tmp_path, {"city": list(cities), "x": [*range(180)], "y": ["a", "b"] * 90})
    notes = load_dataset(path, target="y").card.notes
    assert notes == ("'city' has 60 levels, the rarest of which share one column",)


def test_column_names_are_known_without_the_rows() -> None:
    assert "petal_width" in column_names(FLOWERS)
    assert "digit" in column_names("digits")
