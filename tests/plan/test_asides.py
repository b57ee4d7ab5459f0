"""Phrases that ask for nothing are left aside and told; what limits, counts or names is asked about."""

from __future__ import annotations

import pytest

from agenttune.errors import RequestNotUnderstood
from agenttune.plan.asides import asks_nothing
from agenttune.plan.grammar import read
from agenttune.plan.request import PlanOptions


@pytest.mark.parametrize(
    ("words", "note"),
    [
        ("it's not urgent", "it's not urgent"),
        ("never mind speed", "never mind speed"),
        ("I don't know what I'm doing", "I don't know what I'm doing"),
        ("our cluster is idle since we've got twice the money now", "since we've got twice the money now"),
        ("I need it for a demo tomorrow", "for a demo tomorrow"),
        ("leave my laptop alone", "leave my laptop alone"),
    ],
)
def test_phrase_that_asks_for_nothing_is_told(words: str, note: str) -> None:
    request = read(f"svm on digits, 30 trials. {words}.", PlanOptions())
    assert f"left aside: {note!r}" in request.mended


@pytest.mark.parametrize(
    "words",
    [
        "by tomorrow morning",
        "with PCA",
        "because it must be under 5 ms",
        "ignore the first half",
        "two features at most",
        "prune bad trials early",
        "adam only",
        "warm start from the last study",
        "leave gamma alone",
    ],
)
def test_words_that_could_ask_for_something_are_asked_about(words: str) -> None:
    with pytest.raises(RequestNotUnderstood):
        read(f"svm on digits, 30 trials, {words}", PlanOptions())


def test_names_of_the_program_are_never_left_aside() -> None:
    assert asks_nothing("momentum") and not asks_nothing("momentum", ("momentum",))


def test_parameter_to_be_left_alone_is_asked_for_its_value() -> None:
    with pytest.raises(RequestNotUnderstood, match="which value n_estimators has"):
        read("random forest on digits, 30 trials, leave the number of trees alone", PlanOptions())
