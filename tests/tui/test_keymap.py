"""A person's own keys: what may be chosen, and that it is what holds and what is told."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest
from textual.binding import Binding

import agenttune.tui
from agenttune.agent import ApprovalRequested
from agenttune.errors import SettingsError
from agenttune.settings import load_settings, settings_path
from agenttune.spec import StudyState
from agenttune.tui.app import AgentTuneApp, make_app
from agenttune.tui.glyphs import GlyphSet
from agenttune.tui.keymap import PLACES, keymap_of
from agenttune.tui.messages import Happened
from agenttune.tui.phase import Phase
from agenttune.tui.widgets.guarded import GRACE_S
from agenttune.tui.widgets.prompt import Prompt
from agenttune.tui.widgets.reply import Reply
from tests.tui.workshop import Workshop, shown, wait_for


def app_with(shop: Workshop, study_id: str | None = None, **keys: str) -> AgentTuneApp:
    keymap = keymap_of({name.replace("_", "-"): key for name, key in keys.items()})
    return AgentTuneApp(shop.engine, study_id=study_id, clock=shop.wall, steady=shop.steady, keymap=keymap)


def test_every_binding_of_the_interface_has_a_name_a_description_and_its_place() -> None:
    placed = {id(binding) for place in PLACES for binding in place.bindings}
    names = [entry.name for entry in pkgutil.walk_packages(agenttune.tui.__path__, "agenttune.tui.")]
    classes = {
        kind for name in names for kind in vars(importlib.import_module(name)).values() if isinstance(kind, type)
    }
    own = [kind for kind in classes if kind.__module__.startswith("agenttune.tui.") and "BINDINGS" in vars(kind)]
    found = [binding for kind in own for binding in vars(kind)["BINDINGS"]]
    assert len(found) > 50
    assert all(isinstance(each, Binding) and each.id and each.description and id(each) in placed for each in found)


def test_names_are_unique_but_for_those_of_one_action() -> None:
    by_id: dict[str | None, set[str]] = {}
    for place in PLACES:
        for binding in place.bindings:
            by_id.setdefault(binding.id, set()).add(binding.description)
    assert {name for name, told in by_id.items() if len(told) > 1} == {"unfold"}


@pytest.mark.parametrize("written", ["ctrl+t", "Ctrl+T", "f12", "F12", "alt+x", "shift+f2", "ctrl+t, f12", "Delete"])
def test_key_that_a_terminal_sends_may_be_chosen(written: str) -> None:
    assert keymap_of({"trials-sort": written})["trials-sort"]


@pytest.mark.parametrize("written", ["x", "?", "é", "comma", "X"])
def test_character_may_be_chosen_where_nothing_is_typed(written: str) -> None:
    assert keymap_of({"trials-sort": written})
    with pytest.raises(SettingsError, match=r"`send` cannot be on .*: it writes a character in the prompt"):
        keymap_of({"send": written})


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", "there is no such key"),
        ("ctrl+", "there is no such key"),
        ("control+x", "there is no such key"),
        ("ctlr+x", "there is no such key"),
        ("f99", "there is no such key"),
        ("x,,y", "there is no such key"),
        ("[/bold", "there is no such key"),
        ("ctrl+i", "a terminal sends it as tab"),
        ("ctrl+[", "a terminal sends it as escape"),
        ("shift+a", "a terminal sends it as A"),
    ],
)
def test_key_that_never_comes_is_told_with_the_way_out(written: str, why: str) -> None:
    with pytest.raises(SettingsError) as caught:
        keymap_of({"trials-sort": written})
    assert str(caught.value).startswith(f"{settings_path()}, [keys]: `trials-sort` cannot be on ")
    assert f"{why}; as in trials-sort = 'ctrl+t'" in str(caught.value)


def test_unknown_name_offers_the_nearest() -> None:
    with pytest.raises(SettingsError, match="no binding is called 'puase'; did you mean 'pause'"):
        keymap_of({"puase": "x"})
    with pytest.raises(SettingsError, match=r"no binding is called 'xyzzy'; the help \(F1\) lists them"):
        keymap_of({"xyzzy": "x"})


@pytest.mark.parametrize(
    ("keys", "pair"),
    [
        ({"pause": "s"}, "`pause` and `stop`"),
        ({"pause": "x", "stop": "x"}, "`pause` and `stop`"),
        ({"deny": "y"}, "`allow` and `deny`"),
        ({"quit": "f2"}, "`quit` and `flip`"),
        ({"search": "f3"}, "`next-view` and `search`"),
    ],
)
def test_two_bindings_on_one_key_are_told(keys: dict[str, str], pair: str) -> None:
    with pytest.raises(SettingsError, match=f"{pair} would both be on .*; give one of them another key"):
        keymap_of(keys)


def test_two_bindings_may_change_places() -> None:
    assert keymap_of({"stop": "q", "leave": "s", "older": "down", "newer": "up"})


async def test_chosen_key_does_it_and_the_former_does_not(shop: Workshop) -> None:
    app = app_with(shop, shop.study(), pause="x")
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        await pilot.press("p")
        assert "asking" not in str(app.main.query_one(Reply).content)
        assert app.main.composer.prompt.text == "p"
        await pilot.press("escape", "escape", "x")
        await wait_for(pilot, lambda: "asking the study to pause" in str(app.main.query_one(Reply).content))


async def test_neighbour_on_the_same_key_keeps_it(shop: Workshop) -> None:
    study_id = shop.study(state=StudyState.PAUSED)
    app = app_with(shop, study_id, pause="x")
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot and app.main.phase is Phase.PAUSED)
        await pilot.press("p")
        await wait_for(pilot, lambda: "it goes on" in str(app.main.query_one(Reply).content))


async def test_prompt_obeys_the_chosen_keys(shop: Workshop) -> None:
    app = app_with(shop, send="ctrl+t", new_line="enter")
    async with app.run_test() as pilot:
        await pilot.press("h", "i", "enter", "x")
        prompt = app.main.query_one(Prompt)
        assert prompt.value == "hi\nx"
        prompt.write("/help")
        await pilot.press("escape", "ctrl+t")
        assert prompt.value == "" and "keys and commands" in shown(app)


async def test_help_shows_the_keys_in_force(shop: Workshop) -> None:
    app = app_with(shop, help="f12", copy_reply="ctrl+t,f9")
    async with app.run_test(size=(100, 120)) as pilot:
        await pilot.press("f12")
        lines = shown(app).splitlines()
        assert any("Ctrl+T or F9" in line and "copy-reply" in line for line in lines)
        assert any(line.split()[:2] == ["F12", "help"] for line in lines)
        assert not any("Ctrl+y" in line for line in lines)


async def test_card_tells_the_keys_in_force_and_obeys_them(shop: Workshop) -> None:
    app = app_with(shop, allow="f8")
    async with app.run_test() as pilot:
        app.main.post_message(Happened(ApprovalRequested("1", "run_command", "run", "make")))
        await wait_for(pilot, lambda: "F8 allow once" in shown(app))
        shop.steady.now += 2 * GRACE_S
        await pilot.press("y")
        assert app.main.composer.is_asking
        await pilot.press("f8")
        await wait_for(pilot, lambda: not app.main.composer.is_asking)


def test_keys_come_from_the_settings(tmp_path: Path) -> None:
    settings_path().parent.mkdir(parents=True)
    settings_path().write_text('[keys]\nquit = "ctrl+x"\n')
    app = make_app(tmp_path / "at.db", None, glyph_set=GlyphSet.ASCII, no_color=True, settings=load_settings())
    assert app._keymap == {"quit": "ctrl+x"}
