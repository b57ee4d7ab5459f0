"""The card that asks before a tool does something, in an application of its own."""

from __future__ import annotations

from typing import get_args

from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.events import MouseScrollDown
from textual.filter import LineFilter
from textual.message import Message

from agenttune.agent.events import ApprovalRequested
from agenttune.tools import Effect
from agenttune.tui.ascii_filter import AsciiFilter
from agenttune.tui.styles import BAD, GOOD
from agenttune.tui.widgets.approval import EFFECT_WORDS, ApprovalCard, line_content, wrapped
from agenttune.tui.widgets.guarded import GRACE_S
from agenttune.tui.widgets.question import QuestionCard
from tests.tui.workshop import HandClock, shown

EDIT = ApprovalRequested(
    "call-1",
    "edit_study",
    "spend",
    "edit study svm-digits\nC: 0.001..1000 log -> 0.1..100 log\nbudget, trials: 30 -> 50\nworst case: $0.60",
)
LONG = ApprovalRequested("call-2", "patch_script", "delete", "\n".join(f"+line {i}" for i in range(30)))


class Bench(App[None]):
    """Holds the card and keeps what it posts."""

    def __init__(self, *, is_ascii: bool = False) -> None:
        super().__init__()
        self.clock = HandClock(0.0)
        self.card = ApprovalCard(self.clock)
        self.posted: list[Message] = []
        self.is_ascii = is_ascii

    def compose(self) -> ComposeResult:
        yield self.card

    def get_line_filters(self) -> list[LineFilter]:
        filters = [*super().get_line_filters()]
        return [*filters, AsciiFilter()] if self.is_ascii else filters

    def on_mount(self) -> None:
        self.card.focus()

    def on_approval_card_answered(self, message: ApprovalCard.Answered) -> None:
        self.posted.append(message)

    def on_approval_card_edit(self, message: ApprovalCard.Edit) -> None:
        self.posted.append(message)

    def on_question_card_typed_early(self, message: QuestionCard.TypedEarly) -> None:
        self.posted.append(message)


async def press(*steps: str | float, asked: ApprovalRequested = EDIT) -> list[Message]:
    """Asks, then presses keys; a number lets so many seconds pass."""
    app = Bench()
    async with app.run_test() as pilot:
        app.card.ask(asked, waiting=0)
        for step in steps:
            if isinstance(step, str):
                await pilot.press(step)
            else:
                app.clock.now += step
    return app.posted


async def screen(
    asked: ApprovalRequested, *keys: str, waiting: int = 0, size: tuple[int, int] = (80, 24), is_ascii: bool = False
) -> str:
    """What is on the screen."""
    app = Bench(is_ascii=is_ascii)
    async with app.run_test(size=size) as pilot:
        app.card.ask(asked, waiting=waiting)
        app.clock.now += GRACE_S
        await pilot.press(*keys)
        await pilot.pause()
        return shown(app)


def answers(posted: list[Message]) -> list[tuple[str, str]]:
    return [(message.id, message.answer) for message in posted if isinstance(message, ApprovalCard.Answered)]


# -- keys ---------------------------------------------------------------------------------------------


async def test_each_key_gives_its_answer() -> None:
    for key, answer in (("y", "once"), ("a", "session"), ("n", "deny"), ("escape", "deny")):
        assert answers(await press(GRACE_S, key)) == [("call-1", answer)]


async def test_enter_does_nothing() -> None:
    assert await press(GRACE_S, "enter", "enter") == []


async def test_edit_hands_the_text_on() -> None:
    (edit,) = await press(GRACE_S, "e", "y")
    assert isinstance(edit, ApprovalCard.Edit)
    assert (edit.id, edit.text) == ("call-1", EDIT.what)


async def test_call_is_answered_once() -> None:
    assert len(await press(GRACE_S, "y", "y", "n")) == 1


async def test_early_keys_go_to_the_draft() -> None:
    posted = await press("y", "e", "a", "enter", "escape")
    assert [message.text for message in posted if isinstance(message, QuestionCard.TypedEarly)] == ["y", "e", "a"]
    assert len(posted) == 3


async def test_typing_on_keeps_the_card_deaf() -> None:
    assert answers(await press(GRACE_S * 0.8, "n", GRACE_S * 0.8, "y")) == []


async def test_same_call_asked_again_only_counts_anew() -> None:
    app = Bench()
    async with app.run_test() as pilot:
        app.card.ask(EDIT, waiting=0)
        app.clock.now += GRACE_S
        app.card.ask(EDIT, waiting=2)
        await pilot.press("y")
        assert "1 of 3" in shown(app)
    assert answers(app.posted) == [("call-1", "once")]


