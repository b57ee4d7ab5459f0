"""Text laid out for a terminal, and JSON without NaN."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agenttune.cli import console
from agenttune.errors import UserError


def test_wide_characters_take_two_cells_and_combining_ones_none() -> None:
    assert console.cells("表é") == 3 == console.cells("表e\u0301")


@given(st.text(alphabet="ab表参é", max_size=20), st.integers(1, 12))
def test_padded_text_fills_its_column_exactly(text: str, size: int) -> None:
    assert console.cells(console.pad(text, size)) == size


def test_clipped_text_says_that_it_was_cut() -> None:
    assert console.clip("abcdef", 4) == "abc…"


def test_table_columns_line_up_with_wide_characters() -> None:
    lines = console.table(["name", "n"], [["表表", "1"], ["x", "22"]], right=frozenset({"n"}))
    assert [console.cells(line) for line in lines] == [8, 8, 8]


def test_emitted_json_has_null_for_what_is_not_finite(capsys: pytest.CaptureFixture[str]) -> None:
    console.emit({"a": float("nan"), "b": [float("inf"), 1.5], "c": (True,)})
    assert json.loads(capsys.readouterr().out) == {"a": None, "b": [None, 1.5], "c": [True]}


def test_question_without_a_terminal_names_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    with pytest.raises(UserError, match="pass --yes"):
        console.ask("start?", way_out="pass --yes")


def test_saying_something_to_nobody_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            tried.append(text)
            raise OSError(5, "Input/output error")

    monkeypatch.setattr("sys.stderr", Gone())
    console.say("hello")
    assert tried
