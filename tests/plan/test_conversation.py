"""Requests of several turns, in several languages, with typing errors, and about programs of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agenttune.errors import RequestNotUnderstood
from agenttune.plan import PlanOptions, ProgramPlan, spec_of, understand, understand_turns
from agenttune.plan.conversation import read_turns
from agenttune.plan.deadlines import seconds_of
from agenttune.plan.languages import in_english, language_of
from agenttune.plan.request import Request

TRAIN = """import argparse
p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, default=1e-3, help="learning rate")
p.add_argument("--batch-size", type=int, default=64)
p.add_argument("--optimizer", choices=["adam", "sgd"], default="adam")
p.add_argument("--epochs", type=int, default=5)
p.add_argument("--seed", type=int, default=0)
a = p.parse_args()
for epoch in range(a.epochs):
    loss = (a.lr - 0.01) ** 2 + 1 / a.batch_size / (epoch + 1)
    print(f"epoch {epoch} val_loss={loss:.6f} val_acc={1 - loss:.4f}")
print(f"latency_ms: {a.batch_size / 10:.1f}")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "train.py").write_text(TRAIN)
    return tmp_path


def said(folder: Path, *turns: str) -> dict[str, Any]:
    request = read_turns(turns, PlanOptions(cwd=str(folder)))
    content = request.model_dump(mode="json", exclude_none=True)
    return {name: value for name, value in content.items() if name != "text" and value != []}


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        (("svm on digits, 30 trials", "no, make that 50 trials"), {"trials": 50}),
        (("svm on digits, accuracy", "use AUC instead"), {"metric": "auc"}),
        (("svm on digits, 30 trials, 5 minutes", "forget the time limit"), {"trials": 30}),
        (("svm on digits", "and give it 10 minutes"), {"seconds": 600}),
        (("svm on digits, C from 0.1 to 10", "C may go up to 1000"), {"ranges": [["C", 0.1, 1000]]}),
        (("svm on digits, 20 trials", "no, 25"), {"trials": 25}),
        (("SVM auf digits, 20 Versuche", "nein, lieber 40 Versuche"), {"trials": 40}),
    ],
)
def test_later_turn_adds_or_corrects(folder: Path, turns: tuple[str, ...], expected: dict[str, Any]) -> None:
    found = said(folder, *turns)
    ranges = [[entry["parameter"], entry["low"], entry["high"]] for entry in found.pop("ranges", [])]
    assert {**found, **({"ranges": ranges} if ranges else {})} == {"family": "svm", "data": "digits", **expected}


def test_turn_with_weighty_words_is_refused_with_them(folder: Path) -> None:
    with pytest.raises(RequestNotUnderstood, match="'frobnicate less'"):
        said(folder, "svm on digits", "frobnicate less")


@pytest.mark.parametrize(
    "text",
    [
        "SVM on digits for accuracy, 30 trials, at most 10 minutes",
        "SVM auf digits, Genauigkeit, 30 Versuche, höchstens 10 Minuten",
        "SVM sur digits, précision, 30 essais, 10 minutes maximum, merci",
        "Por favor, SVM en digits, exactitud, 30 pruebas, 10 minutos como máximo",
        "在 digits 上用 SVM，准确率，30次试验，最多10分钟",
    ],
)
def test_one_request_is_the_same_in_five_languages(folder: Path, text: str) -> None:
    expected = {"family": "svm", "data": "digits", "metric": "accuracy", "trials": 30, "seconds": 600.0}
    assert said(folder, text) == expected


@pytest.mark.parametrize("text", ["tune an SVM on digits", "minimise val_loss of train.py, lr 1e-4 to 1e-1", ""])
def test_english_is_left_as_it_is(text: str) -> None:
    assert language_of(text) is None and in_english(text) == text


def test_word_no_table_knows_is_quoted_as_it_was_written(folder: Path) -> None:
    found = said(folder, "SVM auf digits mit Quatschwort, 30 Versuche")
    assert found["mended"] == ["left aside: 'Quatschwort'"]


@pytest.mark.parametrize(
    ("text", "took"),
    [
        ("svm on digits, 20 trails", ["'trails' taken for 'trials'"]),
        ("desicion tree on wine", ["'desicion' taken for 'decision'"]),
    ],
)
def test_near_miss_is_mended_and_told(folder: Path, text: str, took: list[str]) -> None:
    assert said(folder, text)["mended"] == took
    assert took[0] in understand(text).assumptions


