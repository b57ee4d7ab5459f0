"""The loop in this process: budgets, controls, failures, interruptions."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agenttune import Budget, Float, Goal, Int, Space, Study, TrialFailure, steering, tune
from agenttune.errors import GoalError, SpaceError, StudyExists, UserError
from agenttune.events import (
    AttemptStarted,
    ControlAnswered,
    Event,
    HeldOutScored,
    Noted,
    ProposerChosen,
    StudyChanged,
    TrialFinished,
    TrialProposed,
)
from agenttune.executors import load_executor
from agenttune.spec import StudySpec, StudyState, TrialLimits
from agenttune.store import Store
from agenttune.study.loop import Loop
from agenttune.study.step import Steps
from agenttune.trial import FailureKind, Lease, TrialState

Make = Callable[..., StudySpec]
SPACE = Space(x=Float(0.0, 1.0, default=0.5), n=Int(1, 4, default=2))


def inline(function: Callable[..., Any], store: Store, **settings: Any) -> Any:
    """Tunes `function` in this process over the tests' space."""
    return tune(function, SPACE, store=store, executor="inline", proposer="sobol", **{"trials": 4, **settings})


def test_a_study_runs_to_its_budget(store: Store, make_spec: Make) -> None:
    result = Study.from_spec(make_spec(), store=store).run()
    assert [trial.state for trial in result.trials] == [TrialState.COMPLETE] * 4
    assert result.end_reason == "4 trials done"


def test_two_workers_run_every_trial_once(store: Store, make_spec: Make) -> None:
    result = Study.from_spec(make_spec(workers=2, budget=Budget(trials=6)), store=store).run()
    assert [trial.number for trial in result.trials] == list(range(6))
    assert result.n_complete == 6


def test_events_tell_the_whole_story_in_order(store: Store, make_spec: Make) -> None:
    told: list[Event] = []
    Study.from_spec(make_spec(budget=Budget(trials=1)), store=store).run(on_event=told.append)
    kinds = [type(event) for event in told]
    assert kinds.index(TrialProposed) < kinds.index(TrialFinished)
    assert told[-1] == StudyChanged("finished", "1 trials done")


def test_a_lambda_can_be_tuned(store: Store) -> None:
    result = tune(lambda config: config["x"], SPACE, maximize="score", trials=2, proposer="sobol", store=store)
    assert result.n_complete == 2 and result.best is not None


def test_studies_of_one_function_are_told_apart(store: Store) -> None:
    def score(config: dict[str, float]) -> float:
        return config["x"]

    names = [inline(score, store, maximize="score", trials=1).name for _ in range(2)]
    assert names == ["score", "score-2"]
    with pytest.raises(StudyExists, match="choose another with --name, or name= from Python"):
        inline(score, store, maximize="score", trials=1, name="score")


def test_an_exception_is_a_failed_trial_with_its_traceback(store: Store) -> None:
    def broken(config: dict[str, float]) -> float:
        raise ZeroDivisionError("no luck")

    result = inline(broken, store, maximize="score", trials=2)
    failure = result.trials[0].failure
    assert failure.kind is FailureKind.CRASH and "no luck" in (failure.traceback_tail or "")
    assert result.best is None


def test_a_failure_that_is_known_keeps_its_kind(store: Store) -> None:
    def hungry(config: dict[str, float]) -> float:
        raise TrialFailure("needs 80 GB", kind="oom")

    result = inline(hungry, store, maximize="score", trials=1)
    assert result.trials[0].failure.kind is FailureKind.OOM


def test_a_target_ends_the_study_early(store: Store, make_inline: Make) -> None:
    spec = make_inline(goal=Goal("score", "maximize", target=0.0), budget=Budget(trials=50))
    result = Study.from_spec(spec, store=store).run()
    assert len(result.trials) == 1 and result.end_reason == "the target 0 is reached"


def test_seconds_end_the_study_and_its_trials(store: Store, make_spec: Make) -> None:
    slow = [sys.executable, "-c", "import time; time.sleep(60)"]
    spec = make_spec(
        objective={"type": "command", "command": slow},
        budget=Budget(seconds=0.5),
        limits=TrialLimits(seconds=2.0),
    )
    result = Study.from_spec(spec, store=store).run()
    assert result.end_reason == "0.5 s are over"
    assert all(trial.state.is_finished for trial in result.trials)


