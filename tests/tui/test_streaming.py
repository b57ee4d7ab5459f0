"""A long reply that streams: nothing of it is lost, and nothing that is typed meanwhile."""

from __future__ import annotations

from agenttune.agent.events import Done, TextDelta
from agenttune.tui.messages import Happened
from agenttune.tui.widgets.blocks import LiveReply
from agenttune.tui.widgets.prompt import Prompt
from agenttune.tui.widgets.transcript import Transcript
from tests.tui.workshop import Workshop, wait_for

TOKENS = [f"word{number} " for number in range(2_000)]


async def test_two_thousand_tokens_and_what_is_typed_meanwhile_are_all_there(shop: Workshop) -> None:
    app = shop.app()
    async with app.run_test() as pilot:
        app.main.say_to_agent("how is it going?", lambda text: None)
        typed = ""
        for place, token in enumerate(TOKENS):
            app.main.post_message(Happened(TextDelta(token)))
            if place % 100 == 0:
                typed += (key := "abcdefghij"[place // 100 % 10])
                await pilot.press(key)
        whole = "".join(TOKENS)
        await wait_for(pilot, lambda: app.main.query(LiveReply))
        assert whole.startswith(app.main.query_one(LiveReply).source)
        app.main.post_message(Happened(Done(whole, "openai:gpt-5-mini")))
        await wait_for(pilot, lambda: not app.main.query(LiveReply))
        assert app.main.query_one(Transcript).last_reply == whole
        assert app.main.query_one(Prompt).value == typed
