"""Sheets of facts: the settings, and what the doctor finds; and the colours, which are the third thing to set."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from textual.pilot import Pilot

from agenttune.errors import UserError
from agenttune.settings import settings_path
from agenttune.tui.app import AgentTuneApp
from agenttune.tui.commands import find_command
from agenttune.tui.engine import Engine
from agenttune.tui.messages import Fact
from agenttune.tui.screens.main import MainScreen
from agenttune.tui.screens.sheet import SheetScreen, facts_content
from agenttune.tui.widgets.prompt import Prompt
from agenttune.tui.widgets.reply import Reply
from tests.tui.workshop import Workshop, shown, wait_for


async def send(app: AgentTuneApp, pilot: Pilot[None], line: str) -> None:
    app.main.query_one(Prompt).write(line)
    await pilot.press("enter")


def reply(app: AgentTuneApp) -> str:
    return str(app.main.query_one(Reply).content)


async def test_config_shows_each_setting_with_its_source(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    path = settings_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("bell = false\n")
    monkeypatch.setenv("AGENTTUNE_MODEL", "openai:gpt-5-mini")
    app = shop.app()
    async with app.run_test(size=(140, 45)) as pilot:
        await send(app, pilot, "/config")
        await wait_for(pilot, lambda: "agenttune config edit" in shown(app))
        rows = {line.split()[0]: line for line in shown(app).splitlines() if line.strip()}
        assert "openai:gpt-5-mini (AGENTTUNE_MODEL)" in rows["model"]
        assert "False" in rows["bell"] and path.name in rows["bell"]
        assert "(default)" in rows["title"]
        await pilot.press("escape")
        assert isinstance(app.screen, MainScreen)


async def test_mistake_in_the_settings_is_told_on_the_sheet(shop: Workshop) -> None:
    app = shop.app()
    async with app.run_test(size=(200, 24)) as pilot:
        path = settings_path()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("bel = false\n")
        await send(app, pilot, "/config")
        await wait_for(pilot, lambda: isinstance(app.screen, SheetScreen))
        await wait_for(pilot, lambda: "no setting is called 'bel'" in shown(app))


async def test_doctor_shows_what_is_found_and_counts_what_is_bad(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [Fact("python", "3.11"), Fact("torch", "not installed   <- cannot be used", is_bad=True)]
    monkeypatch.setattr(shop.engine, "doctor", lambda: iter(found))
    app = shop.app()
    async with app.run_test() as pilot:
        await send(app, pilot, "/doctor")
        await wait_for(pilot, lambda: "1 thing cannot be used" in shown(app))
        assert "80 x 24, braille, theme agenttune" in shown(app)
        assert "not installed <- cannot be used" in shown(app)


async def test_doctor_that_breaks_off_says_so_below_what_it_found(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def doctor() -> Iterator[Fact]:
        yield Fact("python", "3.11")
        raise UserError("the doctor ended with exit code 139")

    monkeypatch.setattr(shop.engine, "doctor", doctor)
    app = shop.app()
    async with app.run_test() as pilot:
        await send(app, pilot, "/doctor")
        await wait_for(pilot, lambda: "exit code 139" in shown(app) and "3.11" in shown(app))


def test_doctor_is_the_one_of_the_command_line(shop: Workshop) -> None:
    found = Engine(shop.engine.store_path).doctor()
    labels = [next(found).label for _ in range(3)]
    found.close()  # the rest takes a while
    assert labels == ["agenttune", "python", "platform"]


def test_doctor_that_cannot_start_says_so(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with pytest.raises(UserError, match="the doctor does not start: No such file"):
        next(shop.engine.doctor())


def test_long_fact_is_wrapped_beside_its_label() -> None:
    rows = facts_content([Fact("store", "a " * 30)], "done", width=40).plain.splitlines()
    assert rows[0].startswith("store  a a") and rows[1].startswith("       a a") and rows[-1] == "done"


async def test_theme_is_taken_by_its_name(shop: Workshop) -> None:
    app = shop.app()
    async with app.run_test() as pilot:
        await send(app, pilot, "/theme agenttune-light")
        assert app.theme == "agenttune-light" and "agenttune-light" in reply(app)


async def test_theme_that_is_none_offers_the_nearest(shop: Workshop) -> None:
    app = shop.app()
    async with app.run_test() as pilot:
        await send(app, pilot, "/theme agentune-light")
        assert app.theme == "agenttune" and "did you mean agenttune-light?" in reply(app)


async def test_theme_without_a_name_lists_them(shop: Workshop) -> None:
    app = shop.app()
    async with app.run_test(size=(100, 60)) as pilot:
        await send(app, pilot, "/theme")
        await wait_for(pilot, lambda: "agenttune-contrast" in shown(app))


async def test_theme_without_colours_says_why_not(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = shop.app(no_color=True)
    async with app.run_test() as pilot:
        await send(app, pilot, "/theme agenttune-light")
        assert "NO_COLOR is set" in reply(app)


@pytest.mark.parametrize("name", ["theme", "config", "doctor"])
async def test_palette_has_them(shop: Workshop, name: str) -> None:
    app = shop.app()
    async with app.run_test():
        offered = {command.title: command.help for command in app.get_system_commands(app.screen)}
        assert offered[name.capitalize()] == find_command(f"/{name}")[0].help
