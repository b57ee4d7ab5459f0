"""The transcript, in an application of its own; and the window over its records."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from textual.app import App, ComposeResult
from textual.filter import LineFilter
from textual.pilot import Pilot

from agenttune.tui.ascii_filter import AsciiFilter
from agenttune.tui.markdown import render_markdown
from agenttune.tui.messages import Tone
from agenttune.tui.records import CallRecord, CallState, NoteRecord, Record, ReplyRecord, UserRecord, as_markdown
from agenttune.tui.widgets.blocks import Block, CallBlock, LiveReply, ReplyBlock
from agenttune.tui.widgets.transcript import LEFT_RUNNING, Transcript
from agenttune.tui.window import MOST, Window
from tests.tui.workshop import HandClock

HOSTILE = "[bold]\x1b[31mred\x1b[0m[/bold] \x1b]0;title\x07 [@click=app.quit]x[/] \u202egnp"


class Stage(App[None]):
    """Holds a transcript."""

    def __init__(self, *records: Record) -> None:
        super().__init__()
        self.clock = HandClock(100.0)
        self.transcript = Transcript(self.clock)
        self.transcript.restore(records)
        self.is_ascii = False

    def compose(self) -> ComposeResult:
        yield self.transcript

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [AsciiFilter()] if self.is_ascii else super().get_line_filters()

    def on_mount(self) -> None:
        self.transcript.focus()

    def screen_lines(self) -> list[str]:
        """What the terminal shows, but for the scroll bar."""
        return [strip.text[: self.size.width - 1].rstrip() for strip in self.screen._compositor.render_strips()]

    def shows(self, text: str) -> bool:
        return any(text in line for line in self.screen_lines())

    def blocks(self) -> list[Block]:
        return [block for block in self.transcript.query(Block) if block.display]


def notes(count: int) -> list[Record]:
    return [NoteRecord(f"note {i}") for i in range(count)]


async def settle(pilot: Pilot[None]) -> None:
    for _ in range(3):
        await pilot.pause()


async def scroll_up(pilot: Pilot[None], app: Stage, *, y: int) -> None:
    app.transcript.scroll_to(y=y, animate=False, immediate=True)
    await settle(pilot)


# -- replies ------------------------------------------------------------------------------------------


async def test_streamed_text_is_shown_as_it_comes() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        for piece in ("Best is ", "**0.93**", " so far.\n\n- next"):
            app.transcript.stream(piece)
        await pilot.pause()
        live = app.query_one(LiveReply)
        await live.flush()
        await settle(pilot)
        assert live.source == "Best is **0.93** so far.\n\n- next"
        assert app.shows("Best is 0.93 so far.")


async def test_final_text_takes_the_place_of_what_was_streamed() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        app.transcript.stream("Best is 0.93")
        app.transcript.add_note("trial 7 ended")
        await settle(pilot)
        app.transcript.end_reply("Best is **0.93** [?]\n\nand more\n\nand more", "m1", ["0.93"])
        await settle(pilot)
        assert not app.query(LiveReply)
        assert [line for line in app.screen_lines() if line][:8] == [
            " Best is 0.93 [?]",
            " and more",
            " and more",
            " ! not in the record: 0.93",
            " m1",
            " · trial 7 ended",
        ]
        assert app.transcript.last_reply == "Best is **0.93** [?]\n\nand more\n\nand more"


async def test_interrupted_reply_keeps_what_was_streamed() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        app.transcript.stream("half a")
        app.transcript.end_reply("", "m1")
        await settle(pilot)
        assert app.shows("half a")
        assert app.transcript.records == (ReplyRecord("half a", "m1"),)


async def test_words_before_a_call_stay_above_it() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        app.transcript.stream("I look.")
        app.transcript.add_call("1", "read_file", "train.py")
        app.transcript.stream("It is a script.")
        app.transcript.end_reply("It is a script.", "m1")
        await settle(pilot)
        kinds = [type(record) for record in app.transcript.records]
        assert kinds == [ReplyRecord, CallRecord, ReplyRecord]


async def test_blank_pieces_begin_no_reply() -> None:
    app = Stage()
    async with app.run_test():
        app.transcript.stream("\n")
        app.transcript.end_reply("", "m1")
        assert app.transcript.records == () and app.transcript.last_reply is None


async def test_reply_wraps_anew_when_the_terminal_changes() -> None:
    app = Stage(ReplyRecord("word " * 30))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        n_wide = app.query_one(ReplyBlock).size.height
        await pilot.resize_terminal(40, 24)
        await settle(pilot)
        assert (n_wide, app.query_one(ReplyBlock).size.height) == (2, 5)


async def test_finished_reply_can_be_selected() -> None:
    app = Stage(ReplyRecord("Best is **0.93**"))
    async with app.run_test() as pilot:
        await settle(pilot)
        block = app.query_one(ReplyBlock)
        await pilot.mouse_down(block, offset=(1, 0))
        await pilot.hover(block, offset=(13, 0))
        await pilot.mouse_up(block, offset=(13, 0))
        assert app.screen.get_selected_text() == "Best is 0.93"


# -- hostile text -------------------------------------------------------------------------------------


async def test_hostile_text_is_only_text() -> None:
    app = Stage(UserRecord(HOSTILE), NoteRecord(HOSTILE, Tone.BAD), ReplyRecord(HOSTILE, HOSTILE, (HOSTILE,)))
    async with app.run_test(size=(100, 24)) as pilot:
        app.transcript.add_call("1", HOSTILE, HOSTILE)
        app.transcript.end_call("1", HOSTILE, state=CallState.FAILED)
        app.transcript.stream(HOSTILE)
        await app.query_one(LiveReply).flush()
        await settle(pilot)
        shown = "\n".join(app.screen_lines())
        assert "[bold]red[/bold]" in shown
        assert not any(sign in shown for sign in ("\x1b", "\x07", "\u202e", "title"))


async def test_escape_code_that_comes_in_two_pieces_is_not_shown() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        for piece in ("a\x1b[3", "1mb"):
            app.transcript.stream(piece)
            await pilot.pause()
            await app.query_one(LiveReply).flush()
        assert app.query_one(LiveReply).source == "ab"


async def test_huge_reply_is_shown_in_part_and_kept_whole() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        for _ in range(100):
            app.transcript.stream("word " * 2_000)
        await app.query_one(LiveReply).flush()
        app.transcript.end_reply("word " * 200_000, "m1")
        await settle(pilot)
        assert app.shows("more characters")
        assert len(app.transcript.last_reply or "") == 1_000_000


@pytest.mark.parametrize("width", [1, 2, 7, 40])
def test_markdown_stays_in_its_width(width: int) -> None:
    table = "| a | b |\n|---|---|\n| 中文中文中文 | long words in here |"
    text = f"# 中文中文\n\n- a 中文中文中文 b\n  - nested\n\n{table}\n\n```\ncode\n```"
    lines = render_markdown(text, width).split("\n")
    assert max(line.cell_length for line in lines) <= max(width, 12)


def test_markdown_hides_nothing() -> None:
    text = "<b>html</b> ![alt](src) [words](http://x)\n\n[ref]: http://y\n&#8238;"
    plain = render_markdown(text, 80).plain
    assert plain == "<b>html</b> !alt (src) words (http://x)\n\n[ref]: http://y\n&#8238;"


# -- calls --------------------------------------------------------------------------------------------


async def test_call_is_one_line_that_unfolds() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        app.transcript.add_call("1", "read_file", "train.py")
        app.clock.now += 0.1
        app.transcript.end_call("1", "line one\n  line two", state=CallState.OK)
        await settle(pilot)
        assert app.screen_lines()[-1] == " ▸ · read_file train.py  ok 0.1s"
        assert not app.shows("line one")
        app.query_one(CallBlock).focus()
        await pilot.press("enter")
        await settle(pilot)
        assert app.screen_lines()[-3:] == [
            " ▾ · read_file train.py  ok 0.1s",
            "     line one",
            "       line two",
        ]
        await pilot.press("space")
        await settle(pilot)
        assert not app.shows("line one")
        await pilot.click(CallBlock, offset=(3, 0))
        await settle(pilot)
        assert app.shows("line one")


@pytest.mark.parametrize("state", [CallState.FAILED, CallState.DENIED])
async def test_bad_call_says_why_without_unfolding(state: CallState) -> None:
    app = Stage()
    async with app.run_test() as pilot:
        app.transcript.add_call("1", "run_trials", "20")
        app.transcript.end_call("1", "\nno such study\ndetails", state=state)
        await settle(pilot)
        assert app.shows(f"{state.value} 0.0s") and app.shows("no such study") and not app.shows("details")


async def test_running_call_counts_its_seconds() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        app.transcript.add_call("1", "run_trials", "20")
        await settle(pilot)
        app.clock.now += 12
        app.transcript.tick()
        await settle(pilot)
        assert app.shows("run_trials 20  running 12s")


async def test_few_records_stay_where_they_are_when_one_is_focused() -> None:
    app = Stage(CallRecord("1", "tool", "", 0.0, CallState.OK, "result", 0.1), NoteRecord("note"))
    async with app.run_test() as pilot:
        await settle(pilot)
        before = app.screen_lines()
        app.query_one(CallBlock).focus()
        await pilot.press("pageup")
        await settle(pilot)
        assert app.screen_lines() == before
        app.transcript.add_note("newer")
        await settle(pilot)
        assert app.screen_lines()[-2:] == [" · note", " · newer"]


async def test_all_calls_unfold_and_fold() -> None:
    calls = [CallRecord(str(i), "tool", "", 0.0, CallState.OK, f"result {i}", 0.1) for i in range(3)]
    app = Stage(*calls)
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("ctrl+o")
        await settle(pilot)
        assert app.shows("result 0") and app.shows("result 2")
        await pilot.press("ctrl+o")
        await settle(pilot)
        assert not app.shows("result")


async def test_long_result_is_cut() -> None:
    result = "\n".join(f"line {i} " + "x" * 90 for i in range(1_000))
    app = Stage(CallRecord("1", "tool" * 50, "x" * 500, 0.0, CallState.OK, result, 0.1))
    async with app.run_test() as pilot:
        await pilot.press("ctrl+o")
        await settle(pilot)
        assert app.query_one(CallBlock).size.height == 1 + 200 + 1
        assert app.shows("800 more lines")


async def test_call_of_another_run_does_not_run_any_more() -> None:
    app = Stage(CallRecord("1", "tool", "", 5.0))
    async with app.run_test() as pilot:
        await settle(pilot)
        assert app.shows("failed") and app.shows(LEFT_RUNNING)


# -- following, the window ----------------------------------------------------------------------------


async def test_newest_is_followed() -> None:
    app = Stage(*notes(50))
    async with app.run_test() as pilot:
        app.transcript.add_note("the newest")
        await settle(pilot)
        assert app.screen_lines()[-1] == " · the newest"


async def test_nothing_moves_while_scrolled_up() -> None:
    app = Stage(*notes(50))
    async with app.run_test() as pilot:
        await settle(pilot)
        await scroll_up(pilot, app, y=5)
        before = app.screen_lines()
        for i in range(30):
            app.transcript.add_note(f"later {i}")
        await settle(pilot)
        assert app.screen_lines()[:-1] == before[:-1]
        assert app.screen_lines()[-1] == " 30 new below · End"
        await pilot.press("end")
        await settle(pilot)
        assert app.screen_lines()[-1] == " · later 29"


async def test_reply_that_ends_does_not_move_who_reads_above() -> None:
    app = Stage(*notes(50))
    async with app.run_test() as pilot:
        app.transcript.stream("words\n\n" * 30)
        await app.query_one(LiveReply).flush()
        await settle(pilot)
        await scroll_up(pilot, app, y=40)
        before = app.screen_lines()
        app.transcript.end_reply("words\n\n" * 30, "m1")
        await settle(pilot)
        assert app.screen_lines()[:20] == before[:20]


async def test_who_reads_above_finds_the_same_record_after_a_resize() -> None:
    app = Stage(*(ReplyRecord(f"reply {i}: " + "word " * 40) for i in range(50)))
    async with app.run_test() as pilot:
        await settle(pilot)
        await scroll_up(pilot, app, y=82)
        assert app.screen_lines()[0].startswith(" reply 20:")
        for width in (40, 100, 80):
            await pilot.resize_terminal(width, 24)
            await settle(pilot)
            assert app.screen_lines()[0].startswith(" reply 20:")


async def test_unfolding_all_keeps_the_record_at_the_top() -> None:
    app = Stage(*(CallRecord("1", "tool", f"{i}", 0.0, CallState.OK, "a\nb\nc", 0.1) for i in range(50)))
    async with app.run_test() as pilot:
        await settle(pilot)
        await scroll_up(pilot, app, y=11)
        assert "tool 10 " in app.screen_lines()[0]
        await pilot.press("ctrl+o")
        await settle(pilot)
        assert "tool 10 " in app.screen_lines()[0] and app.screen_lines()[1] == "     a"


async def test_reply_goes_on_after_its_widget_was_out_of_the_window() -> None:
    app = Stage(*notes(200))
    async with app.run_test(size=(80, 11)) as pilot:
        app.transcript.stream("first ")
        await settle(pilot)
        await scroll_up(pilot, app, y=0)
        await pilot.press("pageup")
        await settle(pilot)
        assert not app.query(LiveReply)
        app.transcript.stream("second")
        await pilot.press("end")
        await settle(pilot)
        await app.query_one(LiveReply).flush()
        assert app.query_one(LiveReply).source == "first second"


async def test_asking_follows_again() -> None:
    app = Stage(*notes(50))
    async with app.run_test() as pilot:
        await settle(pilot)
        await scroll_up(pilot, app, y=5)
        app.transcript.add_user("and now?")
        await settle(pilot)
        assert app.screen_lines()[-1] == " ❯ and now?"


async def test_earlier_records_come_in_steps_without_a_jump() -> None:
    app = Stage(*notes(200))
    async with app.run_test(size=(80, 11)) as pilot:
        await settle(pilot)
        await scroll_up(pilot, app, y=0)
        assert app.screen_lines()[:2] == [" earlier messages: PageUp", " · note 140"]
        await pilot.press("pageup")
        await settle(pilot)
        assert app.screen_lines()[8] == " · note 138"
        assert len(app.blocks()) == MOST
        assert app.shows("more below")


async def test_lines_around_the_records_can_be_clicked() -> None:
    app = Stage(*notes(200))
    async with app.run_test(size=(80, 11)) as pilot:
        await settle(pilot)
        await scroll_up(pilot, app, y=0)
        await pilot.click(".transcript--earlier")
        await settle(pilot)
        assert app.screen_lines()[1] == " · note 140"
        await scroll_up(pilot, app, y=0)
        assert app.screen_lines()[1] == " · note 120"
        await pilot.click(".transcript--below")
        await settle(pilot)
        assert app.screen_lines()[-1] == " · note 199" and app.transcript.is_following


async def test_later_records_come_at_the_lower_end() -> None:
    app = Stage(*notes(200))
    async with app.run_test(size=(80, 11)) as pilot:
        await settle(pilot)
        await scroll_up(pilot, app, y=0)
        await pilot.press("pageup")
        await settle(pilot)
        await scroll_up(pilot, app, y=1_000)
        await settle(pilot)
        assert app.shows("note 179") and not app.shows("note 180")
        await scroll_up(pilot, app, y=1_000)
        assert app.screen_lines()[-1] == " · note 199"
        assert app.transcript.is_following


async def test_window_stays_small_and_one_more_record_builds_one_block_among_a_thousand() -> None:
    app = Stage(*(ReplyRecord(f"reply **{i}**\n\n- a\n- b") for i in range(1_000)))
    async with app.run_test() as pilot:
        await settle(pilot)
        before = set(app.query("*"))
        assert len(app.blocks()) == MOST and len(before) <= MOST + 10
        app.transcript.add_note("one more")
        await settle(pilot)
        assert len(app.blocks()) == MOST and app.shows("one more")
        assert len(set(app.query("*")) - before) == 1


async def test_clear_forgets_all() -> None:
    app = Stage(*notes(5))
    async with app.run_test() as pilot:
        app.transcript.stream("half")
        app.transcript.clear()
        await settle(pilot)
        assert app.transcript.records == () and not any(app.screen_lines())
        app.transcript.add_note("fresh")
        await settle(pilot)
        assert app.shows("fresh")


async def test_found_record_is_scrolled_to() -> None:
    records = notes(300)
    records[20] = CallRecord("1", "tool", "", 0.0, CallState.OK, "a Needle", 0.1)
    app = Stage(*records, NoteRecord("needle"))
    async with app.run_test() as pilot:
        await settle(pilot)
        assert app.transcript.find("nowhere") == 0
        assert app.transcript.find("needle") == 2
        await settle(pilot)
        assert app.shows("needle")
        app.transcript.find("needle")
        await settle(pilot)
        assert app.shows("tool") and app.shows("note 21") and not app.shows("note 299")


async def test_everything_has_an_ascii_likeness() -> None:
    app = Stage(UserRecord("ask"), NoteRecord("good", Tone.GOOD), NoteRecord("bad", Tone.BAD))
    app.is_ascii = True
    async with app.run_test() as pilot:
        app.transcript.add_call("1", "tool", "")
        app.transcript.add_call("2", "tool", "")
        app.transcript.end_call("2", "no", state=CallState.DENIED)
        app.transcript.end_reply("- a\n> b\n\n---", "m1")
        await settle(pilot)
        shown = "".join(app.screen_lines())
        assert "> # tool  denied" in shown and shown.isascii() and "?" not in shown


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (Window.tail(5), Window(0, 5)),
        (Window.tail(100), Window(40, 100)),
        (Window.tail(100).earlier(), Window(20, 80)),
        (Window(5, 65).earlier(), Window(0, 60)),
        (Window(20, 80).later(100), Window(40, 100)),
        (Window(20, 80).later(90), Window(30, 90)),
        (Window(0, 30).grown(40), Window(0, 40)),
        (Window(0, 30).grown(90), Window(0, 60)),
        (Window(20, 80).grown(90), Window(20, 80)),
        (Window.around(10, 200), Window(0, 60)),
        (Window.around(100, 200), Window(70, 130)),
        (Window.around(199, 200), Window(140, 200)),
        (Window.around(3, 10), Window(0, 10)),
    ],
)
def test_window_moves(window: Window, expected: Window) -> None:
    assert window == expected


def test_conversation_as_markdown() -> None:
    records: Sequence[Record] = [
        UserRecord("tune it\nplease"),
        CallRecord("1", "read_file", "train.py", 0.0, CallState.OK, "a\n  b\x1b[1m", 0.1),
        NoteRecord("trial 1 ended"),
        ReplyRecord("Best is **0.9** [?]", "m1", ("0.9",)),
    ]
    assert as_markdown(records) == (
        "> tune it\n> please\n\n- `read_file train.py` ok, 0.1s\n\n      a\n        b\n\n*trial 1 ended*\n\n"
        "Best is **0.9** [?]\n\n*not in the record: 0.9*\n\n*m1*\n"
    )


async def test_call_that_waits_for_a_person_does_not_say_that_it_runs() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        app.transcript.add_call("1", "edit_study", "")
        app.transcript.turn_call("1", CallState.WAITING)
        app.clock.now += 60.0
        await settle(pilot)
        assert app.shows("edit_study  waits for you") and not app.shows("running")
        app.transcript.turn_call("1", CallState.RUNNING)
        app.clock.now += 2.0
        app.transcript.end_call("1", "", state=CallState.OK)
        await settle(pilot)
        assert app.shows("ok 2.0s")
