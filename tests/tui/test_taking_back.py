"""`/rewind` and `/compact` from the prompt; the screen shows what the model is told, in this window and in the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.pilot import Pilot

from agenttune.agent import Agent
from agenttune.prompts import fenced
from agenttune.testing.scripted import ScriptedModel
from agenttune.tui.app import AgentTuneApp
from agenttune.tui.records import CallRecord, NoteRecord, Record, ReplyRecord, UserRecord
from agenttune.tui.widgets.prompt import Prompt
from agenttune.tui.widgets.reply import Reply
from tests.agent.conftest import calling, saying
from tests.tui.workshop import Workshop, wait_for


class Talking:
    """An application whose agent takes the given steps."""

    def __init__(self, shop: Workshop, *steps: Any) -> None:
        self.model = ScriptedModel(*steps, is_local=True)
        self.agents: list[Agent] = []
        self.app = AgentTuneApp(shop.engine, clock=shop.wall, steady=shop.steady, make_agent=self._make)

    def _make(self, spec: str | None, **options: Any) -> Agent:
        self.agents.append(Agent(self.model, **options))
        return self.agents[-1]

    @property
    def records(self) -> Sequence[Record]:
        return self.app.main.transcript.records

    @property
    def reply(self) -> str:
        return str(self.app.main.query_one(Reply).content)

    @property
    def prompt(self) -> Prompt:
        return self.app.main.query_one(Prompt)

    async def say(self, pilot: Pilot[None], text: str) -> None:
        self.prompt.write(text)
        await pilot.press("enter")
        await wait_for(pilot, lambda: UserRecord(text) in self.records and not self.app.main._is_busy)

    def told(self) -> list[tuple[str, str]]:
        """What the model is told, message by message; calls as their names."""
        found: list[tuple[str, str]] = []
        for message in self.agents[-1]._turns.transcript.messages():
            if message["content"]:
                found.append((str(message["role"]), str(message["content"])))
            calls: Any = message.get("tool_calls", [])
            found += [("call", call["function"]["name"]) for call in calls]
        return found

    def shown(self) -> list[tuple[str, str]]:
        """The same, made of what the screen shows; notes apart, which are for people."""
        found: list[tuple[str, str]] = []
        for record in self.records:
            match record:
                case UserRecord(text):
                    found.append(("user", text))
                case ReplyRecord(text):
                    found.append(("assistant", text))
                case CallRecord(name=name, result=result):
                    found += [("call", name), ("tool", fenced(result))]
        return found


async def test_screen_and_model_agree_after_turns_were_taken_back(shop: Workshop) -> None:
    talk = Talking(shop, saying("One."), calling("list_studies"), saying("Two."), saying("Three."), saying("Four."))
    async with talk.app.run_test() as pilot:
        for sentence in ("first", "second", "third"):
            await talk.say(pilot, sentence)
        talk.prompt.write("/rewind 1")
        await pilot.press("enter")
        await wait_for(pilot, lambda: talk.prompt.value == "third")
        assert isinstance(talk.records[-1], NoteRecord) and "facts and stay" in talk.records[-1].text
        assert talk.shown() == talk.told()
        assert talk.told()[-1] == ("assistant", "Two.") and ("user", "second") in talk.told()
        await talk.say(pilot, "third, otherwise")
        assert talk.shown() == talk.told() and talk.told()[-1] == ("assistant", "Four.")
        here = talk.shown()
    later = Talking(shop, saying("x"))
    async with later.app.run_test() as pilot:
        later.app.conversation.use(session=talk.agents[-1].session)
        await wait_for(pilot, lambda: later.records)
        assert later.shown() == later.told() == here


async def test_what_stands_in_the_prompt_is_not_overwritten(shop: Workshop) -> None:
    talk = Talking(shop, saying("One."))
    async with talk.app.run_test() as pilot:
        await talk.say(pilot, "first")
        talk.app.rewind(1)
        talk.prompt.write("a new one")
        await wait_for(pilot, lambda: talk.shown() == [])
        await pilot.pause()
        assert talk.prompt.value == "a new one"


async def test_compacting_is_one_note_that_comes_back(shop: Workshop) -> None:
    talk = Talking(shop, saying("word " * 500))
    async with talk.app.run_test() as pilot:
        await talk.say(pilot, "first")
        await talk.say(pilot, "second")
        talk.prompt.write("/compact")
        await pilot.press("enter", "enter")
        await wait_for(pilot, lambda: isinstance(talk.records[-1], NoteRecord))
        note = talk.records[-1]
    later = Talking(shop, saying("x"))
    async with later.app.run_test() as pilot:
        later.app.conversation.use(session=talk.agents[-1].session)
        await wait_for(pilot, lambda: later.records)
        assert later.records[-1] == note


async def test_nothing_is_taken_back_while_a_reply_is_under_way(shop: Workshop) -> None:
    talk = Talking(shop, saying("One."))
    async with talk.app.run_test() as pilot:
        talk.app.main.say_to_agent("hello", lambda text: None)
        talk.prompt.write("/rewind 1")
        await pilot.press("enter")
        await wait_for(pilot, lambda: "a reply is under way: stop it first (Esc" in talk.reply)
