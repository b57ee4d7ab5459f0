"""The labelled requests: enough of them, in every language, labelled by fields that exist and values that fit."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from agenttune.cards.families import CARDS
from agenttune.cards.metrics import METRICS
from agenttune.expressions import Expression
from agenttune.plan.cases import FILES, FOLDER, LEAST_ROWS, Case, Part, load_cases, write_files
from agenttune.plan.request import AskedRange, Request

PARTS: tuple[Part, ...] = get_args(Part)
CASES = [case for part in PARTS for case in load_cases(part)]


def first_spelling(value: object) -> object:
    return value[0] if isinstance(value, list) else value


def test_the_tests_and_the_package_have_one_copy() -> None:
    assert (Path(__file__).parent / "requests").resolve() == FOLDER
    assert {path.name for path in FOLDER.glob("*.jsonl")} == {name for names in FILES.values() for name in names}


@pytest.mark.parametrize(("part", "least", "least_per_language"), [("development", 120, 8), ("held-out", 50, 4)])
def test_every_part_is_large_enough_in_every_language(part: Part, least: int, least_per_language: int) -> None:
    counts = Counter(case.language for case in load_cases(part))
    assert counts.total() >= least
    assert set(counts) == {"en", "de", "fr", "es", "zh"}
    assert min(counts.values()) >= least_per_language


def test_no_case_is_in_twice() -> None:
    assert len({case.id for case in CASES}) == len({case.turns for case in CASES}) == len(CASES)


def test_labels_are_values_of_a_request() -> None:
    for case in CASES:
        _assert_fits(case)


def _assert_fits(case: Case) -> None:
    asked = {name for entry in case.asks for name in entry.split("|")}
    assert asked | case.expects.keys() | case.allows.keys() <= Request.model_fields.keys(), case.id
    for name, value in (case.expects | case.allows).items():
        if name == "ranges":
            assert isinstance(value, list)
            for entry in value:
                assert isinstance(entry, dict)
                AskedRange.model_validate(entry | {"parameter": first_spelling(entry["parameter"])})
        elif name == "constraints":
            assert isinstance(value, list)
            assert all(Expression(str(entry)).is_condition for entry in value)
        else:
            Request.model_validate({name: first_spelling(value)})


def test_estimators_are_labelled_by_the_names_of_their_cards() -> None:
    for case in CASES:
        labels = case.expects | case.allows
        assert labels.get("family", "svm") in CARDS, case.id
        if "family" in case.expects:
            assert first_spelling(labels.get("metric", "auc")) in {*METRICS, "error"}, case.id


def test_rows_of_a_csv_are_repeated_and_scripts_can_run(tmp_path: Path) -> None:
    files = {"a.csv": "x,y\n1,2\n3,4\n5,6\n", "run.sh": "#!/bin/sh\n"}
    write_files(Case(id="", language="en", domain="", turns=("",), files=files, expects={}), tmp_path)
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines[0] == "x,y"
    assert len(lines) == 1 + LEAST_ROWS
    assert (tmp_path / "run.sh").stat().st_mode & 0o111