UNTIL_STOPPED = """
import itertools, time
def measure(config, run):
    for step in itertools.count():
        run.report(step, score=0.5)
        if run.should_stop:
            return 0.5
        time.sleep(0.01)
"""


def test_seconds_also_end_the_last_trials(store: Store, make_spec: Make) -> None:
    spec = make_spec(
        objective={"type": "python", "target": "endless:measure"},
        budget=Budget(trials=1, seconds=3600.0),
        workers=2,  # one asks for another trial while the first runs, and hears that there is none
    )
    Path(spec.cwd, "endless.py").write_text(UNTIL_STOPPED)
    study_id = store.create_study(spec).id

    def shorten(event: Event) -> None:
        if loop.end_reason == "1 trials done":
            loop.steps.set_budget(Budget(trials=1, seconds=0.001))

    loop = Loop(store, study_id, load_executor("process"), on_event=shorten)
    loop.run()
    assert store.study(study_id).end_reason == "0.001 s are over"
    assert [trial.state for trial in store.trials(study_id)] == [TrialState.STOPPED]


def test_replicates_of_an_ended_study_run_though_its_seconds_are_over(store: Store, make_inline: Make) -> None:
    study = Study.from_spec(make_inline(budget=Budget(trials=2, seconds=3600.0)), store=store)
    study.run()
    store.add_active(study.id, 3600.0)
    store.send(study.id, "confirm", {"top": 1, "replicates": 1})
    Loop(store, study.id, load_executor("inline")).run()
    assert [trial.state for trial in store.trials(study.id)] == [TrialState.COMPLETE] * 3


def test_a_first_configuration_runs_before_any_proposer_is_asked(store: Store, make_inline: Make) -> None:
    result = Study.from_spec(make_inline(first=({"x": 0.125, "n": 1},)), store=store).run()
    assert result.trials[0].arm == "human" and result.trials[0].config["x"] == 0.125


def test_a_pause_before_the_start_runs_nothing_until_resumed(store: Store, make_inline: Make) -> None:
    study = Study.from_spec(make_inline(budget=Budget(trials=2)), store=store)
    study.pause()
    seen: list[Event] = []

    def watch(event: Event) -> None:
        seen.append(event)
        if isinstance(event, StudyChanged) and event.state == "paused":
            study.resume()

    study.run(on_event=watch)
    states = [event.state for event in seen if isinstance(event, StudyChanged)]
    first_trial = next(i for i, event in enumerate(seen) if isinstance(event, TrialProposed))
    assert "paused" in states and states[-1] == "finished"
    assert any(isinstance(event, StudyChanged) and event.state == "running" for event in seen[:first_trial])


def test_a_pause_tells_that_the_running_trial_goes_on(store: Store, make_spec: Make) -> None:
    study = Study.from_spec(make_spec(budget=Budget(trials=1)), store=store)
    told: list[str] = []

    def pause_at_start(event: Event) -> None:
        if isinstance(event, AttemptStarted):
            study.pause()
        elif isinstance(event, ControlAnswered):
            told.append(event.answer)
            if event.kind == "pause":
                study.resume()

    study.run(on_event=pause_at_start)
    assert told == ["paused; 1 trial in progress goes on", "running"]


def test_a_stop_ends_the_study_after_its_running_trials(store: Store, make_spec: Make) -> None:
    study = Study.from_spec(make_spec(budget=Budget(trials=50)), store=store)

    def stop_after_two(event: Event) -> None:
        if isinstance(event, TrialFinished) and event.number == 1:
            study.stop()

    result = study.run(on_event=stop_after_two)
    assert study.row.state is StudyState.STOPPED
    assert result.end_reason == "stopped by a person"
    assert result.n_complete < 50 and not [t for t in result.trials if t.state is TrialState.RUNNING]


def test_a_stopped_study_goes_on_where_it_was(store: Store, make_inline: Make) -> None:
    study = Study.from_spec(make_inline(), store=store)
    study.stop()
    assert study.run().n_complete == 0
    assert study.run().n_complete == 4


