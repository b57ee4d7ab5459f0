"""Steps on a store, without a loop."""

from __future__ import annotations

from collections.abc import Callable

from agenttune import Float, Int, Space, Study
from agenttune.history import read_view
from agenttune.spec import StudySpec
from agenttune.store import Store
from agenttune.study.step import Steps

Make = Callable[..., StudySpec]


def test_a_reader_sees_the_study_as_its_driver_does(store: Store, make_spec: Make) -> None:
    study = Study.from_spec(make_spec(seed=3, default={"x": 0.5, "n": 2}), store=store)
    steps = Steps(store, study.id)
    steps.propose()
    narrower = Space(x=Float(0.0, 0.5, default=0.5), n=Int(1, 4, default=2))
    steps.add_space(narrower, {}, "narrower")
    assert read_view(store, study.row) == steps.view()
    assert study.space == narrower
