"""All that defines a study before it starts, and the row a store keeps of one. No parsing here (plan/)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal

from agenttune.budget import Budget
from agenttune.errors import UserError
from agenttune.goal import Goal
from agenttune.space import Space
from agenttune.trial import Lease
from agenttune.types import Config, Json, is_number
from agenttune.variant import CODE

History = Literal["digest", "chat"]
WITH_MODEL = ("llm", "llm+gp", CODE)
"""Proposers that ask a language model."""
INLINE = "inline"
"""The executor without processes of its own: it can kill nothing."""
LEAST_MEMORY_BYTES = 1_000_000
"""Of a trial: any program takes more, so that less was meant in another unit."""
OF_A_TRIAL = ("trial", "seed", "checkpoint_dir", "result")
"""Placeholders of a command that differ from trial to trial, whatever its configuration."""


class StudyState(StrEnum):
    """Where a study stands; the last two are ends."""

    NEW = "new"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"

    @property
    def is_ended(self) -> bool:
        """Whether the study starts nothing more by itself."""
        return self in (StudyState.FINISHED, StudyState.STOPPED)


@dataclass(frozen=True, slots=True)
class TrialLimits:
    """Bounds of one attempt; None is no bound."""

    seconds: float | None = None
    """Wall seconds, then SIGTERM, then SIGKILL of the whole tree."""
    memory_bytes: int | None = None
    """Resident memory of the whole tree."""
    attempts: int = 3
    """Attempts of one trial that may die before it is FAILED(lost)."""
    log_bytes: int = 10_000_000
    """Output kept per attempt; the rest is counted and dropped."""

    def __post_init__(self) -> None:
        for name in ("seconds", "memory_bytes", "attempts"):
            value = getattr(self, name)
            if value is not None and not (is_number(value) and value > 0):
                raise UserError(f"the limit `{name}` of a trial must be a finite number above 0, but got {value!r}")

    def require_kept(self, executor: str) -> None:
        """Refuses bounds that the executor does not keep, or that no trial does.

        Raises:
            UserError: it runs attempts in the driver's own process, or the memory was meant in another unit.
        """
        for name in ("seconds", "memory_bytes"):
            value = getattr(self, name)
            if executor == INLINE and value is not None:
                raise UserError(
                    f"the limit `{name}` of a trial needs a process that can be killed, but got {value!r} with "
                    f"executor {INLINE!r}, which runs trials in the study's own; use executor 'process', or leave the "
                    f"limit out"
                )
        if self.memory_bytes is not None and self.memory_bytes < LEAST_MEMORY_BYTES:
            raise UserError(
                f"the limit `memory_bytes` of a trial must be at least {LEAST_MEMORY_BYTES:,} bytes, but got "
                f"{self.memory_bytes:,}: no program runs in so little; units are written as in 500M or 2G"
            )


@dataclass(frozen=True, slots=True)
class StudySpec:
    """What a study is: everything needed to run it again from nothing."""

    name: str
    space: Space
    goal: Goal
    objective: dict[str, Json]
    """{"type": "python" | "pickle" | "command" | "table" | "estimator" | "code" | "told", ...}: see objectives/."""
    budget: Budget = field(default_factory=Budget)
    proposer: str = "auto"
    """Name in the registry of proposers/."""
    model: str | None = None
    """Spelling of the language model that is asked, for proposers that ask one."""
    history: History = "digest"
    """How a model is told the history: one fresh digest, or the conversation kept."""
    reuse_replies: bool = False
    """Whether a request that any study of the store got a reply to is answered by it and not sent."""
    scheduler: str = "fifo"
    """Name in the registry of schedulers/."""
    seed: int = 0
    workers: int = 1
    gpus: int = 0
    """GPUs to deal out, one visible device per worker; 0 leaves the environment alone."""
    limits: TrialLimits = field(default_factory=TrialLimits)
    executor: str = "process"
    """Name in the registry of executors/."""
    request: str | None = None
    """The sentence it was made from."""
    first: tuple[Config, ...] = ()
    """Configurations to run before any proposer is asked (arm "human")."""
    default: Config | None = None
    """The configuration of all defaults, to start from and to compare with; None where there is none."""
    cwd: str = "."
    """Absolute folder in which relative paths and modules are found."""
    extra: dict[str, Json] = field(default_factory=dict)
    """What front ends keep with a study (how it was understood)."""

    @property
    def shared_file(self) -> str | None:
        """The result file that all trials of a command write; None where each writes one of its own."""
        metric = self.objective.get("metric") if self.objective.get("type") == "command" else None
        file = metric.get("file") if isinstance(metric, dict) else None
        own = "|".join(name for name in OF_A_TRIAL if name not in self.space.parameters) or "(?!)"
        if not isinstance(file, str) or re.search(rf"(?<![{{$])\{{(?:{own})\}}(?!\}})", file):
            return None
        return file


def require_apart(file: str | None, workers: int) -> None:
    """Refuses workers that would read each other's results.

    Args:
        file: the result file that all trials write; None where each writes one of its own.
        workers: trials at a time.

    Raises:
        UserError: the file is shared by several.
    """
    if file is not None and workers > 1:
        path = Path(file)
        own = path.parent / f"{path.stem}_{{trial}}{path.suffix}"
        raise UserError(
            f"a result file of several workers must differ from trial to trial, but {file!r} is shared by {workers}: "
            f"write '{own}', or use workers = 1"
        )


@dataclass(frozen=True, slots=True)
class StudyRow:
    """A study as the store knows it now."""

    id: str
    """Short, random, never reused."""
    spec: StudySpec
    """As created; `space` is version 1."""
    state: StudyState
    space_version: int
    created_at: float
    active_s: float
    """Wall seconds during which a driver ran."""
    n_trials: int
    """Trials counted against the budget."""
    end_reason: str | None = None
    driver: Lease | None = None
    summary: dict[str, Json] = field(default_factory=dict)
    """What is computed once at the end: {"held_out": {"metric", "best", "best_trial", "default"}, ...}."""

    @property
    def name(self) -> str:
        """The study's name."""
        return self.spec.name
