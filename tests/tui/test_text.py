"""Words and numbers for the screen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from agenttune.tui.text import (
    age,
    clean_lines,
    clock,
    code_lines,
    duration,
    fit,
    fit_name,
    hanging,
    log_lines,
    number,
    scalar,
    short_scalar,
)
from agenttune.visible import clean
from tests.test_visible import HOSTILE


@pytest.mark.parametrize("text", HOSTILE)
def test_code_is_shown_without_control_codes_and_without_losing_a_sign(text: str) -> None:
    text = text.replace("\\", "")  # what is written out can be read back then
    shown = code_lines(text)
    assert all(line.isprintable() for line in shown)
    assert "\n".join(shown).encode("ascii").decode("unicode_escape") == text.expandtabs(4)


def test_code_behind_a_carriage_return_or_an_escape_is_not_hidden() -> None:
    assert code_lines("import os; os.abort()\r# harmless\r\n\tx = 1\n") == [
        r"import os; os.abort()\r# harmless",
        "    x = 1",
    ]
    assert "os.abort" in code_lines("\x1b]0;os.abort()\x07")[0]


def test_lines_show_the_last_state_of_a_progress_bar() -> None:
    assert clean_lines("10%\r50%\r100%\nnext\r\n") == ["100%", "next", ""]


def test_control_code_within_a_key_does_not_hide_it_from_who_takes_keys_out() -> None:
    key = "sk-proj-Ab3A\x1b[0mb3Cd4Ef5Gh6Ij7Kl8\u200bMn9Op0"
    assert log_lines(f"one\nkey {key}\n") == ["one", "key ***", ""]


def test_lines_keep_indents() -> None:
    assert clean_lines("if x:\n\treturn \x1b[31m1\x1b[0m  ") == ["if x:", "    return 1"]


@given(st.text(), st.integers(0, 40), st.booleans())
def test_fit_takes_exactly_its_width(text: str, width: int, right: bool) -> None:
    assert cell_len(fit(clean(text), width, right=right)) == width
    assert cell_len(fit_name(clean(text), width, right=right)) == width


def test_names_that_begin_alike_are_told_apart_where_they_are_cut() -> None:
    assert fit_name("encoder.layer.11.attention.dropout", 20) == "encode…ntion.dropout"
    assert fit_name("encoder.layer.11", 20) == "encoder.layer.11    "


def test_cut_text_ends_in_an_ellipsis() -> None:
    assert fit("accuracy", 5) == "accu…"


def test_wrapped_text_hangs_beside_its_label() -> None:
    rows = hanging("why", "one two three four", label_cells=6, width=18)
    assert rows == [("why   ", "one two"), ("      ", "three four")]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.97351, "0.9735"),
        (0.0, "0.0000"),
        (-0.0, "0.0000"),
        (-12.5, "-12.5000"),
        (1.2344e-7, "1.234e-07"),
        (1234567.0, "1.235e+06"),
        (float("inf"), "over 1.8e+308"),
        (float("-inf"), "under -1.8e+308"),
    ],
)
def test_values_read_well(value: float, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(True, "true"), (1.0, "1.0"), (0.123456, "0.1235"), (12, "12"), ("r\x1b[1mbf", "rbf"), (1e8, "1e+08")],
)
def test_parameters_read_well(value: object, shown: str) -> None:
    assert scalar(value) == shown


def test_narrow_columns_get_three_digits() -> None:
    assert [short_scalar(value) for value in (0.00121234, 999.6, 1000.0, 1e6, 12)] == [
        "0.00121",
        "1000",
        "1000",
        "1e+06",
        "12",
    ]


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.41, "0.4s"), (12.4, "12s"), (190, "3:10"), (3723, "1:02:03"), (-1, "0.0s")]
)
def test_durations_read_well(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_clock_counts_hours_when_there_are_some() -> None:
    assert (clock(65), clock(7380)) == ("1:05", "2:03:00")


@pytest.mark.parametrize(
    ("seconds", "shown"), [(5, "just now"), (300, "5 min ago"), (7200, "2 h ago"), (200000, "2 d ago")]
)
def test_ages_read_well(seconds: float, shown: str) -> None:
    assert age(seconds) == shown
