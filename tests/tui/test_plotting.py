"""The best-so-far chart as characters."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agenttune.tui.glyphs import GlyphSet
from agenttune.tui.plotting import Cell, Ink, Points, draw, value_range

WIDTH, HEIGHT = 60, 10
ALL_SETS = pytest.mark.parametrize("glyph_set", list(GlyphSet))


def points(values: list[float | None], *, is_maximised: bool = True, selected: int | None = None) -> Points:
    best: list[tuple[int, float]] = []
    better = max if is_maximised else min
    for trial, value in enumerate(values):
        if value is not None and math.isfinite(value):
            best.append((trial, value if not best else better(best[-1][1], value)))
    return Points(list(enumerate(values)), best, is_maximised=is_maximised, selected=selected)


def rows(
    what: Points, *, width: int = WIDTH, height: int = HEIGHT, glyph_set: GlyphSet = GlyphSet.BRAILLE
) -> list[str]:
    cells = draw(what, width=width, height=height, glyph_set=glyph_set)
    return ["".join(cell.character for cell in row) for row in cells]


def inks(what: Points, ink: Ink) -> list[tuple[int, int]]:
    cells = draw(what, width=WIDTH, height=HEIGHT, glyph_set=GlyphSet.BRAILLE)
    return [(x, y) for y, row in enumerate(cells) for x, cell in enumerate(row) if cell.ink is ink]


@ALL_SETS
@pytest.mark.parametrize(
    "values",
    [
        [],
        [0.5],
        [0.5] * 20,
        [None] * 5,
        [math.nan, math.inf, -math.inf, 0.3, None],
        [1e308, -1e308, 0.0],
        [5e-324, 0.0],
        [0.1 * (i % 7) for i in range(5000)],
    ],
    ids=["none", "one", "constant", "failed", "infinite", "huge", "tiny", "many"],
)
@pytest.mark.parametrize("is_maximised", [True, False])
def test_any_history_fills_exactly_its_room(
    values: list[float | None], is_maximised: bool, glyph_set: GlyphSet
) -> None:
    drawn = rows(points(values, is_maximised=is_maximised), glyph_set=glyph_set)
    assert [len(row) for row in drawn] == [WIDTH] * HEIGHT


@given(
    st.lists(st.none() | st.floats(), max_size=60),
    st.integers(0, 80),
    st.integers(0, 20),
    st.booleans(),
    st.sampled_from(list(GlyphSet)),
)
def test_no_history_and_no_size_breaks_it(
    values: list[float | None], width: int, height: int, is_maximised: bool, glyph_set: GlyphSet
) -> None:
    drawn = draw(points(values, is_maximised=is_maximised), width=width, height=height, glyph_set=glyph_set)
    assert [len(row) for row in drawn] == [width] * height


@pytest.mark.parametrize("is_maximised", [True, False])
def test_best_line_never_gets_worse(is_maximised: bool) -> None:
    values: list[float | None] = [0.5, 0.7, 0.6, None, 0.2, 0.9, 0.1, 0.95, 0.4, 0.3]
    line = inks(points(values, is_maximised=is_maximised), Ink.LINE)
    tops = [min(y for x, y in line if x == column) for column in sorted({x for x, _ in line})]
    assert tops == sorted(tops, reverse=True) if is_maximised else tops == sorted(tops)


def test_best_line_reaches_the_last_trial() -> None:
    line = inks(points([0.9, *[0.1] * 19]), Ink.LINE)
    assert max(x for x, _ in line) == WIDTH - 1


@pytest.mark.parametrize(("is_maximised", "edge"), [(True, HEIGHT - 2), (False, 0)])
def test_failed_trials_are_crosses_at_the_worse_edge(is_maximised: bool, edge: int) -> None:
    failed = inks(points([0.5, None, 0.6, math.nan], is_maximised=is_maximised), Ink.FAILED)
    assert [y for _, y in failed] == [edge, edge]


def test_selected_trial_is_pointed_out_once() -> None:
    assert len(inks(points([0.5, 0.6, 0.7], selected=1), Ink.SELECTED)) == 1


def test_a_few_bad_trials_do_not_flatten_the_rest() -> None:
    low, high, is_clipped = value_range([0.97, 0.98, 0.985, 0.1, 0.11], 0.97, is_maximised=True)
    assert (0.9 < low < 0.97, is_clipped) == (True, True)
    assert high < 1.0


def test_evenly_spread_values_are_all_shown() -> None:
    low, high, is_clipped = value_range([i / 10 for i in range(11)], 0.0, is_maximised=True)
    assert (low <= 0.0, high >= 1.0, is_clipped) == (True, True, False)


@pytest.mark.parametrize(("is_maximised", "row", "sign"), [(True, HEIGHT - 2, "<"), (False, 0, ">")])
def test_clipping_is_told_on_the_axis(is_maximised: bool, row: int, sign: str) -> None:
    bad = 0.1 if is_maximised else 100.0
    drawn = rows(points([0.97, 0.98, 0.985, 0.99, bad], is_maximised=is_maximised))
    assert sign in drawn[row]


def test_axis_names_the_first_and_the_last_trial() -> None:
    last = rows(points([0.1 * i for i in range(25)]))[-1]
    assert "#0" in last and last.rstrip().endswith("#24")


@pytest.mark.parametrize(("glyph_set", "alphabet"), [(GlyphSet.BLOCKS, " ▀▄█"), (GlyphSet.ASCII, " .#")])
def test_other_glyph_sets_draw_with_their_own_signs(glyph_set: GlyphSet, alphabet: str) -> None:
    cells = draw(points([0.1 * i for i in range(25)]), width=WIDTH, height=HEIGHT, glyph_set=glyph_set)
    drawn = {cell.character for row in cells for cell in row if cell.ink in (Ink.LINE, Ink.DOT)}
    assert drawn <= set(alphabet)


def test_nothing_is_drawn_where_there_is_no_room() -> None:
    assert draw(points([0.5]), width=5, height=2, glyph_set=GlyphSet.BRAILLE) == [[Cell(" ", Ink.BLANK)] * 5] * 2
