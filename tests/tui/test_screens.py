"""Screens over the main one, and the pure texts they show."""

from __future__ import annotations

from textual.binding import Binding

from agenttune.trial import TrialState
from agenttune.tui.keymap import PLACES
from agenttune.tui.keys import keys_text
from agenttune.tui.messages import TrialDetail
from agenttune.tui.screens.help import help_content
from agenttune.tui.screens.trial import evidence_content, facts_content, title_content
from agenttune.tui.snapshot import Snapshot
from agenttune.tui.widgets.chart import Chart
from tests.tui.workshop import CONFIG, Workshop, fill, follower, shown, wait_for

FORBIDDEN = {"ctrl+a", "ctrl+b", "ctrl+s", "ctrl+z", "ctrl+h", "ctrl+i", "ctrl+m"}
"""Taken by tmux, screen, flow control, suspension, or the same byte as another key."""


def sheet(shop: Workshop, study_id: str, number: int, *, now: float = 0.0) -> str:
    snapshot, detail = look(shop, study_id, number)
    parts = [title_content(detail.trial, snapshot), facts_content(detail, snapshot, now=now, width=100)]
    return "\n".join(part.plain for part in [*parts, evidence_content(detail)])


def look(shop: Workshop, study_id: str, number: int) -> tuple[Snapshot, TrialDetail]:
    return follower(shop, study_id).snapshot(), shop.engine.detail(study_id, number)


def test_trial_shows_value_arm_and_reason(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    text = sheet(shop, study_id, 14)
    assert "trial 14 · complete · gp" in text and "the best so far" in text
    assert "0.9889" in text and "expected to improve on 0.9861 by 0.0021" in text


def test_configuration_stands_beside_the_best_where_they_differ(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    lines = sheet(shop, study_id, 15).splitlines()
    assert any(line.split() == ["C", "14.1", "12.3"] for line in lines)
    assert any(line.split() == ["kernel", "rbf"] for line in lines)


def test_failure_comes_with_its_evidence(shop: Workshop) -> None:
    study_id = shop.study()
    shop.fail(study_id, CONFIG, "ValueError: no \x1b[31mway")
    text = sheet(shop, study_id, 0)
    assert "failed: crash" in text and "ValueError: no way" in text and "Traceback" in text


def test_log_tail_is_cleaned_and_its_file_named(shop: Workshop) -> None:
    study_id = shop.study()
    attempt = shop.start(study_id, CONFIG)
    shop.write_log(attempt, "epoch 1\r\nloss \x1b[32m0.5\x1b[0m\n10%\r100%\n")
    text = sheet(shop, study_id, 0)
    assert text.splitlines()[-3:] == ["  epoch 1", "  loss 0.5", "  100%"]
    assert "log.txt" in text


def test_long_log_shows_its_end(shop: Workshop) -> None:
    study_id = shop.study()
    attempt = shop.start(study_id, CONFIG)
    shop.write_log(attempt, "".join(f"line {i}\n" for i in range(50_000)))
    detail = shop.engine.detail(study_id, 0)
    assert detail.log_tail[-1] == "line 49999" and len(detail.log_tail) == 400


def test_trial_without_a_log_shows_none(shop: Workshop) -> None:
    study_id = shop.study()
    shop.start(study_id, CONFIG)
    assert "log" not in sheet(shop, study_id, 0)


def test_death_of_an_attempt_is_counted(shop: Workshop) -> None:
    study_id = shop.study()
    shop.start(study_id, CONFIG)
    shop.store.requeue(study_id, 0, counts=True, reason="signal 9", max_attempts=3)
    shop.store.claim(study_id)
    assert "2, of which 1 died" in sheet(shop, study_id, 0)


async def test_open_trial_follows_what_happens(shop: Workshop) -> None:
    study_id = shop.study()
    attempt = shop.start(study_id, CONFIG)
    app = shop.app(study_id)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        await pilot.press("enter")
        await wait_for(pilot, lambda: "trial 0 · running" in shown(app))
        shop.report(attempt, 1, 0.4)
        shop.report(attempt, 2, 0.6)
        await wait_for(pilot, lambda: app.screen.query_one(Chart).display)


async def test_arrows_go_to_the_neighbours(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    app = shop.app(study_id)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.snapshot)
        await pilot.press("down", "enter")
        await wait_for(pilot, lambda: "trial 15" in shown(app))
        await pilot.press("right")
        assert "trial 15" in shown(app)
        await pilot.press("left")
        await wait_for(pilot, lambda: "trial 14" in shown(app))


def all_bindings() -> list[Binding]:
    return [binding for place in PLACES for binding in place.bindings]


def test_no_key_is_one_that_terminals_take() -> None:
    keys = {key.strip() for binding in all_bindings() for key in binding.key.split(",")}
    assert not keys & FORBIDDEN
    assert not any(key.startswith("alt+") for key in keys)


def test_help_is_made_of_the_bindings_themselves() -> None:
    text = help_content([("Keys", all_bindings())]).plain
    for binding in all_bindings():
        assert keys_text(binding.key) in text and str(binding.id) in text and binding.description in text


def test_keys_are_spelled_as_people_say_them() -> None:
    assert keys_text("escape,q") == "Esc or q"
    assert keys_text("ctrl+q") == "Ctrl+Q"


def test_stopped_trial_says_so(shop: Workshop) -> None:
    from agenttune.trial import Outcome

    study_id = shop.study()
    shop.start(study_id, CONFIG)
    shop.store.finish(study_id, 0, TrialState.STOPPED, outcome=Outcome({"accuracy": 0.5}, 1.0))
    assert "trial 0 · stopped" in sheet(shop, study_id, 0)
