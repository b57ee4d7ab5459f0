"""The loop around the steps: keeps workers busy, obeys controls, ends the study for a stated reason.

Every way out leaves the store right: killed at any moment, the next loop collects the results that
lie on disk, adopts the attempts that still run and puts the rest back to WAITING (`_recover`).
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from agenttune.errors import StudyBusy
from agenttune.events import Event, HeldOutScored
from agenttune.executors import Ended, Executor, Notice, Reported, Started
from agenttune.executors.attempt_files import AttemptFiles
from agenttune.executors.inline import InlineExecutor
from agenttune.goal import Goal
from agenttune.spec import StudyState
from agenttune.store import Store
from agenttune.study.clock import Clock
from agenttune.study.controls import answer, obey
from agenttune.study.leases import is_alive, lease_for
from agenttune.study.step import Steps
from agenttune.trial import (
    Attempt,
    AttemptState,
    Decision,
    FailureKind,
    Lease,
    Outcome,
    Report,
    Trial,
    TrialState,
)
from agenttune.types import Json, Metrics

POLL_S = 0.1
"""How long the loop waits for an attempt to tell something before it looks at the controls again."""
SHUTDOWN_S = 15.0
"""How long a loop that is told to end waits for the attempts it kills."""
HELD_OUT_S = 300.0
"""Limit of scoring one configuration on held-out data where the study sets none."""


@dataclass(slots=True)
class Running:
    """An attempt in an executor's hands."""

    number: int
    slot: int
    """Which of the workers it keeps busy."""
    attempt: Attempt
    is_asked_to_stop: bool = False
    is_killed: bool = False
    """Whether this loop killed it, so that its death does not count."""