@pytest.mark.parametrize("text", ["svm on digits, 20 frogs", "not an svm on digits", "svm on digits, no more of that"])
def test_what_is_no_near_miss_is_not_guessed(folder: Path, text: str) -> None:
    with pytest.raises(RequestNotUnderstood):
        said(folder, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tune train.py for val_acc, one hour", {"script": "train.py", "metric": "val_acc", "seconds": 3600.0}),
        (
            "minimise val_loss of train.py, latency_ms below 20, 12 trials",
            {"script": "train.py", "metric": "val_loss", "direction": "minimize", "constraints": ["latency_ms < 20"]},
        ),
        (
            "train.py val_acc 0.95 or better, then stop",
            {"script": "train.py", "metric": "val_acc", "goal_target": 0.95},
        ),
        (
            "./bench.sh --pool {pool}, higher throughput, pool from 5 to 50, until 18:30",
            {
                "command": "./bench.sh --pool {pool}",
                "metric": "throughput",
                "direction": "maximize",
                "deadline": "18:30",
            },
        ),
        (
            "tune the function objective in train.py, lowest loss, x -1..1, at most 3 dollars",
            {"function": "train.py:objective", "metric": "loss", "direction": "minimize", "dollars": 3.0},
        ),
    ],
)
def test_program_of_ones_own_is_read(folder: Path, text: str, expected: dict[str, Any]) -> None:
    found = said(folder, text)
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("tune train.py", ("metric",)),
        ("tune trian.py for val_loss", ("script",)),
        ("train.py, minimise val_loss, foo from 1 to 3", ("ranges",)),
        ("train.py, minimise wrong_name", ("metric",)),
        ("./bench.sh {a} {b}, maximise tps, a from 1 to 9", ("ranges",)),
        ("train.py on val_acc, val_acc under 0.3 but val_acc over 0.5", ("constraints",)),
        ("minimise val_loss and maximise val_acc of train.py", ("metric",)),
    ],
)
def test_what_is_missing_or_contradictory_is_asked(folder: Path, text: str, fields: tuple[str, ...]) -> None:
    with pytest.raises(RequestNotUnderstood) as caught:
        understand(text, PlanOptions(cwd=str(folder)))
    assert caught.value.fields == fields


def test_script_gets_a_space_of_its_options_around_their_defaults(folder: Path) -> None:
    plan = understand("minimise val_loss of train.py, 8 trials", PlanOptions(cwd=str(folder)))
    assert isinstance(plan, ProgramPlan)
    spec = spec_of(plan)
    assert spec.default == {"lr": 1e-3, "batch_size": 64, "optimizer": "adam"}
    assert spec.objective["command"][1:] == [  # type: ignore[index]  # a list, as program_plan writes it
        *("train.py", "--lr", "{lr}", "--batch-size", "{batch_size}", "--optimizer", "{optimizer}")
    ]
    assert "ranges of lr, batch_size, optimizer as usual" in dict(plan.understood())["assumed"]


def test_named_parameters_alone_are_tuned(folder: Path) -> None:
    plan = understand("train.py for val_acc with lr 1e-4 to 1e-2 and epochs at most 10", PlanOptions(cwd=str(folder)))
    assert spec_of(plan).space.describe() == ["lr 1e-4..0.01 log", "epochs 1..10 log"]
    assert spec_of(plan).default == {"lr": 1e-3, "epochs": 5}


@pytest.mark.parametrize(
    ("deadline", "seconds", "expected"),
    [("00:10", None, 600), ("00:10", 60.0, 60), ("00:10", 6_000.0, 600), ("1970-01-02T00:00", None, 86_400)],
)
def test_deadline_bounds_the_seconds(deadline: str, seconds: float | None, expected: float) -> None:
    assert seconds_of(Request(deadline=deadline, seconds=seconds), now=0.0) == expected


def test_past_deadline_is_asked_about() -> None:
    with pytest.raises(RequestNotUnderstood, match="is past"):
        seconds_of(Request(deadline="1969-12-31T23:00"), now=0.0)


def test_turns_become_one_plan(folder: Path) -> None:
    plan = understand_turns(["tune train.py for val_loss", "lower is better, 9 trials"], PlanOptions(cwd=str(folder)))
    assert (plan.metric, plan.direction, plan.trials) == ("val_loss", "minimize", 9)


def test_kind_of_a_range_outlives_its_ends(folder: Path) -> None:
    ranges = said(folder, "minimise loss of ./sim {x}, x a float from 1 to 4", "x 1 to 8")["ranges"]
    assert [(asked["high"], asked["is_whole"]) for asked in ranges] == [(8, False)]
