"""A study as an in-memory Optuna study, rebuilt from a view: for TPE and importance.

One way only: nothing done to the Optuna study reaches the store. Trials keep their numbers where the view
holds all of them. COMPLETE stays COMPLETE, STOPPED becomes PRUNED, FAILED becomes FAIL, what is not finished
becomes RUNNING. A trial of an older space enters as a point of the current one; one that has no place in it
enters as a FAIL without parameters, so that the numbers still fit.

Categories and ordinals enter as the position of their value: an ordinal as an integer, because its order is
what an estimator should see, a category because Optuna cannot tell True from 1.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from agenttune.history.curves import curve
from agenttune.history.view import StudyView
from agenttune.space import Bool, Categorical, Constant, Float, Int, Ordinal, Parameter, Space
from agenttune.space.scalars import scalar_key
from agenttune.trial import FailureKind, Trial, TrialState
from agenttune.types import Config, Scalar

OptunaState = optuna.trial.TrialState

STATES = {
    TrialState.COMPLETE: OptunaState.COMPLETE,
    TrialState.STOPPED: OptunaState.PRUNED,
    TrialState.FAILED: OptunaState.FAIL,
}
"""Optuna's state by ours; all others are RUNNING there."""


def to_study(
    view: StudyView,
    *,
    sampler: optuna.samplers.BaseSampler | None = None,
    failures_are_infeasible: bool = False,
) -> optuna.Study:
    """Rebuilds the view as an Optuna study in memory (16 ms for 100 trials, 72 ms for 1,000).

    Args:
        view: what to rebuild.
        sampler: Optuna's sampler for later asks.
        failures_are_infeasible: enter trials that failed by their configuration's fault (all but lost ones)
            as infeasible PRUNED ones, because samplers overlook FAIL.
    """
    known = distributions(view.space)
    with quiet():
        study = optuna.create_study(
            storage=optuna.storages.InMemoryStorage(),
            direction=view.goal.direction,
            sampler=sampler or optuna.samplers.RandomSampler(seed=0),
            pruner=optuna.pruners.NopPruner(),
        )
        for trial in view.trials:
            study.add_trial(_frozen(view, trial, known, failures_are_infeasible=failures_are_infeasible))
    return study


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """Optuna's distribution of every parameter that varies, in declared order."""
    return {name: _distribution(space.parameters[name]) for name in space.columns}


def to_params(space: Space, config: Config) -> dict[str, Any]:
    """Optuna's parameters of a configuration: constants left out, listed values as positions."""
    params: dict[str, Any] = {}
    for name, value in config.items():
        parameter = space.parameters[name]
        if isinstance(parameter, Constant):
            continue
        if isinstance(parameter, (Categorical, Ordinal)):
            params[name] = parameter.positions[scalar_key(value)]
        else:
            params[name] = value
    return params


def to_config(space: Space, params: Mapping[str, Any]) -> dict[str, Scalar]:
    """Inverse of `to_params`; constants are not filled in, nothing is validated."""
    config: dict[str, Scalar] = {}
    for name, value in params.items():
        parameter = space.parameters[name]
        config[name] = _listed(parameter)[int(value)] if isinstance(parameter, (Categorical, Ordinal)) else value
    return config


def suggest(asked: optuna.Trial, name: str, distribution: BaseDistribution) -> Any:
    """Optuna's suggestion for one parameter."""
    if isinstance(distribution, FloatDistribution):
        return asked.suggest_float(
            name, distribution.low, distribution.high, log=distribution.log, step=distribution.step
        )
    if isinstance(distribution, IntDistribution):
        return asked.suggest_int(
            name, distribution.low, distribution.high, log=distribution.log, step=distribution.step
        )
    assert isinstance(distribution, CategoricalDistribution)
    return asked.suggest_categorical(name, distribution.choices)


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps Optuna from writing to stderr through the handler it installs for itself."""
    library = logging.getLogger("optuna")
    level = library.level
    library.setLevel(logging.ERROR)
    try:
        yield
    finally:
        library.setLevel(level)


def _distribution(parameter: Parameter) -> BaseDistribution:
    match parameter:
        case Float():
            last = parameter.high if parameter.step is None else parameter.at(parameter.steps)
            return FloatDistribution(parameter.low, last, log=parameter.log, step=parameter.step)
        case Int():
            last = parameter.low + (parameter.cardinality - 1) * parameter.step  # Optuna warns if a step overshoots
            return IntDistribution(parameter.low, last, log=parameter.log, step=parameter.step)
        case Ordinal():
            return IntDistribution(0, len(parameter.values) - 1)
        case Categorical():
            return CategoricalDistribution(tuple(range(len(parameter.choices))))
        case Bool():
            return CategoricalDistribution((False, True))
    raise TypeError(f"{parameter!r} does not vary")


def _listed(parameter: Categorical | Ordinal) -> tuple[Scalar, ...]:
    """The values of a parameter that lists them."""
    return parameter.choices if isinstance(parameter, Categorical) else parameter.values


def _frozen(
    view: StudyView,
    trial: Trial,
    known: Mapping[str, BaseDistribution],
    *,
    failures_are_infeasible: bool,
) -> optuna.trial.FrozenTrial:
    config = view.adapted(trial)
    value = trial.value(view.goal.metric)
    state = STATES.get(trial.state, OptunaState.RUNNING)
    constraints = _constraints(view, trial)
    if config is None or (state is OptunaState.COMPLETE and value is None):
        state = OptunaState.FAIL
    elif failures_are_infeasible and trial.failure is not None and trial.failure.kind is not FailureKind.LOST:
        state, constraints = OptunaState.PRUNED, {"failed": 1.0}
    params = {} if config is None else to_params(view.space, config)
    frozen = optuna.trial.create_trial(
        state=state,
        value=value if state is OptunaState.COMPLETE else None,
        params=params,
        distributions={name: known[name] for name in params},
        user_attrs={"arm": trial.arm},
        intermediate_values=curve(trial, view.goal.metric),
        constraints=constraints,
    )
    frozen.datetime_start = datetime.fromtimestamp(trial.created_at)
    if trial.ended_at is not None and state.is_finished():
        frozen.datetime_complete = datetime.fromtimestamp(trial.ended_at)
    return frozen


def _constraints(view: StudyView, trial: Trial) -> dict[str, float] | None:
    """The goal's constraints as Optuna counts them: at most 0 where one holds. Expressions give no margin."""
    if not view.goal.parsed or trial.outcome is None:
        return None
    broken = view.goal.broken(trial.outcome.values)
    return {expression.text: 1.0 if expression.text in broken else -1.0 for expression in view.goal.parsed}
