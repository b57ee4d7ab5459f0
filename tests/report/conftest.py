"""Small studies in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.space import Categorical, Float, Space
from agenttune.trial import Failure, FailureKind, Outcome, Proposal, Trial, TrialState
from agenttune.types import Scalar

MakeTrial = Callable[..., Trial]
MakeView = Callable[..., StudyView]


@pytest.fixture
def make_trial() -> MakeTrial:
    """A finished trial; without a value it failed."""

    def make(
        number: int,
        value: float | None,
        *,
        arm: str = "gp",
        config: Mapping[str, Scalar] | None = None,
        replicate_of: int | None = None,
        message: str = "it broke",
    ) -> Trial:
        proposal = Proposal(config=config or {"C": 1.0 + number, "kernel": "rbf"}, arm=arm, reason=f"reason {number}")
        failure = Failure(FailureKind.CRASH, message, exit_code=1) if value is None else None
        return Trial(
            number=number,
            proposal=proposal,
            state=TrialState.FAILED if value is None else TrialState.COMPLETE,
            seed=number,
            created_at=1.0,
            replicate_of=replicate_of,
            in_budget=replicate_of is None,
            outcome=None if value is None else Outcome({"accuracy": value}, 0.5),
            failure=failure,
            ended_at=2.0,
        )

    return make


@pytest.fixture
def make_view() -> MakeView:
    """A view of trials on a small space."""

    def make(*trials: Trial, goal: Goal | None = None) -> StudyView:
        space = Space(C=Float(0.1, 100.0, log=True), kernel=Categorical(["rbf", "poly"]))
        return StudyView(space, goal or Goal("accuracy", "maximize"), trials)

    return make
