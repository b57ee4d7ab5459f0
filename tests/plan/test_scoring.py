"""Scoring a reader: what counts as right, asked, missed and silently wrong, of one field and of the whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import JsonValue

from agenttune.errors import RequestNotUnderstood, UserError
from agenttune.plan.cases import Case
from agenttune.plan.request import AskedRange
from agenttune.plan.scoring import QUESTION, SOMEWHERE, Reading, asked_by, read_by_grammar, run_case, score, tally

EXPECTED: dict[str, JsonValue] = {"family": "svm", "trials": 30}


def case(
    expects: Mapping[str, JsonValue] = EXPECTED,
    *asks: str,
    turns: tuple[str, ...] = ("",),
    files: dict[str, str] | None = None,
    allows: dict[str, JsonValue] | None = None,
) -> Case:
    return Case(
        id="x",
        language="en",
        domain="tabular",
        turns=turns,
        files=files or {},
        expects=dict(expects),
        allows=allows or {},
        asks=asks,
    )


def verdict(expects: Mapping[str, JsonValue], fields: Mapping[str, object]) -> list[str]:
    return [entry for _, entry in score(case(expects), Reading(fields)).verdicts]


def test_all_fields_right_is_whole() -> None:
    scored = score(case(), Reading({"family": "svm", "trials": 30}))
    assert scored.is_whole
    assert dict(scored.verdicts) == {"family": "correct", "trials": "correct"}


def test_what_was_said_and_left_out_is_missed() -> None:
    scored = score(case(), Reading({"family": "svm"}))
    assert not scored.is_whole
    assert dict(scored.verdicts)["trials"] == "missed"


def test_another_value_is_wrong_unless_it_is_asked_about() -> None:
    fields = {"family": "svm", "trials": 3}
    assert score(case(), Reading(fields)).is_wrong
    asked = score(case(), Reading(fields, frozenset(["trials"])))
    assert not asked.is_wrong
    assert dict(asked.verdicts)["trials"] == "asked"


def test_what_nobody_said_is_wrong() -> None:
    assert dict(score(case(), Reading({**EXPECTED, "workers": 4})).verdicts)["workers"] == "wrong"


def test_what_the_words_imply_may_be_given_or_not() -> None:
    labelled = case(allows={"task": "classification"})
    assert score(labelled, Reading({**EXPECTED, "task": "classification"})).is_whole
    assert score(labelled, Reading(EXPECTED)).is_whole
    assert score(labelled, Reading({**EXPECTED, "task": "regression"})).is_wrong


def test_a_metric_implies_its_own_direction_only() -> None:
    labelled = case({"metric": "rmse"})
    assert score(labelled, Reading({"metric": "rmse", "direction": "minimize"})).is_whole
    assert score(labelled, Reading({"metric": "rmse", "direction": "maximize"})).is_wrong


def test_a_question_about_a_complete_request_is_not_whole_and_not_wrong() -> None:
    scored = score(case(), Reading({}, frozenset(["data"]), is_open=True))
    assert (scored.is_whole, scored.is_wrong, scored.n_needless) == (False, False, 1)
    assert {entry for _, entry in scored.verdicts} == {"asked"}


def test_the_question_that_is_needed_makes_an_incomplete_request_whole() -> None:
    assert score(case(EXPECTED, "data"), Reading(EXPECTED, frozenset(["data"]))).is_whole
    assert score(case(EXPECTED, "data"), Reading({}, frozenset(["data"]), is_open=True)).is_whole


def test_either_field_will_do_where_the_label_names_two() -> None:
    assert score(case(EXPECTED, "metric|direction"), Reading(EXPECTED, frozenset(["direction"]))).is_whole


def test_any_question_about_what_is_tuned_asks_what_is_tuned() -> None:
    assert score(case({}, "family"), Reading({}, frozenset(["script"]))).is_whole


def test_a_value_where_a_question_was_needed_is_wrong() -> None:
    scored = score(case({}, "trials"), Reading({"trials": 20}))
    assert (QUESTION, "wrong") in scored.verdicts


@pytest.mark.parametrize("asked", ["workers", SOMEWHERE])
def test_another_question_than_the_needed_one_is_not_whole(asked: str) -> None:
    scored = score(case({}, "trials"), Reading({}, frozenset([asked])))
    assert (scored.is_whole, scored.verdicts) == (False, ((QUESTION, "asked"),))


def test_no_question_where_one_was_needed_is_missed() -> None:
    assert score(case({}, "trials"), Reading({})).verdicts == ((QUESTION, "missed"),)


@pytest.mark.parametrize(
    ("expects", "given", "is_right"),
    [
        ({"metric": ["val_loss", "loss"]}, {"metric": "Val Loss"}, True),
        ({"metric": "val_loss"}, {"metric": "val_acc"}, False),
        ({"seconds": 1800}, {"seconds": 1800.0}, True),
        ({"command": "./b.sh {x}"}, {"command": "`./b.sh  {x}`"}, True),
        ({"data": "a.csv"}, {"data": "./a.csv"}, True),
        ({"constraints": ["p99_ms < 20"]}, {"constraints": ("p99_ms<=20.0",)}, True),
        ({"constraints": ["p99_ms < 20"]}, {"constraints": ("p99_ms > 20",)}, False),
        ({"constraints": ["p99_ms < 20"]}, {"constraints": ("p99_ms < 20", "a < 1")}, False),
    ],
)
def test_spellings_of_one_value_are_the_same(
    expects: dict[str, JsonValue], given: dict[str, object], is_right: bool
) -> None:
    assert verdict(expects, given) == ["correct" if is_right else "wrong"]


@pytest.mark.parametrize(
    ("given", "is_right"),
    [
        (AskedRange(parameter="C", low=0.1, high=10, log=True), True),
        (AskedRange(parameter="c", low=0.1, high=10.0, log=True), True),
        (AskedRange(parameter="C", low=0.1, high=10), False),
        (AskedRange(parameter="C", low=0.1, log=True), False),
        (AskedRange(parameter="C", low=0.1, high=100, log=True), False),
        (AskedRange(parameter="C", values=(0.1, 10)), False),
    ],
)
def test_a_range_is_its_parameter_its_bounds_and_a_scale_that_was_said(given: AskedRange, is_right: bool) -> None:
    expects: dict[str, JsonValue] = {"ranges": [{"parameter": ["C", "cost"], "low": 0.1, "high": 10, "log": True}]}
    assert verdict(expects, {"ranges": (given,)}) == ["correct" if is_right else "wrong"]


def test_listed_values_may_stand_in_any_order() -> None:
    expects: dict[str, JsonValue] = {"ranges": [{"parameter": "opt", "values": ["O2", "O3"]}]}
    assert verdict(expects, {"ranges": (AskedRange(parameter="opt", values=("O3", "O2")),)}) == ["correct"]


def test_the_tally_tells_whole_asked_missed_and_wrong_apart() -> None:
    readings = [
        Reading(EXPECTED),
        Reading({}, frozenset(["data"]), is_open=True),
        Reading({}),
        Reading({"family": "knn", "trials": 30}),
    ]
    counted = tally(score(case(), reading) for reading in readings)
    assert (counted.n, counted.n_whole, counted.n_asked, counted.n_missed, counted.n_wrong) == (4, 1, 1, 1, 1)
    assert counted.counts() == {"correct": 3, "asked": 2, "missed": 2, "wrong": 1}


def test_the_grammar_reads_in_the_folder_of_the_files() -> None:
    text = "predict y in t.csv with knn, 9 trials"
    rows = "\n".join(f"{at},{'ab'[at % 2]}" for at in range(4))
    labelled = case(
        {"family": "knn", "data": "t.csv", "target": "y", "trials": 9}, turns=(text,), files={"t.csv": f"x,y\n{rows}\n"}
    )
    assert run_case(labelled, read_by_grammar).is_whole


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("svm, 20 trials", "data"),
        ("30 trials on digits", "family"),
        ("xgboost on digits", "family"),
        ("svm on iris, 20 trials, 30 trials", "trials"),
        ("svm on iris, 0 trials", "trials"),
        ("maximise rmse of ridge on diabetes", "direction"),
        ("svm on no-such-file.csv", "data"),
        ("svm on iris for rmse and mae", "metric"),
        ("ridge on diabetes, C between 1 and 2", "ranges"),
        ("svm on iris with less frobnication", SOMEWHERE),
    ],
)
def test_sentences_of_the_grammar_are_questions_about_their_field(text: str, asked: str, tmp_path: Path) -> None:
    assert asked in read_by_grammar([text], tmp_path).asked


def test_an_error_that_names_its_fields_is_taken_at_its_word() -> None:
    assert asked_by(RequestNotUnderstood("which data?", fields=("target",))) == {"target"}
    assert asked_by(UserError("no.")) == {SOMEWHERE}
