"""Where attempts run: one file per executor, one line each in the registry below.

An executor starts attempts, tells what they reported and how they ended, and kills them whole. It
never writes the store: the study does, from what `poll` tells. An attempt's folder is the second
channel: whatever its process managed to write there is found after any death.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from agenttune.errors import UserError
from agenttune.trial import Attempt, Failure, Lease, Report
from agenttune.types import Config, Json, Metrics

if TYPE_CHECKING:  # the child of an attempt imports this package, and has no use for spaces
    from agenttune.spec import TrialLimits

REGISTRY = {
    "inline": "agenttune.executors.inline:InlineExecutor",
    "process": "agenttune.executors.process:ProcessExecutor",
}
"""Name -> "module:Class", loaded on first use."""


@dataclass(frozen=True, slots=True)
class Task:
    """All that one attempt needs."""

    attempt: Attempt
    """Its `directory` exists."""
    config: Config
    objective: dict[str, Json]
    metric: str
    seed: int
    study_seed: int
    limits: TrialLimits
    cwd: str
    checkpoint_dir: str
    """Shared by the attempts of one trial."""
    replicate_of: int | None = None
    gpu: int | None = None
    """Index of the one GPU to make visible; None leaves the environment alone."""
    mode: str = "evaluate"
    """"evaluate", or "held_out": score on the part tuning never saw."""


@dataclass(frozen=True, slots=True)
class Started:
    """The child of an attempt is known."""

    attempt_id: int
    lease: Lease


@dataclass(frozen=True, slots=True)
class Reported:
    """A running attempt measured something."""

    attempt_id: int
    report: Report


@dataclass(frozen=True, slots=True)
class Ended:
    """An attempt is over, its whole process tree gone. Exactly one of the three holds."""

    attempt_id: int
    elapsed_s: float
    values: Metrics | None = None
    """What it measured."""
    failure: Failure | None = None
    """Why it failed."""
    died: str | None = None
    """Its process ended without either, by a signal from outside say: the reason, in a sentence."""
    is_stopped: bool = False
    """Whether it had been asked to stop, be it by a driver before this one: `values` are what it had until then."""


Notice = Started | Reported | Ended


class Executor(Protocol):
    """Runs attempts; built without arguments."""

    def submit(self, task: Task) -> None:
        """Starts an attempt and returns at once (an inline executor runs it in `poll`)."""
        ...

    def adopt(self, task: Task) -> Ended | None:
        """Takes over an attempt that another, dead driver started.

        Returns:
            None if it is still running (its notices will come from `poll`, reports that are on
            disk from the first on); else how it ended, after killing what is left of it.
        """
        ...

    def poll(self, timeout_s: float) -> list[Notice]:
        """What happened since the last call; waits up to `timeout_s` for something to happen."""
        ...

    def ask_to_stop(self, attempt_id: int) -> None:
        """Makes the attempt's `should_stop` true; it is killed after a grace period."""
        ...

    def cancel(self, attempt_id: int) -> None:
        """Kills the attempt's whole process tree (SIGTERM, then SIGKILL); `poll` tells the end."""
        ...

    def close(self, *, kill: bool) -> None:
        """Lets go; with `kill` no process of any attempt survives."""
        ...


def load_executor(name: str) -> Executor:
    """The executor of that name.

    Raises:
        UserError: there is none.
    """
    if not isinstance(name, str) or name not in REGISTRY:
        raise UserError(f"no executor is called {name!r}; there are {', '.join(REGISTRY)}")
    module, _, attribute = REGISTRY[name].partition(":")
    return cast(Executor, getattr(importlib.import_module(module), attribute)())
