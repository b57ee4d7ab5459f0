"""Question card and table, each in an application of its own."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.message import Message
from textual.widget import Widget

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


# -- question card ------------------------------------------------------------------------------------


async def answer(*steps: str | float) -> list[Message]:
    """Asks, then presses keys; a number lets so many seconds pass."""
    clock = HandClock(0.0)
    app = Bench(card := QuestionCard(clock))
    async with app.run_test() as pilot:
        card.ask("start", "Start?", [("what", "an SVM")], yes="start", no="not")
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
