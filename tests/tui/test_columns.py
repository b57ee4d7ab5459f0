"""The table of trials as text."""

from __future__ import annotations

from rich.cells import cell_len

from agenttune.space import Bool, Float, Int, Space
from agenttune.trial import Outcome, Proposal, TrialState
from agenttune.tui.columns import GAP, Tone, cells, header, lay_out
from agenttune.tui.snapshot import Snapshot
from tests.tui.workshop import SVM, Workshop, fill, follower

MANY = Space({f"parameter_{i}": Float(0.0, 1.0) for i in range(20)})


def snapshot_of(shop: Workshop, study_id: str) -> Snapshot:
    return follower(shop, study_id).snapshot()


def row(snapshot: Snapshot, number: int, *, now: float = 0.0) -> dict[str, tuple[str, Tone]]:
    columns = lay_out(snapshot.space, snapshot.metric, width=200, n_trials=100)
    texts = cells(snapshot.trials[number], snapshot, columns, now=now)
    return {column.name: (text.strip(), tone) for column, (text, tone) in zip(columns, texts, strict=True)}


def test_columns_never_take_more_than_the_width() -> None:
    for width in range(40, 200):
        columns = lay_out(MANY, "accuracy", width=width, n_trials=30)
        assert sum(column.width + GAP for column in columns[:-1]) + columns[-1].width <= width


def test_parameters_that_do_not_fit_are_counted() -> None:
    columns = lay_out(MANY, "accuracy", width=80, n_trials=30)
    shown = [column for column in columns if column.name.startswith("parameter")]
    assert columns[-1].title == f"+{20 - len(shown)}"


def test_reason_takes_what_is_left() -> None:
    assert lay_out(SVM, "accuracy", width=120, n_trials=30)[-1].name == ":reason"


def test_head_and_cells_have_the_same_widths(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    snapshot = snapshot_of(shop, study_id)
    columns = lay_out(snapshot.space, snapshot.metric, width=78, n_trials=30)
    heads = [cell_len(text) for text, _ in header(columns)]
    assert all([cell_len(t) for t, _ in cells(trial, snapshot, columns, now=0)] == heads for trial in snapshot.trials)


def test_best_trial_is_marked(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    best = row(snapshot_of(shop, study_id), 14)
    assert (best[":sign"], best[":value"]) == (("★", Tone.BEST), ("0.9889", Tone.BEST))


def test_former_best_is_marked_as_an_improvement(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    assert row(snapshot_of(shop, study_id), 11)[":sign"] == ("↑", Tone.IMPROVED)


def test_failed_trial_shows_its_kind_and_why(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    failed = row(snapshot_of(shop, study_id), 13)
    assert failed[":value"] == ("timeout", Tone.FAILED)
    assert failed[":reason"][0] == "it took longer than 20 s"


def test_running_trial_shows_its_time(shop: Workshop) -> None:
    study_id = shop.study()
    attempt = shop.start(study_id, {"C": 1.0, "gamma": 0.1, "kernel": "rbf"})
    running = row(snapshot_of(shop, study_id), 0, now=attempt.started_at + 75.5)
    assert (running[":value"][0], running[":time"][0]) == ("running", "1:15")


def test_running_trial_shows_its_latest_report(shop: Workshop) -> None:
    study_id = shop.study()
    attempt = shop.start(study_id, {"C": 1.0, "gamma": 0.1, "kernel": "rbf"})
    shop.report(attempt, 1, 0.5)
    shop.report(attempt, 2, 0.75)
    assert row(snapshot_of(shop, study_id), 0)[":value"] == ("0.7500", Tone.DIM)


def test_inactive_parameter_is_a_dot(shop: Workshop) -> None:
    study_id = shop.study()
    shop.complete(study_id, {"C": 1.0, "gamma": 0.1, "kernel": "rbf"}, 0.5)
    assert row(snapshot_of(shop, study_id), 0)["degree"][0] == "·"


def test_replicate_names_what_it_repeats(shop: Workshop) -> None:
    study_id = shop.study()
    first = shop.complete(study_id, {"C": 1.0, "gamma": 0.1, "kernel": "rbf"}, 0.5)
    again = shop.store.add_trial(
        study_id, Proposal(first.config, "gp", "again"), seed=1, replicate_of=0, in_budget=False
    )
    assert again is not None
    assert row(snapshot_of(shop, study_id), 1)[":arm"][0] == "×0"


def test_infeasible_value_carries_a_sign(shop: Workshop) -> None:
    from agenttune.goal import Goal
    from agenttune.spec import StudySpec

    spec = StudySpec("g", Space(x=Float(0, 1)), Goal("accuracy", "maximize", ("ms < 5",)), {"type": "told"})
    study_id = shop.store.create_study(spec).id
    number = shop.start(study_id, {"x": 0.5}).trial_number
    shop.store.finish(study_id, number, TrialState.COMPLETE, outcome=Outcome({"accuracy": 0.9, "ms": 9.0}, 1.0))
    assert row(snapshot_of(shop, study_id), 0)[":value"] == ("0.9000!", Tone.DIM)


def test_control_codes_of_data_never_reach_a_cell(shop: Workshop) -> None:
    study_id = shop.study(space=Space(x=Int(1, 3), b=Bool()))
    shop.complete(study_id, {"x": 1, "b": True}, 0.5, arm="\x1b[31mgp", reason="\x1b]0;title\x07 [/] [bold] why")
    texts = [text for text, _ in row(snapshot_of(shop, study_id), 0).values()]
    assert all(text.isprintable() for text in texts)
    assert texts[-1] == "[/] [bold] why"
