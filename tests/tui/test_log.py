"""The log of a trial as it grows: the feed, the lines, the panel, and all of it in the application."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from textual.app import App, ComposeResult
from textual.geometry import Offset
from textual.message import Message
from textual.selection import Selection

from agenttune.trial import Attempt, TrialState
from agenttune.tui.log_feed import MOST_BYTES, MOST_LINES, LogFeed, follow_log
from agenttune.tui.messages import LogRead, Refused
from agenttune.tui.widgets.log import LogPanel
from agenttune.tui.widgets.log_view import MOST_CELLS, LogView
from tests.tui.workshop import CONFIG, Workshop, follower, shown, wait_for


def append(attempt: Attempt, text: str) -> None:
    with (Path(attempt.directory) / "log.txt").open("a") as stream:
        stream.write(text)


# -- the feed ---------------------------------------------------------------------------------------------


def test_feed_tells_what_was_appended_and_the_line_that_is_under_way(shop: Workshop) -> None:
    study_id = shop.study()
    attempt = shop.start(study_id, CONFIG)
    shop.write_log(attempt, "epoch 1\nepo")
    feed = LogFeed(shop.store, study_id, 0)
    first = feed.look()
    assert first is not None and (first.lines, first.unfinished, first.is_new) == (["epoch 1"], "epo", True)
    assert feed.look() is None
    append(attempt, "ch 2\n 10%\r 20%")
    second = feed.look()
    assert second is not None and (second.lines, second.unfinished, second.is_new) == (["epoch 2"], " 20%", False)


def test_feed_cleans_and_hides_keys(shop: Workshop) -> None:
    study_id = shop.study()
    shop.write_log(shop.start(study_id, CONFIG), "\x1b[31m[bold]red[/]\x1b[0m\x07\ntoken sk-abcdefghijklmnop1234\n")
    read = LogFeed(shop.store, study_id, 0).look()
    assert read is not None and read.lines == ["[bold]red[/]", "token ***"]


def test_long_log_is_read_from_near_its_end(shop: Workshop) -> None:
    study_id = shop.study()
    shop.write_log(shop.start(study_id, CONFIG), "".join(f"line {at}\n" for at in range(100_000)))
    read = LogFeed(shop.store, study_id, 0).look()
    assert read is not None and "bytes are left out here" in read.lines[0]
    assert read.lines[-1] == "line 99999" and len(read.lines) <= MOST_LINES + 1
    assert sum(map(len, read.lines)) < MOST_BYTES


def test_next_attempt_begins_another_log(shop: Workshop) -> None:
    study_id = shop.study()
    shop.write_log(shop.start(study_id, CONFIG), "first\n")
    feed = LogFeed(shop.store, study_id, 0)
    feed.look()
    shop.store.requeue(study_id, 0, counts=True, reason="signal 9", max_attempts=3)
    claimed = shop.store.claim(study_id)
    assert claimed is not None
    shop.write_log(claimed[1], "second\n")
    read = feed.look()
    assert read is not None and (read.lines, read.is_new) == (["second"], True)


def test_following_ends_with_the_trial(shop: Workshop) -> None:
    study_id = shop.study()
    attempt = shop.start(study_id, CONFIG)
    shop.write_log(attempt, "all of it\n")
    shop.store.finish(study_id, 0, TrialState.STOPPED)
    told: list[Message] = []
    follow_log(shop.engine.store_path, study_id, 0, stop=threading.Event(), post=told.append)
    assert [message.lines for message in told if isinstance(message, LogRead)] == [["all of it"]]


def test_unknown_trial_is_a_sentence(shop: Workshop) -> None:
    told: list[Message] = []
    follow_log(shop.engine.store_path, shop.study(), 7, stop=threading.Event(), post=told.append)
    assert [type(message) for message in told] == [Refused]


# -- the lines --------------------------------------------------------------------------------------------


class Bench(App[None]):
    """Holds a view of few lines."""

    def __init__(self, most_lines: int = 100) -> None:
        super().__init__()
        self.view = LogView(most_lines)

    def compose(self) -> ComposeResult:
        yield self.view


def numbered(first: int, last: int) -> list[str]:
    return [f"line {at}" for at in range(first, last)]


async def test_newest_line_is_followed_and_memory_bounded() -> None:
    app = Bench()
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.add(numbered(0, 250))
        await pilot.pause()
        assert app.view.lines == numbered(150, 250)
        assert shown(app).splitlines()[-1].strip() == "line 249"


async def test_what_is_read_stays_while_lines_come_and_old_ones_go() -> None:
    app = Bench()
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.add(numbered(0, 100))
        app.view.focus()
        await pilot.pause()
        await pilot.press("up", "up", "up")
        await wait_for(pilot, lambda: "line 87" in shown(app))
        app.view.add(numbered(100, 150))
        await pilot.pause()
        assert shown(app).split("\n")[0].strip() == "line 87" and not app.view.is_following
        await pilot.press("end")
        await wait_for(pilot, lambda: "line 149" in shown(app))
        app.view.add(numbered(150, 160))
        await pilot.pause()
        assert "line 159" in shown(app)


async def test_narrower_and_lower_screen_still_follows() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        app.view.add(numbered(0, 100))
        await pilot.resize_terminal(40, 8)
        await pilot.pause()
        assert "line 99" in shown(app) and app.view.is_following


async def test_line_under_way_is_replaced_by_what_becomes_of_it() -> None:
    app = Bench()
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.add(["one"], "10%")
        await pilot.pause()
        assert "10%" in shown(app)
        app.view.add(["100%"])
        await pilot.pause()
        assert "10%" not in shown(app) and app.view.lines == ["one", "100%"]


async def test_hostile_and_endless_lines_are_shown_as_text() -> None:
    app = Bench()
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.add(["[bold]no markup[/", "表" * 10_000, "x" * 10_000])
        await pilot.pause()
        assert "[bold]no markup[/" in shown(app) and app.view.virtual_size.width == MOST_CELLS


async def test_selection_gives_the_lines_as_they_were_printed() -> None:
    app = Bench()
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.add(["loss 0.5", "loss 0.25"])
        selection = Selection(Offset(5, 0), Offset(9, 1))
        app.screen.selections = {app.view: selection}
        await pilot.pause()
        assert app.view.get_selection(selection)[0] == "0.5\nloss 0.25"


async def test_ten_thousand_lines_in_two_seconds_cost_little() -> None:
    app = Bench(MOST_LINES)
    async with app.run_test(size=(80, 24)) as pilot:
        slowest = []
        for _ in range(3):  # a busy machine makes every measure longer, never shorter
            took = []
            for flush in range(8):  # 5,000 lines a second, four times a second
                began = time.process_time()
                app.view.add([f"{flush} {at} {'word ' * 20}" for at in range(1_250)])
                await pilot.pause()
                took.append(time.process_time() - began)
            slowest.append(max(took))
        assert len(app.view.lines) == MOST_LINES and min(slowest) < 0.5


# -- the panel --------------------------------------------------------------------------------------------


def titled(app: App[None]) -> str:
    """The panel's first line."""
    return str(app.query_one("#whose").render())


