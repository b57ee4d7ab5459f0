"""Trials side by side."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from textual.app import App

from agenttune.space import Categorical, Float, Space
from agenttune.trial import FailureKind, Outcome, TrialState
from agenttune.tui.messages import Seen
from agenttune.tui.screens.compare import CompareScreen, compare_content, relative_change
from agenttune.tui.snapshot import Snapshot
from tests.tui.workshop import CONFIG, Workshop, fill, follower, shown


def snapshot_of(shop: Workshop, study_id: str) -> Snapshot:
    return follower(shop, study_id).snapshot()


def filled(shop: Workshop) -> Snapshot:
    study_id = shop.study()
    fill(shop, study_id)
    return snapshot_of(shop, study_id)


def sheet(snapshot: Snapshot, *numbers: int, width: int = 100) -> list[str]:
    return compare_content(numbers, snapshot, width=width).plain.splitlines()


def test_parameters_that_differ_come_first_with_their_change(shop: Workshop) -> None:
    lines = sheet(filled(shop), 14, 15)
    assert lines[0].split() == ["trial", "14", "★", "trial", "15"]
    assert lines[1].split() == ["C", "12.3", "14.1", "+15%"]
    assert lines[2].split() == ["gamma", "0.00121", "0.0019", "+57%"]


def test_parameters_that_are_the_same_take_one_line(shop: Workshop) -> None:
    lines = sheet(filled(shop), 14, 15)
    assert [line for line in lines if "kernel" in line] == ["same in all  kernel=rbf"]


def test_outcomes_stand_side_by_side(shop: Workshop) -> None:
    rows = {line.split()[0]: line.split()[1:] for line in sheet(filled(shop), 14, 15) if line.strip()}
    assert rows["accuracy"] == ["0.9889", "0.9875", "-0.0014", "worse"]
    assert (rows["took"], rows["arm"]) == (["1.3s", "1.3s"], ["gp", "gp"])


def test_differences_are_told_to_two_digits_and_fit(shop: Workshop) -> None:
    study_id = shop.study()
    shop.complete(study_id, CONFIG, 0.9812345)
    shop.complete(study_id, CONFIG, 0.9805449)
    assert "-0.00069 worse" in "\n".join(sheet(snapshot_of(shop, study_id), 0, 1))


def test_smaller_is_better_where_the_metric_is_minimised(shop: Workshop) -> None:
    study_id = shop.study(direction="minimize")
    shop.complete(study_id, CONFIG, 0.5)
    shop.complete(study_id, CONFIG, 0.4)
    text = "\n".join(sheet(snapshot_of(shop, study_id), 0, 1))
    assert "-0.1 better" in text and "all the same" in text


def test_reasons_and_failures_are_told_in_full(shop: Workshop) -> None:
    text = "\n".join(sheet(filled(shop), 13, 14))
    assert "failed, timeout: it took longer than 20 s" in text
    assert "expected to improve on 0.9861 by 0.0021" in text


def test_unused_parameter_shows_a_dot(shop: Workshop) -> None:
    (line,) = [line for line in sheet(filled(shop), 0, 3) if line.startswith("degree")]
    assert line.split() == ["degree", "·", "3"]


@pytest.mark.parametrize("width", [36, 60, 76, 150])
def test_sheet_fits_its_width(shop: Workshop, width: int) -> None:
    assert all(cell_len(line.rstrip()) <= width for line in sheet(filled(shop), 0, 3, 13, 14, width=width))


def test_narrow_sheet_stands_in_rows(shop: Workshop) -> None:
    lines = sheet(filled(shop), 14, 15, 0, width=36)
    at = lines.index("gamma")
    assert [line.split() for line in lines[at + 1 : at + 4]] == [
        ["trial", "14", "★", "0.00121"],
        ["trial", "15", "0.0019", "+57%"],
        ["trial", "0", "0.01562", "×12.9"],
    ]


def test_trial_that_does_not_exist_is_told(shop: Workshop) -> None:
    assert "99" in "\n".join(sheet(filled(shop), 0, 99))


def test_odd_names_and_texts_are_shown_as_they_are(shop: Workshop) -> None:
    space = Space({"[x]": Float(-1e308, 1e308), "名前": Categorical(["[/]", "漢\x1b[31m字"])})
    study_id = shop.study(space=space)
    shop.complete(study_id, {"[x]": -1e308, "名前": "[/]"}, 1e308, arm="[b]", reason="[/] \x1b[31mred")
    shop.fail(study_id, {"[x]": 1e308, "名前": "漢\x1b[31m字"}, "\x1b]0;title\x07[/x]", kind=FailureKind.NAN)
    text = "\n".join(sheet(snapshot_of(shop, study_id), 0, 1, width=40))
    assert "[x]" in text and "漢字" in text and "[/x]" in text and "\x1b" not in text


@pytest.mark.parametrize(
    ("value", "first", "expected"),
    [
        (12.0, 1.0, "×12"),
        (1.0, 4.0, "÷4"),
        (1.2, 1.0, "+20%"),
        (0.9, 1.0, "-10%"),
        (-1.0, 1.0, "-200%"),
        (1.0, 0.0, ""),
        (1.0, 1.0, ""),
        (True, 1, ""),
        ("a", 1, ""),
        (float("nan"), 1.0, ""),
        (float("inf"), 1.0, ""),
        (1e308, 1e-308, ""),
        (1e-320, 1e300, "-100%"),
        (-1e308, 1e-5, ""),
    ],
)
def test_relative_change(value: object, first: object, expected: str) -> None:
    assert relative_change(value, first) == expected


async def test_screen_opens_follows_and_closes(shop: Workshop) -> None:
    study_id = shop.study()
    shop.complete(study_id, CONFIG, 0.5)
    shop.start(study_id, {**CONFIG, "C": 2.0})
    states = [snapshot_of(shop, study_id)]
    app: App[None] = App()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = CompareScreen((0, 1), lambda: states[-1])
        await app.push_screen(screen)
        await pilot.pause()
        assert "trials 0, 1   svm-digits" in shown(app) and "running" in shown(app)
        shop.store.finish(study_id, 1, TrialState.COMPLETE, outcome=Outcome({"accuracy": 0.6}, 1.0))
        states.append(snapshot_of(shop, study_id))
        screen.post_message(Seen(states[-1]))
        await pilot.pause()
        assert "running" not in shown(app) and "better" in shown(app)
        await pilot.press("escape")
        assert app.screen is not screen


async def test_screen_without_a_study_says_so() -> None:
    app: App[None] = App()
    async with app.run_test(size=(40, 10)) as pilot:
        await app.push_screen(CompareScreen((0, 1), lambda: None))
        await pilot.pause()
        assert "no study is open" in shown(app)
