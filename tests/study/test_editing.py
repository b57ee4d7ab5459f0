"""Edits of a study that runs: what its loop does from then on, undoing, what is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agenttune import Budget, Goal, Study
from agenttune.edits import (
    AddMetricConstraint,
    Edit,
    SetBudget,
    SetRange,
    SetTarget,
    SetTrialLimit,
    SetWorkers,
    edit_to_json,
)
from agenttune.errors import BudgetExhausted
from agenttune.events import AttemptStarted, ControlAnswered, Event, TrialFinished
from agenttune.executors import Ended, Task, load_executor
from agenttune.executors.attempt_files import AttemptFiles, TaskFile
from agenttune.executors.process import ProcessExecutor
from agenttune.spec import StudySpec, StudyState, TrialLimits
from agenttune.store import Store
from agenttune.study.loop import Loop
from agenttune.study.step import Steps
from agenttune.trial import FailureKind, TrialState

Make = Callable[..., StudySpec]


def send(store: Store, study: Study, *edits: Edit, by: str = "ada") -> None:
    store.send(study.id, "edit", {"edits": [edit_to_json(edit) for edit in edits], "by": by})


def answers(store: Store, study: Study) -> list[str]:
    """What became of edits and undos."""
    found = [event for _, _, event in store.events(study.id) if isinstance(event, ControlAnswered)]
    return [event.answer if event.accepted else f"refused: {event.answer}" for event in found if event.kind != "resume"]


def after(number: int, act: Callable[[], object]) -> Callable[[Event], None]:
    """Does it once the trial has finished."""

    def on_event(event: Event) -> None:
        if isinstance(event, TrialFinished) and event.number == number:
            act()

    return on_event


def test_ten_more_trials_let_a_running_study_go_on(store: Store, make_inline: Make) -> None:
    study = Study.from_spec(make_inline(), store=store)
    result = study.run(on_event=after(1, lambda: send(store, study, SetBudget(trials=7))))
    assert result.n_complete == 7 and study.row.spec.budget == Budget(trials=7)


def test_more_trials_reach_a_study_whose_last_trial_runs(store: Store, make_spec: Make) -> None:
    study = Study.from_spec(make_spec(budget=Budget(trials=2)), store=store)

    def act(event: Event) -> None:
        if isinstance(event, AttemptStarted) and event.number == 1:
            send(store, study, SetBudget(trials=3))

    assert study.run(on_event=act).n_complete == 3


def test_finished_study_takes_the_edit_and_goes_on_when_resumed(store: Store, make_inline: Make) -> None:
    study = Study.from_spec(make_inline(), store=store)
    study.run()
    send(store, study, SetBudget(trials=6))
    Loop(store, study.id, load_executor("inline")).run()
    assert (study.row.state, len(study.trials)) == (StudyState.FINISHED, 4)
    assert answers(store, study) == ["edit 1: budget: trials 6"]
    assert study.run().n_complete == 6


def test_edit_is_recorded_with_its_inverse_diff_and_author(store: Store, make_inline: Make) -> None:
    study = Study.from_spec(make_inline(), store=store)
    study.run()
    send(store, study, SetRange("x", high=0.6))
    study.run()
    ((_, entry),) = store.edits(study.id)
    assert (entry.edit_id, entry.version, entry.by) == (1, 2, "ada")
    assert entry.inverse["edit"] == "restore"
    assert entry.diff["lines"] == [{"what": "x", "old": "0..1, default 0.5", "new": "0..0.6, default 0.5"}]
    assert entry.effects[0].startswith("2 of 4 finished trials lie outside the new space")
    assert answers(store, study)[0].startswith("edit 1 (space version 2): x: to 0.6; 2 of 4 finished trials")


def test_new_constraint_on_metrics_decides_the_best_from_then_on(store: Store, make_inline: Make) -> None:
    study = Study.from_spec(make_inline(), store=store)
    study.run()
    former = study.best
    assert former is not None
    send(store, study, AddMetricConstraint(f"score < {former.value('score')}"))
    study.run()
    best = study.best
    assert best is not None and best.number != former.number
    assert f"best so far: trial {best.number}" in answers(store, study)[0]


def test_target_that_is_reached_already_ends_the_study(store: Store, make_inline: Make) -> None:
    study = Study.from_spec(make_inline(budget=Budget(trials=30)), store=store)
    result = study.run(on_event=after(2, lambda: send(store, study, SetTarget(0.0))))
    assert result.n_complete < 6 and study.row.end_reason == "the target 0 is reached"


def test_study_let_go_on_beyond_its_target_is_not_ended_by_another_edit(store: Store, make_inline: Make) -> None:
    study = Study.from_spec(make_inline(goal=Goal("score", "maximize", target=0.0)), store=store)
    study.run()
    ran = len(study.trials)

    def act(event: Event) -> None:
        if isinstance(event, AttemptStarted) and event.number == ran:
            send(store, study, SetBudget(trials=9))

    study.run(on_event=act)
    assert answers(store, study) == ["edit 1: budget: trials 9"]
    assert study.trials[ran].state is TrialState.COMPLETE


def test_study_told_to_go_on_beyond_its_target_hands_out_after_another_edit(store: Store, make_inline: Make) -> None:
    goal = Goal("score", "maximize", target=0.4)
    study = Study.from_spec(make_inline(objective={"type": "told"}, goal=goal), store=store)
    study.tell(study.ask(), 0.5)
    send(store, study, SetBudget(trials=9))
    with pytest.raises(BudgetExhausted, match=r"target 0\.4 is reached"):
        study.ask()
    study.resume()
    send(store, study, SetBudget(trials=8))
    assert study.ask().number == 1
    study.close()


def test_workers_and_limit_hold_for_what_starts_afterwards(store: Store, make_spec: Make) -> None:
    slow = {"type": "command", "command": ["sleep", "30"]}
    study = Study.from_spec(make_spec(objective=slow, limits=TrialLimits(seconds=1)), store=store)
    most = 0

    def act(event: Event) -> None:
        nonlocal most
        most = max(most, len(store.running_attempts(study.id)))
        if isinstance(event, TrialFinished) and event.number == 0:
            send(store, study, SetWorkers(3), SetTrialLimit(seconds=0.3))

    study.run(on_event=act)
    failures = [trial.failure for trial in study.trials if trial.failure is not None]
    assert most == 3 and {failure.kind for failure in failures} == {FailureKind.TIMEOUT}
    assert ["limit of 1 s" in failure.message for failure in failures] == [True, False, False, False]


def test_undo_takes_back_the_latest_edit_that_stands(store: Store, make_inline: Make) -> None:
    spec = make_inline()
    study = Study.from_spec(spec, store=store)
    study.run()
    send(store, study, SetRange("x", high=0.6), SetBudget(trials=9))
    for _ in range(3):
        store.send(study.id, "undo", {"by": "ada"})
    Loop(store, study.id, load_executor("inline")).run()
    assert study.row.spec == spec and study.space == spec.space
    assert [entry.undoes for _, entry in store.edits(study.id)] == [None, None, 2, 1]
    assert answers(store, study)[1:] == [
        "edit 3: edit 2 undone: budget: trials 4; 4 trials are in the budget already, so that nothing more is proposed",
        "edit 4 (space version 3): edit 1 undone: back to x 0..1; 2 finished trials that lay outside the space lie "
        "inside again",
        "refused: there is no edit to undo",
    ]


@pytest.mark.parametrize(
    ("edit_id", "said"),
    [
        (1, "edit 1 (x: to 0.6): what it changed was changed again since; undo that first, or make another edit"),
        (4, "edit 4 took edit 3 back; make that edit again instead"),
        (3, "edit 3 is undone already, by edit 4"),
        (7, "there is no edit 7; there are: 1, 2, 3, 4"),
        ([1], "there is no edit [1]; there are: 1, 2, 3, 4"),
    ],
)
def test_undo_that_cannot_be_says_why(store: Store, make_inline: Make, edit_id: int, said: str) -> None:
    study = Study.from_spec(make_inline(), store=store)
    send(store, study, SetRange("x", high=0.6), SetRange("x", low=0.1), SetWorkers(2))
    store.send(study.id, "undo")
    store.send(study.id, "undo", {"edit_id": edit_id})
    study.run()
    assert answers(store, study)[-1] == f"refused: {said}"


def test_edits_are_all_applied_or_none(store: Store, make_inline: Make) -> None:
    study = Study.from_spec(make_inline(), store=store)
    send(store, study, SetBudget(trials=3), SetRange("y", high=1))
    send(store, study, SetWorkers(1))
    store.send(study.id, "edit", {"edits": "trials=3"})
    assert study.run().n_complete == 4 and store.edits(study.id) == []
    assert [said[:40] for said in answers(store, study)] == [
        "refused: `y` is no parameter of this spa",
        "refused: 1 at a time: this is so already",
        "refused: `edits` must be a list of edits",
    ]


def test_study_of_ask_and_tell_is_edited(store: Store, make_inline: Make) -> None:
    study = Study.from_spec(make_inline(objective={"type": "told"}), store=store)
    study.tell(study.ask(), 0.5)
    send(store, study, SetBudget(trials=2), SetTarget(0.4))
    store.send(study.id, "undo")
    trial = study.ask()
    study.tell(trial, 0.1)
    with pytest.raises(BudgetExhausted, match="2 trials done"):
        study.ask()
    study.close()


class Adopting(ProcessExecutor):
    """Keeps the limits of what it is to adopt."""

    adopted: TrialLimits | None = None

    def adopt(self, task: Task) -> Ended | None:
        """As ever."""
        self.adopted = task.limits
        return super().adopt(task)


def test_attempt_that_another_driver_adopts_keeps_the_limits_it_started_with(store: Store, make_spec: Make) -> None:
    study = Study.from_spec(make_spec(limits=TrialLimits(seconds=90)), store=store)
    steps = Steps(store, study.id)
    steps.propose()
    claimed = steps.claim()
    assert claimed is not None
    task = steps.task(*claimed)
    AttemptFiles(task.attempt.directory).write_task(TaskFile.of(task, marker="m", grace_s=1.0))
    steps.edit(SetTrialLimit(seconds=5))
    executor = Adopting()
    Loop(store, study.id, executor).run()
    assert executor.adopted == TrialLimits(seconds=90)
    assert study.row.spec.limits == TrialLimits(seconds=5)