async def test_next_call_has_its_own_grace() -> None:
    app = Bench()
    async with app.run_test() as pilot:
        app.card.ask(EDIT, waiting=1)
        app.clock.now += GRACE_S
        await pilot.press("y")
        app.card.ask(LONG, waiting=0)
        await pilot.press("y")
    assert answers(app.posted) == [("call-1", "once")]


# -- what is shown ------------------------------------------------------------------------------------


async def test_card_says_what_and_how_to_answer() -> None:
    text = await screen(EDIT)
    assert "Approve? edit_study (spends more than was granted)" in text
    assert "~ C: 0.001..1000 log -> 0.1..100 log" in text
    assert "y allow once   a allow it for this session   e edit   n deny" in text
    assert "1 of" not in text


async def test_long_text_scrolls_within_twelve_rows_and_the_keys_stay() -> None:
    text = await screen(LONG)
    rows = [row for row in text.splitlines() if row.strip()]
    assert len(rows) == 12
    assert "0 above, 22 below" in text and "n deny" in text
    text = await screen(LONG, "down", "pagedown", "end")
    assert "22 above, 0 below" in text and "+line 29" in text and "n deny" in text


async def test_mouse_wheel_scrolls() -> None:
    app = Bench()
    async with app.run_test() as pilot:
        app.card.ask(LONG, waiting=0)
        app.card.post_message(MouseScrollDown(app.card, 5, 5, 0, 1, 0, False, False, False))
        await pilot.pause()
        assert "1 above" in shown(app)


async def test_long_command_is_shown_to_its_end() -> None:
    command = "runs: python train.py " + " ".join(f"--option-{i}={i}" for i in range(20)) + " --last"
    text = await screen(ApprovalRequested("1", "create_study", "run", command), "end", size=(40, 24))
    assert "--last" in text and "0 below" in text and "…" not in text.partition("\n")[2]


async def test_hostile_text_stays_text() -> None:
    what = "runs: rm [bold]x[/] \x1b[2J\u202egnp.exe\n[@click=app.quit]y[/]\n\x1b]0;title\x07done"
    text = await screen(ApprovalRequested("1", "[red]tool\x1b[31m", "run", what))
    assert "rm [bold]x[/] \\x1b[2J\\u202egnp.exe" in text
    assert "[@click=app.quit]y[/]" in text and "[red]tool" in text
    assert "\x1b" not in text and "\u202e" not in text


async def test_narrow_terminal_keeps_the_keys_in_one_row() -> None:
    text = await screen(EDIT, size=(40, 24))
    assert "y once  a session  e edit  n deny" in text


async def test_narrow_terminal_says_what_the_call_does_in_full() -> None:
    text = await screen(EDIT, size=(40, 24))
    assert "Approve? edit_study" in text and EFFECT_WORDS["spend"] in text


async def test_ascii_terminal_can_show_it() -> None:
    assert (await screen(LONG, waiting=1, is_ascii=True)).isascii()


async def test_nothing_of_a_command_is_hidden() -> None:
    for what in ("rm -rf x\rls", "\x1b]0;rm -rf x\x07ls", "\x1bPrm -rf x\x1b\\ls"):
        assert "rm -rf x" in await screen(ApprovalRequested("1", "create_study", "run", what))


# -- parts --------------------------------------------------------------------------------------------


def test_every_effect_has_words() -> None:
    assert set(EFFECT_WORDS) == set(get_args(Effect))


def test_change_is_coloured_and_signed() -> None:
    line = line_content("lr: 1e-5..0.1 -> 1e-5..0.01")
    assert line.plain.startswith("~ ")
    assert [str(span.style) for span in line.spans][1::2] == [BAD, GOOD]
    assert line_content("momentum: none -> 0..1").plain.startswith("+ ")
    assert line_content("momentum: 0..1 -> none").plain.startswith("- ")


def test_lines_of_a_diff_keep_their_signs() -> None:
    for line, style in (("+lr = 1", GOOD), ("-lr = 2", BAD)):
        content = line_content(line)
        assert (content.plain, [str(span.style) for span in content.spans]) == (line, [style])


def test_wrapping_loses_nothing_and_is_never_too_wide() -> None:
    for text in ("a" * 95, "word " * 40, "漢字" * 40, "+ " * 50, ""):
        rows = [row.plain for row in wrapped(line_content(text), 30)]
        assert max(map(cell_len, rows)) <= 30
        assert "".join([rows[0], *(row[2:] for row in rows[1:])]) == text


def test_continued_row_does_not_begin_with_a_sign() -> None:
    rows = [row.plain for row in wrapped(line_content("runs: " + "x" * 24 + "+++"), 30)]
    assert len(rows) == 2 and not rows[1].startswith("+")
