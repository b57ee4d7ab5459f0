"""The keys on the last row: whole ones, and always the help."""

from __future__ import annotations

import pytest

from agenttune.tui.widgets.key_line import KeyLine
from tests.tui.workshop import Workshop, fill, shown, wait_for


@pytest.mark.parametrize(
    ("cells", "last"),
    [
        (80, "⏎ Open tab Prompt p Pause s Stop q Quit / Commands F2 Study F3 View F1 Help"),
        (40, "F1 Help"),
        (12, "F1 Help"),
    ],
)
async def test_entries_are_whole_and_help_is_among_them(shop: Workshop, cells: int, last: str) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    app = shop.app(study_id)
    async with app.run_test(size=(cells, 24)) as pilot:
        await wait_for(pilot, lambda: shown(app).splitlines()[-1].rstrip().endswith(last))


async def test_more_entries_fit_after_the_window_grew(shop: Workshop) -> None:
    app = shop.app(shop.study())
    async with app.run_test(size=(40, 24)) as pilot:
        await wait_for(pilot, lambda: "F1 Help" in shown(app))
        assert "F3 View" not in shown(app)
        await pilot.resize_terminal(80, 24)
        await wait_for(pilot, lambda: "F3 View F1 Help" in shown(app))


async def test_line_whose_screen_is_gone_is_left_as_it_is(shop: Workshop) -> None:
    app = shop.app(shop.study())
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: "F1 Help" in shown(app))
        line = app.screen.query_one(KeyLine)
        await line.remove()
        await line.recompose()  # as Textual does where the focus changed just before
        assert not line.is_attached
