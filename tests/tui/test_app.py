"""The application, driven by keys on a store whose studies are moved by hand."""

from __future__ import annotations

import contextlib
import sqlite3
from functools import partial
from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import Static

from agenttune.agent import ApprovalRequested
from agenttune.budget import Budget
from agenttune.errors import InternalError, UserError
from agenttune.spec import StudyState
from agenttune.study.leases import lease_of
from agenttune.trial import Outcome, Proposal, TrialState
from agenttune.tui.app import AgentTuneApp
from agenttune.tui.messages import ConversationStands, Happened, Refused, Seen, StudyChosen, Told, TurnEnded
from agenttune.tui.phase import Phase
from agenttune.tui.records import words_of
from agenttune.tui.screens.conversations import ConversationsScreen
from agenttune.tui.screens.help import HelpScreen
from agenttune.tui.screens.main import MainScreen
from agenttune.tui.screens.studies import StudiesScreen
from agenttune.tui.screens.trial import TrialScreen
from agenttune.tui.widgets.approval import ApprovalCard
from agenttune.tui.widgets.best import BestPanel
from agenttune.tui.widgets.chart import Chart
from agenttune.tui.widgets.guarded import GRACE_S
from agenttune.tui.widgets.prompt import Prompt
from agenttune.tui.widgets.question import QuestionCard
from agenttune.tui.widgets.reply import Reply
from agenttune.tui.widgets.status import StatusLine
from agenttune.tui.widgets.strip import StatusStrip, TopLine
from agenttune.tui.widgets.trials import TrialsTable
from agenttune.tui.widgets.welcome import EXAMPLES, Welcome
from tests.tui.workshop import CONFIG, HELD_OUT, SVM, Workshop, fill, shown, wait_for

REQUEST = "tune an SVM on digits for accuracy, 30 trials"


def text(app: AgentTuneApp, part: type[Static]) -> str:
    return str(app.main.query_one(part).content)


async def send(app: AgentTuneApp, pilot: Pilot[None], line: str) -> None:
    """Sends a line from the prompt, which has the focus."""
    app.main.query_one(Prompt).write(line)
    await pilot.press("enter")


def is_shown(app: AgentTuneApp, words: str) -> bool:
    return words in shown(app)


# -- empty --------------------------------------------------------------------------------------------


async def test_empty_screen_offers_three_things_to_type(shop: Workshop) -> None:
    app = shop.app()
    async with app.run_test():
        assert all(example in text(app, Welcome) for example in EXAMPLES)
        assert app.focused is app.main.query_one(Prompt)


async def test_empty_screen_lists_the_studies_there_are(shop: Workshop) -> None:
    shop.study("svm-digits", state=StudyState.FINISHED)
    app = shop.app()
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: "svm-digits" in text(app, Welcome))


async def test_tab_writes_the_first_example(shop: Workshop) -> None:
    app = shop.app()
    async with app.run_test() as pilot:
        await pilot.press("tab")
        assert app.main.query_one(Prompt).value == EXAMPLES[0]


async def test_no_store_is_made_by_looking(shop: Workshop) -> None:
    shop.engine.store_path = shop.engine.store_path.with_name("other.db")
    app = shop.app()
    async with app.run_test() as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
    assert not shop.engine.store_path.exists()


# -- a conversation -----------------------------------------------------------------------------------


def said(app: AgentTuneApp) -> str:
    """All that the transcript holds."""
    return "\n".join(map(words_of, app.main.transcript.records))


