"""What Python callers hand over, looked at before anything is made of it: one sentence for what cannot be.

Not for: rules of spaces, goals and budgets, which these records check themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from agenttune.budget import MOST
from agenttune.errors import (
    ConfigInvalid,
    GoalError,
    ObjectiveError,
    SpaceError,
    TrialFailure,
    TrialNotFound,
    UserError,
)
from agenttune.goal import Direction, Goal
from agenttune.history import config_key
from agenttune.history.view import ConfigKey
from agenttune.objectives.outcome import as_number
from agenttune.space import Space
from agenttune.space.scalars import as_int
from agenttune.spec import INLINE, History, StudySpec, require_apart
from agenttune.store import Store
from agenttune.trial import Trial
from agenttune.types import Config, Scalar


def space_of(given: object) -> Space:
    """The space, if it is one."""
    if not isinstance(given, Space):
        raise SpaceError(f"`space` must be an agenttune.Space, as in Space(lr=Float(1e-5, 1e-1)), but got {given!r}")
    return given


def goal_of(maximize: object, minimize: object, constraints: Sequence[str], target: float | None) -> Goal:
    """The goal of `maximize` or `minimize`."""
    if (maximize is None) == (minimize is None):
        raise GoalError("give one metric: either maximize='accuracy' or minimize='loss'")
    direction: Direction = "minimize" if maximize is None else "maximize"
    metric = minimize if maximize is None else maximize
    if not isinstance(metric, str):
        raise GoalError(f"one metric's name is needed, but got {metric!r}; several objectives are not supported yet")
    return Goal(metric, direction, constraints, target)  # type: ignore[arg-type]  # it makes a tuple of any list


def first_of(space: Space, given: object) -> tuple[dict[str, Scalar], ...]:
    """The configurations to try first, each complete."""
    if isinstance(given, Mapping):
        raise ConfigInvalid(f"`first` must be a list of configurations, but got {given!r}; put it in brackets")
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise ConfigInvalid(f"`first` must be a list of configurations, as in [{{'lr': 0.01}}], but got {given!r}")
    return tuple(space.fill(config) for config in given)


def check_objective(given: object) -> None:
    """Refuses what is no objective of `tune`."""
    if not isinstance(given, str) and not callable(given):
        raise ObjectiveError(f"`objective` must be a callable f(config) or 'module:function', but got {given!r}")


def check_name(given: object) -> None:
    """Refuses a study's name that is no text."""
    if given is not None and not isinstance(given, str):
        raise UserError(f"`name` must be a text, or None for one that is made up, but got {given!r}")


def check_callback(given: Callable[..., Any] | None) -> None:
    """Refuses an `on_event` that cannot be called."""
    if given is not None and not callable(given):
        raise UserError(f"`on_event` must be a callable that takes an event, but got {given!r}; leave it out for none")


def check_spec(spec: StudySpec) -> None:
    """Refuses a spec whose numbers are none, whose words are none of ours, or that would not keep what it says."""
    for name, least in (("workers", 1), ("gpus", 0), ("seed", 0)):
        if whole_of(name, given := getattr(spec, name), least=least) is not given:
            raise UserError(f"`{name}` of a StudySpec must be an int, but got {given!r}: write int({name})")
    if spec.executor == INLINE and (spec.workers > 1 or spec.gpus):
        asked = f"workers={spec.workers}" if spec.workers > 1 else f"gpus={spec.gpus}"
        raise UserError(
            f"executor {INLINE!r} runs trials one after the other in this process, without a GPU of their own, but got "
            f"{asked}; use executor 'process', or leave it out"
        )
    if spec.history not in get_args(History):
        raise UserError(f"`history` must be {' or '.join(map(repr, get_args(History)))}, but got {spec.history!r}")
    spec.limits.require_kept(spec.executor)
    require_apart(spec.shared_file, spec.workers)


def whole_of(name: str, given: object, *, least: int) -> int:
    """The whole number from `least` up, of whatever kind it is; 3.0 is none."""
    number = None if isinstance(given, float) else as_int(given)
    if number is None or number < least:
        raise UserError(f"`{name}` must be a whole number from {least}, but got {given!r}")
    return number


def check_text(name: str, given: object) -> None:
    """Refuses what is no text."""
    if not isinstance(given, str):
        raise UserError(f"`{name}` must be a text, but got {given!r}")


def step_of(given: object) -> int:
    """The step of a report."""
    number = as_int(given)
    if number is None or not 0 <= number <= MOST:
        raise UserError(f"`step` must be a whole number from 0 to {MOST:,}, but got {given!r}")
    return number


def trial_number_of(given: object) -> int:
    """The number of a trial that is named by itself or by its number."""
    number = given.number if isinstance(given, Trial) else as_int(given)
    if number is None:
        raise TrialNotFound(f"a trial is what `ask` returned, or its number, but got {given!r}")
    return number


def metrics_of(given: Mapping[str, object]) -> dict[str, float]:
    """Measurements by name as finite floats; whatever is one number to an objective is one here.

    Raises:
        UserError: one is no finite number.
    """
    metrics = {}
    for name, value in given.items():
        try:
            metrics[name] = as_number(value, name)
        except TrialFailure as failure:
            raise UserError(
                f"a report holds finite numbers, but {failure}: tell a trial that diverged as failed"
            ) from None
    return metrics


def require_distinct(first: Sequence[Config]) -> None:
    """Refuses configurations to try first of which one is there twice."""
    known: dict[ConfigKey, int] = {}
    for position, config in enumerate(first, 1):
        same = known.setdefault(config_key(config), position)
        if same != position:
            raise UserError(
                f"configuration {position} of those to try first is configuration {same} again, {config!r}; a study "
                "tries each once, so leave it out"
            )


def require_new(config: Config, trials: Iterable[Trial]) -> None:
    """Refuses a configuration that the study has already."""
    for trial in trials:
        if config_key(trial.config) == config_key(config):
            raise UserError(f"this configuration is trial {trial.number} already; `confirm` repeats trials")


def opened(given: Store | Path | str | None, *, must_exist: bool = False) -> Store:
    """The store, opened unless it is."""
    if given is not None and not isinstance(given, Store | Path | str):
        raise UserError(f"`store` must be a path or a Store, or None for the user's own, but got {given!r}")
    return given if isinstance(given, Store) else Store.open(given, must_exist=must_exist)
