"""The trust panel: what it tells, in which width, and when it wants to be told anew."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.filter import LineFilter
from textual.widgets import ContentSwitcher, Static

from agenttune.budget import Budget, Spending
from agenttune.errors import StudyNotFound
from agenttune.trial import MODEL, Outcome, Proposal, TrialState
from agenttune.tui.ascii_filter import AsciiFilter
from agenttune.tui.messages import WhyRead
from agenttune.tui.trust import NO_MODEL, table, trust_content
from agenttune.tui.widgets.trust import TrustPanel
from agenttune.types import Json
from tests.tui.workshop import CONFIG, Workshop, fill, follower, shown, wait_for

TIMED: dict[str, Json] = {"log_ei": -4.5, "feasibility": 0.98, "seconds": 12.3}


class Bench(App[None]):
    """The panel beside another tab; answers nothing by itself."""

    def __init__(self, *, is_ascii: bool = False) -> None:
        super().__init__()
        self.panel = TrustPanel(id="trust")
        self.wanted: list[str] = []
        self.is_ascii = is_ascii

    def compose(self) -> ComposeResult:
        with ContentSwitcher(initial="other"):
            yield Static("other", id="other")
            yield self.panel

    def get_line_filters(self) -> Sequence[LineFilter]:
        filters = [*super().get_line_filters()]
        return [*filters, AsciiFilter()] if self.is_ascii else filters

    def turn_to(self, name: str) -> None:
        self.query_one(ContentSwitcher).current = name

    def on_trust_panel_wanted(self, message: TrustPanel.Wanted) -> None:
        self.wanted.append(message.study_id)


def run_model(shop: Workshop, study_id: str, value: float, *, rule: str = "slack", mean: float = 0.97) -> None:
    """A model's trial that went through the gate."""
    gate: dict[str, Json] = {"rule": rule, "sentence": "", "surrogate_mean": mean, "surrogate_sd": 0.01}
    proposal = Proposal(CONFIG, MODEL, "a guess", memory={"gate": gate})
    shop.store.add_trial(study_id, proposal, seed=0)
    claimed = shop.store.claim(study_id)
    assert claimed is not None
    outcome = Outcome({"accuracy": value}, 2.0)
    shop.store.finish(study_id, claimed[1].trial_number, TrialState.COMPLETE, outcome=outcome)


def pay(shop: Workshop, study_id: str, *, tokens: int | None, dollars: float | None) -> None:
    spent = Spending(1, tokens, dollars)
    shop.store.settle(shop.store.reserve(study_id, spent, Budget()), spent)


def words(shop: Workshop, study_id: str, width: int = 76) -> str:
    return trust_content(shop.engine.trust(study_id), width).plain


def rows_of(text: str, title: str) -> list[str]:
    """The rows below a title."""
    return text.partition(f"{title}\n")[2].partition("\n\n")[0].splitlines()


# -- words --------------------------------------------------------------------------------------------


def test_model_less_study_says_so_and_costs_nothing(shop: Workshop) -> None:
    study_id = shop.study()
    shop.complete(study_id, CONFIG, 0.9, arm="default")
    text = words(shop, study_id)
    assert rows_of(text, "the model at the gate") == [NO_MODEL]
    assert "predicted and measured" not in text
    assert [row.split()[1] for row in rows_of(text, "cost so far")[:3]] == ["0", "0", "$0.00"]


def test_empty_study_reads_well(shop: Workshop) -> None:
    text = words(shop, shop.study())
    assert rows_of(text, "who found what") == ["nothing has been proposed yet"]
    assert "too early to tell" in text and "time       unknown" in text


def test_arms_are_told_in_aligned_columns(shop: Workshop) -> None:
    study_id = shop.study()
    shop.complete(study_id, CONFIG, 0.9, arm="default")
    shop.complete(study_id, CONFIG, 0.95, arm="gp")
    shop.fail(study_id, CONFIG, "no")
    head, default, gp = rows_of(words(shop, study_id), "who found what")[:3]
    assert default.split() == ["default", "1", "1", "0", "0.9000", "1", "0.0500", "1.3s", "none"]
    assert gp.split() == ["gp", "2", "1", "1", "0.9500", "1", "0.0000", "1.3s", "2.3077"]
    assert len({cell_len(row) for row in (head, default, gp)}) == 1


def test_gate_and_predictions_are_told(shop: Workshop) -> None:
    study_id = shop.study()
    run_model(shop, study_id, 0.975)
    run_model(shop, study_id, 0.9)
    run_model(shop, study_id, 0.97, rule="every tenth")
    text = words(shop, study_id)
    assert "believed   2 times:" in text and "refused    0 times" in text and "exception  once" in text
    tested = [row.split() for row in rows_of(text, "predicted and measured")]
    assert ["0", "0.9700", "±0.01", "0.9750", "yes"] in tested and ["1", "0.9700", "±0.01", "0.9000", "no"] in tested
    assert "2 of 3 within the 80% interval" in text


