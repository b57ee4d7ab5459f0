"""The literal check: what the sentence says is kept, in every language; what it does not say is taken out."""

from __future__ import annotations

from typing import Any

import pytest

from agenttune.plan.cases import Case, load_cases
from agenttune.plan.literal import keep_literal, unread
from agenttune.plan.request import AskedRange, Request

CASES = load_cases("development")


def request_of(case: Case) -> Request:
    """What the labels say, as a reader would give it."""

    def first(value: Any) -> Any:
        return value[0] if isinstance(value, list) else value

    fields: dict[str, Any] = {}
    for name, value in case.expects.items():
        if name == "ranges":
            assert isinstance(value, list)
            fields[name] = tuple(
                AskedRange.model_validate(entry | {"parameter": first(entry["parameter"])})
                for entry in value
                if isinstance(entry, dict)
            )
        else:
            fields[name] = tuple(map(str, value)) if isinstance(value, list) and name == "constraints" else first(value)
    return Request(text="\n".join(case.turns), **fields)


def dropped(text: str, **fields: Any) -> dict[str, bool]:
    """Field -> whether it is asked about, of what was taken out."""
    return {entry.field: entry.is_asked for entry in keep_literal(Request(text=text, **fields))[1]}


WORKED_OUT = frozenset(
    """
    d-es-03 d-es-11 d-es-12 d-es-19 d-es-22 d-es-31 d-es-37 d-es-57 d-es-73 d-en-21 d-de-02 d-de-03 d-fr-13
    d-fr-17 d-zh-20 e-es-06 e-es-24 e-es-45 e-es-52 e-es-53 f-es-19 f-es-20 f-es-30
    """.split()
)
"""Cases with values that nobody typed but that follow from the words: steps, powers, words for parts, "sin dropout"."""
TYPED = [case for case in CASES if case.id not in WORKED_OUT]


LEFT_OUT = {"new-en-13"}
"""Cases with an end that is left out: "keep k below 30"."""


@pytest.mark.parametrize("case", TYPED, ids=[case.id for case in TYPED])
def test_what_was_said_is_kept_in_every_language(case: Case) -> None:
    request = request_of(case)
    kept, gone = keep_literal(request)
    assert any(entry.low_excluded or entry.high_excluded for entry in kept.ranges) is (case.id in LEFT_OUT)
    plain = {"low_excluded": None, "high_excluded": None}  # no label tells
    ranges = tuple(entry.model_copy(update=plain) for entry in kept.ranges)
    assert (kept.model_copy(update={"ranges": ranges}), gone) == (request, ())


def test_numbers_nobody_said_are_taken_out_of_every_case() -> None:
    invented: dict[str, Any] = {
        "trials": 7919,
        "seconds": 7919.0,
        "trial_memory": 7919,
        "seed": 7919,
        "held_out": 0.7919,
    }
    for case in CASES:
        kept, gone = keep_literal(Request(text="\n".join(case.turns), **invented))
        assert {entry.field for entry in gone} == set(invented)
        assert all(getattr(kept, name) is None for name in invented)


@pytest.mark.parametrize(
    "fields",
    [
        {"trials": 50},
        {"seconds": 30.0},
        {"trial_memory": 2_000_000_000},
        {"goal_target": 0.9},
        {"family": "random-forest"},
        {"data": "digits"},
        {"data": "other.csv"},
        {"target": "price"},
        {"metric": "auc"},
        {"script": "train.py"},
        {"command": "rm -rf ~"},
        {"function": "a.py:f"},
        {"name": "mine"},
        {"deadline": "18:00"},
        {"dollars": 30.0},
        {"constraints": ("latency_ms < 30",)},
        {"ranges": (AskedRange(parameter="gamma", low=30),)},
        {"ranges": (AskedRange(parameter="C", low=0.1),)},
        {"ranges": (AskedRange(parameter="kernel", values=("rbf",)),)},
    ],
)
def test_what_nobody_said_is_taken_out_and_asked(fields: dict[str, Any]) -> None:
    assert dropped("svm on iris, 30 trials, C at most 10", **fields) == dict.fromkeys(fields, True)


@pytest.mark.parametrize("fields", [{"workers": 1}, {"gpus": 0}, {"seed": 0}, {"folds": 5}, {"task": "classification"}])
def test_what_a_plan_takes_anyway_is_taken_out_without_a_question(fields: dict[str, Any]) -> None:
    assert dropped("svm on iris for hours", **fields) == dict.fromkeys(fields, False)