def test_a_finished_study_goes_on_when_it_is_given_more_trials(store: Store, make_inline: Make) -> None:
    study = Study.from_spec(make_inline(), store=store)
    study.run()
    study.resume(trials=6)
    assert study.run().n_complete == 6
    assert study.row.spec.budget.trials == 6


def test_an_unknown_control_is_answered_with_what_there_is(store: Store, make_inline: Make) -> None:
    study = Study.from_spec(make_inline(budget=Budget(trials=1)), store=store)
    store.send(study.id, "dance")
    answers = []
    study.run(on_event=lambda event: answers.append(event) if isinstance(event, ControlAnswered) else None)
    assert not answers[0].accepted and "pause" in answers[0].answer


def test_an_edit_makes_a_new_version_and_keeps_old_trials(store: Store, make_inline: Make) -> None:
    study = Study.from_spec(make_inline(budget=Budget(trials=3)), store=store)
    edit = {"kind": "SetRange", "name": "x", "low": 0.0, "high": 0.5}

    def narrow(event: Event) -> None:
        if isinstance(event, TrialFinished) and event.number == 0:
            store.send(study.id, "edit", {"edit": _edit_json(edit)})

    result = study.run(on_event=narrow)
    assert study.row.space_version == 2
    assert all(float(t.config["x"]) <= 0.5 for t in result.trials if t.proposal.space_version == 2)
    assert result.n_complete == 3


def _edit_json(edit: dict[str, Any]) -> Any:
    from agenttune.edits import SetRange, edit_to_json

    return edit_to_json(SetRange(edit["name"], edit["low"], edit["high"]))


def test_replicates_of_what_is_not_feasible_are_refused_with_the_constraint(store: Store, make_inline: Make) -> None:
    study = Study.from_spec(make_inline(goal=Goal("score", "maximize", ("score < 0",))), store=store)
    study.run()
    with pytest.raises(UserError, match="4 are complete, but none keeps score < 0; loosen a constraint"):
        Steps(store, study.id).add_replicates(3, 5)


def test_replicates_run_outside_the_budget_with_other_seeds(store: Store, make_inline: Make) -> None:
    study = Study.from_spec(make_inline(), store=store)
    study.run()
    store.send(study.id, "confirm", {"top": 2, "replicates": 2})
    result = study.run()
    replicates = [trial for trial in result.trials if trial.replicate_of is not None]
    assert len(replicates) == 4 and result.n_complete == 8
    assert len({trial.seed for trial in replicates}) == 4
    assert study.row.n_trials == 4


def test_ctrl_c_puts_the_running_trials_back(store: Store, make_spec: Make) -> None:
    study = Study.from_spec(make_spec(), store=store)

    def interrupt(event: Event) -> None:
        if isinstance(event, TrialFinished) and event.number == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        study.run(on_event=interrupt)
    assert not [trial for trial in study.trials if trial.state is TrialState.RUNNING]
    assert study.run().n_complete == 4


def test_an_interrupted_study_makes_the_proposals_it_would_have_made(store: Store, make_inline: Make) -> None:
    whole = Study.from_spec(make_inline(name="whole", proposer="tpe", budget=Budget(trials=9)), store=store).run()
    study = Study.from_spec(make_inline(name="broken", proposer="tpe", budget=Budget(trials=9)), store=store)
    stops = {2, 5}

    def interrupt(event: Event) -> None:
        if isinstance(event, TrialFinished) and event.number in stops:
            stops.remove(event.number)
            raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            study.run(on_event=interrupt)
    assert [dict(t.config) for t in study.run().trials] == [dict(t.config) for t in whole.trials]


