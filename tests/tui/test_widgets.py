"""Question card and table, each in an application of its own."""

from __future__ import annotations

import re

import pytest
from textual.app import App, ComposeResult
from textual.message import Message
from textual.widget import Widget

from agenttune.errors import UserError
from agenttune.tui.messages import Told
from agenttune.tui.widgets.question import GRACE_S, QuestionCard
from agenttune.tui.widgets.trials import TrialsTable
from tests.tui.workshop import CONFIG, HandClock, Workshop, fill, follower, shown


class Bench(App[None]):
    """Holds one widget and keeps what it posts."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget
        self.posted: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.widget

    def on_mount(self) -> None:
        self.widget.focus()

    def on_question_card_answered(self, message: QuestionCard.Answered) -> None:
        self.posted.append(message)

    def on_question_card_typed_early(self, message: QuestionCard.TypedEarly) -> None:
        self.posted.append(message)

    def on_trials_table_opened(self, message: TrialsTable.Opened) -> None:
        self.posted.append(message)

    def on_trials_table_filter_wanted(self, message: TrialsTable.FilterWanted) -> None:
        self.posted.append(message)

    def on_trials_table_compare_wanted(self, message: TrialsTable.CompareWanted) -> None:
        self.posted.append(message)

    def on_told(self, message: Told) -> None:
        self.posted.append(message)


# -- question card ------------------------------------------------------------------------------------


async def answer(*steps: str | float) -> list[Message]:
    """Asks, then presses keys; a number lets so many seconds pass."""
    clock = HandClock(0.0)
    app = Bench(card := QuestionCard(clock))
    async with app.run_test() as pilot:
        card.ask("start", "Start?", [("what", "an SVM")], yes="start", more="more", no="not")
        for step in steps:
            if isinstance(step, str):
                await pilot.press(step)
            else:
                clock.now += step
    return app.posted


async def test_y_and_enter_agree() -> None:
    for key in ("y", "enter"):
        (answered,) = await answer(GRACE_S, key)
        assert isinstance(answered, QuestionCard.Answered) and answered.is_agreed


async def test_n_and_escape_do_not_agree() -> None:
    for key in ("n", "escape"):
        (answered,) = await answer(GRACE_S, key)
        assert isinstance(answered, QuestionCard.Answered) and not answered.is_agreed


async def test_early_keys_are_handed_on() -> None:
    posted = await answer("y", "e", "s", "enter")
    assert [message.text for message in posted if isinstance(message, QuestionCard.TypedEarly)] == ["y", "e", "s"]
    assert not any(isinstance(message, QuestionCard.Answered) for message in posted)


async def test_typing_on_keeps_the_card_deaf() -> None:
    posted = await answer(GRACE_S * 0.8, "a", GRACE_S * 0.8, "y")
    assert not any(isinstance(message, QuestionCard.Answered) for message in posted)


async def test_question_is_answered_once() -> None:
    assert len(await answer(GRACE_S, "y", "y", "n")) == 1


# -- table --------------------------------------------------------------------------------------------


async def test_newest_trial_is_on_top(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    app = Bench(table := TrialsTable(shop.wall))
    async with app.run_test(size=(100, 12)):
        table.show(follower(shop, study_id).snapshot())
        assert table.render_line(1).text.split()[:2] == ["15", "gp"]


async def test_cursor_stays_on_its_trial_while_others_arrive(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    app = Bench(table := TrialsTable(shop.wall))
    async with app.run_test(size=(100, 12)) as pilot:
        table.show(follower(shop, study_id).snapshot())
        await pilot.press(*["down"] * 13)
        before = (table.selected, table.render_line(11).text)
        for _ in range(3):
            shop.complete(study_id, CONFIG, 0.5)
        table.show(follower(shop, study_id).snapshot())
        await pilot.pause()
        assert (table.selected, table.render_line(11).text) == before


async def test_without_a_cursor_the_newest_stay_in_view(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    app = Bench(table := TrialsTable(shop.wall))
    async with app.run_test(size=(100, 12)):
        table.show(follower(shop, study_id).snapshot())
        shop.complete(study_id, CONFIG, 0.5)
        table.show(follower(shop, study_id).snapshot())
        assert table.render_line(1).text.split()[0] == "16"


async def test_times_of_running_trials_grow(shop: Workshop) -> None:
    study_id = shop.study()
    attempt = shop.start(study_id, CONFIG)
    app = Bench(table := TrialsTable(shop.wall))
    async with app.run_test(size=(100, 12)) as pilot:
        shop.wall.now = attempt.started_at + 20.5
        table.show(follower(shop, study_id).snapshot())
        await pilot.pause()
        assert "20s" in shown(app) or "21s" in shown(app)
        shop.wall.now += 60.0
        table.tick()
        await pilot.pause()
        assert "1:20" in shown(app)


async def test_keys_reach_both_ends(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    app = Bench(table := TrialsTable(shop.wall))
    async with app.run_test(size=(100, 12)) as pilot:
        table.show(follower(shop, study_id).snapshot())
        seen = []
        for key in ("end", "down", "pageup", "home", "up", "down", "pagedown", "pagedown", "pagedown"):
            await pilot.press(key)
            seen.append(table.selected)
    assert seen == [0, 0, 11, None, None, 15, 4, 0, 0]


async def test_enter_without_a_cursor_opens_the_newest(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    app = Bench(table := TrialsTable(shop.wall))
    async with app.run_test(size=(100, 12)) as pilot:
        table.show(follower(shop, study_id).snapshot())
        await pilot.press("enter")
    assert [message.number for message in app.posted if isinstance(message, TrialsTable.Opened)] == [15]


async def test_second_click_opens(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    app = Bench(table := TrialsTable(shop.wall))
    async with app.run_test(size=(100, 12)) as pilot:
        table.show(follower(shop, study_id).snapshot())
        await pilot.pause()
        await pilot.click(TrialsTable, offset=(5, 2))
        assert (table.selected, app.posted) == (14, [])
        await pilot.click(TrialsTable, offset=(5, 2))
    assert len(app.posted) == 1


async def test_keys_in_an_empty_table_do_nothing(shop: Workshop) -> None:
    app = Bench(table := TrialsTable(shop.wall))
    async with app.run_test(size=(100, 12)) as pilot:
        table.show(follower(shop, shop.study()).snapshot())
        await pilot.press("down", "up", "pagedown", "end", "home", "enter")
    assert (table.selected, app.posted) == (None, [])


# -- sorting, filtering and marking -------------------------------------------------------------------


def column(table: TrialsTable, *, n: int, first: int = 1) -> list[int]:
    """The numbers in the first rows."""
    return [int(table.render_line(y).text[3:].split()[0]) for y in range(first, first + n)]


async def test_o_sorts_by_the_next_key_and_the_head_says_so(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    app = Bench(table := TrialsTable(shop.wall))
    async with app.run_test(size=(100, 20)) as pilot:
        table.show(follower(shop, study_id).snapshot())
        assert "↓" not in table.render_line(0).text
        seen = []
        for _ in range(3):
            await pilot.press("o")
            seen.append((table.render_line(0).text.partition("↓")[0].split()[-1], column(table, n=3)))
        await pilot.press("o")
        assert column(table, n=3) == [15, 14, 13]
    assert seen == [("accuracy", [14, 15, 11]), ("time", [15, 14, 12]), ("arm", [0, 15, 14])]


async def test_reversed_order_keeps_trials_without_a_value_last(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    app = Bench(table := TrialsTable(shop.wall))
    async with app.run_test(size=(100, 20)) as pilot:
        table.show(follower(shop, study_id).snapshot())
        await pilot.press("o", "O")
        assert "↑" in table.render_line(0).text
        assert set(column(table, n=2)) == {1, 6} and column(table, n=16)[-1] == 13


async def test_cursor_stays_on_its_trial_while_sorted_rows_arrive(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    app = Bench(table := TrialsTable(shop.wall))
    async with app.run_test(size=(100, 20)) as pilot:
        table.show(follower(shop, study_id).snapshot())
        await pilot.press("o", "down", "down")
        assert table.selected == 15
        shop.complete(study_id, CONFIG, 0.999)
        table.show(follower(shop, study_id).snapshot())
        await pilot.press("down")
    assert table.selected == 11


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("failed", {13}),
        ("timeout", {13}),
        ("sobol", {1, 2, 3, 4}),
        ("C > 100", {9, 10, 11, 12, 13}),
        ("kernel == 'poly' and accuracy > 0.95", {7, 11}),
        ("number in (3, 5)", {3, 5}),
        ("  ", set(range(16))),
    ],
)
async def test_filter_shows_only_what_passes(shop: Workshop, text: str, expected: set[int]) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    app = Bench(table := TrialsTable(shop.wall))
    async with app.run_test(size=(100, 30)):
        table.show(follower(shop, study_id).snapshot())
        table.set_filter(text)
        first = 2 if text.strip() else 1
        assert set(column(table, n=len(expected), first=first)) == expected
        if text.strip():
            assert f"{len(expected)} of 16 trials: {text}" in table.render_line(0).text


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("fialed", "'fialed' is no state, arm, parameter or metric here"),
        ("C >", "cannot be read"),
        ("C * 2", "neither true nor false"),
        ("C", "neither true nor false"),
        ("kernel > 1", "has no value"),
        ("__import__('os')", "a call"),
        ("[x]", "a list outside"),
        ("1 < 2", "neither true nor false of a trial"),
    ],
)
async def test_filter_that_cannot_work_is_refused_and_the_old_one_stays(
    shop: Workshop, text: str, complaint: str
) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    app = Bench(table := TrialsTable(shop.wall))
    async with app.run_test(size=(100, 20)):
        table.show(follower(shop, study_id).snapshot())
        table.set_filter("failed")
        with pytest.raises(UserError, match=re.escape(complaint)):
            table.set_filter(text)
        assert table.filter_text == "failed"


async def test_cursor_leaves_a_trial_that_is_filtered_out(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    app = Bench(table := TrialsTable(shop.wall))
    async with app.run_test(size=(100, 20)) as pilot:
        table.show(follower(shop, study_id).snapshot())
        await pilot.press("down")
        table.set_filter("failed")
        assert table.selected is None
        await pilot.press("down", "enter")
    assert [message.number for message in app.posted if isinstance(message, TrialsTable.Opened)] == [13]


async def test_filter_without_a_match_shows_no_rows(shop: Workshop) -> None:
    app = Bench(table := TrialsTable(shop.wall))
    async with app.run_test(size=(40, 12)) as pilot:
        table.show(follower(shop, shop.study()).snapshot())
        table.set_filter("running")
        await pilot.press("down", "up", "end", "home", "enter", "space", "o", "O")
        await pilot.pause()
        assert "0 of 0 trials: running" in shown(app)


async def test_filter_is_asked_for_with_what_it_is(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    app = Bench(table := TrialsTable(shop.wall))
    async with app.run_test(size=(100, 12)) as pilot:
        table.show(follower(shop, study_id).snapshot())
        table.set_filter("gp")
        await pilot.press("f")
    assert [message.text for message in app.posted if isinstance(message, TrialsTable.FilterWanted)] == ["gp"]


async def test_filter_and_marks_end_with_their_study(shop: Workshop) -> None:
    first, second = shop.study("one"), shop.study("two")
    fill(shop, first)
    app = Bench(table := TrialsTable(shop.wall))
    async with app.run_test(size=(100, 12)) as pilot:
        table.show(follower(shop, first).snapshot())
        table.set_filter("gp")
        await pilot.press("down", "space")
        table.show(follower(shop, second).snapshot())
    assert (table.filter_text, table.marked, table.selected) == ("", (), None)


async def test_space_marks_up_to_four_and_c_compares_them(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    app = Bench(table := TrialsTable(shop.wall))
    async with app.run_test(size=(100, 12)) as pilot:
        table.show(follower(shop, study_id).snapshot())
        for _ in range(5):
            await pilot.press("down", "space")
        assert len(table.marked) == 4
        assert table.render_line(1).text[1] == "◆" and table.render_line(5).text[1] == " "
        await pilot.press("up", "space", "c")
    assert [message.numbers for message in app.posted if isinstance(message, TrialsTable.CompareWanted)] == [
        (15, 14, 13)
    ]
    assert [message.text.split(",")[0] for message in app.posted if isinstance(message, Told)] == [
        "4 trials are marked"
    ]


async def test_c_compares_the_trial_under_the_cursor_with_the_best(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    app = Bench(table := TrialsTable(shop.wall))
    async with app.run_test(size=(100, 12)) as pilot:
        table.show(follower(shop, study_id).snapshot())
        await pilot.press("c", "down", "c")
    assert [message.numbers for message in app.posted if isinstance(message, TrialsTable.CompareWanted)] == [(15, 14)]
    assert len([message for message in app.posted if isinstance(message, Told)]) == 1
