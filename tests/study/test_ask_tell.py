"""Studies driven step by step: ask, report, tell, enqueue."""

from __future__ import annotations

import inspect
import os
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from agenttune import Budget, Categorical, Float, Space, Study, UserError, tune
from agenttune.errors import BudgetExhausted, ConfigInvalid, StudyBusy, TrialNotFound
from agenttune.goal import Goal
from agenttune.spec import StudySpec, StudyState
from agenttune.store import Store
from agenttune.study import clock
from agenttune.study.step import Steps
from agenttune.trial import Decision, FailureKind, Lease, TrialState
from agenttune.types import Config

Make = Callable[..., StudySpec]
TOLD = {"type": "told"}


class Tensorlike:
    """One number as torch and jax hold it."""

    def item(self) -> float:
        return 0.5


@pytest.fixture
def study(store: Store, make_spec: Make) -> Study:
    return Study.from_spec(make_spec(objective=TOLD), store=store)


def test_a_told_value_completes_the_trial(study: Study) -> None:
    trial = study.ask()
    study.tell(trial, 0.7)
    told = study.trials[0]
    assert (told.state, told.value("score")) == (TrialState.COMPLETE, 0.7)


def test_best_follows_the_direction(store: Store, make_spec: Make) -> None:
    study = Study.from_spec(make_spec(objective=TOLD, goal=Goal("loss", "minimize")), store=store)
    for value in (3.0, 1.0, 2.0):
        study.tell(study.ask(), value)
    assert study.best is not None and study.best.number == 1


def test_asking_beyond_the_budget_says_so_and_finishes(study: Study) -> None:
    for _ in range(4):
        study.tell(study.ask(), 0.5)
    with pytest.raises(BudgetExhausted, match="4 trials done"):
        study.ask()
    assert study.row.state is StudyState.FINISHED


