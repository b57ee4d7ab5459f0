"""What the screens look like, as pictures: run `pytest --snapshot-update` after a change that is meant, and look."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

import pytest
from textual.pilot import Pilot

from agenttune.agent import AgentEvent, ApprovalRequested, Done, Failed, ToolCalled, ToolReturned
from agenttune.spec import StudyState
from agenttune.tui.app import AgentTuneApp
from agenttune.tui.glyphs import GlyphSet
from agenttune.tui.messages import Happened
from tests.tui.workshop import HELD_OUT, Workshop, fill, shown, wait_for

Before = Callable[[Pilot[None]], Awaitable[None]]
SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])


class Compare(Protocol):
    """pytest-textual-snapshot's fixture."""

    def __call__(self, app: AgentTuneApp, *, terminal_size: tuple[int, int], run_before: Before) -> bool: ...


def halfway(shop: Workshop) -> str:
    """A study that runs two trials, one of which has reported; the clocks stand still."""
    study_id = shop.study()
    fill(shop, study_id)
    first = shop.start(study_id, {"C": 33.0, "gamma": 0.0007, "kernel": "rbf"}, reason="uncertain there")
    second = shop.start(study_id, {"C": 3.0, "gamma": 0.0057, "kernel": "poly", "degree": 2}, reason="uncertain there")
    shop.report(first, 1, 0.9712)
    shop.store.add_active(study_id, 51.0)
    shop.wall.now = second.started_at + 75.5
    return study_id


def finished(shop: Workshop) -> str:
    study_id = shop.study()
    fill(shop, study_id)
    shop.store.add_active(study_id, 73.0)
    shop.store.set_summary(study_id, {"held_out": HELD_OUT})
    shop.store.set_state(study_id, StudyState.FINISHED, reason="the budget is spent")
    return study_id


def once_seen(*keys: str, first: str = "", then: str = "") -> Before:
    """Waits for the study and for a text of it to be painted, presses keys, waits for another text."""

    async def run(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, AgentTuneApp)
        await wait_for(pilot, lambda: app.snapshot and first in shown(app))
        await pilot.press(*keys)
        await wait_for(pilot, lambda: then in shown(app))

    return run


async def nothing(pilot: Pilot[None]) -> None:
    await pilot.pause()