def test_a_proposer_that_breaks_is_replaced_visibly(
    store: Store, make_inline: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agenttune.proposers.sobol import SobolProposer

    def broken(*arguments: object) -> None:
        raise RuntimeError("singular matrix")

    monkeypatch.setattr(SobolProposer, "propose", broken)
    events: list[Event] = []
    result = Study.from_spec(make_inline(budget=Budget(trials=2)), store=store).run(on_event=events.append)
    assert {trial.arm for trial in result.trials} == {"random"}
    assert any("singular matrix" in str(event) for event in events)


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({}, GoalError, "maximize"),
        ({"maximize": "a", "minimize": "b"}, GoalError, "one metric"),
        ({"maximize": ["a", "b"]}, GoalError, "several objectives"),
        ({"maximize": "a", "proposer": "magic"}, UserError, "no proposer is called 'magic'"),
        ({"maximize": "a", "workers": 0}, UserError, "workers"),
        ({"maximize": "a", "workers": 4, "executor": "inline"}, UserError, "one after the other.* workers=4"),
        ({"maximize": "a", "gpus": 1, "executor": "inline"}, UserError, "without a GPU of their own.* gpus=1"),
        ({"maximize": "a", "trials": 0}, UserError, "trials"),
    ],
)
def test_a_wrong_setting_is_a_sentence_and_leaves_nothing(
    store: Store, settings: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        tune(lambda config: 1.0, SPACE, store=store, **settings)
    assert store.studies() == []


def test_a_taken_name_is_refused(store: Store, make_spec: Make) -> None:
    Study.from_spec(make_spec(), store=store)
    with pytest.raises(StudyExists, match="study"):
        Study.from_spec(make_spec(), store=store)


def test_a_busy_study_is_left_alone(store: Store, make_spec: Make) -> None:
    from agenttune.executors import load_executor
    from agenttune.study.leases import lease_of

    study = Study.from_spec(make_spec(), store=store)
    store.acquire_driver(study.id, lease_of(), is_alive=lambda lease: True)
    other = Loop(store, study.id, load_executor("inline"))
    other.lease = Lease("elsewhere", "b", 1, 0.0)
    with pytest.raises(UserError, match="driven"):
        other.run()
    assert study.trials == []


def test_checkpoints_of_a_dead_attempt_reach_the_next(store: Store, make_spec: Make, tmp_path: Path) -> None:
    code = (
        "import json, os, pathlib, signal\n"
        "mark = pathlib.Path(os.environ['AGENTTUNE_CHECKPOINT_DIR'], 'mark')\n"
        "if not mark.exists():\n"
        "    mark.write_text('1')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "json.dump({'score': 1.0}, open(os.environ['AGENTTUNE_RESULT'], 'w'))\n"
    )
    objective = {"type": "command", "command": [sys.executable, "-c", code]}
    study = Study.from_spec(make_spec(objective=objective, budget=Budget(trials=1)), store=store)
    result = study.run()
    assert result.n_complete == 1 and len(store.attempts(study.id, 0)) == 2


def test_a_trial_that_always_dies_is_lost_after_its_attempts(store: Store, make_spec: Make) -> None:
    code = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    objective = {"type": "command", "command": [sys.executable, "-c", code]}
    study = Study.from_spec(make_spec(objective=objective, budget=Budget(trials=1)), store=store)
    failure = study.run().trials[0].failure
    assert failure is not None and failure.kind is FailureKind.LOST
    assert len(store.attempts(study.id, 0)) == 3


@pytest.mark.parametrize(("kind", "payload"), [("confirm", {"top": "three"}), ("resume", {"trials": "ten"})])
def test_a_control_that_cannot_be_read_is_answered_and_harms_nothing(
    store: Store, make_inline: Make, kind: str, payload: Any
) -> None:
    study = Study.from_spec(make_inline(budget=Budget(trials=1)), store=store)
    store.send(study.id, kind, payload)
    answers: list[ControlAnswered] = []
    study.run(on_event=lambda event: answers.append(event) if isinstance(event, ControlAnswered) else None)
    assert not answers[0].accepted and study.result().n_complete == 1


def test_a_lucky_replicate_does_not_reach_the_target(store: Store) -> None:
    def lucky(config: dict[str, float], run: Any) -> float:
        return 0.5 if run.replicate_of is None else 0.95

    result = inline(lucky, store, maximize="score", trials=2, target=0.9, name="lucky")
    store.send(result.id, "confirm", {"top": 1, "replicates": 1})
    again = Study.open("lucky", store=store).run()
    assert again.end_reason == "2 trials done" and again.n_complete == 3


def test_an_inline_objective_needs_no_pickle_and_keeps_its_own_state(store: Store) -> None:
    lock, seen = threading.Lock(), []

    def locked(config: dict[str, float]) -> float:
        with lock:
            seen.append(config["x"])
            return config["x"]

    assert inline(locked, store, maximize="score", trials=3).n_complete == 3
    assert len(seen) == 3


def interrupted_at_third(store: Store) -> Callable[[dict[str, float]], float]:
    """An objective that cannot be pickled, whose study `locked` was interrupted at its third trial."""
    lock, called = threading.Lock(), []

    def locked(config: dict[str, float]) -> float:
        with lock:
            called.append(config)
            if len(called) == 3:
                raise KeyboardInterrupt
            return config["x"]

    with pytest.raises(KeyboardInterrupt):
        inline(locked, store, maximize="score")
    return locked


def test_a_callable_that_is_not_stored_burns_no_trial(store: Store) -> None:
    interrupted_at_third(store)
    study = Study.open("locked", store=store)
    for go_on in (study.run, lambda: steering.resume(store, study.row)):
        with pytest.raises(UserError, match=r"not stored.*go on there by Study.open\('locked'\).run\(objective=f\)"):
            go_on()
    assert [trial.state.is_finished for trial in study.trials] == [True, True, False]


def test_a_study_whose_callable_is_not_stored_can_be_stopped(store: Store) -> None:
    interrupted_at_third(store)
    study = Study.open("locked", store=store)
    assert steering.stop(store, study.row) == "stopping after 0 trials in progress"
    assert not [trial for trial in study.trials if trial.state is TrialState.FAILED]


def test_a_callable_that_is_not_stored_is_given_to_go_on(store: Store) -> None:
    locked = interrupted_at_third(store)
    assert Study.open("locked", store=store).run(objective=locked).n_complete == 4


def test_only_a_study_over_a_callable_takes_one(store: Store, make_inline: Make) -> None:
    study = Study.from_spec(make_inline(), store=store)
    with pytest.raises(UserError, match=r"not made from a callable.*leave `objective` out"):
        study.run(objective=lambda config: config["x"])


def test_numbers_of_numpy_count_and_executors_are_named(store: Store, make_spec: Make) -> None:
    counts: dict[str, Any] = {"trials": np.int64(2), "seed": np.int64(2), "workers": np.int8(1)}
    result = tune(lambda c: c["x"], SPACE, maximize="score", proposer="sobol", store=store, **counts)
    assert (result.n_complete, type(Study.open(store=store).row.spec.seed)) == (2, int)
    assert Study.from_spec(make_spec(name="named"), store=store).run(executor="inline").n_complete == 4


def test_a_callable_that_is_given_keeps_no_limits(store: Store) -> None:
    study = tune(lambda c: c["x"], SPACE, maximize="score", trials=1, trial_seconds=9.0, proposer="sobol", store=store)
    with pytest.raises(UserError, match=r"the limit `seconds`.*needs a process"):
        Study.open(study.name, store=store).run(objective=lambda config: config["x"])


def test_a_trial_that_measured_everything_before_it_knew_of_the_stop_is_complete(store: Store, make_spec: Make) -> None:
    spec = make_spec(
        objective={"type": "python", "target": "slow:measure"},
        budget=Budget(seconds=0.3, trials=1),
        goal=Goal("score", "maximize"),
    )
    Path(spec.cwd, "slow.py").write_text("import time\ndef measure(config):\n    time.sleep(1.0)\n    return 0.7\n")
    result = Study.from_spec(spec, store=store).run()
    assert result.best_value == 0.7 and result.end_reason == "0.3 s are over"


def test_kills_that_were_asked_for_never_lose_a_trial(store: Store, make_spec: Make, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    code = (
        "import json, os, pathlib, sys, time\n"
        "while not pathlib.Path(sys.argv[1]).exists():\n    time.sleep(0.01)\n"
        "json.dump({'score': 1.0}, open(os.environ['AGENTTUNE_RESULT'], 'w'))\n"
    )
    objective = {"type": "command", "command": [sys.executable, "-c", code, str(gate)]}
    study = Study.from_spec(make_spec(objective=objective, budget=Budget(trials=1)), store=store)

    def kill(event: Event) -> None:
        if type(event).__name__ == "AttemptStarted" and getattr(event, "attempt", 0) <= 3:
            study.stop(kill=True)

    for _ in range(3):
        study.run(on_event=kill)
    gate.touch()
    assert study.run().n_complete == 1


def test_auto_says_whom_it_chose_and_why(store: Store, make_inline: Make) -> None:
    events: list[Event] = []
    Study.from_spec(make_inline(proposer="auto", budget=Budget(trials=1)), store=store).run(on_event=events.append)
    (chosen,) = [event for event in events if isinstance(event, ProposerChosen)]
    assert chosen.proposer == "gp" and "Gaussian" in chosen.reason


@pytest.mark.long
def test_what_is_asked_while_the_winner_is_scored_is_still_done(store: Store) -> None:
    from agenttune.plan import PlanOptions, spec_of, understand

    plan = understand("tune k-NN on iris for accuracy, 1 trial", PlanOptions())
    study = Study.from_spec(spec_of(plan), store=store)
    asked: list[bool] = []

    def ask_late(event: Event) -> None:
        if isinstance(event, HeldOutScored) and not asked:
            asked.append(True)
            study.resume(trials=2)

    assert study.run(on_event=ask_late).n_complete == 2


IMPOSSIBLE = Space(a=Int(1, 9), b=Int(1, 9), constraints=["a + b < 0"])


def test_a_space_that_nothing_fits_is_refused_before_anything_is_made(tmp_path: Path, make_spec: Make) -> None:
    path = tmp_path / "new.db"
    with pytest.raises(SpaceError, match=r"keeps 'a \+ b < 0'"):
        Study.from_spec(make_spec(space=IMPOSSIBLE), store=path)
    with pytest.raises(SpaceError, match=r"keeps 'a \+ b < 0'"):
        tune("module:function", IMPOSSIBLE, maximize="score", store=path)
    assert list(tmp_path.iterdir()) == []


def test_a_configuration_to_start_from_shows_that_constraints_can_be_kept(store: Store, make_spec: Make) -> None:
    space = Space(a=Float(1.0, 2.0), b=Float(1.0, 2.0), constraints=["a == b"])
    Study.from_spec(make_spec(name="first", space=space, first=({"a": 1.5, "b": 1.5},)), store=store)
    Study.from_spec(make_spec(name="default", space=space, default={"a": 1.5, "b": 1.5}), store=store)
    assert store.names() == ["default", "first"]


def test_study_is_named_beside_one_that_cannot_be_read(store: Store, make_spec: Make) -> None:
    store.create_study(make_spec())
    with contextlib.closing(sqlite3.connect(store.path)) as raw, raw:
        raw.execute("UPDATE studies SET spec = '{'")
    assert store.create_study(make_spec(), is_name_exact=False).name == "study-2"


def test_a_metric_that_a_constraint_lacks_is_said_at_the_first_trial(store: Store) -> None:
    told: list[Event] = []
    result = inline(
        lambda config: {"score": config["x"]}, store, maximize="score", constraints=["ms < 20"], on_event=told.append
    )
    noted = [(at, event) for at, event in enumerate(told) if isinstance(event, Noted)]
    (at, event), *others = noted
    assert others == []
    assert event == Noted("it did not report ms, so it cannot keep the constraints (ms < 20)", 0)
    assert isinstance(told[at - 1], TrialFinished)
    assert result.best is None and result.n_complete == 4
    assert result.end_reason == "4 trials done; 4 are complete, but none reports ms, needed for ms < 20"


def test_a_result_without_a_feasible_trial_says_so(store: Store) -> None:
    result = inline(lambda config: config["x"], store, maximize="score", constraints=["score < 0"])
    assert result.end_reason == "4 trials done; 4 are complete, but none keeps score < 0"


def test_a_metric_that_some_trials_report_is_enough_for_those(store: Store) -> None:
    def objective(config: dict[str, Any]) -> dict[str, float]:
        return {"score": 1.0 - config["x"], **({"ms": 10.0} if config["x"] > 0.5 else {})}

    result = inline(objective, store, maximize="score", constraints=["ms < 20"])
    assert result.best is not None and result.best.config["x"] > 0.5
