"""The lines a study ends with."""

from __future__ import annotations

import pytest

from agenttune.cli.outcome import lines
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
    default: Json = {**TRIAL, "number": 0, "arm": "default", "reason": "the library's own setting"}
    by_label = told(best=default, held_out=held_out)
    assert by_label["found by"] == "default: the library's own setting"
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
