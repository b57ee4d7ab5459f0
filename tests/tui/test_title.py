"""The terminal's title and bell: what they tell, on a real terminal, and that the settings switch them off."""

from __future__ import annotations

from pathlib import Path

import pytest

from agenttune import tui
from agenttune.agent import ApprovalRequested
from agenttune.settings import settings_path
from agenttune.spec import StudyState
from agenttune.tui.app import AgentTuneApp
from agenttune.tui.messages import Happened
from agenttune.tui.title import BEGIN, END, title_code, title_of
from tests.tui.terminal import FIRST, rest_of, spawn
from tests.tui.workshop import CONFIG, Workshop, follower, wait_for


class Listening(AgentTuneApp):
    """Counts its bells and keeps its titles."""

    CSS_PATH = str(Path(tui.__file__).with_name("agenttune.tcss"))
    n_rung = 0

    def bell(self) -> None:
        self.n_rung += 1


def write_settings(text: str) -> None:
    settings_path().parent.mkdir(parents=True)
    settings_path().write_text(text)


def title(shop: Workshop, study_id: str, *, is_waiting: bool = False) -> str:
    return title_of(follower(shop, study_id).snapshot(), is_waiting=is_waiting)


def test_title_tells_study_and_state(shop: Workshop) -> None:
    study_id = shop.study()
    shop.complete(study_id, CONFIG, 0.5)
    assert title(shop, study_id) == "svm-digits - running, 1/30 trials - AgentTune"
    assert title(shop, study_id, is_waiting=True).startswith("waits for your yes - svm-digits")
    shop.store.set_state(study_id, StudyState.FINISHED)
    assert title(shop, study_id) == "svm-digits - finished - AgentTune"
    assert title_of(None, is_waiting=False) == "AgentTune"


def test_title_of_a_long_name_is_short(shop: Workshop) -> None:
    assert len(title(shop, shop.study(100 * "y"))) < 80


def test_title_is_set_and_given_back(shop: Workshop) -> None:
    study_id = shop.study()
    shop.complete(study_id, CONFIG, 0.5)
    child = spawn(str(shop.engine.store_path), study_id)
    child.expect_exact(BEGIN + title_code("AgentTune"))
    child.expect_exact(title_code("svm-digits - running, 1/30 trials - AgentTune"))
    child.send("\x11")
    said = rest_of(child)
    assert said.index("\x1b[?1049l") < said.index(END)


@pytest.mark.parametrize(("term", "settings"), [("linux", ""), ("xterm-256color", "title = false")])
def test_title_is_left_alone(tmp_path: Path, term: str, settings: str) -> None:
    write_settings(settings)
    child = spawn(str(tmp_path / "at.db"), TERM=term)
    child.expect(FIRST if term != "linux" else "what to tune")
    child.send("\x11")
    assert "\x1b]2;" not in str(child.before) + rest_of(child)


async def test_bell_rings_when_something_waits_and_when_the_study_ends(shop: Workshop) -> None:
    study_id = shop.study()
    app = Listening(shop.engine, study_id=study_id, clock=shop.wall, steady=shop.steady)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        assert app.n_rung == 0
        app.main.post_message(Happened(ApprovalRequested("1", "run_command", "run", "make")))
        await wait_for(pilot, lambda: app.n_rung == 1)
        shop.store.set_state(study_id, StudyState.FINISHED)
        await wait_for(pilot, lambda: app.n_rung == 2)


async def test_study_that_had_ended_before_does_not_ring(shop: Workshop) -> None:
    app = Listening(shop.engine, study_id=shop.study(state=StudyState.FINISHED), clock=shop.wall, steady=shop.steady)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        assert app.n_rung == 0


@pytest.mark.parametrize("settings", ["", "bell = false"])
def test_bell_is_switched_by_the_settings(shop: Workshop, settings: str) -> None:
    write_settings(settings)
    study_id = shop.study()
    shop.complete(study_id, CONFIG, 0.5)
    child = spawn(str(shop.engine.store_path), study_id)
    child.expect("0.5000")
    shop.store.set_state(study_id, StudyState.FINISHED)
    child.expect("- finished - AgentTune")
    child.send("\x11")
    assert ("\x07" in str(child.before) + rest_of(child)) == (settings == "")
