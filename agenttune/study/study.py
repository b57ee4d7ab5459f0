"""`Study`: one study for Python callers, by the loop (`run`) or step by step (`ask`, `report`, `tell`)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from agenttune.budget import Budget
from agenttune.errors import BudgetExhausted, StudyBusy, TrialFailure, TrialNotFound, UserError
from agenttune.events import Event
from agenttune.executors import Executor, load_executor
from agenttune.executors.inline import InlineExecutor
from agenttune.goal import Goal
from agenttune.history import StudyView, read_view
from agenttune.objectives.outcome import outcome_values
from agenttune.objectives.python import CallableObjective
from agenttune.schedulers import load_scheduler
from agenttune.space import Space
from agenttune.spec import INLINE, History, StudyRow, StudySpec, StudyState
from agenttune.store import Store
from agenttune.study import arguments
from agenttune.study.asking import check_proposer
from agenttune.study.clock import Clock
from agenttune.study.controls import obey, raised
from agenttune.study.editing import edit_study, undo_edit
from agenttune.study.leases import is_alive, is_elsewhere, lease_for, lease_of
from agenttune.study.loop import Loop
from agenttune.study.result import Result, trials_frame
from agenttune.study.status import has_live_driver, require_stored_objective
from agenttune.study.step import NOTHING_FOUND, USED_UP, Steps
from agenttune.trial import Attempt, Decision, Failure, FailureKind, Lease, Outcome, Report, Trial, TrialState
from agenttune.types import Config, Json, Metrics

if TYPE_CHECKING:
    import pandas as pd

MODEL_POLL_S = 0.02
"""How often `ask` looks whether the model has answered."""

Method = TypeVar("Method", bound=Callable[..., Any])


def _one_at_a_time(method: Method) -> Method:
    """A method that threads take turns at."""

    @wraps(method)
    def in_turn(self: Study, *args: Any, **kwargs: Any) -> Any:
        with self._turn:
            return method(self, *args, **kwargs)

    return cast(Method, in_turn)


class Study:
    """One study in a store. Several may be open on the same study; one at a time drives it.

    Threads may share one: `ask`, `report` and `tell` take turns.
    """

    def __init__(self, store: Store, study_id: str) -> None:
        if not isinstance(store, Store):
            raise UserError(f"a Study stands on a Store, but got {store!r}; `Study.open(name)` opens one by its name")
        arguments.check_text("study_id", study_id)
        self.store = store
        self.id = study_id
        self._turn = threading.RLock()
        self._steps: Steps | None = None
        self._lease: Lease | None = None
        self._attempts: dict[int, Attempt] = {}
        self._asked_at: dict[int, float] = {}
        self._reached: str | None = None
        """Why nothing more is handed out although the budget has room."""
        self._halted: str | None = None
        """That a person paused or stopped it, while this object drives it."""
        self._ending: str | None = None
        """Why the study ends once what was asked for is told."""

    @classmethod
    def create(
        cls,
        space: Space,
        *,
        maximize: str | None = None,
        minimize: str | None = None,
        trials: int | None = None,
        seconds: float | None = None,
        seed: int = 0,
        proposer: str = "auto",
        model: str | None = None,
        history: History = "digest",
        max_dollars: float | None = None,
        max_requests: int | None = None,
        max_tokens: int | None = None,
        reuse_replies: bool = False,
        scheduler: str = "fifo",
        name: str | None = None,
        first: Sequence[Mapping[str, Any]] = (),
        constraints: Sequence[str] = (),
        target: float | None = None,
        store: Store | Path | str | None = None,
    ) -> Study:
        """Stores a new study without an objective, for `ask` and `tell`; `tune` makes one that runs by itself.

        Args:
            space: what to search.
            maximize: name of the metric to make large; this or `minimize`.
            minimize: name of the metric to make small.
            trials: how many may be asked for; by default as many as whoever asks wants.
            seconds: wall seconds after which nothing more is handed out.
            seed: same seed and same results, same proposals.
            proposer: a name in the registry of `agenttune.proposers`.
            model: a language model that proposes beside the surrogate, as `tune` takes it; `ask` waits for it.
            history: what the model is told each time: "digest", or the whole "chat".
            max_dollars: US dollars that may be paid to the model in all.
            max_requests: requests that may be sent to it in all.
            max_tokens: tokens that may be used in all.
            reuse_replies: whether a request that any study of the store got a reply to is answered by that reply,
                at no cost, and not sent.
            scheduler: a name in the registry of `agenttune.schedulers`; its word is what `report` returns.
            name: of the study; by default "study", "study-2", ...
            first: configurations to hand out first, each of them, even if they are more than `trials`; parameters left
                out get their default.
            constraints: expressions over metrics, "latency_ms < 20".
            target: nothing more is handed out once the metric is at least this good.
            store: path of the store; by default the user's own.

        Raises:
            UserError: something above cannot be; nothing was created.
        """
        arguments.check_name(name)
        goal = arguments.goal_of(maximize, minimize, constraints, target)
        valid = arguments.first_of(arguments.space_of(space), first)
        opened = arguments.opened(store)
        spec = StudySpec(
            name=name or "study",
            space=space,
            goal=goal,
            objective={"type": "told"},
            budget=Budget(trials=trials, seconds=seconds),
            proposer=proposer,
            scheduler=scheduler,
            seed=seed,
            first=valid,
            default=space.default_config(),
            cwd=str(Path.cwd()),
        )
        from agenttune.plan.model_choice import ModelChoice, with_model  # with scikit-learn: a driver does without

        choice = ModelChoice(model, None, history, max_dollars, max_requests, max_tokens, reuse_replies)
        spec = with_model(spec, choice, use_settings=False)
        return cls.from_spec(spec, store=opened, is_name_exact=name is not None)

    @classmethod
    def from_spec(
        cls, spec: StudySpec, *, store: Store | Path | str | None = None, is_name_exact: bool = True
    ) -> Study:
        """Stores a new study.

        Args:
            spec: what it is.
            store: path of the store; by default the user's own.
            is_name_exact: whether a name that is taken is refused; else it is `name-2`, `name-3`, ... then.

        Raises:
            StudyExists: the name is taken.
            UserError: its proposer, scheduler, executor or one of its first configurations cannot be.
            SpaceError: nothing keeps the constraints of its space.
        """
        arguments.check_spec(spec)
        check_proposer(spec)
        load_scheduler(spec.scheduler)
        load_executor(spec.executor)
        for config in spec.first:
            spec.space.validate(config)
        if not spec.first and (spec.default is None or not spec.space.contains(spec.default)):
            spec.space.require_satisfiable()
        opened = arguments.opened(store)
        study = cls(opened, opened.create_study(spec, is_name_exact=is_name_exact).id)
        for config in spec.first:
            study.enqueue(config, reason="given with the study")
        return study

    @classmethod
    def open(cls, name: str | None = None, *, store: Store | Path | str | None = None) -> Study:
        """The study of that name, id or unique prefix; by default the latest.

        Raises:
            StudyNotFound: there is none, or more than one.
        """
        arguments.check_name(name)
        opened = arguments.opened(store, must_exist=True)
        return cls(opened, opened.study(name).id)

    # -- reading -----------------------------------------------------------------------------------

    @property
    def row(self) -> StudyRow:
        """The study as the store knows it now."""
        return self.store.study(self.id)

    @property
    def name(self) -> str:
        """The study's name."""
        return self.row.name

    @property
    def goal(self) -> Goal:
        """What it is after."""
        return self.row.spec.goal

    @property
    def space(self) -> Space:
        """The current version of its space."""
        return self.view().space

    @property
    def trials(self) -> list[Trial]:
        """All trials by number, read now."""
        return self.store.trials(self.id)

    @property
    def best(self) -> Trial | None:
        """The best COMPLETE, feasible trial."""
        return self.view().incumbent

    def view(self) -> StudyView:
        """A snapshot of the study."""
        return read_view(self.store, self.row)

    def frame(self) -> pd.DataFrame:
        """One row a trial, as a pandas frame."""
        return trials_frame(self.trials)

    def result(self) -> Result:
        """What the study came to so far."""
        row, view = self.row, self.view()
        reason = row.end_reason if row.state.is_ended else None
        if reason is not None and view.incumbent is None and view.shortfall is not None:
            reason = f"{reason}; {view.shortfall}"
        return Result(row.name, row.id, view, reason)

    # -- controls ----------------------------------------------------------------------------------

    def enqueue(self, config: Mapping[str, object], *, reason: str = "asked for by a person") -> None:
        """Asks for a configuration of one's own (arm "human"); parameters left out get their default.

        It runs as soon as a driver is free, before anything a proposer would ask for.

        Raises:
            ConfigInvalid: it breaks a rule of the space.
            UserError: the study has it already.
        """
        arguments.check_text("reason", reason)
        valid = self.space.fill(cast(Config, config))
        arguments.require_new(valid, self.trials)
        self.store.send(self.id, "add", {"config": cast("dict[str, Json]", valid), "reason": reason})

    def pause(self) -> None:
        """Starts nothing new until `resume`, or until the study is opened and asked anew."""
        self.store.send(self.id, "pause")

    def resume(
        self,
        *,
        trials: int | None = None,
        seconds: float | None = None,
        max_dollars: float | None = None,
        max_requests: int | None = None,
        max_tokens: int | None = None,
    ) -> None:
        """Goes on after `pause`, `stop` or the end of a budget, once a driver runs or somebody asks.

        Args:
            trials: how many the study may run in all from now on.
            seconds: how many it may take in all from now on.
            max_dollars: US dollars that may be paid to its model in all from now on.
            max_requests: requests that may be sent to it in all from now on.
            max_tokens: tokens that may be used in all from now on.
        """
        budget = Budget(  # refuses what cannot be, before it is sent
            trials=trials, seconds=seconds, tokens=max_tokens, dollars=max_dollars, requests=max_requests
        )
        changes = {name: value for name, value in asdict(budget).items() if value is not None}
        self.store.send(self.id, "resume", changes)

    def stop(self, *, kill: bool = False) -> None:
        """Ends the study after its running trials, or at once; who opens and asks or runs it anew goes on with it."""
        if not isinstance(kill, bool):
            raise UserError(f"`kill` must be True or False, but got {kill!r}")
        self.store.send(self.id, "stop", {"kill": kill})

    # -- driving -----------------------------------------------------------------------------------

    def run(
        self,
        *,
        on_event: Callable[[Event], None] | None = None,
        executor: Executor | None = None,
        objective: Callable[..., Any] | None = None,
    ) -> Result:
        """Runs the study in this process until it ends.

        Ctrl-C kills the running attempts, puts their trials back to WAITING and raises
        KeyboardInterrupt; running the study again goes on where it was.

        Args:
            on_event: called with every event, in this thread.
            executor: one of your own, in place of the one the study names.
            objective: the callable of a study that `tune` was given one for, called in this process as by
                `executor="inline"`: the way on where it could not be pickled.

        Raises:
            StudyBusy: another driver has it, in this process or another, or took it over meanwhile.
            UserError: the callable is not stored and not given either, or it is no callable of this study.
        """
        arguments.check_callback(on_event)
        row = self.row
        if row.spec.objective.get("type") == "told":
            raise UserError(
                f"study {row.name!r} was created without an objective, so that there is nothing to run: go on with "
                "`ask` and `tell`, or start one that runs by `tune(objective, space, ...)`"
            )
        if objective is not None:
            if executor is not None:
                raise UserError("`run` takes either an `executor` or an `objective`, which it calls itself, not both")
            executor = self._calling(objective, row.spec)
        elif executor is None:
            require_stored_objective(self.store, row)
            executor = load_executor(row.spec.executor)
        self.close()
        if (row.state.is_ended or row.state is StudyState.PAUSED) and not has_live_driver(row):
            self.resume()
        Loop(self.store, self.id, executor, on_event=on_event).run()
        return self.result()

    def _calling(self, objective: Callable[..., Any], spec: StudySpec) -> Executor:
        """An executor that calls `objective` in this process."""
        if spec.objective.get("type") != "pickle":
            raise UserError(
                f"study {spec.name!r} was not made from a callable, so that none may take the place of what it runs: "
                "leave `objective` out"
            )
        spec.limits.require_kept(INLINE)
        executor = InlineExecutor()
        executor.hold(CallableObjective(objective))
        return executor

    def take_over(self) -> Lease | None:
        """Takes the study from a driver on another machine that is gone for good.

        That machine cannot be looked at from here: make sure of it first. A driver that lives after
        all leaves the study alone as soon as it notices, within a second or two, and ends its attempts.

        Returns:
            Whom it was taken from; None if no live driver holds it.

        Raises:
            StudyBusy: its driver runs on this machine.
        """
        row = self.row
        if row.driver is None or not has_live_driver(row):
            return None
        if not is_elsewhere(row.driver):
            raise StudyBusy(
                f"study {row.name!r} is driven by process {row.driver.pid} of this machine, which lives; "
                f"`agenttune stop {row.name}` ends it"
            )
        self.store.release_driver(self.id, row.driver)
        return row.driver

    @_one_at_a_time
    def ask(self) -> Trial:
        """The next trial, RUNNING: evaluate its `config`, then `tell`.

        Raises:
            BudgetExhausted: the budget is spent, the space used up, or a person has paused or stopped it.
            StudyBusy: another driver has the study, in this process or another, or took it over.
        """
        steps = self._stepping()
        if self._halted is not None:
            raise BudgetExhausted(f"study {self.name!r} was {self._halted}: `resume()` goes on")
        reason = self._reached or self._clock.over(steps.spec.budget)
        claimed = None if reason else steps.claim()
        if claimed is None:
            reason = reason or self._waited(steps) or steps.propose()
            if reason is not None:
                n_asked = self._finish(steps, reason)
                until = f", once the {n_asked} that were asked for are told" if n_asked else ""
                hint = "" if reason in (USED_UP, NOTHING_FOUND) else "; `resume(trials=..., seconds=...)` goes on"
                raise BudgetExhausted(f"study {self.name!r} has nothing left to ask: {reason}{until}{hint}")
            claimed = steps.claim()
        assert claimed is not None  # one waits: it was added under this process's lease
        self._ending = None
        if self.row.state.is_ended:
            self.store.set_state(self.id, StudyState.RUNNING, reason="a person asked for more")
        trial, attempt = claimed
        self.store.set_lease(attempt.id, lease_of())
        self._attempts[trial.number] = attempt
        self._asked_at[trial.number] = time.monotonic()
        return trial

    @_one_at_a_time
    def report(self, trial: Trial | int, step: int, **metrics: float) -> Decision:
        """Records an intermediate measurement of a trial that was asked for.

        Returns:
            Whether to go on with the trial.
        """
        number = arguments.trial_number_of(trial)
        if number not in self._attempts:
            raise TrialNotFound(f"trial {number} was not asked for here; `ask` first")
        report = Report(arguments.step_of(step), arguments.metrics_of(metrics), self._elapsed(number))
        return self._stepping().record_reports(number, self._attempts[number].id, [report])

    @_one_at_a_time
    def tell(
        self,
        trial: Trial | int,
        value: float | Metrics | None = None,
        *,
        failure: str | None = None,
    ) -> None:
        """Records what a trial came to: the goal's metric, several metrics by name, or a failure.

        A goal's metric of NaN or infinity makes the trial FAILED(nan); what is no number leaves it as it is. Others
        that are no finite numbers are left out, which is logged.

        Raises:
            UserError: neither or both are given, the value is no number, or the trial has ended already.
        """
        number = arguments.trial_number_of(trial)
        if failure is not None:
            arguments.check_text("failure", failure)
        if (value is None) == (failure is None):
            raise UserError("`tell` needs either a value or failure='why', not both and not neither")
        steps = self._stepping()
        if number not in steps.trials:
            raise TrialNotFound(f"study {self.name!r} has no trial {number}")
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
        if self._reached is not None and self.row.state is not StudyState.FINISHED:
            self.store.set_state(self.id, StudyState.FINISHED, reason=self._reached)
        elif (ending := self._ending or self._spent(steps)) is not None:
            self._finish(steps, ending)

    def _spent(self, steps: Steps) -> str | None:
        """Why nothing is left to ask for, where the budget's trials are told; the study may be asked for more."""
        is_open = any(not trial.state.is_finished for trial in steps.trials.values())
        return None if is_open or self.row.state.is_ended else steps.spent()

    def _finish(self, steps: Steps, reason: str) -> int:
        """Ends the study, or has the last `tell` end it; returns how many trials are still to be told."""
        n_asked = sum(trial.state is TrialState.RUNNING for trial in steps.trials.values())
        if n_asked and self._reached is None:
            self._ending = reason
        else:
            self.store.set_state(self.id, StudyState.FINISHED, reason=reason)
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
        goal, is_replicate = steps.spec.goal, steps.trials[number].replicate_of is not None
        if goal.is_reached(numbers[metric]) and goal.is_feasible(numbers) and not is_replicate:
            self._reached = f"the target {goal.target:g} is reached"
        return steps.record_outcome(number, TrialState.COMPLETE, Outcome(numbers, self._elapsed(number)))

    def _elapsed(self, number: int) -> float:
        return time.monotonic() - self._asked_at.get(number, time.monotonic())

    def _stepping(self) -> Steps:
        """The steps, under this process's driver lease."""
        if self._steps is not None and self.row.driver != self._lease:
            self._steps.close()
            self._steps = None
            raise StudyBusy(
                f"study {self.name!r} was taken over by another driver; what was asked for here can no longer be told"
            )
        if self._steps is None:
            lease = lease_for(self)
            self.store.acquire_driver(self.id, lease, is_alive=is_alive)
            self._lease = lease
            self._steps = Steps(self.store, self.id)
            self._clock = Clock(self.store, self.id)
            for attempt in self.store.running_attempts(self.id):
                if attempt.lease is not None and is_alive(attempt.lease):
                    continue
                self._steps.requeue(attempt.trial_number, counts=False, reason="whoever asked for it is gone")
            row = self.row
            if row.state is StudyState.FINISHED:
                self._reached = self._steps.reached(former=row.spec.goal, end_reason=row.end_reason)
            if row.state is not StudyState.RUNNING and self._reached is None:
                self.store.set_state(self.id, StudyState.RUNNING)
        self._clock.beat()
        self._obey(self._steps)
        return self._steps

    def _obey(self, steps: Steps) -> None:
        obey(self.store, self.id, lambda kind, payload: self._do(steps, kind, payload))

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
            self.store.set_state(self.id, StudyState.PAUSED, reason=self._halted)
            return "paused; what was asked for can still be told"
        if kind == "stop":
            self._halted, self._ending = "stopped by a person", None
            self.store.set_state(self.id, StudyState.STOPPED, reason=self._halted)
            return "stopped; what was asked for can still be told"
        if kind == "resume":
            steps.set_budget(raised(steps.spec.budget, payload))
            self._reached = self._ending = self._halted = None
            self.store.set_state(self.id, StudyState.RUNNING, reason="resumed by a person")
            return "running"
        raise UserError(f"{kind!r} needs a running loop; this study is driven by ask and tell")

    @_one_at_a_time
    def close(self) -> None:
        """Gives up driving by ask and tell, so that another process may."""
        if self._steps is not None:
            self._steps.close()
            self._clock.beat(force=True)
        if self._lease is not None:
            self.store.release_driver(self.id, self._lease)
        self._steps, self._lease, self._halted = None, None, None

    def __enter__(self) -> Study:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Study({self.name!r}, id={self.id!r})"
