"""SMAC3 through ask and tell: its facade for hyperparameters (a random forest), on the shared starts.

The forest is fitted anew before every proposal, not every eighth as in the facade's own setting, which is for runs in
parallel. Needs the extra `bench`; where the package is missing, the method says so and the campaign goes on without it.
"""

from __future__ import annotations

import importlib.util
import logging
import tempfile
from pathlib import Path
from typing import Any

from agenttune.space import Bool, Categorical, Constant, Float, Int, Ordinal, Parameter, Space
from agenttune.space.scalars import scalar_key
from agenttune.types import Config, Scalar
from benchmarks.methods import Asked, NotPossible
from benchmarks.suites import Task

MISSING = "SMAC3 is not installed: pip install -e '.[bench]', or `make bench`"
ROUNDING = 1e-6
"""In the unit cube: what a configuration may lose on its way through SMAC3's own kind."""


class SMAC:
    """SMAC3's HyperparameterOptimizationFacade."""

    def tuner(self, task: Task, *, n_trials: int, seed: int) -> SMACTuner:
        """A run."""
        if importlib.util.find_spec("smac") is None:
            raise NotPossible(MISSING)
        return SMACTuner(task, n_trials=n_trials, seed=seed)


class SMACTuner:
    """One SMAC optimiser, with its files in a folder that goes with it."""

    def __init__(self, task: Task, *, n_trials: int, seed: int) -> None:
        from smac import HyperparameterOptimizationFacade, Scenario

        logging.getLogger("smac").setLevel(logging.ERROR)

        self._folder = tempfile.TemporaryDirectory(prefix="smac-")
        self._space, self._sign = task.space, task.goal.sign
        self._configs = configuration_space(task.space, seed)
        starts = [self._there(task.space.validate(config)) for config in task.starts(seed)]
        facade = HyperparameterOptimizationFacade
        scenario = Scenario(
            self._configs,
            deterministic=True,
            n_trials=n_trials + len(starts),  # told ones count; its budget is not what ends a run here
            seed=seed,
            output_directory=Path(self._folder.name),
        )
        self._smac = facade(
            scenario,
            _never,
            initial_design=facade.get_initial_design(scenario, n_configs=0, additional_configs=starts),
            config_selector=facade.get_config_selector(scenario, retrain_after=1),
            overwrite=True,
            logging_level=False,  # it would set that of the whole process
        )
        self._asked: Any = None
        self._crashed: list[Any] = []
        """Failed trials it was not told of yet, while nothing is known of costs."""
        self._worst: float | None = None

    def ask(self) -> Asked | None:
        """SMAC's next one; None where it finds no new one, as in a space that is used up."""
        from smac.main.exceptions import ConfigurationSpaceExhaustedException

        try:
            self._asked = self._smac.ask()
        except (ConfigurationSpaceExhaustedException, StopIteration):  # as its own loop ends
            return None
        return Asked(self._back(self._asked.config), "smac")

    def tell(self, asked: Asked, value: float | None) -> None:
        """SMAC minimises; a failed trial is a crash that cost as much as the worst so far.

        Its own cost of a crash, infinity, is none its forest can be fitted to.
        """
        from smac.runhistory import TrialValue
        from smac.runhistory.enumerations import StatusType

        if asked.arm == "start":  # the initial design: SMAC asks for the same points in the same order
            self._asked = self._smac.ask()
            points = self._space.to_unit([self._back(self._asked.config), asked.config])
            if abs(points[0] - points[1]).max() > ROUNDING:
                raise NotPossible(f"SMAC3 starts from {dict(self._asked.config)}, not from {dict(asked.config)}")
        if value is None:
            self._crashed.append(self._asked)
        else:
            cost = -self._sign * value
            self._worst = cost if self._worst is None else max(self._worst, cost)
            self._smac.tell(self._asked, TrialValue(cost=cost), save=False)
        while self._crashed and self._worst is not None:
            crash = TrialValue(cost=self._worst, status=StatusType.CRASHED)
            self._smac.tell(self._crashed.pop(), crash, save=False)

    def _there(self, config: Config) -> Any:
        from ConfigSpace import Configuration

        known = self._space.parameters
        values = {name: _told(known[name], value) for name, value in config.items() if name in self._space.columns}
        return Configuration(self._configs, values=values)

    def _back(self, config: Any) -> dict[str, Scalar]:
        known = self._space.parameters
        return self._space.validate({name: _meant(known[name], value) for name, value in dict(config).items()})


def configuration_space(space: Space, seed: int) -> Any:
    """The space as SMAC's own kind; lists enter as positions, so that True is not 1.

    Raises:
        NotPossible: it has constraints or steps.
    """
    from ConfigSpace import ConfigurationSpace, InCondition

    if space.constraints:
        raise NotPossible("constraints over parameters are not passed on to SMAC3")
    found = ConfigurationSpace(seed=seed)
    for name in space.columns:
        found.add(_hyperparameter(name, space.parameters[name]))
    for name, condition in space.conditions.items():
        if name in space.columns:
            parent = space.parameters[condition.parent]
            values = [_told(parent, value) for value in condition.values]
            found.add(InCondition(found[name], found[condition.parent], values))
    return found


def _hyperparameter(name: str, parameter: Parameter) -> Any:
    from ConfigSpace import (
        CategoricalHyperparameter,
        OrdinalHyperparameter,
        UniformFloatHyperparameter,
        UniformIntegerHyperparameter,
    )

    match parameter:
        case Float(step=None):
            return UniformFloatHyperparameter(name, parameter.low, parameter.high, log=parameter.log)
        case Int(step=1 | None):
            return UniformIntegerHyperparameter(name, parameter.low, parameter.high, log=parameter.log)
        case Ordinal():
            return OrdinalHyperparameter(name, list(range(len(parameter.values))))
        case Categorical():
            return CategoricalHyperparameter(name, list(range(len(parameter.choices))))
        case Bool():
            return CategoricalHyperparameter(name, [0, 1])
    raise NotPossible(f"{name!r}, a number with steps, is not passed on to SMAC3")


def _told(parameter: Parameter, value: Scalar) -> Any:
    if isinstance(parameter, Categorical | Ordinal):
        return parameter.positions[scalar_key(value)]
    return int(value) if isinstance(parameter, Bool) else value


def _meant(parameter: Parameter, value: Any) -> Any:
    match parameter:
        case Categorical():
            return parameter.choices[int(value)]
        case Ordinal():
            return parameter.values[int(value)]
        case Bool():
            return bool(value)
        case Int():
            return int(value)
        case Float():
            return min(max(float(value), parameter.low), parameter.high)
    assert isinstance(parameter, Constant)
    return parameter.default


def _never(config: Any, seed: int = 0) -> float:
    raise AssertionError("SMAC is asked and told; it runs nothing itself")
