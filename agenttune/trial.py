"""The records of one trial: what was proposed, what ran, what came of it. Frozen; the store makes them.

Not for: deciding anything (study/), running anything (executors/), or keeping anything (store/).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from agenttune.types import Config, Json, Metrics

MODEL = "model"
"""The arm of language models."""


class TrialState(StrEnum):
    """Where a trial stands; the last three are final."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETE = "complete"
    STOPPED = "stopped"
    """Ended early by a scheduler or a person, which was told; its last report counts."""
    FAILED = "failed"

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen to the trial."""
        return self in _FINAL


_FINAL = (TrialState.COMPLETE, TrialState.STOPPED, TrialState.FAILED)


class FailureKind(StrEnum):
    """Why a trial failed."""

    CRASH = "crash"
    TIMEOUT = "timeout"
    OOM = "oom"
    NAN = "nan"
    INVALID = "invalid"
    LOST = "lost"


PredictionSource = Literal["posterior", "samples", "tokens", "verbal"]
"""Where a predicted mean and deviation come from; numbers of two sources are never put together. "posterior": a
surrogate's; "samples": from several replies to one prompt; "tokens": from the probabilities of the number's tokens;
"verbal": as the model says."""

SOURCE_WORDS: dict[PredictionSource, str] = {
    "posterior": "by the surrogate",
    "samples": "from how far the model's replies lie apart",
    "tokens": "from the model's token probabilities",
    "verbal": "as the model says",
}
"""For people."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A configuration that was judged, and where it came from."""

    config: Config
    arm: str
    """Who proposed it: "default", "random", "sobol", "gp", "forest", "tpe", "human", "model", later "code"."""
    reason: str
    """Why this one, in a sentence for people."""
    space_version: int = 1
    predicted_mean: float | None = None
    """Of the goal's metric, in its own unit."""
    predicted_sd: float | None = None
    prediction_source: PredictionSource | None = None
    exchange_ids: tuple[int, ...] = ()
    seen_trials: Sequence[int] = ()
    """Numbers of the trials that were finished and visible when this was proposed (runs, when read from a store)."""
    parent: int | None = None
    """The trial this one was derived from."""
    memory: dict[str, Json] = field(default_factory=dict)
    """What the proposer needs again at its next ask (fitted GP hyperparameters); never hidden state."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A point a model offered that nobody has committed to: valid in its space, not run yet."""

    config: Config
    reason: str
    """The model's own."""
    predicted_mean: float | None = None
    """Of the goal's metric, in its unit, by the model."""
    predicted_sd: float | None = None
    """Where the source is verbal, from the interval the model says, as if it were 80% of a normal distribution."""
    space_version: int = 1
    exchange_ids: tuple[int, ...] = ()
    """The request it came from, and the repair request if there was one."""
    asked_at: int = 0
    """Number of the trial that was to be proposed when the model was asked."""
    salvaged: tuple[str, ...] = ()
    """What was mended to read it, "degree: the string '3' read as a number"; empty for a clean one."""
    id: int | None = None
    """Of its row in the store; None until it is kept."""
    prediction_source: PredictionSource | None = None
    sample: int = 0
    """Which of several replies to the same question it is from."""


@dataclass(frozen=True, slots=True)
class Report:
    """One intermediate measurement."""

    step: int
    metrics: Metrics
    elapsed_s: float
    """Seconds since the attempt started."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a trial measured."""

    values: Metrics
    elapsed_s: float
    is_late: bool = False
    """Whether it came after its attempt was thought lost."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a trial failed, with the evidence."""

    kind: FailureKind
    message: str
    """One sentence."""
    traceback_tail: str | None = None
    exit_code: int | None = None
    """Negative: minus the number of the signal."""
    log_path: str | None = None


class Decision(StrEnum):
    """What a scheduler wants of a running trial."""

    CONTINUE = "continue"
    PAUSE = "pause"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Lease:
    """Names one process so exactly that a stranger with its pid is not taken for it."""

    host: str
    boot_id: str
    pid: int
    started_at: float
    """Start time of the process in seconds, on the clock of whoever made the lease: an attempt's child counts
    from the epoch, a driver from boot."""
    holder: str = ""
    """Which of the process's own drivers it is; "" where the process as a whole is meant."""


class AttemptState(StrEnum):
    """Where one execution of a trial stands."""

    RUNNING = "running"
    DONE = "done"
    """It delivered an outcome or a failure."""
    DIED = "died"
    """Its process ended without either; counts towards the study's `attempts`."""
    ORPHANED = "orphaned"
    """It ended with its driver; does not count."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One execution of a trial."""

    id: int
    trial_number: int
    number: int
    """1, 2, ... within the trial."""
    state: AttemptState
    directory: str
    """Absolute path of its files: task, log, reports, result."""
    lease: Lease | None = None
    """The child that runs it; None until the child is known."""
    started_at: float = 0.0
    ended_at: float | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """One configuration and all that happened to it."""

    number: int
    """0, 1, 2, ... within the study."""
    proposal: Proposal
    state: TrialState
    seed: int
    """What the objective should seed its randomness with."""
    created_at: float
    """Seconds since the epoch."""
    replicate_of: int | None = None
    """The trial whose configuration this one repeats with another seed."""
    in_budget: bool = True
    """False for replicates made by `confirm`."""
    reports: tuple[Report, ...] = ()
    outcome: Outcome | None = None
    failure: Failure | None = None
    notes: tuple[str, ...] = ()
    ended_at: float | None = None

    @property
    def config(self) -> Config:
        """The configuration."""
        return self.proposal.config

    @property
    def arm(self) -> str:
        """Who proposed it."""
        return self.proposal.arm

    @property
    def reason(self) -> str:
        """Why it was proposed."""
        return self.proposal.reason

    @property
    def took_s(self) -> float:
        """Seconds it took: as measured, by its last report, or from its proposal to its end, whichever is known."""
        if self.outcome is not None:
            return max(0.0, self.outcome.elapsed_s)
        if self.reports:
            return max(0.0, self.reports[-1].elapsed_s)
        return 0.0 if self.ended_at is None else max(0.0, self.ended_at - self.created_at)

    def value(self, metric: str) -> float | None:
        """The outcome's value of `metric`; None without one."""
        return None if self.outcome is None else self.outcome.values.get(metric)
