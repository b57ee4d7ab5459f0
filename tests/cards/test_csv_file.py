"""Reading CSV files as people write them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from agenttune.cards.csv_file import content_hash, read_csv, read_header, repeated_names
from agenttune.errors import DataError


def write(folder: Path, text: str, *, name: str = "table.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separator_is_found(tmp_path: Path, separator: str) -> None:
    path = write(tmp_path, f"a{separator}b\n1{separator}x\n2{separator}y\n")
    assert read_csv(path).to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}


def test_commas_inside_quotes_do_not_separate(tmp_path: Path) -> None:
    path = write(tmp_path, 'name;size\n"a, b, c";1\n"d, e, f";2\n')
    assert read_header(path) == ["name", "size"]


def test_decimal_commas_are_numbers(tmp_path: Path) -> None:
    path = write(tmp_path, "a;b\n1,5;2\n2,5;3\n")
    assert read_csv(path)["a"].tolist() == [1.5, 2.5]


def test_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    assert read_header(write(tmp_path, "a,b\n1,2\n", encoding="utf-8-sig")) == ["a", "b"]


def test_windows_text_is_read(tmp_path: Path) -> None:
    assert read_header(write(tmp_path, "größe,b\n1,2\n", encoding="cp1252")) == ["größe", "b"]


def test_columns_of_one_name_are_told_apart(tmp_path: Path) -> None:
    assert read_header(write(tmp_path, "a,a,a_2,a\n1,2,3,4\n")) == ["a", "a_2", "a_2_2", "a_3"]


def test_gzipped_file_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "table.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n"))
    assert read_csv(path).to_dict("list") == {"a": [1], "b": [2]}


def test_damaged_gzip_file_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "table.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n")[:-9])
    with pytest.raises(DataError, match="damaged gzip file"):
        read_csv(path)


@pytest.mark.parametrize("text", ["a,b\r1,2\r3,4\r", "a,b\r\n1,2\r\n3,4\r\n", "a,b\n1,2\r3,4"])
def test_lines_end_as_on_any_machine(tmp_path: Path, text: str) -> None:
    assert read_csv(write(tmp_path, text)).to_dict("list") == {"a": [1, 3], "b": [2, 4]}


def test_repeated_names_are_found_as_they_stand(tmp_path: Path) -> None:
    assert repeated_names(write(tmp_path, "a,b,a,c,c_2\n1,2,3,4,5\n")) == ["a"]


def test_question_marks_are_missing(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n1,?\n2,3\n")
    assert read_csv(path)["b"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        (" \n\n", "is empty"),
        ("a,b\n", "no rows"),
        ("a\n1\n2\n", "single column"),
        ("1,2\n3,4\n5,6\n", "holds numbers"),
        ("a,b\n1,2\n1,2,3\n1,2\n", "cannot be read as a table"),
        ("a,b\n\x00,1\n", "binary file"),
        pytest.param(f"a,b\n1,{'x' * 200_000}\n", "line 2 of .* cannot be read as a row", id="endless cell"),
    ],
)
def test_unusable_file_is_one_sentence(tmp_path: Path, text: str, reason: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(DataError, match=reason) as caught:
        read_csv(path)
    assert "\n" not in str(caught.value)


def test_missing_file_suggests_its_neighbour(tmp_path: Path) -> None:
    write(tmp_path, "a,b\n1,2\n", name="penguins.csv")
    with pytest.raises(DataError, match=r"no file .*pinguins\.csv' \(did you mean 'penguins\.csv'\?\)"):
        read_csv(tmp_path / "pinguins.csv")


def test_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is no file: give a CSV file"):
        read_csv(tmp_path)


def test_hash_changes_with_the_content(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n1,2\n")
    before = content_hash(path)
    path.write_text("a,b\n1,3\n")
    assert content_hash(path) != before
