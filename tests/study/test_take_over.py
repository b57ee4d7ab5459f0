"""Studies whose driver ran on another machine, on a shared disk."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from agenttune import Budget, Study
from agenttune.errors import StudyBusy
from agenttune.events import Event, TrialFinished
from agenttune.settings import settings_path
from agenttune.spec import StudySpec
from agenttune.store import Store
from agenttune.study import clock
from agenttune.study.leases import is_alive, lease_of
from agenttune.testing.answers import ChatRequest, Response
from agenttune.testing.server import ModelServer
from agenttune.trial import Lease, Proposal, TrialState

Make = Callable[..., StudySpec]
THERE = Lease("elsewhere", "another boot", 12, 3.0)


def lose(store: Store, study: Study) -> None:
    """The driver of another machine takes the study."""
    mine = study.row.driver
    assert mine is not None
    store.release_driver(study.id, mine)
    store.acquire_driver(study.id, THERE, is_alive=is_alive)


def test_the_driver_of_another_machine_is_in_the_way_until_it_is_taken_over(store: Store, make_spec: Make) -> None:
    study = Study.from_spec(make_spec(), store=store)
    store.acquire_driver(study.id, THERE, is_alive=is_alive)
    with pytest.raises(StudyBusy, match=r"process 12 on elsewhere.*make sure.*resume --take-over study"):
        study.run()
    assert study.take_over() == THERE
    assert study.run().n_complete == 4


def test_what_ran_on_the_other_machine_runs_again(store: Store, make_spec: Make) -> None:
    study = Study.from_spec(make_spec(), store=store)
    store.acquire_driver(study.id, THERE, is_alive=is_alive)
    store.add_trial(study.id, Proposal({"x": 0.5, "n": 2}, "human", "made for a test"), seed=1)
    claimed = store.claim(study.id)
    assert claimed is not None
    store.set_lease(claimed[1].id, THERE)
    study.take_over()
    assert study.run().n_complete == 4
    assert len(store.attempts(study.id, 0)) == 2


def test_a_driver_of_this_machine_is_not_taken_over(store: Store, make_spec: Make) -> None:
    study = Study.from_spec(make_spec(), store=store)
    store.acquire_driver(study.id, lease_of(), is_alive=is_alive)
    with pytest.raises(StudyBusy, match="of this machine, which lives; `agenttune stop study`"):
        study.take_over()
    assert study.row.driver == lease_of()


def test_a_study_that_nobody_drives_is_not_taken_from_anybody(store: Store, make_spec: Make) -> None:
    assert Study.from_spec(make_spec(), store=store).take_over() is None


def test_a_loop_that_lost_its_study_leaves_it_alone(
    store: Store, make_spec: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "HEARTBEAT_S", 0.0)
    study = Study.from_spec(make_spec(budget=Budget(trials=50)), store=store)

    def take(event: Event) -> None:
        if isinstance(event, TrialFinished) and event.number == 1:
            lose(store, study)

    with pytest.raises(StudyBusy, match="taken over"):
        study.run(on_event=take)
    assert study.row.driver == THERE
    assert not study.row.state.is_ended


def test_an_asker_that_lost_its_study_is_told_so(store: Store, make_spec: Make) -> None:
    study = Study.from_spec(make_spec(objective={"type": "told"}), store=store)
    trial = study.ask()
    lose(store, study)
    with pytest.raises(StudyBusy, match="taken over"):
        study.tell(trial, 0.5)
    assert study.trials[0].state is TrialState.RUNNING


def end_requests() -> None:
    """Waits for the threads that ask a model; their server is gone by then."""
    for thread in threading.enumerate():
        if thread.name == "model":
            thread.join(60)


def test_a_loop_that_lost_its_study_lets_go_of_the_model(
    store: Store, make_spec: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "HEARTBEAT_S", 0.0)

    def take(request: ChatRequest) -> Response:
        lose(store, study)
        return Response(never=True)

    with ModelServer(take) as server:
        study = Study.from_spec(make_spec(proposer="llm", model=f"{server.url}#test"), store=store)
        with pytest.raises(StudyBusy, match="taken over"):
            study.run()
    end_requests()
    assert store.exchanges(study.id) == []


def test_an_asker_that_lost_its_study_lets_go_of_the_model(store: Store, make_spec: Make) -> None:
    settings_path().parent.mkdir(parents=True)
    settings_path().write_text("latency_s = 0.01\n")
    arrived = threading.Event()

    def never(request: ChatRequest) -> Response:
        arrived.set()
        return Response(never=True)

    with ModelServer(never) as server:
        spec = make_spec(objective={"type": "told"}, proposer="llm", model=f"{server.url}#test")
        study = Study.from_spec(spec, store=store)
        study.ask()
        assert arrived.wait(30)
        lose(store, study)
        with pytest.raises(StudyBusy, match="taken over"):
            study.ask()
    end_requests()
    assert store.exchanges(study.id) == []