@pytest.fixture
def driven(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Studies that the agent would have driven."""
    found: list[str] = []
    monkeypatch.setattr("agenttune.tools.create_study.ensure_driver", lambda store, row: found.append(row.id))
    return found


async def test_unread_words_are_told_with_an_example(shop: Workshop) -> None:
    app = shop.app()
    async with app.run_test() as pilot:
        await send(app, pilot, "tune a frobnicator on digits")
        await wait_for(pilot, lambda: "tune an SVM on digits" in said(app))
        assert "frobnicator" in said(app)
        await wait_for(pilot, lambda: "frobnicator" in shown(app))
    assert shop.store.studies() == []


async def ask(app: AgentTuneApp, pilot: Pilot[None]) -> None:
    """Asks for a study and waits for the card."""
    await send(app, pilot, REQUEST)
    await wait_for(pilot, lambda: app.focused is app.main.query_one(ApprovalCard))


async def test_study_is_shown_before_anything_starts(shop: Workshop, driven: list[str]) -> None:
    app = shop.app()
    async with app.run_test() as pilot:
        await ask(app, pilot)
        assert "SVC" in text(app, ApprovalCard) and "maximise accuracy" in text(app, ApprovalCard)
        assert shop.store.studies() == [] and driven == []


async def test_yes_creates_the_study_drives_and_follows_it(shop: Workshop, driven: list[str]) -> None:
    app = shop.app()
    async with app.run_test() as pilot:
        await ask(app, pilot)
        shop.steady.now += GRACE_S
        await pilot.press("y")
        await wait_for(pilot, lambda: app.snapshot and driven)
        assert driven == [shop.store.study(None).id]
        await wait_for(pilot, lambda: "is created and runs" in said(app))
        assert app.focused is app.main.query_one(Prompt)


@pytest.mark.parametrize("key", ["n", "escape"])
async def test_no_starts_nothing_and_the_sentence_is_a_key_away(shop: Workshop, driven: list[str], key: str) -> None:
    app = shop.app()
    async with app.run_test() as pilot:
        await ask(app, pilot)
        shop.steady.now += GRACE_S
        await pilot.press(key)
        await wait_for(pilot, lambda: "did not run" in said(app))
        assert app.focused is app.main.query_one(Prompt)
        await pilot.press("up")
        assert app.main.query_one(Prompt).value == REQUEST
    assert shop.store.studies() == [] and driven == []


async def test_edit_gives_the_sentence_back(shop: Workshop, driven: list[str]) -> None:
    app = shop.app()
    async with app.run_test() as pilot:
        await ask(app, pilot)
        shop.steady.now += GRACE_S
        await pilot.press("e")
        await wait_for(pilot, lambda: "did not run" in said(app))
        assert app.main.query_one(Prompt).value == REQUEST
    assert shop.store.studies() == [] and driven == []


async def test_edit_gives_the_text_of_a_model_s_call(shop: Workshop) -> None:
    app = shop.app()
    async with app.run_test() as pilot:
        await pilot.pause()
        app.main.post_message(Happened(ApprovalRequested("call-1", "edit_study", "steer", "C: 1 -> 2")))
        await wait_for(pilot, lambda: app.focused is app.main.query_one(ApprovalCard))
        shop.steady.now += GRACE_S
        await pilot.press("e")
        assert app.main.query_one(Prompt).value == "C: 1 -> 2"


async def test_keys_typed_as_the_card_appears_go_to_the_draft(shop: Workshop, driven: list[str]) -> None:
    app = shop.app()
    async with app.run_test() as pilot:
        await ask(app, pilot)
        shop.steady.now += GRACE_S * 0.9
        await pilot.press("y")
        shop.steady.now += GRACE_S * 0.9
        await pilot.press("e", "enter", "s")
        assert app.main.composer.has_class("-asking")
        assert app.main.query_one(Prompt).value == "yes"
    assert shop.store.studies() == [] and driven == []


async def test_driver_that_does_not_start_is_told(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(store: object, row: object) -> None:
        raise UserError("the driver ended at once: no space left")

    monkeypatch.setattr("agenttune.tools.create_study.ensure_driver", refuse)
    app = shop.app()
    async with app.run_test() as pilot:
        await ask(app, pilot)
        shop.steady.now += GRACE_S
        await pilot.press("y")
        await wait_for(pilot, lambda: "no space left" in said(app))


async def test_sentences_typed_meanwhile_wait_and_escape_gives_them_back(shop: Workshop, driven: list[str]) -> None:
    app = shop.app()
    async with app.run_test() as pilot:
        app.say_to_agent(REQUEST)
        app.say_to_agent("how is it going?")
        assert "queued" in text(app, Reply)
        await wait_for(pilot, lambda: app.main.composer.has_class("-asking"))
        app.main.action_interrupt()
        assert app.main.query_one(Prompt).value == "how is it going?"
        app.main.action_interrupt()
        await wait_for(pilot, lambda: "trials go on" in said(app))
        assert not app.main.composer.has_class("-asking")
    assert shop.store.studies() == [] and driven == []


async def test_a_queued_sentence_is_sent_once_the_turn_is_over(shop: Workshop) -> None:
    shop.study("svm-digits", state=StudyState.FINISHED, is_driven=False)
    app = shop.app()
    async with app.run_test() as pilot:
        app.say_to_agent("open the latest study")
        app.say_to_agent("how is it going?")
        await wait_for(pilot, lambda: "finished" in said(app) and "best: none yet" in said(app))
        await wait_for(pilot, lambda: app.snapshot and app.snapshot.row.name == "svm-digits")


async def test_what_is_said_of_the_queue_goes_with_it(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    app = shop.app()
    monkeypatch.setattr(app.conversation, "send", lambda text: None)
    told = []
    async with app.run_test() as pilot:
        for sentence in ("first", "second", "third"):
            app.say_to_agent(sentence)
        for _ in range(2):
            told.append(text(app, Reply))
            app.main.on_turn_ended(TurnEnded())
        await pilot.pause()
        assert [sentence.split(";")[0] for sentence in told] == ["queued, 2 sentences wait", "queued, 1 sentence waits"]
        assert text(app, Reply) == ""


async def test_conversation_is_listed_and_comes_back(shop: Workshop) -> None:
    shop.study("svm-digits", state=StudyState.FINISHED, is_driven=False)
    app = shop.app()
    async with app.run_test() as pilot:
        await send(app, pilot, "list the studies")
        await wait_for(pilot, lambda: "svm-digits" in said(app))
    later = shop.app()
    async with later.run_test() as pilot:
        await send(later, pilot, "/chats")
        await wait_for(pilot, lambda: isinstance(later.screen, ConversationsScreen) and "list the" in shown(later))
        await pilot.press("enter")
        await wait_for(pilot, lambda: "svm-digits" in said(later))
        assert "list the studies" in said(later)


async def test_mode_and_model_are_told_below_the_prompt(shop: Workshop) -> None:
    app = shop.app()
    async with app.run_test() as pilot:
        await send(app, pilot, "/mode never")
        assert "ask (asks first)" in text(app, Reply)
        await send(app, pilot, "/mode plan")
        await wait_for(pilot, lambda: "only looks" in text(app, StatusLine))
        assert "offline assistant" in text(app, StatusLine)
        await send(app, pilot, "/model nonsense")
        await wait_for(pilot, lambda: "nonsense" in text(app, Reply) and "openai:" in text(app, Reply))


async def test_complaint_on_a_list_is_shown_to_its_end(shop: Workshop) -> None:
    app = shop.app()
    async with app.run_test(size=(60, 20)) as pilot:
        app.show_studies()
        await wait_for(pilot, lambda: StudiesScreen.IF_EMPTY in shown(app))
        app.screen.post_message(Refused("study 'a' cannot be read: " + "damaged " * 20 + "as-told"))
        await wait_for(pilot, lambda: "as-told" in shown(app))


async def test_stop_is_of_the_study_that_was_asked_about(shop: Workshop) -> None:
    first, second = shop.study("first"), shop.study("second")
    app = shop.app(first)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        await pilot.press("s")
        app.open_study("second")
        await wait_for(pilot, lambda: app.snapshot and app.snapshot.row.id == second)
        shop.steady.now += GRACE_S
        await pilot.press("y")
        await wait_for(pilot, lambda: shop.store.take_controls(first))
    assert shop.store.take_controls(second) == []


async def test_one_card_gives_way_to_the_other(shop: Workshop, driven: list[str]) -> None:
    app = shop.app(shop.study())
    async with app.run_test(size=(120, 36)) as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        app.say_to_agent(REQUEST)
        await wait_for(pilot, lambda: app.main.query_one(ApprovalCard).display)
        app.ask_to_stop()
        shop.steady.now += GRACE_S
        await pilot.press("f2")
        assert app.focused is not app.main.query_one(Prompt)
        app.main.query_one(QuestionCard).focus()
        await pilot.press("n")
        await wait_for(pilot, lambda: app.focused is app.main.query_one(ApprovalCard))
        shop.steady.now += GRACE_S
        await pilot.press("n")
        await wait_for(pilot, lambda: "did not run" in said(app))


async def test_exported_conversation_holds_no_key(shop: Workshop, tmp_path: Path) -> None:
    app = shop.app()
    async with app.run_test() as pilot:
        await send(app, pilot, "note sk-planted0123456789abcdef")
        await wait_for(pilot, lambda: app.main.transcript.last_reply)
        await send(app, pilot, f"/export {tmp_path / 'chat.md'}")
        await wait_for(pilot, lambda: "written to" in text(app, Reply))
    assert "sk-planted" not in (tmp_path / "chat.md").read_text()


async def test_latest_reply_is_copied_and_a_text_is_found(shop: Workshop) -> None:
    app = shop.app()
    async with app.run_test() as pilot:
        await pilot.press("ctrl+y")
        assert "no reply to copy" in text(app, Reply)
        await send(app, pilot, "nonsense of mine")
        await wait_for(pilot, lambda: app.main.transcript.last_reply)
        await pilot.press("ctrl+y")
        assert "nonsense of mine" in app.clipboard
        await send(app, pilot, "/find mine")
        assert "nothing in" not in text(app, Reply)
        await send(app, pilot, "/find yours")
        assert "nothing in the conversation holds 'yours'" in text(app, Reply)


async def test_transcript_is_exported_and_never_over_a_file(shop: Workshop, tmp_path: Path) -> None:
    app = shop.app()
    async with app.run_test() as pilot:
        await send(app, pilot, f"/export {tmp_path / 'chat.md'}")
        assert "nothing was said yet" in text(app, Reply)
        await send(app, pilot, "list the studies")
        await wait_for(pilot, lambda: "list_studies" in said(app))
        for word in ("written to", "is there already"):
            await send(app, pilot, f"/export {tmp_path / 'chat.md'}")
            await wait_for(pilot, lambda word=word: word in text(app, Reply))  # type: ignore[misc]  # a default
    assert "list the studies" in (tmp_path / "chat.md").read_text()


# -- a running study ----------------------------------------------------------------------------------


async def test_trials_fill_in_live(shop: Workshop) -> None:
    study_id = shop.study()
    app = shop.app(study_id)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        shop.complete(study_id, CONFIG, 0.9)
        await wait_for(pilot, lambda: "0.9000" in shown(app))


@pytest.mark.parametrize("is_typing", [False, True])
async def test_view_without_keys_takes_them_from_the_table_it_hides_and_not_from_the_prompt(
    shop: Workshop, is_typing: bool
) -> None:
    app = shop.app(shop.study())
    async with app.run_test(size=(140, 45)) as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen.focused, TrialsTable))
        if is_typing:
            app.main.set_focus(app.main.composer.field)
        app.show_pane("curves")
        assert isinstance(app.screen.focused, Prompt) if is_typing else app.screen.focused is None


async def test_running_study_tells_its_state_its_progress_and_its_way_up(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    shop.start(study_id, CONFIG)
    app = shop.app(study_id)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        await pilot.pause()
        assert "svm-digits · running 1 trial" in text(app, TopLine)
        assert all(part in text(app, StatusStrip) for part in ("16/30", "best 0.9889 #14", "1 failed"))
        drawn = "".join(strip.text for strip in map(app.main.query_one(Chart).render_line, range(8)))
        assert any("\u2801" <= character <= "\u28ff" for character in drawn)


@pytest.mark.parametrize(
    ("keys", "control"), [("p", ("pause", {})), ("sy", ("stop", {"kill": False})), ("sk", ("stop", {"kill": True}))]
)
async def test_pause_and_stop_reach_the_store(shop: Workshop, keys: str, control: tuple[str, dict[str, bool]]) -> None:
    study_id = shop.study()
    app = shop.app(study_id)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        for key in keys:
            await pilot.press(key)
            shop.steady.now += GRACE_S
        await wait_for(pilot, lambda: shop.store.take_controls(study_id))
    assert [entry[1:] for entry in shop.store.take_controls(study_id)] == [control]


async def test_stop_asks_first(shop: Workshop) -> None:
    study_id = shop.study()
    app = shop.app(study_id)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        await pilot.press("s")
        shop.steady.now += GRACE_S
        await pilot.press("n")
        assert not app.main.composer.has_class("-asking")
        assert app.focused is app.main.query_one(TrialsTable)
    assert shop.store.take_controls(study_id) == []


@pytest.mark.parametrize("key", ["r", "p"])
async def test_paused_study_goes_on(shop: Workshop, key: str) -> None:
    study_id = shop.study(state=StudyState.PAUSED)
    app = shop.app(study_id)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        assert "paused" in text(app, TopLine)
        await pilot.press(key)
        await wait_for(pilot, lambda: shop.store.take_controls(study_id))
    assert [entry[1] for entry in shop.store.take_controls(study_id)] == ["resume"]
    assert shop.engine.driven == []


async def test_answer_of_the_study_is_shown(shop: Workshop) -> None:
    study_id = shop.study()
    app = shop.app(study_id)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        control = shop.store.send(study_id, "pause")
        shop.store.answer(study_id, control, "pause", accepted=True, answer="paused; 2 running trials go on")
        await wait_for(pilot, lambda: "2 running trials go on" in text(app, Reply))


async def test_interrupted_study_says_how_to_go_on_and_does(shop: Workshop) -> None:
    study_id = shop.study(is_driven=False)
    app = shop.app(study_id)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        assert "interrupted" in text(app, TopLine)
        assert "say /continue" in text(app, Reply)
        await pilot.press("r")
        await wait_for(pilot, lambda: shop.engine.driven)
    assert shop.engine.driven == [study_id]


@pytest.mark.parametrize("state", [StudyState.RUNNING, StudyState.STOPPED])
async def test_study_of_ask_and_tell_names_its_program_and_offers_no_continue(
    shop: Workshop, state: StudyState
) -> None:
    study_id = shop.study("many", state=state, is_driven=False, objective={"type": "told"})
    app = shop.app(study_id)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        assert ("waiting" if state is StudyState.RUNNING else "stopped") in text(app, TopLine)
        assert "Study.open('many') goes on with ask and tell" in text(app, Reply)
        assert not app.main.check_action("continue", ())
        app.main.attempt(app.continue_study)
        assert "Study.open('many')" in text(app, Reply)
    assert shop.store.take_controls(study_id) == []


async def test_nothing_is_sent_to_a_study_nobody_drives(shop: Workshop) -> None:
    study_id = shop.study()
    app = shop.app(study_id)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        shop.store.release_driver(study_id, lease_of())
        app.pause_study()
        await wait_for(pilot, lambda: "no process drives" in text(app, Reply))
    assert shop.store.take_controls(study_id) == []


async def test_finished_study_shows_the_best_and_held_out_data(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    shop.store.set_summary(study_id, {"held_out": HELD_OUT})
    shop.store.set_state(study_id, StudyState.FINISHED, reason="the budget is spent")
    app = shop.app(study_id)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        panel = text(app, BestPanel)
    assert "C 12.3" in panel and "gp: expected to improve" in panel
    assert "0.9917" in panel and "0.9806 (+0.0111)" in panel


async def test_study_without_a_success_says_so(shop: Workshop) -> None:
    study_id = shop.study()
    shop.fail(study_id, CONFIG, "ValueError: no")
    shop.store.set_state(study_id, StudyState.FINISHED)
    app = shop.app(study_id)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        assert text(app, BestPanel) == "no trial has succeeded; Enter on one that failed shows why"
        assert text(app, Reply) == 'the only trial failed: ask "what failed and why"'
        assert text(app, StatusStrip).startswith("✖ 1/30")


async def test_list_has_no_sign_of_success_for_a_study_without_one(shop: Workshop) -> None:
    study_id = shop.study("vain")
    shop.fail(study_id, CONFIG, "ValueError: no")
    shop.store.set_state(study_id, StudyState.FINISHED)
    shop.complete(good := shop.study("good"), CONFIG, 0.5)
    shop.fail(good, CONFIG, "ValueError: no")
    shop.store.set_state(good, StudyState.FINISHED)
    app = shop.app()
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: "✖ vain" in shown(app) and "✔ good" in shown(app))


async def test_stopped_study_whose_trials_wait_blames_none(shop: Workshop) -> None:
    study_id = shop.study()
    shop.store.add_trial(study_id, Proposal(CONFIG, "gp", "most promising"), seed=0)
    shop.store.set_state(study_id, StudyState.STOPPED)
    app = shop.app(study_id)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        assert text(app, BestPanel) == "no trial has finished"


async def test_late_news_of_a_study_that_was_left_does_not_come_back(shop: Workshop) -> None:
    first, second = shop.study("first"), shop.study("second")
    app = shop.app(first)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        app.open_study("second")
        await wait_for(pilot, lambda: app.snapshot and app.snapshot.row.id == second)
        shop.complete(first, CONFIG, 0.5)
        shop.complete(second, CONFIG, 0.6)
        await wait_for(pilot, lambda: app.snapshot and app.snapshot.trials)
        assert app.snapshot is not None and app.snapshot.row.id == second


async def test_key_that_stops_the_reply_is_told_while_one_is_under_way(shop: Workshop) -> None:
    app = shop.app(shop.study())
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        app.main.take_prompt()
        await wait_for(pilot, lambda: "esc Trials" in shown(app))
        app.main.say_to_agent(REQUEST, lambda text: None)
        await wait_for(pilot, lambda: "esc Stop the reply" in shown(app) and "esc Trials" not in shown(app))
        await pilot.press("escape")
        assert "stopping the reply" in text(app, StatusLine)
        app.main.post_message(TurnEnded())
        await wait_for(pilot, lambda: "esc Trials" in shown(app))
        await pilot.press("x")
        await wait_for(pilot, lambda: "esc Clear" in shown(app))


async def test_escape_stops_the_reply_and_keeps_what_is_typed(shop: Workshop) -> None:
    app = shop.app(shop.study())
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        app.main.take_prompt()
        app.main.say_to_agent(REQUEST, lambda text: None)
        await pilot.press(*"next", "escape")
        assert "stopping the reply" in text(app, StatusLine)
        assert app.main.composer.prompt.value == "next"


async def test_worst_case_in_the_costs_is_told_as_that(shop: Workshop) -> None:
    app = shop.app()
    async with app.run_test() as pilot:
        await pilot.pause()
        app.main.post_message(ConversationStands("m", "ask", None, 3, 1200, 0.01, is_estimated=True))
        await wait_for(pilot, lambda: "~1,200 tokens · ~$0.0100" in text(app, StatusLine))


async def test_more_of_the_status_fits_after_the_window_grew(shop: Workshop) -> None:
    app = shop.app()
    async with app.run_test(size=(40, 24)) as pilot:
        await pilot.pause()
        app.main.post_message(ConversationStands("openai:some-model", "ask", None, 3, 1200, 0.01))
        await wait_for(pilot, lambda: "some-model" in text(app, StatusLine))
        assert "tokens" not in text(app, StatusLine)
        await pilot.resize_terminal(100, 24)
        await wait_for(pilot, lambda: "1,200 tokens · $0.0100" in shown(app))


async def test_queued_sentence_that_comes_back_leaves_the_draft_in_the_history(shop: Workshop) -> None:
    app = shop.app(shop.study())
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        app.main.take_prompt()
        for sentence in (REQUEST, "second"):
            app.main.say_to_agent(sentence, lambda text: None)
        await pilot.press(*"mine", "escape")
        assert app.main.composer.prompt.value == "second"
        app.main.composer.prompt.write("")
        await pilot.press("up")
        assert app.main.composer.prompt.value == "mine"


@pytest.mark.parametrize(("budget", "told"), [(1, 'or "ten more trials"'), (9, '"what did we learn?"')])
async def test_end_of_a_study_is_told_with_its_reason_and_what_may_be_next(
    shop: Workshop, budget: int, told: str
) -> None:
    study_id = shop.study(budget=Budget(trials=budget))
    shop.complete(study_id, CONFIG, 0.5)
    app = shop.app(study_id)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        shop.store.set_state(study_id, StudyState.FINISHED, reason="that is all")
        await wait_for(pilot, lambda: "that is all; ask" in text(app, Reply))
        assert text(app, Reply).endswith(told)


# -- getting around -----------------------------------------------------------------------------------


async def test_enter_on_a_trial_opens_it_and_escape_closes(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    app = shop.app(study_id)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        await pilot.press("down", "down", "enter")
        assert isinstance(app.screen, TrialScreen)
        await wait_for(pilot, lambda: "trial 14" in str(app.screen.query_one("#title", Static).content))
        await pilot.press("escape")
        assert isinstance(app.screen, MainScreen)


async def test_studies_are_listed_and_opened(shop: Workshop) -> None:
    old, _ = shop.study("old"), shop.study("new")
    app = shop.app()
    async with app.run_test() as pilot:
        await send(app, pilot, "/studies")
        await wait_for(pilot, lambda: isinstance(app.screen, StudiesScreen) and "old" in shown(app))
        await pilot.press("down", "enter")
        await wait_for(pilot, lambda: app.snapshot)
        assert app.snapshot is not None and app.snapshot.row.id == old


async def test_studies_are_listed_beside_one_that_cannot_be_read(shop: Workshop) -> None:
    shop.study("broken")
    with contextlib.closing(sqlite3.connect(shop.store.path)) as raw, raw:
        raw.execute("UPDATE studies SET spec = '{'")
    shop.study("whole")
    app = shop.app()
    async with app.run_test() as pilot:
        await send(app, pilot, "/studies")
        await wait_for(pilot, lambda: "study 'broken' is damaged" in shown(app))
        assert "whole" in shown(app)


async def test_open_without_a_name_follows_the_latest(shop: Workshop) -> None:
    shop.study("old")
    latest = shop.study("new")
    app = shop.app()
    async with app.run_test() as pilot:
        await send(app, pilot, "/open")
        await wait_for(pilot, lambda: app.snapshot)
        assert app.snapshot is not None and app.snapshot.row.id == latest


async def test_unknown_study_is_told(shop: Workshop) -> None:
    shop.study("svm-digits")
    app = shop.app()
    async with app.run_test() as pilot:
        await send(app, pilot, "/open nobody")
        await wait_for(pilot, lambda: "nobody" in text(app, Reply))


async def test_new_leaves_the_study_to_itself(shop: Workshop) -> None:
    study_id = shop.study()
    app = shop.app(study_id)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        await pilot.press("tab")
        await send(app, pilot, "/new")
        assert app.snapshot is None
        assert app.main.query_one(Welcome).display
    assert shop.store.take_controls(study_id) == []


async def test_news_under_way_do_not_bring_a_study_back_that_was_left(shop: Workshop) -> None:
    app = shop.app(shop.study())
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        assert app.snapshot is not None
        news = Seen(app.snapshot)
        app.new_study()
        app.main.post_message(news)
        await pilot.pause()
        assert app.snapshot is None


async def test_commands_that_need_a_study_say_so(shop: Workshop) -> None:
    app = shop.app()
    async with app.run_test() as pilot:
        for line in ("/pause", "/stop", "/continue", "/trial 1"):
            await send(app, pilot, line)
            assert "there is no study on screen" in text(app, Reply)


async def test_trial_that_is_not_there_is_told(shop: Workshop) -> None:
    study_id = shop.study()
    shop.complete(study_id, CONFIG, 0.5)
    app = shop.app(study_id)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        await pilot.press("tab")
        for line in ("/trial", "/trial 99", "/trial x"):
            await send(app, pilot, line)
            assert "a trial is named by its number, 0 to 0" in text(app, Reply)


async def test_unknown_command_is_told(shop: Workshop) -> None:
    app = shop.app()
    async with app.run_test() as pilot:
        await send(app, pilot, "/puase")
        assert "did you mean /pause?" in text(app, Reply)


async def test_f1_lists_keys_and_closes_again(shop: Workshop) -> None:
    app = shop.app()
    async with app.run_test() as pilot:
        await pilot.press("f1")
        assert isinstance(app.screen, HelpScreen)
        await pilot.press("f1")
        assert isinstance(app.screen, MainScreen)


async def test_palette_begins_a_command_that_lacks_a_word(shop: Workshop) -> None:
    app = shop.app(shop.study())
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        await pilot.press("ctrl+p")
        await wait_for(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.press(*"model")
        await wait_for(pilot, lambda: "have another language model answer" in shown(app))
        await pilot.press("down", "enter")
        await wait_for(pilot, lambda: app.main.query_one(Prompt).value == "/model ")
        assert app.focused is app.main.query_one(Prompt)


async def test_palette_has_the_same_verbs(shop: Workshop) -> None:
    app = shop.app()
    async with app.run_test():
        titles = [command.title for command in app.get_system_commands(app.screen)]
    assert {"Pause", "Continue", "Stop", "Studies", "Help", "Quit"} <= set(titles)


# -- leaving ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keys", [["q"], ["ctrl+c", "ctrl+c"], ["slash", "q", "enter"]])
async def test_leaving_sends_nothing_to_the_study(shop: Workshop, keys: list[str]) -> None:
    study_id = shop.study()
    app = shop.app(study_id)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        await pilot.press(*keys)
    assert app.return_code == 0
    assert shop.store.take_controls(study_id) == []
    assert shop.store.study(study_id).state is StudyState.RUNNING


async def test_one_ctrl_c_only_says_how_to_leave(shop: Workshop) -> None:
    app = shop.app()
    async with app.run_test() as pilot:
        await pilot.press("ctrl+c")
        shop.steady.now += 1.5
        await pilot.press("ctrl+c")
        assert app.is_running
        assert "Ctrl+C again leaves" in text(app, Reply)


async def test_ctrl_c_copies_what_is_selected(shop: Workshop) -> None:
    app = shop.app()
    async with app.run_test() as pilot:
        prompt = app.main.query_one(Prompt)
        prompt.write("tune it")
        prompt.action_select_all()
        await pilot.press("ctrl+c")
        assert app.clipboard == "tune it"


async def test_bug_in_a_thread_ends_the_application_with_the_error(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(text: str) -> None:
        raise InternalError("a bug")

    app = shop.app()
    monkeypatch.setattr(app.conversation, "_turn", fail)
    with pytest.raises(Exception, match="a bug"):
        async with app.run_test() as pilot:
            await pilot.press("x", "enter")
            await wait_for(pilot, lambda: app.crash)
    assert app.crash is not None


# -- any size, any text -------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(60, 20), (1, 1), (240, 70)], ids=str)
async def test_any_size_of_terminal_works(shop: Workshop, size: tuple[int, int]) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    app = shop.app(study_id)
    async with app.run_test(size=size) as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        await pilot.pause()
        await pilot.press("down")
        if size >= (60, 20):
            assert app.main.query_one(Prompt).region.bottom <= size[1]
            assert app.main.query_one(Prompt).region.height == 1


async def test_size_may_change_while_it_runs(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    app = shop.app(study_id)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        await pilot.resize_terminal(140, 45)
        await wait_for(pilot, lambda: app.main.has_class("-wide"))
        await pilot.resize_terminal(80, 24)
        await wait_for(pilot, lambda: app.main.has_class("-narrow"))


HOSTILE = ["[/]", "[bold", "\x1b]8;;http://x\x07", "\x1b[31m", "日本語", "👩‍👩‍👧", "\u202eabc", "x" * 10_000]


async def test_hostile_text_is_shown_as_text(shop: Workshop) -> None:
    study_id = shop.study("[/] [bold")
    for evil in HOSTILE:
        shop.complete(study_id, CONFIG, 0.5, arm=evil[:30], reason=evil)
        shop.fail(study_id, CONFIG, evil)
    app = shop.app(study_id)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        for evil in HOSTILE:
            app.main.post_message(Told(evil))
            app.main.post_message(Refused(evil))
        await pilot.press("down", "enter")
        await wait_for(pilot, lambda: "failed" in shown(app))
        assert "\x1b" not in shown(app)
        await pilot.press("escape", "tab", "[", "/", "]", "enter")
        await wait_for(pilot, lambda: "reading" not in text(app, Reply))


async def test_thousands_of_trials_are_no_burden(shop: Workshop) -> None:
    study_id = shop.study()
    for i in range(300):
        shop.complete(study_id, CONFIG, i / 300)
    app = shop.app(study_id)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        await pilot.press("end")
        assert app.main.query_one(TrialsTable).selected == 0
        assert len(app.screen.query("*")) < 60


async def test_late_outcome_changes_the_row(shop: Workshop) -> None:
    study_id = shop.study()
    shop.start(study_id, CONFIG)
    app = shop.app(study_id)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        shop.store.finish(study_id, 0, TrialState.COMPLETE, outcome=Outcome({"accuracy": 0.75}, 2.0))
        await wait_for(pilot, lambda: app.snapshot and app.snapshot.best)
        assert app.main.phase is Phase.RUNNING
        assert app.main.snapshot.space == SVM if app.main.snapshot else False


async def test_question_is_as_high_as_its_text_after_the_window_was_tiny(shop: Workshop) -> None:
    app = shop.app(shop.study())
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        await pilot.press("s")
        await wait_for(pilot, lambda: app.main.composer.is_asking)
        card = app.main.query_one(QuestionCard)
        await wait_for(pilot, lambda: card.size.height)
        before = card.size.height
        await pilot.resize_terminal(20, 6)
        await pilot.pause()
        await pilot.resize_terminal(80, 24)
        await wait_for(pilot, lambda: card.size.height == before)
        assert "no trial runs just now" in shown(app)


@pytest.mark.parametrize("takes_focus", [True, False], ids=["opened by name", "chosen by the agent"])
async def test_what_a_greeting_names_works_wherever_the_focus_is(shop: Workshop, takes_focus: bool) -> None:
    app = shop.app()
    async with app.run_test(size=(100, 30)) as pilot:
        for name, is_driven, told in (
            ("alive", True, "alive runs by itself: Ctrl+Q leaves it running"),
            ("left", False, "no process drives left any more: say /continue and"),
        ):
            shop.study(name, is_driven=is_driven)
            app.open_study(name) if takes_focus else app.post_message(StudyChosen(name))
            await wait_for(pilot, partial(is_shown, app, told))
        assert (app.focused is app.main.query_one(Prompt)) is not takes_focus
        await pilot.press(*"/continue", "enter")
        await wait_for(pilot, lambda: shop.engine.driven)
        await pilot.press("ctrl+q")
    assert app.return_code == 0


@pytest.mark.parametrize("state", [StudyState.STOPPED, StudyState.FINISHED])
async def test_why_a_study_ended_is_told_without_control_characters(shop: Workshop, state: StudyState) -> None:
    study_id = shop.study()
    shop.store.set_state(study_id, state, reason="the \x1b[31mbudget\u202e is spent")
    app = shop.app(study_id)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: "the budget is spent" in text(app, Reply))


async def test_late_beginning_takes_no_focus_from_a_study_that_was_chosen(shop: Workshop) -> None:
    app = shop.app()
    async with app.run_test() as pilot:
        app.post_message(StudyChosen(shop.study("chosen")))
        await wait_for(pilot, lambda: app.main._expected)
        app._begin()  # comes after the first paint, however late that is
        await wait_for(pilot, lambda: app.snapshot)
        assert app.focused is app.main.query_one(Prompt)


async def test_reason_of_the_best_fits_the_pane_from_the_first_on(shop: Workshop) -> None:
    """Of a study that has ended nothing comes after the first picture, which is drawn before widths are known."""
    study_id = shop.study()
    shop.complete(study_id, CONFIG, 0.5, reason="most promising of " + "many " * 40 + "points")
    shop.store.set_state(study_id, StudyState.FINISHED)
    app = shop.app(study_id)
    async with app.run_test(size=(140, 45)) as pilot:
        await wait_for(pilot, lambda: "many" in text(app, BestPanel))
        await pilot.pause()
        width = app.main.query_one(BestPanel).content_size.width
        assert 0 < max(len(line) for line in text(app, BestPanel).splitlines()) <= width