def test_unknown_cost_is_no_zero(shop: Workshop) -> None:
    study_id = shop.study()
    pay(shop, study_id, tokens=None, dollars=None)
    rows = [row.split() for row in rows_of(words(shop, study_id), "cost so far")]
    assert rows[:3] == [["requests", "1"], ["tokens", "unknown"], ["dollars", "unknown"]]


def test_model_that_offered_nothing_is_told_with_its_requests(shop: Workshop) -> None:
    study_id = shop.study()
    pay(shop, study_id, tokens=1200, dollars=0.02)
    text = words(shop, study_id)
    assert "was asked once and offered nothing" in text and "1,200" in text and "$0.02" in text


def test_refusals_are_told_by_kind(shop: Workshop) -> None:
    study_id = shop.study()
    shop.complete(study_id, CONFIG, 0.9)
    for arm, kind in (("human", "duplicate"), ("human", "invalid"), (MODEL, "illegal")):
        shop.store.refuse(study_id, Proposal(CONFIG, arm, ""), kind, "no")
    text = words(shop, study_id)
    assert "refused before they ran, not the model's: 1 duplicate, 1 invalid" in text
    assert "1 (100%) illegal" in " ".join(text.split())


def test_outlook_is_told_where_a_surrogate_fits(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    text = words(shop, study_id)
    rows = dict(row.split(maxsplit=1) for row in rows_of(text, "the next 10 trials"))
    assert set(rows) >= {"verdict", "gain", "chance", "time", "dollars", "left"}
    assert rows["left"] == "14 trials"


def test_unknown_study_is_refused(shop: Workshop) -> None:
    with pytest.raises(StudyNotFound):
        shop.engine.trust("nobody")


def test_narrow_rows_fit_and_lose_nothing(shop: Workshop) -> None:
    study_id = shop.study()
    shop.complete(study_id, CONFIG, 0.9, arm="default")
    run_model(shop, study_id, 0.975)
    trust = shop.engine.trust(study_id)
    for width in (36, 76):
        rows = trust_content(trust, width).plain.splitlines()
        assert max(map(cell_len, rows)) <= width
    narrow = trust_content(trust, 36).plain
    assert "regret" in narrow and narrow.count("default") >= 2


def test_columns_that_do_not_fit_follow_below() -> None:
    lines = table(["arm", "one", "two"], [[("gp", ""), ("1" * 8, ""), ("2" * 8, "")]], 15)
    assert [line.plain.split() for line in lines] == [["arm", "one"], ["gp", "1" * 8], ["arm", "two"], ["gp", "2" * 8]]


# -- panel --------------------------------------------------------------------------------------------


async def test_panel_wants_to_be_told_when_it_is_opened_and_only_then(shop: Workshop) -> None:
    study_id = shop.study()
    app = Bench()
    async with app.run_test() as pilot:
        app.panel.see(follower(shop, study_id).snapshot())
        await pilot.pause()
        assert app.wanted == []
        app.turn_to("trust")
        await pilot.pause()
        assert app.wanted == [study_id] and "reading the record" in shown(app)


async def test_panel_opened_again_wants_news_only_if_there_are_any(shop: Workshop) -> None:
    study_id = shop.study()
    app = Bench()
    async with app.run_test() as pilot:
        app.panel.see(follower(shop, study_id).snapshot())
        app.turn_to("trust")
        await pilot.pause()
        app.panel.show(shop.engine.trust(study_id))
        for name in ("other", "trust"):
            app.turn_to(name)
            await pilot.pause()
        assert len(app.wanted) == 1
        shop.complete(study_id, CONFIG, 0.9)
        app.turn_to("other")
        app.panel.see(follower(shop, study_id).snapshot())
        await pilot.pause()
        app.turn_to("trust")
        await pilot.pause()
        assert len(app.wanted) == 2


async def test_visible_panel_tells_of_newer_trials_and_reads_them_on_r(shop: Workshop) -> None:
    study_id = shop.study()
    app = Bench()
    async with app.run_test() as pilot:
        app.panel.see(follower(shop, study_id).snapshot())
        app.turn_to("trust")
        await pilot.pause()
        app.panel.show(shop.engine.trust(study_id))
        shop.complete(study_id, CONFIG, 0.9)
        app.panel.see(follower(shop, study_id).snapshot())
        await pilot.pause()
        assert "as of 0 finished trials, 1 more since: r reads again" in shown(app) and len(app.wanted) == 1
        app.panel.focus()
        await pilot.press("r", "r")
        assert len(app.wanted) == 2


async def test_other_study_is_read_anew_and_late_news_of_the_old_one_are_dropped(shop: Workshop) -> None:
    first, second = shop.study(), shop.study("other-study")
    app = Bench()
    async with app.run_test() as pilot:
        app.panel.see(follower(shop, first).snapshot())
        app.turn_to("trust")
        await pilot.pause()
        app.panel.see(follower(shop, second).snapshot())
        app.panel.show(shop.engine.trust(first))
        await pilot.pause()
        assert app.wanted == [first, second] and "who found what" not in shown(app)


async def test_complaint_is_shown_and_can_be_tried_again(shop: Workshop) -> None:
    study_id = shop.study()
    app = Bench()
    async with app.run_test() as pilot:
        app.panel.see(follower(shop, study_id).snapshot())
        app.turn_to("trust")
        await pilot.pause()
        app.panel.complain("the store is [bold]gone[/]\x1b[2J")
        app.panel.see(follower(shop, study_id).snapshot())
        await pilot.pause()
        assert "not read: the store is [bold]gone[/]  r tries again" in shown(app)
        app.panel.focus()
        await pilot.press("r")
        assert len(app.wanted) == 2


async def test_forty_columns_in_ascii_show_hostile_arms_as_text(shop: Workshop) -> None:
    study_id = shop.study()
    shop.complete(study_id, CONFIG, 0.9, arm="[red]evil[/]\x1b[31m\nlong name")
    run_model(shop, study_id, 0.975)
    app = Bench(is_ascii=True)
    async with app.run_test(size=(40, 24)) as pilot:
        app.panel.see(follower(shop, study_id).snapshot())
        app.turn_to("trust")
        await pilot.pause()
        app.panel.show(shop.engine.trust(study_id))
        await pilot.pause()
        text = shown(app)
    assert text.isascii() and "[red]evil[/~" in text and "best" in text


async def test_trial_tells_what_else_would_have_run_and_who_was_right(shop: Workshop) -> None:
    study_id = shop.study()
    for k, value in enumerate((0.7, 0.8, 0.75, 0.9)):
        shop.complete(study_id, {"C": 10.0**k / 50, "gamma": 0.01, "kernel": "rbf"}, value)
    arms: Json = [
        {
            "arm": arm,
            "config": {"C": c, "gamma": 0.02, "kernel": "rbf"},
            "mean": mean,
            "sd": 0.01,
            **TIMED,
        }
        for arm, c, mean in (("gp", 2.0, 0.85), ("model", 0.5, 0.87), ("[b]local", 3.0, 0.86))
    ]
    gate: dict[str, Json] = {"rule": "floor", "sentence": "the surrogate's own", "arms": arms, "log_ei_surrogate": 7.25}
    own = Proposal({"C": 2.0, "gamma": 0.02, "kernel": "rbf"}, "gp", "promises most", memory={"gate": gate})
    shop.store.add_trial(study_id, own, seed=0)
    assert shop.store.claim(study_id) is not None
    shop.store.finish(study_id, 4, TrialState.COMPLETE, outcome=Outcome({"accuracy": 0.95}, 1.0))
    app = shop.app(study_id)
    async with app.run_test(size=(100, 40)) as pilot:
        await wait_for(pilot, lambda: app.snapshot and len(app.snapshot.trials) == 5)
        app.open_trial("4")
        await wait_for(pilot, lambda: "what else would have run" in shown(app))
        assert "[b]local" in shown(app) and "about 12 s" in shown(app)
        assert "the gate measures from 7.2, the best point that the surrogate found" in shown(app)
        assert "in hindsight gp was right: nothing better is known" in shown(app)
        await pilot.press("left")
        await wait_for(pilot, lambda: "trial 3" in shown(app))
        assert "what else would have run" not in shown(app)


async def test_trial_whose_offers_cannot_be_read_shows_no_table(shop: Workshop) -> None:
    study_id = shop.study()
    gate: dict[str, Json] = {"rule": "slack", "sentence": "", "arms": "much"}
    shop.store.add_trial(study_id, Proposal(CONFIG, "gp", "promises most", memory={"gate": gate}), seed=0)
    answer = shop.engine.why(study_id, 0)
    assert answer is not None
    app = shop.app(study_id)
    async with app.run_test(size=(100, 40)) as pilot:
        await wait_for(pilot, lambda: app.snapshot and app.snapshot.trials)
        app.open_trial("0")
        await wait_for(pilot, lambda: "trial 0" in shown(app))
        app.screen.post_message(WhyRead(answer))
        await pilot.pause()
        assert "what else would have run" not in shown(app)
