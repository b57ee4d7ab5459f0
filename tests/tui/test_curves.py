"""Learning curves, and pictures of points and lines."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from agenttune.tui.glyphs import GlyphSet
from agenttune.tui.picture import Curve, Mark, Picture, draw_picture
from agenttune.tui.plotting import Ink
from agenttune.tui.snapshot import Snapshot
from agenttune.tui.widgets.curves import (
    MOST_CURVES,
    Curves,
    CurvesPanel,
    curves_legend,
    curves_of,
    curves_picture,
    wanted_curves,
)
from tests.tui.workshop import CONFIG, Workshop, follower, shown

ALL_SETS = pytest.mark.parametrize("glyph_set", list(GlyphSet))


def running(shop: Workshop, *, n: int = 1, n_steps: int = 5) -> str:
    study_id = shop.study()
    for i in range(n):
        attempt = shop.start(study_id, CONFIG)
        for step in range(n_steps):
            shop.report(attempt, step, 0.1 * step + 0.01 * i)
    return study_id


def snapshot_of(shop: Workshop, study_id: str) -> Snapshot:
    return follower(shop, study_id).snapshot()


def rows(picture: Picture, *, width: int = 40, height: int = 8, glyph_set: GlyphSet = GlyphSet.BRAILLE) -> list[str]:
    drawn = draw_picture(picture, width=width, height=height, glyph_set=glyph_set)
    return ["".join(cell.character for cell in row) for row in drawn]


# -- pictures -------------------------------------------------------------------------------------


def test_curve_runs_from_corner_to_corner() -> None:
    drawn = rows(Picture((), [Curve([(0, 0.0), (10, 1.0)], "#7")], (0, 10)), glyph_set=GlyphSet.ASCII)
    inner = [row.partition("│")[2] for row in drawn[:-1]]
    assert inner[-1].startswith("#") and inner[0].endswith("#7")


def test_marks_keep_their_characters() -> None:
    marks = [Mark(0.0, 1.0, "a"), Mark(0.5, None, "x", Ink.FAILED), Mark(1.0, math.inf, "y")]
    drawn = rows(Picture(marks, is_maximised=True))
    assert "a" in drawn[3] and "x" in drawn[-2] and "y" in drawn[-2]


def test_label_does_not_cover_another_one() -> None:
    curves = [Curve([(0, 0.5), (5, 0.5)], "#1"), Curve([(0, 0.5), (5, 0.5)], "#2")]
    text = "".join(rows(Picture((), curves, (0, 10))))
    assert "#1" in text and "#2" not in text


@ALL_SETS
@example([(0.0, 0.0), (0.0, 1.0), (0.0, 9.7e307)], 12, 3, False)  # further off than a float tells
@given(
    st.lists(st.tuples(st.floats(-1e308, 1e308), st.floats() | st.none()), max_size=20),
    st.integers(0, 60),
    st.integers(0, 15),
    st.booleans(),
)
def test_any_picture_fills_exactly_its_room(
    glyph_set: GlyphSet, points: list[tuple[float, float | None]], width: int, height: int, is_maximised: bool
) -> None:
    marks = [Mark(x, y, "o") for x, y in points]
    curves = [Curve([(x, y) for x, y in points if y is not None], "#1")]
    xs = [x for x, _ in points] or [0.0]
    picture = Picture(marks, curves, (min(xs), max(xs)), "left", "right", is_maximised)
    drawn = rows(picture, width=width, height=height, glyph_set=glyph_set)
    assert [len(row) for row in drawn] == [width] * height


def test_long_curve_is_thinned_and_keeps_its_end() -> None:
    points = [(float(i), 0.0) for i in range(100_000)] + [(100_000.0, 1.0)]
    drawn = rows(Picture((), [Curve(points)], (0, 100_000)), glyph_set=GlyphSet.ASCII)
    assert drawn[0].endswith("#")


# -- which curves ---------------------------------------------------------------------------------


def test_curves_are_those_that_trials_reported_by_step(shop: Workshop) -> None:
    study_id = running(shop, n=2, n_steps=3)
    shop.start(study_id, CONFIG)  # which reports nothing
    curves = curves_of(snapshot_of(shop, study_id))
    assert curves == {0: [(0, 0.0), (1, 0.1), (2, 0.2)], 1: [(0, 0.01), (1, 0.11), (2, pytest.approx(0.21))]}


def test_newest_running_trials_and_the_best_are_drawn(shop: Workshop) -> None:
    study_id = running(shop, n=MOST_CURVES + 2)
    best = shop.complete(study_id, CONFIG, 0.9).number
    assert wanted_curves(snapshot_of(shop, study_id)) == (best, *range(2, MOST_CURVES + 2))


def test_best_curve_is_dimmer_than_running_ones(shop: Workshop) -> None:
    study_id = shop.study()
    shop.complete(study_id, CONFIG, 0.9)
    shop.start(study_id, CONFIG)
    snapshot = snapshot_of(shop, study_id)
    curves: Curves = {0: [(0, 0.1), (9, 0.9)], 1: [(0, 0.2), (4, 0.5)]}
    picture = curves_picture(snapshot, curves)
    assert picture is not None
    assert [(curve.label, curve.ink) for curve in picture.curves] == [("★0", Ink.DOT), ("#1", Ink.LINE)]
    assert (picture.left, picture.right) == ("step 0", "step 9")
    legend = curves_legend(snapshot, curves, width=80).plain
    assert legend == "accuracy by step   ★ best #0 step 9: 0.9000   #1 step 4: 0.5000"


def test_legend_counts_what_is_not_drawn(shop: Workshop) -> None:
    study_id = running(shop, n=MOST_CURVES + 2)
    snapshot = snapshot_of(shop, study_id)
    legend = curves_legend(snapshot, curves_of(snapshot), width=40).plain
    assert "not drawn: 2 running trials" in legend


def test_empty_states_say_why(shop: Workshop) -> None:
    study_id = shop.study()
    assert "nothing reports steps" in curves_legend(snapshot_of(shop, study_id), {}, width=40).plain
    attempt = shop.start(study_id, CONFIG)
    shop.report(attempt, 0, 0.5)
    assert "no running trial has reported" in curves_legend(snapshot_of(shop, study_id), {}, width=40).plain


# -- the panel ------------------------------------------------------------------------------------


class Bench(App[None]):
    """Holds the panel."""

    def __init__(self, glyph_set: GlyphSet) -> None:
        super().__init__()
        self.panel = CurvesPanel(glyph_set)

    def compose(self) -> ComposeResult:
        yield self.panel


@ALL_SETS
async def test_panel_draws_what_runs(shop: Workshop, glyph_set: GlyphSet) -> None:
    study_id = running(shop)
    app = Bench(glyph_set)
    async with app.run_test(size=(40, 16)) as pilot:
        app.panel.show(snapshot_of(shop, study_id))
        await pilot.pause()
        text = shown(app)
    assert "#0" in text and "step 0" in text and "step 4: 0.4000" in text


async def test_panel_without_reports_draws_nothing(shop: Workshop) -> None:
    app = Bench(GlyphSet.BRAILLE)
    async with app.run_test(size=(80, 16)) as pilot:
        app.panel.show(snapshot_of(shop, shop.study()))
        await pilot.pause()
        assert "nothing reports steps" in shown(app) and "│" not in shown(app)
