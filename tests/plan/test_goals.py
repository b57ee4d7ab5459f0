"""What is to be improved: one thing, and no second one in silence."""

from __future__ import annotations

import pytest

from agenttune.errors import RequestNotUnderstood
from agenttune.plan.conversation import read_turns
from agenttune.plan.request import PlanOptions


@pytest.mark.parametrize(
    "sentence",
    [
        "SVM on digits, minimise error rate and fit time",
        "SVM on digits, accuracy and the training time",
        "SVM on digits, accuracy as well as model size",
        "minimise ms and memory of `./bench.sh {k}`, k 1 to 9",
        "accuracy of SVM and training time on digits",
    ],
)
def test_second_objective_is_refused(sentence: str) -> None:
    with pytest.raises(RequestNotUnderstood, match="a second objective is not supported yet"):
        read_turns([sentence], PlanOptions())


@pytest.mark.parametrize(
    "sentence",
    [
        "SVM on digits for accuracy and time limit 5 minutes",
        "SVM on digits for accuracy and memory at most 2 GB",
        "SVM on digits for accuracy and training times of at most 3 s",
        "minimise ms of `./bench.sh {k}` and memory under 2 GB, k 1 to 9",
    ],
)
def test_limit_beside_a_metric_is_no_objective(sentence: str) -> None:
    assert read_turns([sentence], PlanOptions()).metric in ("accuracy", "ms")
