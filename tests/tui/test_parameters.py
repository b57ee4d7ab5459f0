"""The panel of parameters: rows, importance, slices, versions of the space."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult

from agenttune.edits import SetRange, Terms, apply
from agenttune.events import StudyEdited
from agenttune.space import Bool, Categorical, Constant, Float, Int, Ordinal, Space
from agenttune.tui import glyphs
from agenttune.tui.glyphs import GlyphSet
from agenttune.tui.messages import ImportanceShares
from agenttune.tui.parameters import (
    chosen_content,
    importance_words,
    row_contents,
    slice_legend,
    slice_picture,
    values_content,
    versions_content,
)
from agenttune.tui.picture import draw_picture
from agenttune.tui.snapshot import Snapshot
from agenttune.tui.widgets.parameters import ParametersPanel
from agenttune.types import Config
from tests.tui.workshop import CONFIG, SVM, Workshop, fill, follower, shown

MANY = Space({f"parameter_{i}": Float(0.0, 1.0) for i in range(40)})
ODD = Space(
    {
        "[x]": Float(-1e308, 1e308),
        "名前名前名前名前名前名前": Int(1, 2**62, log=True),
        "[bold]": Categorical(["[/]", "漢字", "a\x1b[31mb"]),
        "size": Ordinal([16, 32, 64]),
        "flag": Bool(),
        "fixed": Constant("[red]"),
    }
)
ODD_CONFIG: Config = {
    "[x]": 1e308,
    "名前名前名前名前名前名前": 2**61,
    "[bold]": "漢字",
    "size": 32,
    "flag": True,
    "fixed": "[red]",
}


def snapshot_of(shop: Workshop, study_id: str) -> Snapshot:
    return follower(shop, study_id).snapshot()


def filled(shop: Workshop) -> Snapshot:
    study_id = shop.study()
    fill(shop, study_id)
    return snapshot_of(shop, study_id)


def shares_of(snapshot: Snapshot) -> ImportanceShares:
    n = len(snapshot.view.complete)
    shares = {"C": 0.25, "gamma": 0.7, "kernel": 0.05}
    return ImportanceShares(snapshot.row.id, n, n, shares, "PED-ANOVA", 10)


def rows(snapshot: Snapshot, *, width: int = 80) -> list[str]:
    return [content.plain for content in row_contents(snapshot, shares_of(snapshot), chosen="C", width=width)]


def edited(shop: Workshop, study_id: str) -> None:
    row = shop.store.study(study_id)
    space = apply(Terms.of(row.spec, row.spec.space), SetRange("gamma", low=1e-4)).space
    shop.store.add_edit(study_id, StudyEdited(0, {}, {}, "gamma: from 1e-4", {}), space=space)


# -- rows -----------------------------------------------------------------------------------------


def test_row_tells_range_best_value_and_share(shop: Workshop) -> None:
    row = rows(filled(shop))[1]
    assert row.split() == ["gamma", "1e-5..1", "log", "0.00121", "━━━━━━━━╸───", "70%"]


def test_chosen_row_has_a_sign_of_its_own(shop: Workshop) -> None:
    assert [row[0] for row in rows(filled(shop))] == [glyphs.POINTER, " ", " ", " "]


def test_parameter_that_the_best_trial_does_not_use_shows_a_dot(shop: Workshop) -> None:
    assert rows(filled(shop))[3].split()[0:3] == ["degree", "2..5", glyphs.DOT]


@pytest.mark.parametrize("width", [40, 60, 100, 200])
@pytest.mark.parametrize("space", [SVM, MANY, ODD], ids=["svm", "many", "odd"])
def test_rows_fit_their_width(shop: Workshop, space: Space, width: int) -> None:
    study_id = shop.study(space=space)
    assert all(cell_len(row) <= width for row in rows(snapshot_of(shop, study_id), width=width))


def test_narrow_rows_leave_the_range_out(shop: Workshop) -> None:
    assert rows(filled(shop), width=36)[1].split() == ["gamma", "0.00121", "━━━━──", "70%"]


def test_long_names_that_begin_alike_are_told_apart_and_the_chosen_one_is_whole(shop: Workshop) -> None:
    names = [f"a_rather_long_parameter_name_{i}" for i in range(40)]
    snapshot = snapshot_of(shop, shop.study(space=Space({name: Float(0.0, 1.0) for name in names})))
    shown = [row[2:22] for row in rows(snapshot, width=56)]
    assert len(set(shown)) == 40 and shown[12].strip() == "a_rat…eter_name_12"
    assert chosen_content(snapshot, names[12], width=56).plain.split() == [names[12], "0..1"]


# -- importance -----------------------------------------------------------------------------------


def test_importance_is_told_with_its_method_and_trials(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    found = shop.engine.importance(study_id)
    assert importance_words(found) == "by PED-ANOVA, 15 trials"
    assert set(found.shares) <= set(SVM.parameters) and found.n_complete == 15
    assert sum(found.shares.values()) == pytest.approx(1)


def test_importance_of_a_long_study_rests_on_a_sample(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agenttune.tui.engine.LEAST_SAMPLE", 10)
    monkeypatch.setattr("agenttune.tui.engine.MOST_CELLS", 0)
    study_id = shop.study()
    for i in range(40):
        shop.complete(study_id, {**CONFIG, "C": 1.0 + i}, i / 40)
    found = shop.engine.importance(study_id)
    assert (found.n_complete, found.n_trials) == (40, 10)


def test_too_few_trials_give_no_importance_but_say_so(shop: Workshop) -> None:
    study_id = shop.study()
    shop.complete(study_id, CONFIG, 0.5)
    found = shop.engine.importance(study_id)
    assert found.shares == {}
    assert importance_words(found) == "unknown: too few trials, 1 of at least 10"
    bounded = replace(found, n_complete=12)
    assert importance_words(bounded) == "unknown: too few feasible trials, 1 of at least 10"


def test_other_reasons_are_told_as_they_are(shop: Workshop) -> None:
    found = ImportanceShares("x", 12, 12, {}, "PED-ANOVA", 10, "no parameter of the space varies")
    assert importance_words(found) == "unknown: no parameter of the space varies"


# -- slices ---------------------------------------------------------------------------------------


def drawn(snapshot: Snapshot, name: str, *, width: int = 60, glyph_set: GlyphSet = GlyphSet.BRAILLE) -> list[str]:
    picture = slice_picture(snapshot, name)
    assert picture is not None
    return [
        "".join(c.character for c in row) for row in draw_picture(picture, width=width, height=10, glyph_set=glyph_set)
    ]


def test_slice_marks_arms_apart_and_the_best(shop: Workshop) -> None:
    snapshot = filled(shop)
    text = "\n".join(drawn(snapshot, "gamma"))
    assert all(sign in text for sign in (*glyphs.MARKS[:3], glyphs.BEST, glyphs.TIMES))
    legend = slice_legend(snapshot, "gamma", width=80).plain
    assert legend.split("   ") == ["  ● default 1", "○ sobol 4", "◇ gp 10", "★ best, trial 14", "× 1 failed"]


def test_log_parameter_is_drawn_on_a_log_axis(shop: Workshop) -> None:
    study_id = shop.study(space=Space(lr=Float(1e-4, 1.0, log=True)))
    shop.complete(study_id, {"lr": 1e-2}, 0.5)
    lines = drawn(snapshot_of(shop, study_id), "lr", width=61)
    (line,) = [line for line in lines if glyphs.BEST in line]
    inner = line.partition("│")[2]
    assert abs(inner.index(glyphs.BEST) - len(inner) / 2) <= 1
    assert "0.0001" in lines[-1] and "1 log" in lines[-1]


def test_value_outside_the_present_range_widens_the_axis(shop: Workshop) -> None:
    study_id = shop.study()
    shop.complete(study_id, {**CONFIG, "gamma": 1e-5}, 0.5)
    edited(shop, study_id)
    assert "1e-05" in drawn(snapshot_of(shop, study_id), "gamma")[-1]


def test_late_arms_share_a_mark(shop: Workshop) -> None:
    study_id = shop.study()
    for i in range(8):
        shop.complete(study_id, CONFIG, 0.1 * i, arm=f"arm{i}")
    snapshot = snapshot_of(shop, study_id)
    assert "+ other arms 3" in slice_legend(snapshot, "C", width=300).plain
    assert all(cell_len(line) <= 40 for line in slice_legend(snapshot, "C", width=40).plain.splitlines())


def test_choices_are_rows_with_count_and_mean(shop: Workshop) -> None:
    content = values_content(filled(shop), "kernel", width=80)
    assert content is not None
    assert [line.split() for line in content.plain.splitlines()] == [
        ["trials", "failed", "mean", "best"],
        ["★", "rbf", "12", "0", "0.8316", "0.9889"],
        ["poly", "4", "1", "0.9493", "0.9861"],
    ]


def test_true_and_one_are_two_values(shop: Workshop) -> None:
    study_id = shop.study(space=Space(flag=Categorical([True, 1])))
    shop.complete(study_id, {"flag": True}, 0.5)
    content = values_content(snapshot_of(shop, study_id), "flag", width=60)
    assert content is not None and [line.split()[-4] for line in content.plain.splitlines()[1:]] == ["1", "0"]


def test_many_values_are_cut(shop: Workshop) -> None:
    study_id = shop.study(space=Space(size=Ordinal(list(range(100)))))
    content = values_content(snapshot_of(shop, study_id), "size", width=60)
    assert content is not None and content.plain.splitlines()[-1] == "  and 84 more"


@pytest.mark.parametrize("n_trials", [0, 1, 3])
@pytest.mark.parametrize("name", list(ODD.parameters))
def test_odd_parameters_are_shown_as_they_are(shop: Workshop, name: str, n_trials: int) -> None:
    study_id = shop.study(space=ODD)
    for i in range(n_trials):
        shop.complete(study_id, ODD_CONFIG, [1e308, -1e308, 0.0][i], arm="[/arm]")
    snapshot = snapshot_of(shop, study_id)
    picture, values = slice_picture(snapshot, name), values_content(snapshot, name, width=40)
    assert (picture is None) == (values is not None or n_trials == 0)
    if picture is not None:
        drawn(snapshot, name, width=40, glyph_set=GlyphSet.ASCII)
        assert "[/arm]" in slice_legend(snapshot, name, width=40).plain or n_trials == 1
    texts = [chosen_content(snapshot, name, width=40), *([values] if values is not None else [])]
    assert not any("\x1b" in text.plain for text in texts)


def test_failed_trials_alone_can_be_drawn(shop: Workshop) -> None:
    study_id = shop.study()
    shop.fail(study_id, CONFIG, "no")
    assert glyphs.TIMES in "".join(drawn(snapshot_of(shop, study_id), "C"))


def test_condition_and_meaning_are_told(shop: Workshop) -> None:
    snapshot = filled(shop)
    assert chosen_content(snapshot, "degree", width=60).plain.strip() == "2..5 when kernel=poly"


# -- versions -------------------------------------------------------------------------------------


def test_versions_tell_what_changed(shop: Workshop) -> None:
    study_id = shop.study()
    edited(shop, study_id)
    edits = shop.engine.space_edits(study_id)
    assert edits == {2: "edit 1 (space version 2): gamma: from 1e-4, by a person"}
    lines = versions_content(snapshot_of(shop, study_id), edits, width=100).plain.splitlines()
    assert lines[1] == "version 2  edit 1 (space version 2): gamma: from 1e-4, by a person"
    assert lines[2].strip() == "gamma: 1e-5..1 log → 1e-4..1 log"


def test_first_version_says_so(shop: Workshop) -> None:
    assert versions_content(filled(shop), {}, width=40).plain == "the space is in its first version"


# -- the panel ------------------------------------------------------------------------------------


class Bench(App[None]):
    """Holds the panel and keeps what it asks for."""

    def __init__(self, glyph_set: GlyphSet = GlyphSet.BRAILLE) -> None:
        super().__init__()
        self.panel = ParametersPanel(glyph_set)
        self.asked: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.panel

    def on_mount(self) -> None:
        self.panel.focus()

    def on_parameters_panel_importance_wanted(self, message: ParametersPanel.ImportanceWanted) -> None:
        self.asked.append(message.study_id)


async def test_panel_shows_rows_and_the_slice_of_the_chosen_one(shop: Workshop) -> None:
    snapshot = filled(shop)
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        app.panel.show(snapshot, shares_of(snapshot))
        await pilot.pause()
        await pilot.press("down")
        await pilot.pause()
        text = shown(app)
    assert app.panel.chosen == "gamma"
    assert "4 parameters   importance by PED-ANOVA, 15 trials" in text
    assert "❯ gamma" in text and "1e-05" in text and "★ best, trial 14" in text and "first version" in text


async def test_choices_take_the_place_of_the_picture(shop: Workshop) -> None:
    snapshot = filled(shop)
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        app.panel.show(snapshot, None)
        await pilot.press("down", "down")
        await pilot.pause()
        text = shown(app)
    assert app.panel.chosen == "kernel" and "trials failed" in text and "│" not in text


async def test_keys_stop_at_both_ends(shop: Workshop) -> None:
    snapshot = filled(shop)
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        app.panel.show(snapshot, None)
        await pilot.press("up")
        assert app.panel.chosen == "C"
        await pilot.press(*["down"] * 6)
        assert app.panel.chosen == "degree"


async def test_click_chooses(shop: Workshop) -> None:
    snapshot = filled(shop)
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        app.panel.show(snapshot, None)
        await pilot.press("down")
        await pilot.pause()
        await pilot.click(".below", offset=(4, 1))
        assert app.panel.chosen == "degree"
        await pilot.pause()
        await pilot.click(".above", offset=(4, 0))
        assert app.panel.chosen == "C"


async def test_chosen_one_of_many_stays_in_view(shop: Workshop) -> None:
    snapshot = snapshot_of(shop, shop.study(space=MANY))
    app = Bench(GlyphSet.ASCII)
    async with app.run_test(size=(40, 12)) as pilot:
        app.panel.show(snapshot, None)
        await pilot.press(*["down"] * 39)
        await pilot.pause()
        assert "❯ parameter_39" in shown(app)
        await pilot.press(*["up"] * 20)
        await pilot.pause()
        assert "❯ parameter_19" in shown(app)


async def test_importance_is_asked_for_once_and_again_when_trials_come(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    snapshot = snapshot_of(shop, study_id)
    app = Bench()
    async with app.run_test() as pilot:
        app.panel.show(snapshot, None)
        app.panel.show(snapshot, None)
        await pilot.pause()
        assert app.asked == [study_id]
        app.panel.show(snapshot, shares_of(snapshot))
        shop.complete(study_id, CONFIG, 0.5)
        app.panel.show(snapshot_of(shop, study_id), shares_of(snapshot))
        await pilot.pause()
    assert app.asked == [study_id] * 2


async def test_hidden_panel_asks_for_nothing_until_it_is_shown(shop: Workshop) -> None:
    snapshot = filled(shop)
    app = Bench()
    async with app.run_test() as pilot:
        app.panel.display = False
        await pilot.pause()
        app.panel.show(snapshot, None)
        await pilot.pause()
        assert app.asked == []
        app.panel.display = True
        await pilot.pause()
        assert app.asked == [snapshot.row.id]
        assert "❯ C" in shown(app)


async def test_importance_of_another_study_counts_as_none(shop: Workshop) -> None:
    snapshot = filled(shop)
    app = Bench()
    async with app.run_test() as pilot:
        app.panel.show(snapshot, replace(shares_of(snapshot), study_id="another"))
        await pilot.pause()
        assert "%" not in shown(app) and "not worked out yet" in shown(app)


async def test_study_without_trials_is_shown(shop: Workshop) -> None:
    app = Bench()
    async with app.run_test(size=(40, 20)) as pilot:
        app.panel.show(snapshot_of(shop, shop.study(space=ODD)), None)
        for _ in range(6):
            await pilot.press("down")
            await pilot.pause()
        assert "[red]" in shown(app)