def test_a_direction_nobody_said_is_asked_where_the_metric_does_not_tell_it() -> None:
    assert dropped("sim.py on energy", metric="energy", direction="minimize") == {"direction": True}
    assert dropped("ridge on diabetes, rmse", metric="rmse", direction="minimize") == {"direction": False}
    assert dropped("sim.py, lowest energy", metric="energy", direction="minimize") == {}


@pytest.mark.parametrize("name", ["workers", "gpus", "seed", "folds", "requests"])
def test_a_number_is_not_taken_for_what_no_word_speaks_of(name: str) -> None:
    assert dropped("svm on iris, 30 trials", **{name: 30}) == {name: True}


def test_a_word_is_no_name_and_no_script_by_itself() -> None:
    assert dropped("svm on iris", name="svm", script="iris", command="svm on iris") == {
        "name": True,
        "script": True,
        "command": True,
    }


def test_an_amount_in_another_currency_is_no_amount_of_dollars() -> None:
    assert dropped("spend at most 5 euros", dollars=5.0) == {"dollars": True}
    assert dropped("spend at most $5", dollars=5.0) == {}


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("a desicion tree", "decision-tree"),
        ("random forrests", "random-forest"),
        ("forêt aléatoire", "random-forest"),
        ("einen Entscheidungsbaum", "decision-tree"),
        ("随机森林", "random-forest"),
        ("tune an SVC", "svm"),
    ],
)
def test_families_are_known_misspelt_and_in_other_languages(text: str, family: str) -> None:
    assert dropped(text, family=family) == {}


def test_a_name_is_a_word_of_its_own() -> None:
    assert dropped("predict churned in x.csv", target="churn") == {"target": True}


def test_a_scale_nobody_said_is_left_open() -> None:
    asked = AskedRange(parameter="C", low=1, high=10, log=True)
    kept, gone = keep_literal(Request(text="svm, C from 1 to 10", ranges=(asked,)))
    assert (kept.ranges[0].log, gone) == (None, ())
    kept, _ = keep_literal(Request(text="svm, C from 1 to 10, log scale", ranges=(asked,)))
    assert kept.ranges == (asked,)


@pytest.mark.parametrize(
    ("text", "low", "high", "is_excluded"),
    [
        ("mlp on wine, fewer than 4 layers", None, 3, True),
        ("mlp on wine, fewer than four layers", None, 4, True),
        ("mlp on wine, more than 4 layers", 5, None, True),
        ("mlp on wine, at most 4 layers", None, 4, False),
        ("mlp on wine, never fewer than 4 layers", 4, None, False),
    ],
)
def test_end_next_to_one_that_is_left_out_is_said(
    text: str, low: int | None, high: int | None, is_excluded: bool
) -> None:
    asked = AskedRange(parameter="layers", low=low, high=high)
    request, gone = keep_literal(Request(text=text, ranges=(asked,)))
    (kept,) = request.ranges
    assert (kept.low or kept.high, bool(kept.low_excluded or kept.high_excluded), gone) == (4, is_excluded, ())


def test_only_what_was_not_said_goes() -> None:
    ranges = (AskedRange(parameter="C", low=1, high=10), AskedRange(parameter="gamma", low=1, high=10))
    kept, gone = keep_literal(Request(text="svm, C from 1 to 10", family="svm", ranges=ranges, trials=3))
    assert (kept.family, kept.ranges, kept.trials) == ("svm", ranges[:1], None)
    assert [entry.value for entry in gone] == [3, ranges[1]]


@pytest.mark.parametrize("constraint", ["__import__('os')", "latency_ms < ", "latency_ms + 20"])
def test_a_constraint_must_be_a_condition(constraint: str) -> None:
    text = "latency_ms under 20 __import__ os"
    assert dropped(text, constraints=(constraint,)) == {"constraints": True}


@pytest.mark.parametrize(
    ("words", "is_said"),
    [
        ("two shots", True),
        ("half of it for later", False),
        ("weights", True),
        ("large", False),
        ("a third aside", True),
    ],
)
def test_words_say_something_if_a_value_rests_on_them(words: str, is_said: bool) -> None:
    text = "k-NN on iris in two shots, weights uniform, weights fixed, large, half of it for later, a third aside"
    weights = AskedRange(parameter="weights", values=("uniform",))
    request = Request(text=text, family="knn", data="iris", trials=2, held_out=1 / 3, ranges=(weights,))
    said = request.model_copy(update={"direction": "maximize"})  # which says nothing of an estimator
    assert unread([words], said) == ([] if is_said else [words])
