"""No key is lost because the focus was elsewhere: keys that come at once, letters that are no key of a view, pastes."""

from __future__ import annotations

import pytest
from textual import events
from textual.pilot import Pilot

from agenttune.tui.app import AgentTuneApp
from agenttune.tui.widgets.guarded import GuardedCard
from agenttune.tui.widgets.question import QuestionCard
from agenttune.tui.widgets.trials import TrialsTable
from tests.tui.workshop import Workshop, shown, wait_for


def burst(app: AgentTuneApp, *keys: str) -> None:
    """Keys that arrive before any of them is acted on, as from a slow line."""
    for key in keys:
        app.post_message(events.Key(key, {"space": " ", "slash": "/", "tab": "\t"}.get(key, key)))


async def at_the_trials(pilot: Pilot[None], app: AgentTuneApp) -> None:
    await wait_for(pilot, lambda: app.snapshot and isinstance(app.focused, TrialsTable))


async def test_command_typed_in_one_go_at_the_trials_is_whole(shop: Workshop) -> None:
    app = shop.app(shop.study())
    async with app.run_test() as pilot:
        await at_the_trials(pilot, app)
        burst(app, "slash", *"cost")
        await wait_for(pilot, lambda: app.main.composer.prompt.text == "/cost")
        assert not app.main.composer.is_asking


async def test_text_begun_at_the_trials_goes_on_in_the_prompt(shop: Workshop) -> None:
    app = shop.app(shop.study())
    async with app.run_test() as pilot:
        await at_the_trials(pilot, app)
        burst(app, *"why", "space", *"pqrs")
        await wait_for(pilot, lambda: app.main.composer.prompt.text == "why pqrs")


async def test_letters_that_are_keys_of_the_trials_still_act(shop: Workshop) -> None:
    app = shop.app(shop.study())
    async with app.run_test() as pilot:
        await at_the_trials(pilot, app)
        await pilot.press("p")
        await wait_for(pilot, lambda: "asking the study to pause" in shown(app))
        assert app.main.composer.prompt.text == "" and isinstance(app.focused, TrialsTable)


async def test_text_typed_in_one_go_after_tab_stays_in_the_prompt(shop: Workshop) -> None:
    app = shop.app(shop.study())
    async with app.run_test() as pilot:
        await at_the_trials(pilot, app)
        await pilot.press("tab")
        burst(app, "tab", *"stop")
        await wait_for(pilot, lambda: app.main.composer.prompt.text == "stop")
        await pilot.press("s")
        assert app.main.composer.prompt.text == "stops"


async def test_keys_that_come_with_a_question_do_not_answer_it(shop: Workshop) -> None:
    app = shop.app(shop.study())
    async with app.run_test() as pilot:
        await at_the_trials(pilot, app)
        burst(app, *"sky")
        await wait_for(pilot, lambda: app.main.composer.prompt.text == "ky")
        assert app.main.query_one(QuestionCard).display and isinstance(app.focused, GuardedCard)


@pytest.mark.parametrize("text", ["tune it", "one\ntwo"])
async def test_paste_at_the_trials_goes_to_the_prompt(shop: Workshop, text: str) -> None:
    app = shop.app(shop.study())
    async with app.run_test() as pilot:
        await at_the_trials(pilot, app)
        app.post_message(events.Paste(text))
        await wait_for(pilot, lambda: app.main.composer.prompt.text == text)
        assert app.focused is app.main.composer.prompt
