"""What a study knows of the thing it tunes."""

from __future__ import annotations

from agenttune.goal import Goal
from agenttune.insight.context import study_context
from agenttune.space import Float, Space
from agenttune.spec import StudySpec
from agenttune.types import Json


def _spec(request: str | None, objective: dict[str, Json], extra: dict[str, Json]) -> StudySpec:
    goal = Goal("accuracy", "maximize")
    return StudySpec("svm", Space(C=Float(1, 2)), goal, objective, request=request, extra=extra)


def test_request_estimator_and_data_are_told() -> None:
    understood: Json = [["understood", "SVC on digits"], ["data", "1,797 rows"], ["space", "C 1..2"], ["odd"], 3]
    spec = _spec("tune an SVM", {"type": "estimator", "family": "svm"}, {"understood": understood})
    assert study_context(spec) == {
        "request": "tune an SVM",
        "estimator": "SVM",
        "understood": "SVC on digits",
        "data": "1,797 rows",
    }


def test_a_study_without_a_request_tells_nothing() -> None:
    assert study_context(_spec(None, {"type": "python", "family": 3}, {"understood": "?"})) == {}
