"""Drives a study by `ask`, `report` and `tell` in place of a loop: who evaluates is whoever asked.

What callers are promised stands at `Study`. Not for: studies that run by themselves (loop.py).
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar, cast

from agenttune.errors import BudgetExhausted, StudyBusy, TrialFailure, TrialNotFound, UserError
from agenttune.objectives.outcome import outcome_values
from agenttune.spec import StudyRow, StudyState
from agenttune.store import Store
from agenttune.study import arguments
from agenttune.study.clock import Clock
from agenttune.study.controls import obey, raised
from agenttune.study.editing import edit_study, undo_edit
from agenttune.study.leases import is_alive, lease_for, lease_of
from agenttune.study.step import NOTHING_FOUND, USED_UP, Steps
from agenttune.trial import Attempt, Decision, Failure, FailureKind, Lease, Outcome, Report, Trial, TrialState
from agenttune.types import Config, Json, Metrics

MODEL_POLL_S = 0.02
"""How often `ask` looks whether the model has answered."""

Method = TypeVar("Method", bound=Callable[..., Any])


def _one_at_a_time(method: Method) -> Method:
    """A method that threads take turns at."""

    @wraps(method)
    def in_turn(self: AskTell, *args: Any, **kwargs: Any) -> Any:
        with self._turn:
            return method(self, *args, **kwargs)

    return cast(Method, in_turn)


class AskTell:
    """The driver of one study, from the first `ask` or `tell` to `close`; its lease ends with it."""

    def __init__(self, store: Store, study_id: str) -> None:
        self._store = store
        self._id = study_id
        self._turn = threading.RLock()
        self._steps: Steps | None = None
        self._lease: Lease | None = None
        self._attempts: dict[int, Attempt] = {}
        self._asked_at: dict[int, float] = {}
        self._last_step: dict[int, int] = {}
        """Of what was reported since the trial was asked for."""
        self._stopped: set[int] = set()
        """Trials of which the scheduler said that they should end."""
        self._reached: str | None = None
        """Why nothing more is handed out although the budget has room."""
        self._halted: str | None = None
        """That a person paused or stopped it, while this object drives it."""
        self._ending: str | None = None
        """Why the study ends once what was asked for is told."""

    @_one_at_a_time
    def ask(self) -> Trial:
        """The next trial, RUNNING; see `Study.ask`."""
        steps = self._stepping()
        if self._halted is not None:
            raise BudgetExhausted(f"study {self._row.name!r} was {self._halted}: `resume()` goes on")
        reason = self._reached or self._clock.over(steps.spec.budget)
        claimed = None if reason else steps.claim()
        if claimed is None:
            reason = reason or self._waited(steps) or steps.propose()
            if reason is not None:
                n_asked = self._finish(steps, reason)
                until = f", once the {n_asked} that were asked for are told" if n_asked else ""
                hint = "" if reason in (USED_UP, NOTHING_FOUND) else "; `resume(trials=..., seconds=...)` goes on"
                raise BudgetExhausted(f"study {self._row.name!r} has nothing left to ask: {reason}{until}{hint}")
            claimed = steps.claim()
        assert claimed is not None  # one waits: it was added under this process's lease
        self._ending = None
        if self._row.state.is_ended:
            self._store.set_state(self._id, StudyState.RUNNING, reason="a person asked for more")
        trial, attempt = claimed
        self._store.set_lease(attempt.id, lease_of())
        self._attempts[trial.number] = attempt
        self._asked_at[trial.number] = time.monotonic()
        self._last_step.pop(trial.number, None)
        self._stopped.discard(trial.number)
        return trial

    @_one_at_a_time
    def report(self, trial: Trial | int, step: int, metrics: Metrics) -> Decision:
        """Records an intermediate measurement; see `Study.report`."""
        number = arguments.trial_number_of(trial)
        if number not in self._attempts:
            raise TrialNotFound(f"trial {number} was not asked for here; `ask` first")
        report = Report(arguments.step_of(step), arguments.metrics_of(metrics), self._elapsed(number))
        steps = self._stepping()
        last = self._last_step.get(number)
        if last is not None and report.step <= last:
            raise UserError(
                f"steps must grow from report to report, but {report.step} came after {last}; nothing was recorded"
            )
        self._last_step[number] = report.step
        decision = steps.record_reports(number, self._attempts[number].id, [report])
        if decision is Decision.STOP:
            self._stopped.add(number)
        return decision

    @_one_at_a_time
    def tell(self, trial: Trial | int, value: float | Metrics | None, failure: str | None) -> None:
        """Records what a trial came to; see `Study.tell`."""
        number = arguments.trial_number_of(trial)
        if failure is not None:
            arguments.check_text("failure", failure)
        if (value is None) == (failure is None):
            raise UserError("`tell` needs either a value or failure='why', not both and not neither")
        steps = self._stepping()
        if number not in steps.trials:
            raise TrialNotFound(f"study {self._row.name!r} has no trial {number}")
        if steps.trials[number].state is TrialState.WAITING:
            raise UserError(f"trial {number} waits and was not asked for yet; `ask` hands it out")
        if failure is not None:
            is_first = steps.record_failure(number, Failure(FailureKind.INVALID, failure))
        else:
            assert value is not None  # checked above
            is_first = self._tell_values(steps, number, value)
        if not is_first:
            raise UserError(f"trial {number} has ended already; what it measured stays")
        self._attempts.pop(number, None)
        if self._reached is not None and self._row.state is not StudyState.FINISHED:
            self._store.set_state(self._id, StudyState.FINISHED, reason=self._reached)
        elif (ending := self._ending or self._spent(steps)) is not None:
            self._finish(steps, ending)

    @_one_at_a_time
    def close(self) -> None:
        """Gives up driving, so that another process may."""
        is_own = not self._is_forked()
        if self._steps is not None and is_own:
            self._steps.close()
            self._clock.beat(force=True)
        if self._lease is not None and is_own:
            self._store.release_driver(self._id, self._lease)
        self._steps, self._lease, self._halted = None, None, None

    def _spent(self, steps: Steps) -> str | None:
        """Why nothing is left to ask for, where the budget's trials are told; the study may be asked for more."""
        is_open = any(not trial.state.is_finished for trial in steps.trials.values())
        return None if is_open or self._row.state.is_ended else steps.spent()

    def _finish(self, steps: Steps, reason: str) -> int:
        """Ends the study, or has the last `tell` end it; returns how many trials are still to be told."""
        n_asked = sum(trial.state is TrialState.RUNNING for trial in steps.trials.values())
        if n_asked and self._reached is None:
            self._ending = reason
        else:
            self._store.set_state(self._id, StudyState.FINISHED, reason=reason)
            self._halted = None
        return n_asked

    def _waited(self, steps: Steps) -> str | None:
        """Waits for a model that is asked; a reason if the budget's seconds ran out meanwhile."""
        while not steps.is_ready():
            if reason := self._clock.over(steps.spec.budget):
                return reason
            time.sleep(MODEL_POLL_S)
        return None

    def _tell_values(self, steps: Steps, number: int, value: float | Metrics) -> bool:
        metric = steps.spec.goal.metric
        values = dict(value) if isinstance(value, Mapping) else {metric: value}
        if metric not in values:
            raise UserError(f"the goal is {metric!r}, but only {', '.join(map(str, values)) or 'nothing'} was told")
        for name in values:
            arguments.check_text("name of a metric", name)
        try:
            numbers = outcome_values(values, metric)
        except TrialFailure as failure:
            if failure.kind != "nan":
                raise UserError(f"{failure}; nothing was recorded") from None
            return steps.record_failure(number, Failure(FailureKind.NAN, str(failure)))
        outcome = Outcome(numbers, self._elapsed(number))
        if number in self._stopped:
            return steps.record_outcome(number, TrialState.STOPPED, outcome)
        goal, is_replicate = steps.spec.goal, steps.trials[number].replicate_of is not None
        if goal.is_reached(numbers[metric]) and goal.is_feasible(numbers) and not is_replicate:
            self._reached = f"the target {goal.target:g} is reached"
        return steps.record_outcome(number, TrialState.COMPLETE, outcome)

    def _elapsed(self, number: int) -> float:
        """Seconds since a trial was asked for; 0 where it was asked for elsewhere."""
        now = time.monotonic()
        return now - self._asked_at.get(number, now)

    def _stepping(self) -> Steps:
        """The steps, under this process's driver lease."""
        name = self._row.name
        if self._is_forked():
            raise StudyBusy(
                f"study {name!r} is driven by the process that this one was forked from: ask and tell there, and "
                "evaluate here"
            )
        if self._steps is not None and self._row.driver != self._lease:
            self._steps.close()
            self._steps = None
            raise StudyBusy(
                f"study {name!r} was taken over by another driver; what was asked for here can no longer be told"
            )
        if self._steps is None:
            lease = lease_for(self)
            self._store.acquire_driver(self._id, lease, is_alive=is_alive)
            self._lease = lease
            self._steps = Steps(self._store, self._id)
            self._clock = Clock(self._store, self._id)
            for attempt in self._store.running_attempts(self._id):
                if attempt.lease is not None and is_alive(attempt.lease):
                    continue
                self._steps.requeue(attempt.trial_number, counts=False, reason="whoever asked for it is gone")
            row = self._row
            if row.state is StudyState.FINISHED:
                self._reached = self._steps.reached(former=row.spec.goal, end_reason=row.end_reason)
            if row.state is not StudyState.RUNNING and self._reached is None:
                self._store.set_state(self._id, StudyState.RUNNING)
        self._clock.beat()
        self._obey(self._steps)
        return self._steps

    def _is_forked(self) -> bool:
        """Whether another process took the lease, whose memory this one began with."""
        return self._lease is not None and self._lease.pid != os.getpid()

    @property
    def _row(self) -> StudyRow:
        return self._store.study(self._id)

    def _obey(self, steps: Steps) -> None:
        obey(self._store, self._id, lambda kind, payload: self._do(steps, kind, payload))

    def _do(self, steps: Steps, kind: str, payload: dict[str, Json]) -> str:
        """Ask / tell knows some controls; the others need a loop."""
        if kind == "add":
            config = cast(Config, payload.get("config") or {})
            return f"trial {steps.add_config(config, str(payload.get('reason'))).number} waits"
        if kind in ("edit", "undo"):
            former = steps.spec.goal
            said = (edit_study if kind == "edit" else undo_edit)(steps, payload)
            self._reached, self._ending = steps.reached(former=former, end_reason=self._reached), None
            return said
        if kind == "pause":
            self._halted = "paused by a person"
            self._store.set_state(self._id, StudyState.PAUSED, reason=self._halted)
            return "paused; what was asked for can still be told"
        if kind == "stop":
            self._halted, self._ending = "stopped by a person", None
            self._store.set_state(self._id, StudyState.STOPPED, reason=self._halted)
            return "stopped; what was asked for can still be told"
        if kind == "resume":
            steps.set_budget(raised(steps.spec.budget, payload))
            self._reached = self._ending = self._halted = None
            self._store.set_state(self._id, StudyState.RUNNING, reason="resumed by a person")
            return "running"
        raise UserError(f"{kind!r} needs a running loop; this study is driven by ask and tell")
