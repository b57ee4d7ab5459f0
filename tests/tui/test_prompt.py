"""The prompt, the list of completions above it, and the history file."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.events import Key, Paste
from textual.pilot import Pilot
from textual.widgets import Static

from agenttune.tui.history_file import KEPT, LONGEST, append_history, history_path, load_history
from agenttune.tui.widgets.completions import NOTHING_FOUND, ROWS, Completions, Offer, fitting, found, word_before
from agenttune.tui.widgets.prompt import LONG_CHARACTERS, LONG_LINES, PLACEHOLDER, Prompt
from tests.tui.workshop import shown, wait_for

COMMANDS = [
    Offer("/help", "/help", "keys and commands"),
    Offer("/open ", "/open [NAME]", "follow a study"),
    Offer("/pause", "/pause", "start no new trials"),
    Offer("/stop", "/stop", "end the study", aliases=("/quit", "/q")),
]
FILES = ("data/", "data.csv", "my notes.txt", "train.py", "[b]x[/b].py", "\x1b[31mred.py")
TRIALS = [(24, "0.9889 gp"), (23, "failed"), (3, "0.9541 sobol")]
LONG = "\n".join(f"line {i}" for i in range(LONG_LINES + 2))
LABEL = f"[pasted {LONG_LINES + 2} lines]"


def files(prefix: str) -> list[str]:
    return [name for name in FILES if name.startswith(prefix)]


class Bench(App[None]):
    """The prompt below its list and keeps what it posts."""

    CSS = "#filler { height: 1fr; } #composer { height: auto; }"

    def __init__(self, *, offers: Sequence[str] = (), sent: Sequence[str] = (), is_study: bool = False) -> None:
        super().__init__()
        self.completions = Completions(lambda: COMMANDS, files=files, trials=lambda: TRIALS)
        self.prompt = Prompt(lambda: offers, completions=self.completions, sent=sent)
        self.is_study = is_study
        self.sent: list[str] = []
        self.n_left = 0
        self.n_skipped = 0

    def compose(self) -> ComposeResult:
        yield Static(id="filler")
        with Vertical(id="composer"):
            yield self.completions
            yield self.prompt

    def on_mount(self) -> None:
        self.prompt.focus()
        if self.is_study:
            self.screen.add_class("-study")

    def on_prompt_sent(self, message: Prompt.Sent) -> None:
        self.sent.append(message.text)

    def on_prompt_left(self, message: Prompt.Left) -> None:
        self.n_left += 1

    def on_completions_clicked(self, message: Completions.Clicked) -> None:
        self.prompt.take(message.offer)

    def key_ctrl_d(self) -> None:
        self.n_skipped += 1

    key_ctrl_y = key_pageup = key_pagedown = key_ctrl_d


async def paste(pilot: Pilot[None], text: str) -> None:
    app = pilot.app
    assert isinstance(app, Bench)
    app.prompt.post_message(Paste(text))
    await pilot.pause()


async def values_after(app: Bench, *steps: str) -> list[str]:
    """What stands in the prompt after each key; a step of several keys is "a b c"."""
    values = []
    async with app.run_test() as pilot:
        for step in steps:
            await pilot.press(*step.split())
            values.append(app.prompt.value)
    return values


# -- sending and lines --------------------------------------------------------------------------------


async def test_enter_sends_and_leaves_the_prompt_empty() -> None:
    app = Bench()
    assert await values_after(app, "t u n e enter") == [""]
    assert app.sent == ["tune"]


async def test_empty_text_is_not_sent() -> None:
    app = Bench()
    await values_after(app, "enter", "space space enter", "ctrl+j enter")
    assert app.sent == []


@pytest.mark.parametrize("key", ["ctrl+j", "shift+enter", "alt+enter"])
async def test_new_line(key: str) -> None:
    app = Bench()
    assert await values_after(app, f"a {key} b", "enter") == ["a\nb", ""]
    assert app.sent == ["a\nb"]


async def test_keys_that_come_at_once_act_in_their_order() -> None:
    app = Bench(sent=["old"])
    async with app.run_test() as pilot:
        for key in ("a", "ctrl+j", "b", "backspace", "c", "enter", "x", "escape", "up", "ctrl+j", "d", "enter"):
            app.post_message(Key(key, key if len(key) == 1 else None))
        await wait_for(pilot, lambda: len(app.sent) == 2)
    assert app.sent == ["a\nc", "x\nd"]


async def test_prompt_grows_to_six_lines() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        heights = [app.prompt.region.height]
        for _ in range(7):
            await pilot.press("x", "ctrl+j")
            await pilot.pause()
            heights.append(app.prompt.region.height)
        assert heights == [1, 2, 3, 4, 5, 6, 6, 6]
        await pilot.press("escape")
        await pilot.pause()
        assert app.prompt.region.height == 1


async def test_long_line_wraps_and_the_prompt_grows() -> None:
    app = Bench()
    async with app.run_test(size=(20, 12)) as pilot:
        app.prompt.write("one two three four five six seven")
        await pilot.pause()
        assert app.prompt.region.height == 2
        assert "seven" in shown(app)


async def test_placeholder_is_shown_and_the_cursor_does_not_blink() -> None:
    app = Bench()
    async with app.run_test():
        assert PLACEHOLDER in shown(app)
        assert not app.prompt.cursor_blink


async def test_text_that_looks_like_markup_is_shown_as_it_is() -> None:
    app = Bench()
    async with app.run_test() as pilot:
        app.prompt.write("[bold]x[/nothing] \x1b[31mred")
        await pilot.pause()
        assert "[bold]x[/nothing] red" in shown(app)


async def test_draft_is_what_was_typed_whatever_the_history_shows() -> None:
    app = Bench(sent=["tune an SVM"])
    async with app.run_test() as pilot:
        app.prompt.draft = "tune"
        assert app.prompt.draft == "tune"
        await pilot.press("up")
        assert (app.prompt.value, app.prompt.draft) == ("tune an SVM", "tune")
        await pilot.press("!", "ctrl+r", "x")
        assert app.prompt.draft == "tune an SVM!"


# -- pastes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
async def test_pasted_lines_stay_and_are_not_sent(end: str) -> None:
    app = Bench()
    async with app.run_test() as pilot:
        await paste(pilot, end.join(["def f():", "    pass", "\x1b[31m"]))
        assert (app.prompt.value, app.sent) == ("def f():\n    pass", [])


async def test_long_paste_is_one_word_and_is_sent_whole() -> None:
    app = Bench()
    async with app.run_test() as pilot:
        await pilot.press("a", "space")
        await paste(pilot, LONG)
        await pilot.press("space", "b")
        assert app.prompt.text == f"a {LABEL} b"
        assert app.prompt.value == f"a {LONG} b"
        await pilot.press("enter")
        await pilot.pause()
    assert app.sent == [f"a {LONG} b"]


async def test_two_pastes_of_one_length_are_told_apart() -> None:
    app = Bench()
    async with app.run_test() as pilot:
        await paste(pilot, LONG)
        await paste(pilot, LONG.upper())
        await paste(pilot, LONG)
        assert app.prompt.text == LABEL + LABEL.replace("]", " #2]") + LABEL
        assert app.prompt.value == LONG + LONG.upper() + LONG


async def test_long_line_is_counted_in_characters() -> None:
    app = Bench()
    async with app.run_test() as pilot:
        await paste(pilot, "x" * LONG_CHARACTERS)
        assert app.prompt.text == "x" * LONG_CHARACTERS
        await pilot.press("escape")
        await paste(pilot, "x" * (LONG_CHARACTERS + 1))
        assert app.prompt.text == "[pasted 2,001 characters]"


async def test_paste_that_mentions_a_paste_is_not_expanded_twice() -> None:
    app = Bench()
    async with app.run_test() as pilot:
        await paste(pilot, LONG)
        await paste(pilot, f"{LABEL}\n{LONG}\n1")
        assert app.prompt.value == f"{LONG}{LABEL}\n{LONG}\n1"


async def test_text_given_back_shows_its_paste_as_one_word_again() -> None:
    app = Bench()
    async with app.run_test() as pilot:
        await paste(pilot, LONG)
        await pilot.press("enter")
        await pilot.pause()
        app.prompt.write(app.sent[0])
        assert (app.prompt.text, app.prompt.value) == (LABEL, LONG)


@pytest.mark.parametrize("key", ["backspace", "ctrl+w"])
async def test_paste_is_deleted_as_a_whole(key: str) -> None:
    app = Bench()
    async with app.run_test() as pilot:
        await pilot.press("a")
        await paste(pilot, LONG)
        await pilot.press(key)
        assert app.prompt.text == "a"
        await pilot.press(key)
        assert app.prompt.text == ""


async def test_what_was_copied_here_is_pasted_like_everything_else() -> None:
    app = Bench()
    async with app.run_test() as pilot:
        app.copy_to_clipboard(LONG)
        await pilot.press("ctrl+v")
        assert (app.prompt.text, app.prompt.value) == (LABEL, LONG)


# -- history ------------------------------------------------------------------------------------------


async def test_up_and_down_walk_through_what_was_sent_and_keep_the_draft() -> None:
    app = Bench(sent=["one", "two"])
    assert await values_after(app, "d r a f t", "up", "up", "up", "down", "down", "down") == [
        "draft", "two", "one", "one", "two", "draft", "draft",
    ]  # fmt: skip


async def test_walk_is_filtered_by_what_was_typed() -> None:
    app = Bench(sent=["tune an SVM", "stop", "tune a forest"])
    assert await values_after(app, "t u up", "up", "up", "down", "down") == [
        "tune a forest", "tune an SVM", "tune an SVM", "tune a forest", "tu",
    ]  # fmt: skip


async def test_what_was_sent_now_is_found_after_what_was_sent_earlier() -> None:
    app = Bench(sent=["old"])
    assert await values_after(app, "n e w enter", "n e w enter", "up", "up") == ["", "", "new", "old"]


async def test_arrows_move_within_several_lines_first() -> None:
    app = Bench(sent=["old"])
    async with app.run_test() as pilot:
        await pilot.press("a", "ctrl+j", "b", "up")
        assert (app.prompt.value, app.prompt.cursor_location[0]) == ("a\nb", 0)
        await pilot.press("down")
        assert (app.prompt.value, app.prompt.cursor_location[0]) == ("a\nb", 1)
        await pilot.press("up", "up")
        assert app.prompt.value == "old"


async def test_text_of_several_lines_does_not_hold_the_walk_up() -> None:
    app = Bench(sent=["old", "a\nb\nc"])
    assert await values_after(app, "up", "up", "down", "down") == ["a\nb\nc", "old", "a\nb\nc", ""]


async def test_recalled_command_opens_no_list() -> None:
    app = Bench(sent=["old", "/pause"])
    assert await values_after(app, "up", "up") == ["/pause", "old"]


async def test_changed_text_begins_another_walk() -> None:
    app = Bench(sent=["one more", "one"])
    assert await values_after(app, "up", "space", "up") == ["one", "one ", "one more"]


# -- search -------------------------------------------------------------------------------------------

SENT = ["tune an SVM on digits", "stop", "tune a forest on wine", "tune an SVM on wine"]


async def test_search_narrows_with_each_key_and_takes_without_sending() -> None:
    app = Bench(sent=SENT)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+r", *"svm")
        assert "tune an SVM on wine" in shown(app) and "forest" not in shown(app)
        await pilot.press(*" dig", "enter")
        assert (app.prompt.value, app.completions.is_open, app.sent) == (SENT[0], False, [])
        await pilot.press("enter")
        await pilot.pause()
    assert app.sent == [SENT[0]]


async def test_search_again_goes_to_an_older_one() -> None:
    app = Bench(sent=SENT)
    assert (await values_after(app, "ctrl+r s v m", "ctrl+r", "tab"))[-1] == SENT[0]


async def test_walk_goes_on_from_where_the_search_ended() -> None:
    app = Bench(sent=SENT)
    assert await values_after(app, "ctrl+r f o r enter", "up", "down down") == [SENT[2], SENT[1], SENT[3]]


async def test_search_given_up_brings_the_draft_back() -> None:
    app = Bench(sent=SENT)
    assert await values_after(app, "s t", "ctrl+r", "x", "escape", "escape") == ["st", "st", "stx", "st", ""]
    assert app.n_left == 0


async def test_search_without_a_find_says_so_and_sends_nothing() -> None:
    app = Bench(sent=SENT)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+r", *"quux")
        assert NOTHING_FOUND in shown(app)
        await pilot.press("up", "enter")
        assert (app.prompt.value, app.sent, app.completions.is_open) == ("quux", [], False)


async def test_search_goes_on_when_the_focus_is_back() -> None:
    app = Bench(sent=SENT)
    async with app.run_test() as pilot:
        await pilot.press("d", "ctrl+r", "escape", "ctrl+r", "backspace", *"svm")
        app.screen.set_focus(None)
        await pilot.pause()
        assert not app.completions.is_open
        app.prompt.focus()
        await pilot.press("enter")
        assert app.prompt.value == SENT[3]


def test_each_text_is_found_once_and_newest_first() -> None:
    assert [offer.insert for offer in found("", ["a", "b", "a\nc", "a"])] == ["a", "a\nc", "b"]


# -- commands -----------------------------------------------------------------------------------------


async def test_slash_lists_the_commands_with_their_help() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("/")
        await pilot.pause()
        assert "/open [NAME]  follow a study" in shown(app)
        assert app.completions.region.bottom == app.prompt.region.y


@pytest.mark.parametrize("key", ["tab", "enter"])
async def test_command_is_taken_then_sent(key: str) -> None:
    app = Bench()
    assert await values_after(app, f"/ p s {key}", "enter") == ["/pause", ""]
    assert app.sent == ["/pause"]


async def test_arrows_choose_round_the_ends() -> None:
    app = Bench()
    assert await values_after(app, "/ down tab", "escape escape / up tab") == ["/open ", "/stop"]


async def test_alias_is_sent_as_typed() -> None:
    app = Bench()
    await values_after(app, "/ q enter")
    assert app.sent == ["/q"]


async def test_command_with_an_argument_is_sent_as_typed() -> None:
    app = Bench()
    await values_after(app, "/ o p tab x", "enter")
    assert app.sent == ["/open x"]


async def test_command_nobody_knows_is_sent_as_typed() -> None:
    app = Bench()
    await values_after(app, "/ x y z enter")
    assert app.sent == ["/xyz"]


async def test_escape_closes_the_list_before_it_empties() -> None:
    app = Bench(is_study=True)
    seen = []
    async with app.run_test() as pilot:
        await pilot.press(*"/p")
        for key in ("escape", "a", "escape", "/", "escape", "escape", "escape"):
            await pilot.press(key)
            seen.append((app.prompt.value, app.completions.is_open, app.n_left))
    assert seen == [
        ("/p", False, 0),
        ("/pa", False, 0),
        ("", False, 0),
        ("/", True, 0),
        ("/", False, 0),
        ("", False, 0),
        ("", False, 1),
    ]


async def test_list_is_closed_while_the_focus_is_elsewhere() -> None:
    app = Bench()
    async with app.run_test() as pilot:
        await pilot.press("/")
        app.screen.set_focus(None)
        await pilot.pause()
        assert not app.completions.is_open
        app.prompt.focus()
        await pilot.pause()
        assert app.completions.is_open


async def test_click_takes() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("/")
        await pilot.pause()
        await pilot.click(Completions, offset=(3, 2))
        await pilot.pause()
        assert app.prompt.value == "/pause"


async def test_list_has_eight_rows_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.tui.test_prompt.FILES", tuple(f"file-{i:02d}.csv" for i in range(30)))
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("@", *["down"] * 12)
        await pilot.pause()
        assert app.completions.region.height == ROWS
        assert app.completions.chosen is not None and app.completions.chosen.label in shown(app)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("/", ["/help", "/open ", "/pause", "/stop"]),
        ("/p", ["/pause", "/help", "/open ", "/stop"]),
        ("/hlp", ["/help"]),
    ],
)
def test_commands_that_begin_so_come_first(word: str, expected: list[str]) -> None:
    assert sorted(offer.insert for offer in fitting(COMMANDS, word)) == sorted(expected)
    assert fitting(COMMANDS, word)[0].insert == expected[0]


# -- mentions -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "word"),
    [
        ("/pa", "/pa"),
        ("/open x", None),
        ("", None),
        ("mail me@home", None),
        ("use @da", "@da"),
        ("@trial 2", "@trial 2"),
        ("@trial 24 and", None),
        ('use @"my no', '@"my no'),
        ('use @"my notes.txt" and', None),
    ],
)
def test_word_before_the_cursor(before: str, word: str | None) -> None:
    assert word_before(before, is_first_line=True) == word


def test_commands_begin_on_the_first_line_only() -> None:
    assert word_before("/pa", is_first_line=False) is None


async def test_files_and_trials_are_mentioned() -> None:
    app = Bench()
    assert await values_after(app, "a space @ t r a i n tab", "@ m y enter", "ctrl+j @ t tab 2 down tab") == [
        "a @train.py ",
        'a @train.py @"my notes.txt" ',
        'a @train.py @"my notes.txt" \n@trial 23 ',
    ]


async def test_folder_is_gone_on_with() -> None:
    app = Bench()
    async with app.run_test() as pilot:
        await pilot.press(*"@dat", "enter")
        assert (app.prompt.value, app.completions.is_open) == ("@data/", True)


async def test_mention_takes_the_place_of_the_whole_word() -> None:
    app = Bench()
    assert await values_after(app, "@ t r a x y left left tab") == ["@train.py "]


async def test_names_of_files_are_no_markup_and_no_control_codes() -> None:
    app = Bench()
    async with app.run_test() as pilot:
        await pilot.press("@")
        await pilot.pause()
        assert "[b]x[/b].py" in shown(app) and "red" not in shown(app)


# -- other keys ---------------------------------------------------------------------------------------


async def test_tab_takes_the_offer_in_grey() -> None:
    app = Bench(offers=["tune an SVM"])
    async with app.run_test() as pilot:
        await pilot.press("t")
        await pilot.pause()
        assert "tune an SVM" in shown(app) and app.prompt.value == "t"
        await pilot.press("tab")
        assert app.prompt.value == "tune an SVM"


async def test_tab_leaves_an_empty_prompt() -> None:
    app = Bench()
    await values_after(app, "tab")
    assert app.n_left == 1


async def test_escaped_text_comes_back_with_undo() -> None:
    app = Bench()
    assert await values_after(app, "a b", "escape", "ctrl+z") == ["ab", "", "ab"]


async def test_escaped_text_comes_back_with_up() -> None:
    app = Bench(sent=["old"])
    assert await values_after(app, "a b", "escape", "up", "up") == ["ab", "", "ab", "old"]


async def test_text_typed_before_a_walk_through_the_history_comes_back_after_escape() -> None:
    app = Bench(sent=["old"])
    assert await values_after(app, "o", "up", "escape", "up") == ["o", "old", "", "o"]


@pytest.mark.parametrize("key", ["ctrl+d", "ctrl+y", "pageup", "pagedown"])
async def test_keys_without_a_use_here_go_on_to_the_owner(key: str) -> None:
    app = Bench()
    await values_after(app, key)
    assert app.n_skipped == 1


async def test_prompt_without_a_list_works() -> None:
    class Bare(App[None]):
        def compose(self) -> ComposeResult:
            yield Prompt(lambda: ["/pause"], sent=["old"])

    app = Bare()
    async with app.run_test() as pilot:
        prompt = app.query_one(Prompt)
        prompt.focus()
        await pilot.press("ctrl+r", "@", "backspace", *"/pau", "tab")
        assert prompt.value == "/pause"
        await pilot.press("enter", "up", "up")
        assert prompt.value == "old"


# -- history file -------------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "history.jsonl"


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_history_lies_in_the_state_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    append_history("tune it")
    assert history_path() == tmp_path / "agenttune" / "history.jsonl"
    assert load_history() == ["tune it"]


def test_texts_come_back_in_order(path: Path) -> None:
    texts = ["one", "two\nlines", "é [b]"]
    for text in [*texts, texts[-1], "  ", "x" * (LONGEST + 1)]:
        append_history(text, path)
    assert load_history(path) == texts


def test_nobody_else_can_read_it(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("")
    path.chmod(0o644)
    append_history("one", path)
    assert mode(path) == 0o600
    path.unlink()
    append_history("one", path)
    assert mode(path) == 0o600


def test_secrets_are_not_written(path: Path) -> None:
    append_history("use sk-abcdefgh12345678ijkl please", path)
    assert load_history(path) == ["use *** please"]
    assert "abcdefgh" not in path.read_text()


def test_oldest_are_forgotten(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("".join(json.dumps({"text": str(i)}) + "\n" for i in range(KEPT + 5)))
    append_history("last", path)
    texts = load_history(path)
    assert (len(texts), texts[0], texts[-1]) == (KEPT, "6", "last")
    assert (len(path.read_text().splitlines()), mode(path)) == (KEPT, 0o600)
    assert list(path.parent.iterdir()) == [path]


def test_damaged_lines_are_skipped(path: Path) -> None:
    path.parent.mkdir()
    damaged = [b"{", b"\xff\xfe", b"null", b"[1]", b'{"text": 1}', b'{"text": "\\ud800"}', b'{"other": ""}', b""]
    path.write_bytes(b'{"text": "one"}\n' + b"\n".join(damaged) + b'\n{"text": "two"}\n')
    assert load_history(path) == ["one", "two"]


@pytest.mark.parametrize("act", [load_history, lambda path: append_history("x", path)])
def test_unusable_file_costs_only_the_history(path: Path, act: Callable[[Path], object]) -> None:
    path.mkdir(parents=True)
    assert not act(path)
