"""Steps on a store, without a loop."""

from __future__ import annotations

from collections.abc import Callable

from agenttune import Float, Int, Space, Study
from agenttune.edits import SetRange
from agenttune.events import Noted
from agenttune.history import StudyView, read_view
from agenttune.spec import StudySpec
from agenttune.store import Store
from agenttune.study.step import Steps
from agenttune.trial import Proposal

Make = Callable[..., StudySpec]


def test_a_reader_sees_the_study_as_its_driver_does(store: Store, make_spec: Make) -> None:
    study = Study.from_spec(make_spec(seed=3, default={"x": 0.5, "n": 2}), store=store)
    steps = Steps(store, study.id)
    steps.propose()
    narrower = Space(x=Float(0.0, 0.5, default=0.5), n=Int(1, 4, default=2))
    steps.edit(SetRange("x", high=0.5))
    assert read_view(store, study.row) == steps.view()
    assert study.space == narrower


class Failing:
    """A proposer of somebody's that fails when it is asked whether it is ready."""

    def is_ready(self, view: StudyView) -> bool:
        """Fails."""
        raise ArithmeticError("no fit")

    def propose(self, view: StudyView, n: int) -> list[Proposal]:
        """What fails no less."""
        raise ArithmeticError("no fit")


def test_a_proposer_that_cannot_ask_its_model_holds_no_trial_up(store: Store, make_spec: Make) -> None:
    spec = make_spec(proposer="llm", model="http://127.0.0.1:9/v1#test")
    steps = Steps(store, Study.from_spec(spec, store=store).id)
    steps.proposer = Failing()
    assert steps.is_ready()
    assert steps.propose() is None
    (noted,) = [event for _, _, event in store.events(steps.id) if isinstance(event, Noted)]
    assert noted.text == "llm could not ask its model (ArithmeticError: no fit)"
    assert steps.trials[0].reason.startswith("llm failed (ArithmeticError: no fit)")
