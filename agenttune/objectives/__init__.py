"""What a trial runs: one file per kind of objective, one line each in the registry below.

Objectives are loaded inside the child process of an attempt; nothing here imports the store.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, cast

from agenttune.errors import ObjectiveError
from agenttune.types import Config, Json, Metrics

REGISTRY = {
    "python": "agenttune.objectives.python:PythonObjective",
    "pickle": "agenttune.objectives.python:PickledObjective",
    "command": "agenttune.objectives.command:CommandObjective",
    "table": "agenttune.objectives.table:TableObjective",
    "estimator": "agenttune.objectives.estimator:EstimatorObjective",
    "code": "agenttune.objectives.code:CodeObjective",
}
"""Type -> "module:Class", loaded on first use."""


class Run(Protocol):
    """What an objective is handed beside its configuration."""

    trial_number: int
    seed: int
    """Differs from trial to trial; replicates of one configuration differ by it."""
    study_seed: int
    """The same for all trials: for data splits that should not differ between configurations."""
    replicate_of: int | None
    """The trial this one repeats, if it is a replicate."""
    attempt: int
    """1, 2, ...; above 1 the checkpoint folder may hold what the attempt before left."""
    checkpoint_dir: Path
    """Survives the attempt and is handed to the next attempt of the same trial."""
    directory: Path
    """Folder of this attempt alone."""
    metric: str
    """Name of the goal's metric: what a plain number returned by an objective is."""

    def report(self, step: int, **metrics: float) -> None:
        """Records an intermediate measurement.

        Raises:
            TrialFailure: `step` does not grow, or a value is no finite number (kind "nan").
        """
        ...

    @property
    def should_stop(self) -> bool:
        """Whether the scheduler or a person wants the trial to end; return what you have."""
        ...


class Objective(Protocol):
    """Evaluates one configuration; a class may declare `PRELOAD`, see `modules_to_preload`."""

    def evaluate(self, config: Config, run: Run) -> float | Metrics:
        """The goal's metric, or several metrics by name.

        Raises:
            TrialFailure: for a reason that is known; anything else counts as a crash.
        """
        ...


def load_objective(content: Mapping[str, Json], *, cwd: Path) -> Objective:
    """The objective a study's `objective` entry describes; paths in it are relative to `cwd`.

    Raises:
        ObjectiveError: unknown type, missing module, function or file.
    """
    kind = content.get("type")
    if not isinstance(kind, str) or kind not in REGISTRY:
        raise ObjectiveError(f"no objective type is called {kind!r}; there are {', '.join(REGISTRY)}")
    return cast(Objective, _class_of(kind).from_json(content, cwd=cwd))


def modules_to_preload(content: Mapping[str, Json]) -> tuple[str, ...]:
    """What may be imported once for all attempts of this objective: the `PRELOAD` of its class; else nothing.

    Modules of libraries that do not start threads of their own, or survive a fork, and never the
    user's: theirs is to be run anew by every attempt.
    """
    kind = content.get("type")
    if not isinstance(kind, str) or kind not in REGISTRY:
        return ()
    modules: tuple[str, ...] = getattr(_class_of(kind), "PRELOAD", ())
    return modules


def _class_of(kind: str) -> Any:
    module, _, attribute = REGISTRY[kind].partition(":")
    return getattr(importlib.import_module(module), attribute)
