"""What the screens look like, as pictures: run `pytest --snapshot-update` after a change that is meant, and look."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from agenttune.agent import AgentEvent, ApprovalRequested, Done, Failed, StudyHappened, ToolCalled, ToolReturned
from agenttune.budget import Budget
from agenttune.spec import StudyState
from agenttune.tui.app import AgentTuneApp
from agenttune.tui.glyphs import GlyphSet
from agenttune.tui.messages import Happened, TurnEnded
from agenttune.tui.widgets.log_view import LogView
from agenttune.types import Json
from tests.tui.code_study import grown
from tests.tui.workshop import HELD_OUT, Workshop, fill, shown, wait_for

Before = Callable[[Pilot[None]], Awaitable[None]]
SIZES = pytest.mark.parametrize("size", [(80, 24), (140, 45)], ids=["80x24", "140x45"])


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
        app.main.take_prompt()
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
def test_thinking(shop: Workshop, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(shop.app(halfway(shop)), terminal_size=size, run_before=talking(shop, until="thinking"))


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


def pane_shown(pane: str) -> Before:
    """Another view of the study."""

    async def run(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, AgentTuneApp)
        await wait_for(pilot, lambda: app.snapshot)
        app.show_pane(pane)
        await wait_for(pilot, lambda: pane != "parameters" or app.main.study_pane._read is not None)
        await wait_for(pilot, lambda: ("gamma" if pane == "parameters" else "#") in shown(app))
        await pilot.pause()

    return run


@pytest.mark.parametrize("pane", ["parameters", "curves"])
@SIZES
def test_other_views(shop: Workshop, snap_compare: Compare, size: tuple[int, int], pane: str) -> None:
    assert snap_compare(shop.app(halfway(shop)), terminal_size=size, run_before=pane_shown(pane))


@SIZES
def test_running(shop: Workshop, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(shop.app(halfway(shop)), terminal_size=size, run_before=once_seen(then="0.9712"))


def test_running_on_a_large_screen(shop: Workshop, snap_compare: Compare) -> None:
    app = shop.app(halfway(shop))
    assert snap_compare(app, terminal_size=(200, 60), run_before=once_seen(then="0.9712"))


def paused(shop: Workshop) -> str:
    study_id = halfway(shop)
    shop.store.set_state(study_id, StudyState.PAUSED)
    return study_id


@SIZES
def test_paused(shop: Workshop, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(shop.app(paused(shop)), terminal_size=size, run_before=once_seen(first="paused", then="0.9712"))


@SIZES
def test_finished(shop: Workshop, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(shop.app(finished(shop)), terminal_size=size, run_before=once_seen(then="0.9917"))


def out_of_trials(shop: Workshop) -> str:
    """A study that has run all the trials of its budget."""
    study_id = shop.study(budget=Budget(trials=16))
    fill(shop, study_id)
    shop.store.add_active(study_id, 73.0)
    shop.store.set_state(study_id, StudyState.FINISHED, reason="16 trials done")
    return study_id


@SIZES
def test_budget_used_up(shop: Workshop, snap_compare: Compare, size: tuple[int, int]) -> None:
    before = once_seen(then='16 trials done; ask "what did we learn?" or "ten more trials"')
    assert snap_compare(shop.app(out_of_trials(shop)), terminal_size=size, run_before=before)


MODEL_BUDGET = (
    "the study may spend 3 requests: 3 are spent and the next request may take 1; raise the bound, as by "
    "`agenttune resume --max-requests`"
)


def model_out_of_budget(shop: Workshop) -> Before:
    """The study's model may not be asked any more, and neither may the conversation's; trials go on."""

    async def run(pilot: Pilot[None]) -> None:
        failed, answer = Failed("over-budget", TURN_BUDGET), Done("svm-digits runs: trial 14 is best", "offline")
        await talking(shop, CALLED, RETURNED, failed, answer, until="trial 14 is best")(pilot)
        assert isinstance(pilot.app, AgentTuneApp)
        pilot.app.main.post_message(TurnEnded())
        shop.store.add_unsent(shop.store.study(None).id, "openai:gpt-5-mini", "over-budget", MODEL_BUDGET)
        await wait_for(pilot, lambda: "model was not asked" in shown(pilot.app))

    return run


TURN_BUDGET = "the turn may cost 60,000 tokens: 41,210 are spent, and the next request may take 31,000"


@SIZES
def test_model_out_of_budget(shop: Workshop, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(shop.app(halfway(shop)), terminal_size=size, run_before=model_out_of_budget(shop))


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


@SIZES
def test_help(shop: Workshop, snap_compare: Compare, size: tuple[int, int]) -> None:
    before = once_seen("f1", first="0.9712", then="keys and commands")
    assert snap_compare(shop.app(halfway(shop)), terminal_size=size, run_before=before)


async def palette_shown(pilot: Pilot[None]) -> None:
    await once_seen("ctrl+p", first="0.9712", then="earlier conversations")(pilot)
    app = pilot.app
    assert isinstance(app, AgentTuneApp)
    app.screen.query_one(Input).cursor_blink = False  # else it depends on when the picture is taken
    for screen in app.screen_stack:  # what lies below may be half painted yet
        screen.refresh(layout=True)
    await wait_for(pilot, lambda: all(text in shown(app) for text in ("running 2 trials", "Search for commands")))


@SIZES
def test_settings_in_force(shop: Workshop, snap_compare: Compare, size: tuple[int, int]) -> None:
    async def before(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, AgentTuneApp)
        app.show_config()
        await wait_for(pilot, lambda: "changes them" in shown(app))

    assert snap_compare(shop.app(), terminal_size=size, run_before=before)


@SIZES
def test_palette(shop: Workshop, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(shop.app(halfway(shop)), terminal_size=size, run_before=palette_shown)


async def marked(pilot: Pilot[None]) -> None:
    """Trials sorted, filtered and marked."""
    app = pilot.app
    assert isinstance(app, AgentTuneApp)
    await wait_for(pilot, lambda: app.snapshot)
    app.set_filter("accuracy > 0.9")
    await pilot.press("o", "down", "space", "down", "space", "down")
    await wait_for(pilot, lambda: "accuracy > 0.9" in shown(app))


@SIZES
def test_trials_sorted_filtered_and_marked(shop: Workshop, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(shop.app(halfway(shop)), terminal_size=size, run_before=marked)


async def compared(pilot: Pilot[None]) -> None:
    """Three trials side by side."""
    app = pilot.app
    assert isinstance(app, AgentTuneApp)
    await wait_for(pilot, lambda: app.snapshot)
    app.compare_trials("14 13 3")
    await wait_for(pilot, lambda: "gamma" in shown(app))


@SIZES
def test_compared(shop: Workshop, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(shop.app(halfway(shop)), terminal_size=size, run_before=compared)


LOG = """\
loading digits: 1797 rows, 64 columns
fold 1 of 5: accuracy 0.9687 in 0.21 s
fold 2 of 5: accuracy 0.9741 in 0.20 s
/opt/venv/lib/svm.py:299: ConvergenceWarning: Solver terminated early (max_iter=2000).
"""


async def log_shown(pilot: Pilot[None]) -> None:
    app = pilot.app
    assert isinstance(app, AgentTuneApp)
    await wait_for(pilot, lambda: app.snapshot)
    app.show_log("")
    await wait_for(pilot, lambda: "fold 3 of 5" in shown(app) and isinstance(app.focused, LogView))


def logging(shop: Workshop) -> str:
    """A study whose newest trial has printed something and is about to print more."""
    study_id = halfway(shop)
    shop.write_log(shop.start(study_id, {"C": 7.0, "gamma": 0.001, "kernel": "rbf"}), LOG + "fold 3 of 5")
    return study_id


@SIZES
def test_log(shop: Workshop, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(shop.app(logging(shop)), terminal_size=size, run_before=log_shown)


@SIZES
def test_log_that_is_read(shop: Workshop, snap_compare: Compare, size: tuple[int, int]) -> None:
    study_id = halfway(shop)
    lines = "".join(f"epoch {at}: loss {2 / (at + 2):.4f}\n" for at in range(100))
    shop.write_log(shop.start(study_id, {"C": 7.0, "gamma": 0.001, "kernel": "rbf"}), lines + "fold 3 of 5")

    async def run(pilot: Pilot[None]) -> None:
        await log_shown(pilot)
        await pilot.press("home")
        await wait_for(pilot, lambda: "more below" in shown(pilot.app) and "epoch 0:" in shown(pilot.app))

    assert snap_compare(shop.app(study_id), terminal_size=size, run_before=run)


ORIGIN: dict[str, Json] = {
    "number": 14,
    "arm": "model",
    "reason": "small gamma did best so far, so a smaller one beside C near 12",
    "predicted_mean": 0.9874,
    "predicted_sd": 0.0021,
    "prediction_source": "verbal",
    "gate": "0.31 nats below the surrogate's own point, with a slack of 2.9",
}
NEWS = StudyHappened("svm-digits", "trial 14 is the best so far: accuracy 0.9889", ORIGIN)
PUT_IN = ToolReturned(
    "b",
    "propose",
    'study svm-digits: {"C": 20.0, "gamma": 0.001, "kernel": "rbf"}: trial 18 waits to run',
    False,
    {
        "config": {"C": 20.0, "gamma": 0.001, "kernel": "rbf"},
        "arm": "human",
        "reason": "between the two best, where nothing has run yet",
        "answer": "trial 18 waits to run",
    },
)


def proposals_shown(shop: Workshop) -> Before:
    """News of a trial, and a configuration that was put in, both unfolded."""
    called = ToolCalled("b", "propose", {"config": {"C": 20.0}, "reason": "between the two best"})

    async def run(pilot: Pilot[None]) -> None:
        await talking(shop, NEWS, called, PUT_IN, until="propose")(pilot)
        await pilot.press("ctrl+o")
        await wait_for(pilot, lambda: "human" in shown(pilot.app))

    return run


@SIZES
def test_proposals(shop: Workshop, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(shop.app(halfway(shop)), terminal_size=size, run_before=proposals_shown(shop))


def tree_shown(*keys: str, then: str) -> Before:
    """The variants of a study over code; keys are pressed there."""

    async def run(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, AgentTuneApp)
        await wait_for(pilot, lambda: app.snapshot)
        app.show_code("")
        await wait_for(pilot, lambda: "v4" in shown(app))
        await pilot.press(*keys)
        await wait_for(pilot, lambda: then in shown(app))
        await pilot.pause()

    return run


@SIZES
def test_variants(shop: Workshop, tmp_path: Path, snap_compare: Compare, size: tuple[int, int]) -> None:
    app = shop.app(grown(shop, tmp_path))
    assert snap_compare(app, terminal_size=size, run_before=tree_shown("down", then="NameError"))


@SIZES
def test_variant(shop: Workshop, tmp_path: Path, snap_compare: Compare, size: tuple[int, int]) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await tree_shown("enter", then="changes in model.py")(pilot)
        await pilot.press("d")
        await wait_for(pilot, lambda: 'PARAMS = {"hidden": 128}' in shown(pilot.app))
        await pilot.pause()

    assert snap_compare(shop.app(grown(shop, tmp_path)), terminal_size=size, run_before=run)


def in_theme(theme: str, before: Before) -> Before:
    """The same in other colours."""

    async def run(pilot: Pilot[None]) -> None:
        pilot.app.theme = theme
        await before(pilot)
        await pilot.pause()

    return run


def test_running_on_a_light_screen(shop: Workshop, snap_compare: Compare) -> None:
    before = in_theme("agenttune-light", once_seen("down", then="0.9712"))
    assert snap_compare(shop.app(halfway(shop)), terminal_size=(80, 24), run_before=before)


COLOURED: dict[str, tuple[Callable[[Workshop], str] | None, Callable[[Workshop], Before]]] = {
    "empty": (None, lambda shop: nothing),
    "running": (halfway, lambda shop: once_seen("down", then="0.9712")),
    "thinking": (halfway, lambda shop: talking(shop, until="thinking")),
    "reply": (halfway, lambda shop: talking(shop, CALLED, RETURNED, Done(REPLY, "openai:x"), until="three of four")),
    "approval": (
        halfway,
        lambda shop: talking(shop, ToolCalled("call-2", "edit_study", {}), EDIT, until="lie outside"),
    ),
    "question": (halfway, lambda shop: once_seen("s", first="0.9712", then="Stop this study?")),
    "proposals": (halfway, proposals_shown),
    "agent error": (halfway, lambda shop: talking(shop, Failed("rate-limited", "asked again in 8 s"), until="in 8 s")),
    "model budget": (halfway, model_out_of_budget),
    "paused": (paused, lambda shop: once_seen(first="paused", then="0.9712")),
    "finished": (finished, lambda shop: once_seen("down", then="0.9917")),
    "budget": (out_of_trials, lambda shop: once_seen(then="ten more trials")),
    "failed": (finished, lambda shop: once_seen(*["down"] * 3, "enter", then="failed: timeout")),
    "log": (logging, lambda shop: log_shown),
    "parameters": (halfway, lambda shop: pane_shown("parameters")),
    "curves": (halfway, lambda shop: pane_shown("curves")),
    "trials": (halfway, lambda shop: marked),
    "compared": (halfway, lambda shop: compared),
    "palette": (halfway, lambda shop: palette_shown),
    "help": (halfway, lambda shop: once_seen("f1", first="0.9712", then="keys and commands")),
}
"""State -> the study, and what is done before the picture."""


@pytest.mark.parametrize("state", COLOURED)
def test_colours_of_the_terminal(shop: Workshop, snap_compare: Compare, state: str) -> None:
    study, before = COLOURED[state]
    app = shop.app(None if study is None else study(shop))
    assert snap_compare(app, terminal_size=(80, 24), run_before=in_theme("ansi-light", before(shop)))


@pytest.mark.parametrize("keys", [(), ("enter",)], ids=["tree", "sheet"])
def test_code_in_the_colours_of_the_terminal(
    shop: Workshop, tmp_path: Path, snap_compare: Compare, keys: tuple[str, ...]
) -> None:
    before = in_theme("ansi-light", tree_shown(*keys, then="changes in model.py" if keys else "0.9611"))
    assert snap_compare(shop.app(grown(shop, tmp_path)), terminal_size=(80, 24), run_before=before)


@pytest.mark.parametrize("state", ["running", "approval"])
@SIZES
def test_no_colour(
    shop: Workshop, snap_compare: Compare, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], state: str
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")  # Textual reads it, too
    waiting = talking(shop, ToolCalled("call-2", "edit_study", {}), EDIT, until="lie outside")
    before = waiting if state == "approval" else once_seen("down", then="0.9712")
    assert snap_compare(shop.app(halfway(shop), no_color=True), terminal_size=size, run_before=before)


def test_variants_in_ascii(shop: Workshop, tmp_path: Path, snap_compare: Compare) -> None:
    app = shop.app(grown(shop, tmp_path), glyph_set=GlyphSet.ASCII)
    assert snap_compare(app, terminal_size=(80, 24), run_before=tree_shown(then="0.9611"))


def test_running_in_ascii(shop: Workshop, snap_compare: Compare) -> None:
    app = shop.app(halfway(shop), glyph_set=GlyphSet.ASCII)
    assert snap_compare(app, terminal_size=(80, 24), run_before=once_seen(then="0.9712"))
