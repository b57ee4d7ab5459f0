"""The lines a study ends with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agenttune.cli.outcome import lines, summary
from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.replies.offers import Offers
from agenttune.space import Float, Space
from agenttune.spec import StudyRow, StudySpec, StudyState
from agenttune.testing.views import failed
from agenttune.trial import Outcome, Proposal, Trial, TrialState
from agenttune.types import Json

TRIAL: dict[str, Json] = {"number": 3, "value": 0.98, "config": {"C": 2.0}, "arm": "gp", "reason": "most promising"}


def told(**changes: Json) -> dict[str, str]:
    """The lines by label, of a study that ended with trial 3 as its best."""
    content: dict[str, Json] = {
        "study": "svm-digits",
        "status": "finished",
        "end_reason": "30 trials done",
        "metric": "accuracy",
        "direction": "maximize",
        "best": TRIAL,
        "default": {**TRIAL, "number": 0, "arm": "default"},
        "held_out": {"metric": "accuracy", "best": 0.9944444, "best_trial": 3, "default": 0.9861111},
        "n_infeasible": 0,
        "failures": [],
        "offers": None,
        "active_s": 24.4,
        "store": "demo/agenttune.db",
        "files": "demo/files",
        "plot": "demo/files/plot.png",
    }
    return dict(lines({**content, **changes}))


def test_end_tells_best_arm_reason_gain_plot_and_study() -> None:
    assert told() == {
        "finished": "30 trials done, in 24 s",
        "best": "accuracy 0.9800, trial 3: C=2.0",
        "found by": "gp: most promising",
        "held out": "accuracy 0.9944 on data the tuning never saw; the library's default 0.9861, "
        "the best is better by 0.0083",
        "plot": "demo/files/plot.png",
        "study": "svm-digits in demo/agenttune.db",
        "files": "demo/files",
    }


@pytest.mark.parametrize(
    ("best", "direction", "end"),
    [
        (0.9833333, "maximize", "0.9861, the best is worse by 0.0028"),
        (0.9833333, "minimize", "0.9861, the best is better by 0.0028"),
        (0.9861111, "maximize", "0.9861, the same"),
    ],
)
def test_held_out_line_is_honest(best: float, direction: str, end: str) -> None:
    held_out: Json = {"metric": "accuracy", "best": best, "best_trial": 3, "default": 0.9861111}
    assert told(held_out=held_out, direction=direction)["held out"].endswith(f"the library's default {end}")


def test_default_that_stays_best_is_called_so() -> None:
    held_out: Json = {"metric": "accuracy", "best": 0.9861111, "best_trial": 0, "default": 0.9861111}
    default: Json = {**TRIAL, "number": 0, "arm": "default", "reason": "its own defaults"}
    by_label = told(best=default, held_out=held_out)
    assert by_label["found by"] == "default: its own defaults"
    assert by_label["held out"] == (
        "accuracy 0.9861 on data the tuning never saw; nothing that was tried beat the library's default"
    )


def test_held_out_score_without_a_default_stands_alone() -> None:
    held_out: Json = {"metric": "accuracy", "best": 0.9861111, "best_trial": 3, "default": None}
    assert told(held_out=held_out)["held out"] == "accuracy 0.9861 on data the tuning never saw"


def test_what_the_model_offered_is_told_with_its_rates() -> None:
    offers: dict[str, Json] = {"n_offered": 48, "n_infeasible": 3, "n_duplicate": 9, "n_repeated": 0, "n_illegal": 0}
    assert told(offers=offers)["offered"] == (
        "48 candidates: 3 (6%) against a constraint of the space, 9 (19%) duplicate, 0 illegal"
    )
    assert (
        "9 (19%) duplicate, 4 of them between replies to one question, "
        in (told(offers={**offers, "n_repeated": 4})["offered"])
    )


def ended_with(*messages: str) -> dict[str, Json]:
    """The result of a study whose trials all crashed, each with its message."""
    spec = StudySpec("s", Space(x=Float(0, 1)), Goal("loss", "minimize"), {"type": "told"})
    crashed = (failed(number, {"x": 0.5}) for number in range(len(messages)))
    trials = tuple(
        replace(trial, failure=replace(trial.failure, message=message))
        for trial, message in zip(crashed, messages, strict=True)
        if trial.failure
    )
    row = StudyRow("ab", spec, StudyState.FINISHED, 1, 0.0, 0.0, len(messages))
    view = StudyView(spec.space, spec.goal, trials)
    return summary(row, view, status="finished", store=Path("a.db"), files=Path("files"), offers=Offers(0, 0, 0, 0, 0))


def test_each_reason_is_counted_for_itself_and_numbers_make_no_other() -> None:
    content = ended_with("not a number", "tried 4 GiB", "no such file", "tried 8 GiB")
    assert content["failures"] == [
        {"kind": "crash", "count": 2, "reason": "tried 4 GiB"},
        {"kind": "crash", "count": 1, "reason": "not a number"},
        {"kind": "crash", "count": 1, "reason": "no such file"},
    ]
    assert dict(lines(content))["failed"] == "2 crash (tried 4 GiB), 1 crash (not a number), 1 crash (no such file)"


def test_line_of_many_reasons_counts_those_it_leaves_out() -> None:
    line = dict(lines(ended_with("a", "b", "c", "d", "d", "e")))["failed"]
    assert line == "2 crash (d), 1 crash (a), 1 crash (b) and 2 more"


def stopped(number: int, loss: float | None) -> Trial:
    """A trial that was stopped before its end, with what it had measured until then."""
    outcome = None if loss is None else Outcome({"loss": loss}, 0.6)
    return Trial(number, Proposal({"x": loss or 0.0}, "sobol", ""), TrialState.STOPPED, 0, 0.0, outcome=outcome)


def test_best_of_trials_that_were_stopped_is_told_where_none_ran_to_its_end() -> None:
    spec = StudySpec("s", Space(x=Float(0, 1)), Goal("loss", "minimize"), {"type": "told"})
    row = StudyRow("ab", spec, StudyState.FINISHED, 1, 0.0, 0.0, 3)
    view = StudyView(spec.space, spec.goal, (stopped(0, 0.7), stopped(1, 0.5), stopped(2, None)))
    content = summary(row, view, status="finished", store=Path("a"), files=Path("b"), offers=Offers(0, 0, 0, 0, 0))
    assert (content["best"], content["n_stopped"]) == (None, 3)
    assert dict(lines(content))["best"] == (
        "none ran to its end; of those stopped before it, loss 0.5000, trial 1: x=0.5"
    )