@SIZES
def test_empty(shop: Workshop, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(shop.app(), terminal_size=size, run_before=nothing)


ASKED = ApprovalRequested(
    "call-1",
    "create_study",
    "start",
    "understood: SVC (scikit-learn) on digits · maximise accuracy, 5-fold, a fifth held out · 30 trials or 5 min\n"
    "space: C 1e-3..1e3 log · gamma 1e-5..1 log · kernel rbf|poly|sigmoid · degree 2..5 when kernel=poly\n"
    "assumed: 5-fold and a fifth held out",
)
EDIT = ApprovalRequested(
    "call-2",
    "edit_study",
    "steer",
    "edit study svm-digits\nC: 1e-3..1e3 log -> 1e-2..1e2 log\n3 of 17 finished trials lie outside the new space",
)


def talking(shop: Workshop, *events: AgentEvent, until: str) -> Before:
    """Shows a conversation, and waits for a text of it."""

    async def run(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, AgentTuneApp)
        if app._study_id is not None:
            await wait_for(pilot, lambda: app.snapshot)
        app.main.say_to_agent("tune an SVM on digits for accuracy, 30 trials", lambda text: None)
        for event in events:
            app.main.post_message(Happened(event))
        await wait_for(pilot, lambda: until in shown(app))

    return run


REPLY = """\
Trial 14 is the best so far: **0.9889** with `C=12.3`.

| trial | accuracy | arm |
| --- | --- | --- |
| 14 | 0.9889 | gp |
| 15 | 0.9875 | gp |

- gamma matters most
- above `C=100` three of four trials failed
"""
CALLED = ToolCalled("a", "show_study", {"study": "svm-digits"})
RETURNED = ToolReturned("a", "show_study", "study svm-digits: running\nbest: 14", False)


@SIZES
def test_approval(shop: Workshop, snap_compare: Compare, size: tuple[int, int]) -> None:
    before = talking(shop, ToolCalled("call-1", "create_study", {}), ASKED, until="degree 2..5")
    assert snap_compare(shop.app(), terminal_size=size, run_before=before)


@SIZES
def test_reply(shop: Workshop, snap_compare: Compare, size: tuple[int, int]) -> None:
    done = Done(REPLY, "openai:gpt-5-mini")
    before = talking(shop, CALLED, RETURNED, done, until="three of four")
    assert snap_compare(shop.app(halfway(shop)), terminal_size=size, run_before=before)


@SIZES
def test_edit_that_waits(shop: Workshop, snap_compare: Compare, size: tuple[int, int]) -> None:
    before = talking(shop, ToolCalled("call-2", "edit_study", {}), EDIT, until="lie outside")
    assert snap_compare(shop.app(halfway(shop)), terminal_size=size, run_before=before)


@SIZES
def test_model_that_is_down(shop: Workshop, snap_compare: Compare, size: tuple[int, int]) -> None:
    failed = Failed("rate-limited", "openai:gpt-5-mini wants fewer requests; asked again in 8 s")
    assert snap_compare(shop.app(halfway(shop)), terminal_size=size, run_before=talking(shop, failed, until="in 8 s"))


def test_not_understood(shop: Workshop, snap_compare: Compare) -> None:
    sentence = "I do not understand 'frobnicator'; I do understand \"tune an SVM on digits for accuracy, 30 trials\""
    before = talking(shop, Done(sentence, "offline", is_question=True), until="do not understand")
    assert snap_compare(shop.app(), terminal_size=(80, 24), run_before=before)


@pytest.mark.parametrize("pane", ["parameters", "curves"])
@SIZES
def test_other_views(shop: Workshop, snap_compare: Compare, size: tuple[int, int], pane: str) -> None:
    async def run(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, AgentTuneApp)
        await wait_for(pilot, lambda: app.snapshot)
        app.show_pane(pane)
        await wait_for(pilot, lambda: pane != "parameters" or app.main.study_pane._read is not None)
        await wait_for(pilot, lambda: ("gamma" if pane == "parameters" else "#") in shown(app))
        await pilot.pause()

    assert snap_compare(shop.app(halfway(shop)), terminal_size=size, run_before=run)


@SIZES
def test_running(shop: Workshop, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(shop.app(halfway(shop)), terminal_size=size, run_before=once_seen(then="0.9712"))


@SIZES
def test_finished(shop: Workshop, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(shop.app(finished(shop)), terminal_size=size, run_before=once_seen(then="0.9917"))


@SIZES
def test_detail(shop: Workshop, snap_compare: Compare, size: tuple[int, int]) -> None:
    keys = ["down"] * 3 + ["enter"]
    app = shop.app(finished(shop))
    # the log's path holds the folder of this test run: the trial on the picture has no log
    assert snap_compare(app, terminal_size=size, run_before=once_seen(*keys, then="failed: timeout"))


def test_question_before_stopping(shop: Workshop, snap_compare: Compare) -> None:
    before = once_seen("s", first="0.9712", then="Stop this study?")
    assert snap_compare(shop.app(halfway(shop)), terminal_size=(80, 24), run_before=before)


def test_commands_offered(shop: Workshop, snap_compare: Compare) -> None:
    before = once_seen("slash", first="0.9712", then="/studies")
    assert snap_compare(shop.app(halfway(shop)), terminal_size=(80, 24), run_before=before)


def test_help(shop: Workshop, snap_compare: Compare) -> None:
    before = once_seen("f1", first="0.9712", then="keys and commands")
    assert snap_compare(shop.app(halfway(shop)), terminal_size=(80, 24), run_before=before)


def test_running_on_a_light_screen(shop: Workshop, snap_compare: Compare) -> None:
    async def lighten(pilot: Pilot[None]) -> None:
        await once_seen("down", then="0.9712")(pilot)
        pilot.app.theme = "agenttune-light"

    assert snap_compare(shop.app(halfway(shop)), terminal_size=(80, 24), run_before=lighten)


def test_running_in_ascii(shop: Workshop, snap_compare: Compare) -> None:
    app = shop.app(halfway(shop), glyph_set=GlyphSet.ASCII)
    assert snap_compare(app, terminal_size=(80, 24), run_before=once_seen(then="0.9712"))