async def test_slash_log_follows_the_newest_running_trial(shop: Workshop) -> None:
    study_id = shop.study()
    shop.complete(study_id, CONFIG, 0.9)
    attempt = shop.start(study_id, CONFIG)
    shop.write_log(attempt, "epoch 1\n")
    app = shop.app(study_id)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        app.show_log("")
        await wait_for(pilot, lambda: "epoch 1" in shown(app))
        assert "trial 1 · running · /log N shows another" in shown(app)
        append(attempt, "epoch 2\n")
        await wait_for(pilot, lambda: "epoch 2" in shown(app))


async def test_chosen_trial_stays_and_log_alone_lets_it_go(shop: Workshop) -> None:
    study_id = shop.study()
    shop.write_log(shop.start(study_id, CONFIG), "of the first\n")
    shop.write_log(shop.start(study_id, CONFIG), "of the second\n")
    app = shop.app(study_id)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        app.show_log("0")
        await wait_for(pilot, lambda: "of the first" in shown(app))
        assert "/log follows the newest" in shown(app)
        app.show_log("")
        await wait_for(pilot, lambda: "of the second" in shown(app))
        assert "of the first" not in shown(app)


async def test_view_that_is_left_reads_no_more(shop: Workshop) -> None:
    study_id = shop.study()
    shop.write_log(shop.start(study_id, CONFIG), "epoch 1\n")
    app = shop.app(study_id)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        app.show_log("")
        await wait_for(pilot, lambda: "epoch 1" in shown(app))
        await pilot.press("f3")
        await wait_for(pilot, lambda: app._unfollow_log.is_set())
        await pilot.press("f3", "f3", "f3", "f3")
        await wait_for(pilot, lambda: not app._unfollow_log.is_set() and "epoch 1" in shown(app))


class PanelBench(App[None]):
    """Holds the panel; answers nothing by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.panel = LogPanel()
        self.wanted: list[int | None] = []

    def compose(self) -> ComposeResult:
        yield self.panel

    def on_log_panel_wanted(self, message: LogPanel.Wanted) -> None:
        self.wanted.append(message.number)


async def test_next_trial_is_followed_unless_somebody_reads_this_one(shop: Workshop) -> None:
    study_id = shop.study()
    shop.start(study_id, CONFIG)
    app = PanelBench()
    async with app.run_test(size=(80, 10)) as pilot:
        app.panel.see(follower(shop, study_id).snapshot())
        await pilot.pause()
        app.panel.take(LogRead(study_id, 0, numbered(0, 50), "", is_new=True))
        await pilot.pause()
        app.panel.view.scroll_to(y=0, animate=False)
        await pilot.pause()
        shop.store.finish(study_id, 0, TrialState.STOPPED)
        shop.start(study_id, CONFIG)
        app.panel.see(follower(shop, study_id).snapshot())
        app.panel.take(LogRead(study_id, 0, ["one more"], "", is_new=False))
        await pilot.pause()
        assert app.wanted == [0] and "1 new line below · End" in shown(app)
        app.panel.view.scroll_end(animate=False)
        await pilot.pause()
        assert app.wanted == [0, 1] and titled(app).startswith("trial 1 · running")


async def test_other_studys_late_lines_are_dropped(shop: Workshop) -> None:
    first, second = shop.study(), shop.study("other-study")
    shop.start(first, CONFIG)
    shop.start(second, CONFIG)
    app = PanelBench()
    async with app.run_test(size=(80, 10)) as pilot:
        for study_id in (first, second):
            app.panel.see(follower(shop, study_id).snapshot())
            await pilot.pause()
        app.panel.take(LogRead(first, 0, ["late"], "", is_new=True))
        await pilot.pause()
        assert app.wanted == [0, 0] and "nothing was printed" in shown(app) and "late" not in shown(app)


async def test_study_without_trials_says_so(shop: Workshop) -> None:
    app = PanelBench()
    async with app.run_test(size=(80, 10)) as pilot:
        app.panel.see(follower(shop, shop.study()).snapshot())
        await pilot.pause()
        assert "no trial has started yet" in shown(app) and app.wanted == []