class Loop:
    """Runs one study in this process until it ends, pauses for good or is told to shut down."""

    def __init__(
        self,
        store: Store,
        study_id: str,
        executor: Executor,
        *,
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        self.store = store
        self.id = study_id
        self.executor = executor
        self.on_event = on_event
        self.lease: Lease = lease_for(self)
        self.running: dict[int, Running] = {}
        self.end_reason: str | None = None
        """Why nothing new is started any more."""
        self.ends_as = StudyState.FINISHED
        self.is_hurried = False
        """Whether what waits is left waiting."""
        self.had_ended = False
        """Whether the study was at its end before, and only what waits outside its budget is run."""
        self.is_killed = False
        """Whether a person wants no more work done, not even scoring the winner."""
        self.is_shut_down = False
        self.is_ousted = False
        """Whether another driver has the study now, so that nothing of it may be touched."""
        self.state = StudyState.NEW
        self._event_cursor = 0

    def run(self) -> None:
        """Takes the study's driver lease and works until the study ends.

        Raises:
            StudyBusy: another live driver holds the study, or took it over.
        """
        self._drive()
        while not self.is_shut_down and self.store.take_controls(self.id):  # asked for between the end and the release
            self._drive()

    def _drive(self) -> None:
        self.store.acquire_driver(self.id, self.lease, is_alive=is_alive)
        try:
            self._begin()
            try:
                self._work()
            finally:
                self._leave()
        finally:
            self.store.release_driver(self.id, self.lease)
            self._tell_events()

    def _work(self) -> None:
        """Turns until the study is over, and still is once its winner was scored: controls come at any time."""
        while True:
            while not self._is_over():
                self._turn()
            self._score_held_out()
            if self.is_shut_down:
                return
            if self._is_over():
                self.set_state(self.ends_as, self.end_reason)
                return

    def request_shutdown(self) -> None:
        """Makes `run` kill its attempts, put their trials back and return; safe in a signal handler."""
        self.is_shut_down = True

    # -- the turns of the loop ---------------------------------------------------------------------

    def _begin(self) -> None:
        self._event_cursor = 0 if self.on_event is None else self._latest_event()
        self.go_on()
        self.steps = Steps(self.store, self.id)
        if isinstance(self.executor, InlineExecutor):  # it cannot tell a report while it works
            self.executor.on_report = self._judge
        row = self.store.study(self.id)
        self.state = row.state
        self.clock = Clock(self.store, self.id)
        self._recover()
        self._obey()
        if self.state is StudyState.NEW:
            self.set_state(StudyState.RUNNING)
        elif self.state.is_ended:  # only what waits outside the budget, `confirm` say
            self.end_reason, self.ends_as, self.had_ended = row.end_reason or "ended before", self.state, True
            if self.steps.has_waiting():
                self.set_state(StudyState.RUNNING, "running what waits")

    def _turn(self) -> None:
        if self._beat():
            self._look_at_lease()
        self._obey()
        self._look_at_limits()
        did_something = self._start_one()
        for notice in self.executor.poll(0.0 if did_something else POLL_S):
            self._take(notice)
        self._tell_events()

    def _is_over(self) -> bool:
        if self.is_shut_down:
            return True
        if self.end_reason is None or self.running:
            return False
        return self.is_hurried or not self.steps.has_waiting()

    def _beat(self, *, force: bool = False) -> bool:
        return self.clock.beat(is_paused=self.state is StudyState.PAUSED, force=force)

    def _look_at_lease(self) -> None:
        """Leaves the study alone once a driver on another machine was let have it: the lease names that one."""
        row = self.store.study(self.id)
        if row.driver != self.lease:
            self.is_ousted = True
            raise StudyBusy(f"study {row.name!r} was taken over by another driver; this one leaves it alone")

    def _look_at_limits(self) -> None:
        if self.is_hurried or self.had_ended or self.state is StudyState.PAUSED:
            return
        reason = self.clock.over(self.steps.spec.budget)
        if reason is not None:
            self.end(reason, hurry=True)
            self.stop_attempts()

    def _start_one(self) -> bool:
        """Starts, or proposes, at most one trial, so that attempts are looked at between two proposals."""
        is_full = len(self.running) >= self.steps.spec.workers
        if is_full or self.is_hurried or self.is_shut_down or self.state is StudyState.PAUSED:
            return False
        claimed = self.steps.claim()
        if claimed is not None:
            self._submit(*claimed)
            return True
        if self.end_reason is not None:
            return False
        if not self.steps.is_ready():
            return False
        reason = self.steps.propose()
        if reason is not None:
            self.end(reason)
        return reason is None

    def _submit(self, trial: Trial, attempt: Attempt) -> None:
        slot = self._free_slot()
        self.running[attempt.id] = Running(trial.number, slot, attempt)
        self.executor.submit(self.steps.task(trial, attempt, gpu=self._gpu(slot)))

    def _free_slot(self, gpu: int | None = None) -> int:
        """The lowest that is free, among those with this GPU where one is named."""
        gpus = self.steps.spec.gpus
        free = (slot for slot in itertools.count() if all(slot != entry.slot for entry in self.running.values()))
        return next(slot for slot in free if gpu is None or not gpus or (slot - gpu) % gpus == 0)

    def _gpu(self, slot: int) -> int | None:
        gpus = self.steps.spec.gpus
        return slot % gpus if gpus else None

    # -- what attempts tell ------------------------------------------------------------------------

    def _take(self, notice: Notice) -> None:
        entry = self.running.get(notice.attempt_id)
        if entry is None:
            return
        if isinstance(notice, Started):
            self.store.set_lease(notice.attempt_id, notice.lease)
        elif isinstance(notice, Reported):
            if self._judge(notice.attempt_id, notice.report):
                self.executor.ask_to_stop(notice.attempt_id)
        else:
            del self.running[notice.attempt_id]
            self._take_end(entry, notice)

    def _judge(self, attempt_id: int, report: Report) -> bool:
        """Records a report (telling one twice does no harm) and tells whether the trial should stop now."""
        entry = self.running[attempt_id]
        decision = self.steps.record_reports(entry.number, attempt_id, [report])
        if decision is not Decision.STOP or entry.is_asked_to_stop:
            return False
        entry.is_asked_to_stop = True
        return True

    def _take_end(self, entry: Running, ended: Ended) -> None:
        is_asked_to_stop = entry.is_asked_to_stop or ended.is_stopped  # by a driver before this one
        if ended.values is not None:
            self._take_values(entry, ended, ended.values)
        elif ended.failure is not None and not is_asked_to_stop:
            self.steps.record_failure(entry.number, ended.failure)
        elif is_asked_to_stop:
            self.steps.record_outcome(entry.number, TrialState.STOPPED, None)
        else:
            was_ours = entry.is_killed or self.is_hurried
            reason = "ended with its driver" if was_ours else ended.died or "died"
            self.steps.requeue(entry.number, counts=not was_ours, reason=reason)

    def _take_values(self, entry: Running, ended: Ended, values: Metrics) -> None:
        state = TrialState.STOPPED if ended.is_stopped else TrialState.COMPLETE
        self.steps.record_outcome(entry.number, state, Outcome(values, ended.elapsed_s))
        goal = self.steps.spec.goal
        value = values.get(goal.metric)
        is_replicate = self.steps.trials[entry.number].replicate_of is not None
        if self.end_reason is not None or state is not TrialState.COMPLETE or value is None or is_replicate:
            return
        if goal.is_reached(value) and goal.is_feasible(values):
            self.end(f"the target {goal.target:g} is reached", hurry=True)
            self.stop_attempts()

    def _recover(self) -> None:
        """Mends what a dead driver left: collects, adopts, requeues."""
        for attempt in self.store.running_attempts(self.id):
            self._recover_attempt(attempt)
        for trial in list(self.steps.trials.values()):
            if trial.failure is not None and trial.failure.kind is FailureKind.LOST:
                self._collect_late(trial)

    def _recover_attempt(self, attempt: Attempt) -> None:
        trial = self.steps.trials[attempt.trial_number]
        stored = AttemptFiles(attempt.directory).read_task()
        entry = Running(trial.number, self._free_slot(None if stored is None else stored.gpu), attempt)
        if self.steps.spec.objective.get("type") == "told":
            self.steps.requeue(trial.number, counts=False, reason="whoever asked for it is gone")
            return
        task = self.steps.task(trial, attempt, gpu=self._gpu(entry.slot))
        if stored is not None:  # those that held when it started
            task = replace(task, limits=replace(task.limits, **stored.limits))
        ended = self.executor.adopt(task)
        if ended is None:
            self.running[attempt.id] = entry
        elif ended.died is not None:
            self.steps.requeue(trial.number, counts=False, reason="ended with its driver")
        else:
            self._take_end(entry, ended)

    def _collect_late(self, trial: Trial) -> None:
        """Accepts the result of a trial that was given up, should it have come after all."""
        attempts = self.store.attempts(self.id, trial.number)
        if not attempts or not Path(attempts[-1].directory).exists():
            return
        ended = self.executor.adopt(self.steps.task(trial, attempts[-1]))
        if ended is not None and ended.values is not None:
            self.steps.record_outcome(
                trial.number, TrialState.COMPLETE, Outcome(ended.values, ended.elapsed_s, is_late=True)
            )

    # -- controls ----------------------------------------------------------------------------------

    def _obey(self) -> None:
        obey(self.store, self.id, lambda kind, payload: answer(self, kind, payload))

    def set_state(self, state: StudyState, reason: str | None = None) -> None:
        """Stores and announces another state."""
        self.state = state
        self.store.set_state(self.id, state, reason=reason)

    def end(self, reason: str, *, as_state: StudyState = StudyState.FINISHED, hurry: bool = False) -> None:
        """Starts nothing new any more; with `hurry` not even what waits."""
        self.end_reason, self.ends_as = reason, as_state
        self.is_hurried = self.is_hurried or hurry

    def go_on(self) -> None:
        """Takes an end back."""
        self.end_reason, self.ends_as = None, StudyState.FINISHED
        self.is_hurried = self.is_killed = self.had_ended = False

    def look_at_terms(self, former: Goal) -> None:
        """After an edit: ends the study if its target is reached so, or takes an end back that has no reason any more.

        A study at its end stays there until a person resumes it.

        Args:
            former: the goal before the edit.
        """
        if self.had_ended or self.state.is_ended or self.ends_as is StudyState.STOPPED:
            return
        reached = self.steps.reached(former=former, end_reason=self.end_reason)
        if reached is not None:
            self.end(reached, hurry=True)
            self.stop_attempts()
        elif self.end_reason is not None:
            self.go_on()

    def stop_attempts(self) -> None:
        """Asks every running attempt to return what it has; those that do not are killed."""
        for attempt_id, entry in self.running.items():
            if not entry.is_asked_to_stop:
                entry.is_asked_to_stop = True
                self.executor.ask_to_stop(attempt_id)

    def kill_attempts(self) -> None:
        """Kills every running attempt; their trials wait again."""
        self.is_killed = True
        for attempt_id, entry in self.running.items():
            entry.is_killed = True
            self.executor.cancel(attempt_id)

    # -- the end -----------------------------------------------------------------------------------

    def _leave(self) -> None:
        """Leaves no process and no trial RUNNING behind; the trials of a study that was taken are another's."""
        self.steps.close()
        if self.is_ousted:
            self.executor.close(kill=True)
            self.running.clear()
            return
        self.kill_attempts()
        deadline = time.monotonic() + SHUTDOWN_S
        try:
            while self.running and time.monotonic() < deadline:
                for notice in self.executor.poll(POLL_S):
                    self._take(notice)
        finally:  # the store may be gone, the attempts must go too
            self.executor.close(kill=True)
        for entry in self.running.values():
            self.steps.requeue(entry.number, counts=False, reason="ended with its driver")
        self.running.clear()
        self._beat(force=True)

    def _score_held_out(self) -> None:
        """Scores the winner and the default on the data that tuning never saw, where there is such data."""
        best = self.steps.view().incumbent
        row = self.store.study(self.id)
        if best is None or self.is_killed or self.is_shut_down or not self.steps.spec.objective.get("held_out"):
            return
        known = row.summary.get("held_out")
        if isinstance(known, dict) and known.get("best_trial") == best.number:
            return
        best_score = self._held_out_score(best, "best")
        if best_score is None:
            return
        default = self.steps.spec.default
        default_score = None
        if default is not None:
            is_same = dict(default) == dict(best.config)
            default_score = best_score if is_same else self._held_out_score(self._default_trial(best), "default")
        metric = self.steps.spec.goal.metric
        held_out: dict[str, Json] = {
            "metric": metric,
            "best": best_score,
            "best_trial": best.number,
            "default": default_score,
        }
        event = HeldOutScored(metric, best_score, best.number, default_score)
        self.store.set_summary(self.id, {**row.summary, "held_out": held_out}, event=event)

    def _default_trial(self, like: Trial) -> Trial:
        assert self.steps.spec.default is not None  # the caller looked
        return replace(like, proposal=replace(like.proposal, config=self.steps.spec.default))

    def _held_out_score(self, trial: Trial, label: str) -> float | None:
        metric = self.steps.spec.goal.metric
        folder = self.store.study_dir(self.id) / "held-out" / label
        for count in itertools.count(1):
            directory = folder / f"{trial.number}-{count}"
            attempt = Attempt(-1, trial.number, count, AttemptState.RUNNING, str(directory))
            is_new = not directory.exists()
            task = self.steps.task(trial, attempt, mode="held_out")
            if is_new:
                self.executor.submit(task)
                break
            ended = self.executor.adopt(task)  # a driver before this one started it
            if ended is None:
                break
            if ended.values is not None:
                return ended.values.get(metric)
        deadline = time.monotonic() + (self.steps.spec.limits.seconds or HELD_OUT_S)
        while time.monotonic() < deadline and not (self.is_shut_down or self.is_killed):
            self._beat()
            self._obey()
            for notice in self.executor.poll(POLL_S):
                if isinstance(notice, Ended) and notice.attempt_id == attempt.id:
                    return None if notice.values is None else notice.values.get(metric)
        self.executor.cancel(attempt.id)
        return None

    # -- events ------------------------------------------------------------------------------------

    def _latest_event(self) -> int:
        """Id of the newest event; those before this run are history, not news."""
        cursor = 0
        while batch := self.store.events(self.id, after=cursor):
            cursor = batch[-1][0]
        return cursor

    def _tell_events(self) -> None:
        if self.on_event is None:
            return
        while batch := self.store.events(self.id, after=self._event_cursor):
            for event_id, _, event in batch:
                self._event_cursor = event_id
                self.on_event(event)