def test_asking_after_the_seconds_are_over_says_so_and_finishes(
    store: Store, make_spec: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(clock, "time", SimpleNamespace(monotonic=lambda: now[0]))
    study = Study.from_spec(make_spec(objective=TOLD, budget=Budget(seconds=60)), store=store)
    trial = study.ask()
    study.enqueue({"x": 0.25})
    now[0] = 160.0
    study.tell(trial, 0.5)
    with pytest.raises(BudgetExhausted, match="60 s are over"):
        study.ask()
    assert (study.row.state, study.row.end_reason) == (StudyState.FINISHED, "60 s are over")


def test_the_seconds_count_on_when_a_study_is_reopened(
    store: Store, make_spec: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(clock, "time", SimpleNamespace(monotonic=lambda: now[0]))
    with Study.from_spec(make_spec(objective=TOLD, budget=Budget(seconds=60)), store=store) as study:
        study.ask()
        now[0] = 130.5
    assert study.row.active_s == 30.5
    now[0] = 1000.0
    again = Study.open(study.id, store=store)
    assert again.ask().number == 1
    now[0] = 1029.5
    with pytest.raises(BudgetExhausted, match="60 s are over"):
        again.ask()


def test_a_resume_gives_more_to_ask_for(study: Study) -> None:
    for _ in range(4):
        study.tell(study.ask(), 0.5)
    with pytest.raises(BudgetExhausted, match=r"`resume\(trials=.*goes on"):
        study.ask()
    study.resume(trials=5)
    assert study.ask().number == 4 and study.row.state is StudyState.RUNNING


def test_a_history_that_is_no_way_to_tell_a_model_is_refused(store: Store, make_spec: Make) -> None:
    with pytest.raises(UserError, match="`history` must be 'digest' or 'chat', but got 'novel'"):
        Study.from_spec(make_spec(history="novel"), store=store)


def test_a_resume_raises_what_the_model_may_cost(study: Study) -> None:
    study.resume(max_requests=20, max_dollars=1.5)
    study.ask()
    assert study.row.spec.budget == Budget(trials=4, requests=20, dollars=1.5)


def test_a_target_that_was_reached_holds_for_who_opens_the_study_next(store: Store, make_spec: Make) -> None:
    goal = Goal("score", "maximize", target=0.9)
    study = Study.from_spec(make_spec(objective=TOLD, goal=goal, budget=Budget(trials=10)), store=store)
    study.tell(study.ask(), 0.95)
    assert (study.row.state, study.row.end_reason) == (StudyState.FINISHED, "the target 0.9 is reached")
    study.close()
    again = Study(store, study.id)
    with pytest.raises(BudgetExhausted, match=r"the target 0.9 is reached"):
        again.ask()
    again.resume()
    assert again.ask().number == 1


def test_study_ends_once_what_was_asked_for_is_told(study: Study) -> None:
    asked = [study.ask() for _ in range(4)]
    with pytest.raises(BudgetExhausted, match=r"4 trials done, once the 4 that were asked for are told; `resume"):
        study.ask()
    for trial in asked:
        assert study.row.state is StudyState.RUNNING
        study.tell(trial, 0.5)
    assert (study.row.state, study.row.end_reason) == (StudyState.FINISHED, "4 trials done")


def test_trials_beyond_the_budget_are_counted(store: Store) -> None:
    first: list[Config] = [{"x": 0.25 * i} for i in range(4)]
    study = Study.create(Space(x=Float(0.0, 1.0)), maximize="score", trials=2, first=first, store=store)
    for _ in first:
        study.tell(study.ask(), 0.5)
    with pytest.raises(BudgetExhausted, match=r"4 trials done, the budget holds 2; "):
        study.ask()


def test_a_target_ends_what_is_asked_until_a_resume(store: Store, make_spec: Make) -> None:
    goal = Goal("score", "maximize", target=0.9)
    study = Study.from_spec(make_spec(objective=TOLD, goal=goal), store=store)
    study.tell(study.ask(), 0.95)
    with pytest.raises(BudgetExhausted, match=r"the target 0.9 is reached"):
        study.ask()
    study.resume()
    assert study.ask().number == 1


def test_a_study_to_ask_needs_a_space_and_a_metric_only(store: Store) -> None:
    study = Study.create(Space(x=Float(0.0, 1.0)), maximize="accuracy", store=store)
    trial = study.ask()
    study.report(trial, 1, accuracy=0.3)
    study.tell(trial, 0.7)
    assert study.best is not None and study.best.value("accuracy") == 0.7
    assert (study.name, study.goal) == ("study", Goal("accuracy", "maximize"))


def test_a_study_to_ask_takes_what_tune_takes(store: Store) -> None:
    space = Space(x=Float(0.0, 1.0))
    study = Study.create(
        space, minimize="loss", trials=2, seed=3, proposer="sobol", name="mine", first=[{"x": 0.5}], store=store
    )
    asked = [study.ask(), study.ask()]
    assert dict(asked[0].config) == {"x": 0.5}
    with pytest.raises(BudgetExhausted, match="2 trials done"):
        study.ask()
    assert Study.create(space, minimize="loss", store=store).name == "study"
    assert Study.create(space, minimize="loss", store=store).name == "study-2"


def test_signatures_of_create_and_tune_agree() -> None:
    asked, run = (inspect.signature(function).parameters for function in (Study.create, tune))
    assert asked.keys() <= run.keys()
    assert {name: entry for name, entry in asked.items() if run[name] != entry} == {}


def test_a_study_to_ask_cannot_be_run_and_says_what_can(store: Store) -> None:
    study = Study.create(Space(x=Float(0.0, 1.0)), maximize="accuracy", store=store)
    with pytest.raises(UserError, match=r"without an objective.*`ask` and `tell`, or .*`tune\(objective"):
        study.run()


def test_a_used_up_space_ends_with_that_reason(store: Store, make_spec: Make) -> None:
    spec = make_spec(space=Space(c=Categorical(["a", "b"])), objective=TOLD, budget=Budget(trials=9), proposer="random")
    study = Study.from_spec(spec, store=store)
    asked = [study.ask().config["c"] for _ in range(2)]
    assert sorted(map(str, asked)) == ["a", "b"]
    with pytest.raises(BudgetExhausted, match="every configuration"):
        study.ask()


@pytest.mark.parametrize(("value", "said"), [(float("nan"), "score is NaN"), (np.array([np.inf]), "score is infinite")])
def test_a_value_that_is_not_finite_fails_the_trial_with_a_reason(study: Study, value: float, said: str) -> None:
    study.tell(study.ask(), value)
    failure = study.trials[0].failure
    assert failure is not None and (failure.kind, failure.message) == (FailureKind.NAN, said)


@pytest.mark.parametrize("value", [np.float32(0.5), np.array([0.5]), Decimal("0.5"), Fraction(1, 2), Tensorlike()])
def test_whatever_is_one_number_can_be_told(study: Study, value: float) -> None:
    trial = study.ask()
    study.report(trial, 1, score=value)
    study.tell(trial, value)
    assert study.trials[0].value("score") == 0.5


def test_metrics_beside_the_goals_that_are_no_numbers_are_left_out(study: Study) -> None:
    study.tell(study.ask(), {"score": 0.5, "note": "good", "aux": float("nan"), "ms": 3})  # type: ignore[dict-item]
    outcome = study.trials[0].outcome
    assert outcome is not None and outcome.values == {"score": 0.5, "ms": 3.0}


@pytest.mark.parametrize("value", ["0.5", True, [0.5], {"score": "good", "ms": 3.0}])
def test_what_is_no_number_leaves_the_trial_to_be_told(study: Study, value: Any) -> None:
    trial = study.ask()
    with pytest.raises(UserError, match="where a number was expected; nothing was recorded"):
        study.tell(trial, value)
    study.tell(trial, 0.5)
    assert study.trials[0].value("score") == 0.5


def test_a_study_ends_with_the_last_trial_that_is_told(study: Study) -> None:
    trials = [study.ask() for _ in range(4)]
    for trial in trials:
        assert study.row.state is StudyState.RUNNING
        study.tell(trial, 0.5)
    assert (study.row.state, study.row.end_reason) == (StudyState.FINISHED, "4 trials done")


def test_a_study_that_ended_goes_on_with_what_a_person_asks_for(study: Study) -> None:
    for _ in range(4):
        study.tell(study.ask(), 0.5)
    study.enqueue({"x": 0.125})
    trial = study.ask()
    assert (trial.config["x"], study.row.state) == (0.125, StudyState.RUNNING)
    study.tell(trial, 0.5)
    assert (study.row.state, study.row.end_reason) == (StudyState.FINISHED, "5 trials done, the budget holds 4")


@pytest.mark.parametrize(("control", "state"), [("pause", StudyState.PAUSED), ("stop", StudyState.STOPPED)])
def test_a_person_halts_a_study_until_it_is_resumed(study: Study, control: str, state: StudyState) -> None:
    trial = study.ask()
    getattr(study, control)()
    with pytest.raises(BudgetExhausted, match=r"by a person: `resume\(\)` goes on"):
        study.ask()
    study.tell(trial, 0.5)
    assert study.row.state is state
    study.resume()
    assert study.ask().number == 1


def test_a_configuration_that_the_study_has_is_not_asked_for_again(study: Study) -> None:
    config = study.ask().config
    with pytest.raises(UserError, match="this configuration is trial 0 already"):
        study.enqueue(config)


def test_threads_take_turns(store: Store, make_spec: Make) -> None:
    study = Study.from_spec(make_spec(objective=TOLD, budget=Budget(trials=24)), store=store)
    start = Barrier(6)

    def work() -> None:
        start.wait()
        for _ in range(4):
            trial = study.ask()
            study.tell(trial, float(trial.config["x"]))

    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(work) for _ in range(6)]:
            done.result()
    assert len({trial.config["x"] for trial in study.trials}) == 24 and study.row.state is StudyState.FINISHED


def test_studies_without_a_name_are_told_apart_however_many_start_at_once(store: Store) -> None:
    start = Barrier(4)

    def create() -> str:
        start.wait()
        with Store.open(store.path) as opened:
            return Study.create(Space(x=Float(0, 1)), minimize="loss", store=opened).name

    with ThreadPoolExecutor(4) as pool:
        names = [done.result() for done in [pool.submit(create) for _ in range(4)]]
    assert sorted(names) == ["study", "study-2", "study-3", "study-4"]


def test_telling_twice_is_refused_and_changes_nothing(study: Study) -> None:
    trial = study.ask()
    study.tell(trial, 0.5)
    with pytest.raises(UserError, match="ended already"):
        study.tell(trial, 0.9)
    assert study.trials[0].value("score") == 0.5


def test_telling_metrics_without_the_goal_is_refused(study: Study) -> None:
    trial = study.ask()
    with pytest.raises(UserError, match="the goal is 'score'"):
        study.tell(trial, {"loss": 1.0})


def test_telling_an_unknown_trial_is_refused(study: Study) -> None:
    with pytest.raises(TrialNotFound):
        study.tell(7, 0.5)


def test_reports_are_kept_with_the_trial(study: Study) -> None:
    trial = study.ask()
    assert study.report(trial, 0, score=0.1) is Decision.CONTINUE
    study.report(trial, 1, score=0.2)
    assert [report.metrics["score"] for report in study.trials[0].reports] == [0.1, 0.2]


def test_an_enqueued_configuration_runs_first_and_is_human(study: Study) -> None:
    study.enqueue({"x": 0.25})
    trial = study.ask()
    assert (trial.arm, dict(trial.config)) == ("human", {"x": 0.25, "n": 2})


def test_an_invalid_configuration_is_refused_before_it_is_sent(study: Study) -> None:
    with pytest.raises(ConfigInvalid, match="x"):
        study.enqueue({"x": 7.0})


def test_two_processes_cannot_both_ask(study: Study, store: Store) -> None:
    study.ask()
    with pytest.raises(StudyBusy):
        store.acquire_driver(study.id, Lease("elsewhere", "b", 1, 0.0), is_alive=lambda lease: True)


def test_two_objects_of_one_process_cannot_both_drive(store: Store, make_spec: Make) -> None:
    study = Study.from_spec(make_spec(), store=store)
    study.ask()
    other = Study.open(study.id, store=store)
    for drive in (other.ask, other.run):
        with pytest.raises(StudyBusy, match="another `Study` of this process; `close` that one"):
            drive()
    study.close()
    assert other.ask().number == 1


def test_of_two_threads_that_ask_one_is_refused(study: Study, store: Store) -> None:
    start = Barrier(2)

    def ask() -> object:
        with Study.open(study.id, store=store) as mine:
            start.wait()
            try:
                return mine.ask()
            except StudyBusy as busy:
                return busy
            finally:
                start.wait()

    with ThreadPoolExecutor(2) as pool:
        kinds = sorted(type(future.result()).__name__ for future in [pool.submit(ask) for _ in range(2)])
    assert kinds == ["StudyBusy", "Trial"]


def test_a_study_that_was_let_go_of_without_close_holds_nothing(store: Store, make_spec: Make) -> None:
    study = Study.from_spec(make_spec(objective=TOLD), store=store)
    study.ask()
    study = Study.open(study.id, store=store)
    assert study.ask().number == 1


def test_a_study_reopened_asks_for_the_trial_whose_asker_is_gone(store: Store, make_spec: Make) -> None:
    first = Study.from_spec(make_spec(objective=TOLD), store=store)
    asked = first.ask()
    attempt = store.running_attempts(first.id)[0]
    store.set_lease(attempt.id, Lease("elsewhere", "b", 1, 0.0))
    first.close()
    store.requeue(first.id, asked.number, counts=False, reason="gone", max_attempts=3)
    assert Study(store, first.id).ask().config == asked.config


def test_same_seed_and_history_give_the_same_proposals(store: Store, make_spec: Make) -> None:
    def configs(name: str) -> list[object]:
        study = Study.from_spec(
            make_spec(name=name, objective=TOLD, proposer="tpe", budget=Budget(trials=12)), store=store
        )
        asked = []
        for _ in range(12):
            trial = study.ask()
            asked.append(dict(trial.config))
            study.tell(trial, float(trial.config["x"]))
        return list(asked)

    assert configs("one") == configs("two")


def test_the_frame_has_a_row_a_trial(study: Study) -> None:
    study.tell(study.ask(), 0.5)
    study.tell(study.ask(), failure="it broke")
    frame = study.frame()
    assert list(frame["state"]) == ["complete", "failed"]
    assert frame.loc[0, "score"] == 0.5 and "x" in frame.columns


def test_forked_process_does_not_drive_its_parents_study(study: Study) -> None:
    trial = study.ask()
    read, write = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of other tests may still run
        child = os.fork()
    if child == 0:
        said = "nothing"
        try:
            study.ask()
        except StudyBusy as busy:
            said = str(busy)
        finally:
            study.close()
            os.write(write, said.encode())
            os._exit(0)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as told:
        assert "the process that this one was forked from" in told.read()
    os.waitpid(child, 0)
    study.tell(trial, 0.5)
    assert [entry.state for entry in study.trials] == [TrialState.COMPLETE]


def test_trial_that_the_scheduler_stops_is_no_whole_one(store: Store, make_spec: Make) -> None:
    spec = make_spec(objective=TOLD, scheduler="asha", budget=Budget(trials=12))
    study = Study.from_spec(spec, store=store)
    decisions = {}
    for _ in range(12):
        trial = study.ask()
        for step in range(1, 11):
            decisions[trial.number] = study.report(trial, step, score=step * 0.01 - trial.number)
            if decisions[trial.number] is Decision.STOP:
                break
        study.tell(trial, step * 0.01 - trial.number)
    stopped = {number for number, decision in decisions.items() if decision is Decision.STOP}
    assert stopped
    assert {trial.number for trial in study.trials if trial.state is TrialState.STOPPED} == stopped
    assert study.best is not None and study.best.number == 0


def test_step_that_does_not_grow_is_refused_and_not_recorded(study: Study) -> None:
    trial = study.ask()
    study.report(trial, 5, score=0.1)
    for step in (5, 3):
        with pytest.raises(UserError, match=f"steps must grow from report to report, but {step} came after 5"):
            study.report(trial, step, score=0.9)
    assert [report.metrics for report in study.trials[0].reports] == [{"score": 0.1}]


def test_trial_that_is_handed_out_again_is_reported_from_its_first_step(study: Study) -> None:
    study.report(study.ask(), 5, score=0.1)
    study.close()
    study.store.set_lease(study.store.running_attempts(study.id)[0].id, Lease("gone", "b", 1, 0.0))
    other = Study(study.store, study.id)
    other._asked._steps = None
    again = Steps(study.store, study.id)
    again.requeue(0, counts=False, reason="whoever asked for it is gone")
    again.close()
    trial = other.ask()
    assert (trial.number, other.report(trial, 1, score=0.2)) == (0, Decision.CONTINUE)
    assert [report.step for report in other.trials[0].reports] == [1]


def test_configuration_that_is_asked_for_twice_is_refused(study: Study, store: Store, make_spec: Make) -> None:
    study.enqueue({"x": 0.25})
    with pytest.raises(UserError, match="asked for already and waits"):
        study.enqueue({"x": 0.25})
    twice = make_spec(name="twice", objective=TOLD, first=({"x": 0.5}, {"x": 0.25}, {"x": 0.5}))
    with pytest.raises(UserError, match="configuration 3 of those to try first is configuration 1 again"):
        Study.from_spec(twice, store=store)


def test_trial_that_another_object_asked_for_took_no_negative_time(study: Study) -> None:
    trial = study.ask()
    study.close()
    other = Study(study.store, study.id)
    other.tell(trial, 0.5)
    outcome = other.trials[trial.number].outcome
    assert outcome is not None and outcome.elapsed_s >= 0
