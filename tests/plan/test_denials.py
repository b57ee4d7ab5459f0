"""What is denied goes where the same kind of thing is named beside it, and is told; alone it stays."""

from __future__ import annotations

import pytest

from agenttune.plan.denials import without_denied
from agenttune.plan.grammar import read
from agenttune.plan.request import PlanOptions


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("svm on digits, not accuracy - balanced accuracy", "not accuracy"),
        ("not wine but iris, svm", "not wine but"),
        ("accuracy is misleading here, so AUC", "accuracy is misleading"),
        ("svm on wine for f1 rather than accuracy", "rather than accuracy"),
        ("svm on wine, we prefer f1 over accuracy", "over accuracy"),
        ("half an hour, not a minute more", "not a minute more"),
        ("forty minutes instead of the hour", "instead of the hour"),
        ("two hours is overkill, make it 10 minutes", "two hours is overkill"),
        ("100 trials - actually 50 is plenty", "100 trials - actually"),
        ("our current svm has 0.91 accuracy", "0.91"),
        ("no fancy bayesian stuff, random search", "no fancy bayesian stuff"),
    ],
)
def test_what_is_denied_beside_another_goes_and_is_told(text: str, denied: str) -> None:
    assert without_denied(text)[1] == (denied,)


@pytest.mark.parametrize(
    "text",
    [
        "not an svm on digits",
        "svm on digits, not accuracy",
        "accuracy must not fall below 0.9, log loss counts",
        "no accuracy loss, log loss matters",
        "8 hours is too long",
        "ignore the petal width",
    ],
)
def test_what_is_denied_alone_stays(text: str) -> None:
    assert without_denied(text) == (text, ())


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("svm on digits, 30 trials, not accuracy - balanced accuracy", {"metric": "balanced_accuracy", "trials": 30}),
        ("svm on wine, 1000 trials is too many, so take 100", {"trials": 100}),
        ("svm on wine, a few trials? like 10?", {"trials": 10}),
        ("svm on wine, I have 16 cores, use 8 of them", {"workers": 8}),
        ("svm on wine, never two runs at once", {"workers": 1}),
        ("svm on wine, use tpe", {"proposer": "tpe"}),
        ("svm on wine, no single fit may take longer than 30 s", {"trial_seconds": 30.0}),
        ("svm on wine, AUC of .9 - once you get there you can stop", {"metric": "auc", "goal_target": 0.9}),
    ],
)
def test_rest_is_read(text: str, fields: dict[str, object]) -> None:
    request = read(text, PlanOptions())
    assert {name: getattr(request, name) for name in fields} == fields
