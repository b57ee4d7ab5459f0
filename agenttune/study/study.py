"""`Study`: one study for Python callers, by the loop (`run`) or step by step (`ask`, `report`, `tell`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

from agenttune.budget import Budget
from agenttune.errors import StudyBusy, UserError
from agenttune.events import Event
from agenttune.executors import Executor, load_executor
from agenttune.executors.inline import InlineExecutor
from agenttune.goal import Goal
from agenttune.history import StudyView, config_key, read_view
from agenttune.objectives.python import CallableObjective
from agenttune.schedulers import load_scheduler
from agenttune.space import Space
from agenttune.spec import INLINE, History, StudyRow, StudySpec, StudyState
from agenttune.store import Store
from agenttune.study import arguments
from agenttune.study.ask_tell import AskTell
from agenttune.study.asking import check_proposer
from agenttune.study.leases import is_elsewhere
from agenttune.study.loop import Loop
from agenttune.study.result import Result, trials_frame
from agenttune.study.status import has_live_driver, require_stored_objective
from agenttune.trial import Decision, Lease, Trial
from agenttune.types import Config, Json, Metrics

if TYPE_CHECKING:
    import pandas as pd


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
        self._asked = AskTell(store, study_id)

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
        seed = arguments.whole_of("seed", seed, least=0)
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
        arguments.require_distinct(spec.first)
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
        waiting = [payload.get("config") for _, kind, payload in self.store.take_controls(self.id) if kind == "add"]
        if config_key(valid) in [config_key(cast(Config, asked)) for asked in waiting]:
            raise UserError("this configuration was asked for already and waits for a driver")
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
        executor: Executor | str | None = None,
        objective: Callable[..., Any] | None = None,
    ) -> Result:
        """Runs the study in this process until it ends.

        Ctrl-C kills the running attempts, puts their trials back to WAITING and raises
        KeyboardInterrupt; running the study again goes on where it was.

        Args:
            on_event: called with every event, in this thread.
            executor: one of your own, or the name of one, in place of the one the study names.
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
        elif executor is None or isinstance(executor, str):
            require_stored_objective(self.store, row)
            row.spec.limits.require_kept(executor or row.spec.executor)
            executor = load_executor(executor or row.spec.executor)
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

    def ask(self) -> Trial:
        """The next trial, RUNNING: evaluate its `config`, then `tell`.

        Raises:
            BudgetExhausted: the budget is spent, the space used up, or a person has paused or stopped it.
            StudyBusy: another driver has the study, in this process or another, or took it over.
        """
        return self._asked.ask()

    def report(self, trial: Trial | int, step: int, **metrics: float) -> Decision:
        """Records an intermediate measurement of a trial that was asked for.

        Returns:
            Whether to go on with the trial. One that should stop is STOPPED once it is told what it came to.

        Raises:
            UserError: the step is not above the last one, or a metric is no finite number.
        """
        return self._asked.report(trial, step, metrics)

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
        self._asked.tell(trial, value, failure)

    def close(self) -> None:
        """Gives up driving by ask and tell, so that another process may."""
        self._asked.close()

    def __enter__(self) -> Study:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Study({self.name!r}, id={self.id!r})"
