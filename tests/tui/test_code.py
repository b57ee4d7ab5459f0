"""A study over code on screen: its tree, one variant, its trials, and the way into the user's file."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from agenttune.agent import StudyHappened
from agenttune.agent.watch import origin_of
from agenttune.trial import Outcome, TrialState
from agenttune.tui.app import AgentTuneApp
from agenttune.tui.code import diff_lines, tree_rows, variants_picture
from agenttune.tui.columns import lay_out
from agenttune.tui.glyphs import GlyphSet
from agenttune.tui.messages import Happened, WinnerRead
from agenttune.tui.screens.main import MainScreen
from agenttune.tui.screens.variant import VariantScreen
from agenttune.tui.widgets.composer import commands
from agenttune.tui.widgets.guarded import GRACE_S
from agenttune.tui.widgets.panes import OVER_CODE, PaneBar
from agenttune.tui.widgets.prompt import Prompt
from agenttune.tui.widgets.reply import Reply
from agenttune.tui.widgets.variants import VariantsPanel
from agenttune.variant import Lesson
from tests.tui.code_study import BROKEN, FILE, add_variant, code_study, grown
from tests.tui.workshop import Workshop, fill, follower, shown, wait_for

WIDE, SMALL = (140, 45), (80, 24)


async def show_tree(app: AgentTuneApp, pilot: Pilot[None]) -> None:
    """Opens the view of the variants as a person does."""
    await wait_for(pilot, lambda: app.snapshot)
    await pilot.press("tab")
    app.main.query_one(Prompt).write("/code")
    await pilot.press("enter")
    await wait_for(pilot, lambda: "scored" in shown(app))


async def open_sheet(app: AgentTuneApp, pilot: Pilot[None], number: int) -> None:
    """Opens a variant by its command, and waits until it was read."""
    await wait_for(pilot, lambda: app.snapshot)
    app.show_code(f"v{number}")
    await wait_for(pilot, lambda: isinstance(app.screen, VariantScreen))
    await wait_for(pilot, lambda: "source" in sheet_text(app))


def sheet_text(app: AgentTuneApp) -> str:
    return "\n".join(
        str(part.content) for part in app.screen.query("#title, #about, #changes, #source").results(Static)
    )


# -- the tree ----------------------------------------------------------------------------------------


def lines_of(shop: Workshop, study_id: str, *, chosen: int = 0, width: int = 100) -> list[str]:
    picture = variants_picture(follower(shop, study_id).snapshot(), chosen, width=width)
    return [line.plain for line in picture.lines]


def test_children_stand_below_their_parent(shop: Workshop, tmp_path: Path) -> None:
    rows = tree_rows(follower(shop, grown(shop, tmp_path)).snapshot().tree)
    assert [f"{lead}{node.variant.name}" for lead, node in rows] == ["v0", "├ v1", "│ └ v2", "│   └ v3", "└ v4"]


def test_row_tells_score_gain_trials_action_and_idea(shop: Workshop, tmp_path: Path) -> None:
    lines = lines_of(shop, grown(shop, tmp_path))
    v1 = next(line for line in lines if "├ v1" in line)
    assert v1.split()[2:7] == ["★", "0.9611", "+0.0478", "2", "improve"] and "put a hidden layer" in v1
    assert sum("★" in line for line in lines) == 1
    assert any("v2" in line and "✖" in line and "crash" in line for line in lines)
    assert any("v4" in line and "▶" in line and "running" in line for line in lines)


def test_what_was_refused_is_counted_with_the_last_reason(shop: Workshop, tmp_path: Path) -> None:
    told = "\n".join(lines_of(shop, grown(shop, tmp_path)))
    assert "2 duplicate: it is v3" in told and "it is v1" not in told
    assert "1 changed-interface: `build` must take n" in told


def test_lessons_are_told_with_their_variants(shop: Workshop, tmp_path: Path) -> None:
    assert any("v3: a second layer adds little" in line for line in lines_of(shop, grown(shop, tmp_path)))


def test_chosen_variant_tells_what_its_row_has_no_room_for(shop: Workshop, tmp_path: Path) -> None:
    study_id = grown(shop, tmp_path)
    assert any("NameError: name 'missing'" in line for line in lines_of(shop, study_id, chosen=2))
    told = "\n".join(lines_of(shop, study_id, chosen=1, width=78))
    assert "hidden=128" in told and "let its width be tuned" in " ".join(told.split())


@pytest.mark.parametrize("width", [40, 53, 78, 140])
def test_no_line_is_wider_than_there_are_cells(shop: Workshop, tmp_path: Path, width: int) -> None:
    study_id = grown(shop, tmp_path)
    for depth in range(4, 14):
        add_variant(shop, study_id, BROKEN, "deeper " * 30, parent=depth)
    picture = variants_picture(follower(shop, study_id).snapshot(), 12, width=width)
    assert max(line.cell_length for line in picture.lines) <= width
    assert all(f"v{number}" in "\n".join(line.plain for line in picture.lines) for number in range(15))


def test_score_of_a_script_is_told_to_be_its_own_word(shop: Workshop, tmp_path: Path) -> None:
    lines = lines_of(shop, code_study(shop, tmp_path, is_self_reported=True))
    assert any("accuracy, self-reported by python model.py" in line for line in lines)


@pytest.mark.parametrize("size", [SMALL, WIDE])
async def test_command_shows_the_tree(shop: Workshop, tmp_path: Path, size: tuple[int, int]) -> None:
    app = shop.app(grown(shop, tmp_path))
    async with app.run_test(size=size) as pilot:
        await show_tree(app, pilot)
        assert isinstance(app.focused, VariantsPanel)
        assert "[Code]" in shown(app) and "├ v1" in shown(app) and "0.9611" in shown(app)


async def test_tree_follows_the_running_study(shop: Workshop, tmp_path: Path) -> None:
    study_id = grown(shop, tmp_path)
    app = shop.app(study_id)
    async with app.run_test(size=WIDE) as pilot:
        await show_tree(app, pilot)
        add_variant(shop, study_id, BROKEN, "warm the rate up")
        await wait_for(pilot, lambda: "warm the rate up" in shown(app))
        shop.store.finish(study_id, 5, TrialState.COMPLETE, outcome=Outcome({"accuracy": 0.9444}, 1.0))
        await wait_for(pilot, lambda: "0.9444" in shown(app) and "+0.0311" in shown(app))


async def test_lesson_that_no_event_announces_is_seen(shop: Workshop, tmp_path: Path) -> None:
    study_id = grown(shop, tmp_path)
    app = shop.app(study_id)
    async with app.run_test(size=WIDE) as pilot:
        await show_tree(app, pilot)
        shop.store.add_code_entries(study_id, [Lesson(4, "sizes matter less than depth")])
        await wait_for(pilot, lambda: "sizes matter less" in shown(app))


async def test_cursor_stays_on_its_variant_and_begins_on_the_best(shop: Workshop, tmp_path: Path) -> None:
    study_id = grown(shop, tmp_path)
    app = shop.app(study_id)
    async with app.run_test(size=WIDE) as pilot:
        await show_tree(app, pilot)
        assert "❯ ├ v1" in shown(app)
        await pilot.press("down", "down")
        add_variant(shop, study_id, BROKEN, "another child", parent=1)
        await wait_for(pilot, lambda: "another child" in shown(app))
        assert app.main.query_one(VariantsPanel).chosen == 3


async def test_next_view_leads_to_the_code(shop: Workshop, tmp_path: Path) -> None:
    app = shop.app(grown(shop, tmp_path))
    async with app.run_test(size=SMALL) as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        await pilot.press("f3")
        assert app.main.study_pane.pane == OVER_CODE


async def test_other_studies_have_no_such_view(shop: Workshop, tmp_path: Path) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    app = shop.app(study_id)
    async with app.run_test(size=WIDE) as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        assert "Code" not in [name for _, name in app.main.query_one(PaneBar).panes]
        assert "Code" not in [command.title for command in app.get_system_commands(app.screen)]
        await pilot.press("f3")
        assert app.main.study_pane.pane == "parameters"
        await pilot.press("tab")
        app.main.query_one(Prompt).write("/code")
        await pilot.press("enter")
        assert "tunes no code; `agenttune code FILE`" in str(app.main.query_one(Reply).content)


async def test_view_gives_way_where_the_next_study_has_none(shop: Workshop, tmp_path: Path) -> None:
    other = shop.study()
    fill(shop, other)
    app = shop.app(grown(shop, tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await show_tree(app, pilot)
        app.open_study("svm-digits")
        await wait_for(pilot, lambda: app.snapshot and app.snapshot.row.id == other)
        await wait_for(pilot, lambda: app.main.study_pane.pane == "overview")


async def test_palette_has_the_command_in_a_study_over_code(shop: Workshop, tmp_path: Path) -> None:
    app = shop.app(grown(shop, tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        assert "Code" in [command.title for command in app.get_system_commands(app.screen)]


def test_completion_offers_the_command_to_studies_over_code_alone() -> None:
    assert "/code " in [offer.insert for offer in commands(is_code=True)]
    assert "/code " not in [offer.insert for offer in commands(is_code=False)]


async def test_terminal_without_unicode_gets_ascii(shop: Workshop, tmp_path: Path) -> None:
    app = shop.app(grown(shop, tmp_path), glyph_set=GlyphSet.ASCII)
    async with app.run_test(size=SMALL) as pilot:
        await show_tree(app, pilot)
        assert isinstance(app.screen, MainScreen)
        rows = app.screen._compositor.render_strips()
        painted = "".join(strip.apply_filter(app._ascii, app.screen.styles.background).text for strip in rows)
        assert painted.isascii() and "+ v1" in painted


# -- one variant -------------------------------------------------------------------------------------


async def test_enter_opens_the_variant_with_all_that_is_known(shop: Workshop, tmp_path: Path) -> None:
    app = shop.app(grown(shop, tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await show_tree(app, pilot)
        await pilot.press("enter")
        await wait_for(pilot, lambda: isinstance(app.screen, VariantScreen))
        await wait_for(pilot, lambda: "with its best numbers" in sheet_text(app))
        told = sheet_text(app)
    assert "v1 · 0.9611 · improve of v0   ★ the best so far" in told
    assert '    PARAMS = {"hidden": 128}' in told and '+    PARAMS = {"hidden": 128}' in told
    assert "-    width = n" in told
    assert "a hidden layer is worth more" in told
    assert [word for word in ("0.9502", "0.9611", "expected to improve on 0.9502") if word not in told] == []


async def test_click_chooses_a_variant_and_a_second_one_opens_it(shop: Workshop, tmp_path: Path) -> None:
    app = shop.app(grown(shop, tmp_path))
    async with app.run_test(size=SMALL) as pilot:
        await show_tree(app, pilot)
        row = next(y for y, line in enumerate(shown(app).splitlines()) if line.split()[:1] == ["v0"])
        await pilot.click(offset=(20, row))
        await wait_for(pilot, lambda: "❯ v0" in shown(app))
        assert isinstance(app.screen, MainScreen)
        await pilot.click(offset=(20, row))
        await wait_for(pilot, lambda: isinstance(app.screen, VariantScreen))


async def test_without_colours_words_and_signs_tell_the_same(shop: Workshop, tmp_path: Path) -> None:
    study_id = grown(shop, tmp_path)
    app = AgentTuneApp(shop.engine, study_id=study_id, clock=shop.wall, steady=shop.steady, no_color=True)
    async with app.run_test(size=WIDE) as pilot:
        await show_tree(app, pilot)
        assert "❯ ├ v1     ★" in shown(app) and "crash" in shown(app)
        await pilot.press("enter")
        await wait_for(pilot, lambda: "-    width = n" in shown(app) and '+    PARAMS = {"hidden": 128}' in shown(app))


async def test_failure_comes_with_its_traceback(shop: Workshop, tmp_path: Path) -> None:
    app = shop.app(grown(shop, tmp_path))
    async with app.run_test(size=SMALL) as pilot:
        await open_sheet(app, pilot, 2)
        assert "failed: crash" in sheet_text(app) and "Traceback (most recent call last):" in sheet_text(app)


async def test_code_and_ideas_are_shown_as_they_are_without_markup_or_control_codes(
    shop: Workshop, tmp_path: Path
) -> None:
    app = shop.app(grown(shop, tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await open_sheet(app, pilot, 4)
        told = shown(app)
    assert "start anew with [bold]fixed[/bold] sizes" in told
    assert r'"""[bold red]Loud[/] \x1b[31mlayers."""' in told and "\x1b" not in told


async def test_arrows_lead_to_the_neighbours(shop: Workshop, tmp_path: Path) -> None:
    app = shop.app(grown(shop, tmp_path))
    async with app.run_test(size=SMALL) as pilot:
        await open_sheet(app, pilot, 1)
        await pilot.press("right")
        await wait_for(pilot, lambda: "return [n, missing, 10]" in sheet_text(app))
        assert "v2 · failed" in sheet_text(app)
        await pilot.press("escape")
        assert isinstance(app.screen, MainScreen)


async def test_sheet_follows_the_running_study(shop: Workshop, tmp_path: Path) -> None:
    study_id = grown(shop, tmp_path)
    app = shop.app(study_id)
    async with app.run_test(size=WIDE) as pilot:
        await open_sheet(app, pilot, 4)
        shop.store.add_code_entries(study_id, [Lesson(4, "sizes matter less than depth")])
        await wait_for(pilot, lambda: "sizes matter less" in sheet_text(app))


def test_added_and_removed_lines_are_told_apart() -> None:
    lines = diff_lines("--- a/m.py\n+++ b/m.py\n@@ -1 +1 @@\n-old\n+[b]new[/b]\n same\n")
    assert [line.plain for line in lines][3:] == ["-old", "+[b]new[/b]", " same"]
    styles = [str(line.spans[0].style) if line.spans else "" for line in lines]
    assert styles[3] == "$error" and styles[4] == "$success" and styles[5] == ""


async def test_variant_that_is_not_there_is_told(shop: Workshop, tmp_path: Path) -> None:
    app = shop.app(code_study(shop, tmp_path))
    async with app.run_test(size=SMALL) as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        await pilot.press("tab")
        app.main.query_one(Prompt).write("/code v7")
        await pilot.press("enter")
        assert "one of v0, but got 'v7'" in str(app.main.query_one(Reply).content)


# -- into the user's file ----------------------------------------------------------------------------


def reply_of(app: AgentTuneApp) -> str:
    return str(app.screen.query_one(Reply).content)


@pytest.mark.parametrize("size", [SMALL, WIDE])
async def test_apply_shows_the_changes_and_asks_first(shop: Workshop, tmp_path: Path, size: tuple[int, int]) -> None:
    app = shop.app(grown(shop, tmp_path))
    async with app.run_test(size=size) as pilot:
        await open_sheet(app, pilot, 1)
        await pilot.press("a")
        await wait_for(pilot, lambda: "Write v1 into your file?" in shown(app))
        assert '+    PARAMS = {"hidden": 128}' in shown(app) and "-    width = n" in shown(app)
        assert "0.9611" in shown(app) and "write it" in shown(app) and "leave the file" in shown(app)
        shop.steady.now += GRACE_S
        await pilot.press("n")
        await wait_for(pilot, lambda: "Write v1" not in shown(app))
    assert (tmp_path / "model.py").read_text() == FILE and not list(tmp_path.glob("*.orig"))


@pytest.mark.parametrize(("number", "told"), [(2, "result     failed"), (1, "result     0.9611, self-reported")])
async def test_question_says_that_it_failed_or_that_the_score_is_its_own_word(
    shop: Workshop, tmp_path: Path, number: int, told: str
) -> None:
    app = shop.app(grown(shop, tmp_path, is_self_reported=True))
    async with app.run_test(size=SMALL) as pilot:
        await open_sheet(app, pilot, number)
        await pilot.press("a")
        await wait_for(pilot, lambda: told in shown(app))


async def test_what_is_asked_about_stays_as_it_is_while_the_study_goes_on(shop: Workshop, tmp_path: Path) -> None:
    study_id = grown(shop, tmp_path)
    app = shop.app(study_id)
    async with app.run_test(size=WIDE) as pilot:
        await open_sheet(app, pilot, 1)
        await pilot.press("a")
        better = shop.complete(study_id, {"variant": "v1", "v1.hidden": 200}, 0.99)
        await wait_for(pilot, lambda: app.snapshot and app.snapshot.best == better)
        app.screen.post_message(WinnerRead(shop.engine.winner(study_id, 1)))
        await pilot.pause()
        assert '"hidden": 128' in shown(app) and '"hidden": 200' not in shown(app)
        shop.steady.now += GRACE_S
        await pilot.press("y")
        await wait_for(pilot, lambda: "is kept as" in reply_of(app))
        assert '"hidden": 128' in (tmp_path / "model.py").read_text()
        await wait_for(pilot, lambda: '"hidden": 200' in sheet_text(app))


async def test_yes_writes_the_file_and_tells_the_backup(shop: Workshop, tmp_path: Path) -> None:
    app = shop.app(grown(shop, tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await open_sheet(app, pilot, 1)
        await pilot.press("a")
        shop.steady.now += GRACE_S
        await pilot.press("y")
        await wait_for(pilot, lambda: "is kept as model.py.orig" in reply_of(app))
    assert '"hidden": 128' in (tmp_path / "model.py").read_text()
    assert (tmp_path / "model.py.orig").read_text() == FILE


async def test_keys_typed_as_the_question_appears_write_nothing(shop: Workshop, tmp_path: Path) -> None:
    app = shop.app(grown(shop, tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await open_sheet(app, pilot, 1)
        await pilot.press("a", "y", "k", "q", "right")
        assert isinstance(app.screen, VariantScreen) and "Write v1" in shown(app)
    assert (tmp_path / "model.py").read_text() == FILE


async def test_changed_file_is_left_alone_and_told(shop: Workshop, tmp_path: Path) -> None:
    app = shop.app(grown(shop, tmp_path))
    (tmp_path / "model.py").write_text(FILE + "# mine\n")
    async with app.run_test(size=WIDE) as pilot:
        await open_sheet(app, pilot, 1)
        await pilot.press("a")
        shop.steady.now += GRACE_S
        await pilot.press("y")
        await wait_for(pilot, lambda: "it is something else by now" in reply_of(app))
    assert (tmp_path / "model.py").read_text() == FILE + "# mine\n"


async def test_own_code_has_nothing_to_apply(shop: Workshop, tmp_path: Path) -> None:
    app = shop.app(grown(shop, tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await open_sheet(app, pilot, 0)
        await pilot.press("a")
        assert "there is nothing to apply" in reply_of(app) and "Write v0" not in shown(app)


# -- its trials --------------------------------------------------------------------------------------


async def trial_told(shop: Workshop, study_id: str, number: int) -> str:
    app = shop.app(study_id)
    async with app.run_test(size=WIDE) as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        app.open_trial(str(number))
        await wait_for(pilot, lambda: "configuration" in shown(app))
        return shown(app)


async def test_trial_tells_its_variant_and_what_that_changes(shop: Workshop, tmp_path: Path) -> None:
    told = await trial_told(shop, grown(shop, tmp_path), 2)
    assert "v1, improve of v0: put a hidden layer between" in " ".join(told.split())
    assert "changes of v1 against its parent" in told and '+    PARAMS = {"hidden": 64}' in told
    assert "self-reported" not in told


async def test_trial_of_a_script_says_whose_word_its_score_is(shop: Workshop, tmp_path: Path) -> None:
    told = await trial_told(shop, grown(shop, tmp_path, is_self_reported=True), 1)
    assert "accuracy, self-reported by python model.py" in told
    assert "v1, improve of v0" in told and "(from v0)" in told


async def test_mend_is_shown_against_what_it_mends(shop: Workshop, tmp_path: Path) -> None:
    told = await trial_told(shop, grown(shop, tmp_path), 4)
    assert "v3, debug of v2" in told and "-    return [n, missing, 10]" in told


def test_table_of_trials_gives_the_room_to_variant_and_reason(shop: Workshop, tmp_path: Path) -> None:
    snapshot = follower(shop, grown(shop, tmp_path)).snapshot()
    every = lay_out(snapshot.space, "accuracy", width=78, n_trials=20)
    assert ":reason" not in [column.name for column in every]  # numbers of all variants take the room
    columns = lay_out(snapshot.space, "accuracy", width=78, n_trials=20, names=("variant",))
    assert [column.name for column in columns][-2:] == ["variant", ":reason"]


async def test_trials_of_the_arm_tell_idea_and_parent(shop: Workshop, tmp_path: Path) -> None:
    app = shop.app(grown(shop, tmp_path))
    async with app.run_test(size=SMALL) as pilot:
        await wait_for(pilot, lambda: app.snapshot and "0.9577" in shown(app))
        row = next(line for line in shown(app).splitlines() if "0.9577" in line)
        assert "code" in row and "v3" in row and "two layers (from v2)" in row


async def test_news_of_a_variant_tell_idea_and_parent(shop: Workshop, tmp_path: Path) -> None:
    study_id = grown(shop, tmp_path)
    origin = origin_of(1, shop.store.trial(study_id, 1).proposal)
    app = shop.app(study_id)
    async with app.run_test(size=WIDE) as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        app.main.say_to_agent("how is it going?", lambda text: None)
        app.main.post_message(Happened(StudyHappened("digits", "trial 1 is the best so far", origin)))
        await wait_for(pilot, lambda: "the best so far" in shown(app))
        await pilot.press("ctrl+o")
        await wait_for(pilot, lambda: "#1" in shown(app))
        told = " ".join(shown(app).split())
    assert "#1 code" in told and "(from v0)" in told
