"""Who is compared: one file per method, one line each in the registry below.

A method makes a `Tuner` for one run: it is told the starting points and their values, then asked for one configuration
at a time and told what came of it. The objective runs outside, so that the CPU seconds of a step are the method's own.
A method that must do the whole run itself (a study in a store, published runs) is a `Runner`.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from agenttune.errors import UserError
from agenttune.proposers import REGISTRY as PROPOSERS
from agenttune.spec import WITH_MODEL as WITH_MODEL_PROPOSERS
from agenttune.types import Config
from benchmarks.suites import Task

OURS = tuple(name for name in PROPOSERS if name not in WITH_MODEL_PROPOSERS)
"""Our proposers that need no language model, by name."""
REGISTRY = {
    "default+sobol": "benchmarks.methods.ours:DefaultSobol",
    "model": "benchmarks.methods.model:Gated",
    "model alone": "benchmarks.methods.model:Alone",
    "optuna tpe": "benchmarks.methods.optuna:TPE",
    "optuna gp": "benchmarks.methods.optuna:GP",
    "smac": "benchmarks.methods.smac:SMAC",
    "llambo": "benchmarks.methods.llambo:Published",
}
"""Name -> "module:Class", loaded on first use; several of a kind share a file."""
SKILLS = ("near", "mid", "half", "early", "late", "overconfident", "random model", "worst", "stuck")
"""Models of known skill, through our gate by this name alone."""
OTHER_GATES = ("first", "coin", "ratio", "transient", "justify")
KNOWN = (*SKILLS, *(f"{kind} alone" for kind in SKILLS), *(f"{k} by {gate}" for k in SKILLS for gate in OTHER_GATES))
WITH_MODEL = ("model", "model alone")
"""Methods that need `--model SPEC`."""


class NotPossible(Exception):
    """A method cannot run a cell, and says why."""


@dataclass(frozen=True, slots=True)
class Step:
    """One trial, as a campaign keeps it."""

    config: Config
    value: float | None
    """None where it failed."""
    arm: str
    """"start" for the points that all methods share."""
    cpu_s: float | None = 0.0
    """CPU seconds of this process that the proposal cost, and hearing of its value; None: nobody measured them."""
    requests: int = 0
    tokens_in: int | None = 0
    """None: nobody counted them."""
    tokens_out: int | None = 0
    usd: float | None = 0.0
    """US dollars; None: the model's price is unknown."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a tuner wants to run."""

    config: Config
    arm: str
    requests: int = 0


class Tuner(Protocol):
    """One run of a method."""

    def ask(self) -> Asked | None:
        """The next configuration; None when there is nothing left to try."""
        ...

    def tell(self, asked: Asked, value: float | None) -> None:
        """What came of a configuration: one that was asked for, or a starting point (arm "start")."""
        ...


class Method(Protocol):
    """Makes tuners."""

    def tuner(self, task: Task, *, n_trials: int, seed: int) -> Tuner:
        """A tuner for one run of the task; it may look at the space, the goal and the default, if that is granted.

        Raises:
            NotPossible: the method cannot run this task.
        """
        ...


class Runner(Protocol):
    """Runs a cell by itself."""

    def run(self, task: Task, *, n_trials: int, seed: int) -> list[Step]:
        """The trials of a run, starting points first.

        Raises:
            NotPossible: the method cannot run this task.
        """
        ...


def load(name: str, model: str | None = None) -> Method | Runner:
    """The method of that name.

    Args:
        name: in the registry.
        model: spelling of the language model, for those that ask one.

    Raises:
        UserError: there is none, or it needs a model.
    """
    if name in KNOWN:
        from benchmarks.methods.gates import Gated

        return Gated(name)
    if name in OURS:
        from benchmarks.methods.ours import Ours

        return Ours(name)
    if name not in REGISTRY:
        kinds = f"a model of known skill ({', '.join(SKILLS)}), also KIND alone and KIND by {'|'.join(OTHER_GATES)}"
        raise UserError(f"no method is called {name!r}; there are {', '.join((*OURS, *REGISTRY))}, and {kinds}")
    if name in WITH_MODEL and model is None:
        raise UserError(f"the method {name!r} needs a language model: name one with --model")
    module, _, attribute = REGISTRY[name].partition(":")
    factory = getattr(importlib.import_module(module), attribute)
    return cast(Method | Runner, factory(model) if name in WITH_MODEL else factory())


def run(method: Method | Runner, task: Task, *, n_trials: int, seed: int) -> list[Step]:
    """The trials of one run: the shared starts, then what the method asks for.

    Raises:
        NotPossible: the method cannot run this task.
    """
    if hasattr(method, "run"):
        return method.run(task, n_trials=n_trials, seed=seed)
    return driven(method.tuner(task, n_trials=n_trials, seed=seed), task, n_trials=n_trials, seed=seed)


def driven(tuner: Tuner, task: Task, *, n_trials: int, seed: int) -> list[Step]:
    """Runs a tuner; only its own doings count as its time."""
    steps: list[Step] = []
    for config in starts(task, seed, n_trials):
        value = task.evaluate(config)
        began = time.process_time()
        tuner.tell(Asked(config, "start"), value)
        steps.append(Step(config, value, "start", time.process_time() - began))
    while len(steps) < n_trials:
        began = time.process_time()
        asked = tuner.ask()
        cost = time.process_time() - began
        if asked is None:
            break
        value = task.evaluate(asked.config)
        began = time.process_time()
        tuner.tell(asked, value)
        cost += time.process_time() - began
        steps.append(Step(asked.config, value, asked.arm, cost, asked.requests))
    return steps


def starts(task: Task, seed: int, n_trials: int) -> Sequence[Config]:
    """The points of a run that all methods share, each as the space spells it."""
    return [task.space.validate(config) for config in task.starts(seed)[:n_trials]]
