"""The records a digest is made of: finished texts and counts, ready for a template or a screen. No logic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from agenttune.types import Config


class Hint(Protocol):
    """The surrogate's own next point; `agenttune.surrogate.Optimum` is one."""

    @property
    def config(self) -> Config:
        """Where it is."""
        ...

    @property
    def mean(self) -> float:
        """What it should measure, in the metric's unit."""
        ...

    @property
    def sd(self) -> float:
        """Standard deviation of that."""
        ...


@dataclass(frozen=True, slots=True)
class Row:
    """One trial."""

    number: int
    arm: str
    result: str
    """The measured value, "failed (oom)", "running", ..."""
    cells: str
    """JSON array of its values in the order of the columns, null where inactive."""


@dataclass(frozen=True, slots=True)
class Best:
    """The incumbent."""

    number: int
    arm: str
    value: str
    config: str | None
    """JSON; None where it cannot be shown."""
    n_since: int
    """Trials finished after it."""
    default_number: int | None
    """The trial that measured the default configuration."""
    default_value: str | None
    gain: str | None
    """How much better than the default, at least 0."""
    changed: str | None
    """Quoted names whose values differ from the default's; None where the default is not known."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A region of bad trials, as shown."""

    name: str
    relation: str
    value: str
    n_bad: int
    n: int
    kinds: str
    """ "oom 4, timeout 1"."""


@dataclass(frozen=True, slots=True)
class TrendLine:
    """What is known of one parameter, as shown."""

    name: str
    share: str | None
    """Of the importance, in percent."""
    direction: str | None
    """ "higher" or "lower" is better."""
    correlation: str | None
    low: str | None
    """Where the middle half of the best trials begins."""
    high: str | None
    choice: str | None
    choice_median: str | None
    rest_median: str | None


@dataclass(frozen=True, slots=True)
class Expectation:
    """The surrogate's own next point."""

    config: str
    mean: str
    sd: str


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the model's predictions fared."""

    n: int
    n_inside: int
    """Measured values within the 80% interval."""
    bias: str
    """Median of predicted minus measured."""
    error: str
    """Median of the absolute error."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Spread of repeats of the same configuration."""

    sd: str
    n_configs: int
    n_runs: int


@dataclass(frozen=True, slots=True)
class Digest:
    """What is told of a study's history. Texts are finished: quoted where foreign, numbers spelled."""

    finished: str
    """Numbers of the finished trials, "0-11, 13"; "none"."""
    n_complete: int
    n_stopped: int
    n_failed: int
    n_infeasible: int
    n_used: int
    """Trials that count against the budget."""
    n_left: int | None
    """None: no bound."""
    n_hidden: int
    """Finished trials that no list can show: not valid in the current space, or a value that cannot be shown."""
    best: Best | None
    header: str
    """JSON array of the columns' names."""
    top: tuple[Row, ...]
    """Best first."""
    worst: tuple[Row, ...]
    """Worst first."""
    latest: tuple[Row, ...]
    """Latest first; those at the top are left out."""
    pending: tuple[Row, ...]
    failed_rules: tuple[Rule, ...]
    infeasible_rules: tuple[Rule, ...]
    n_window: int
    """Finished trials that the rules look at."""
    messages: tuple[str, ...]
    """`trial 7 (oom): "..."` of the latest failures, messages that differ in numbers alone once."""
    trends: tuple[TrendLine, ...]
    n_trends: int
    """Trials that the trends rest on."""
    hint: Expectation | None
    refused: tuple[str, ...]
    """`duplicate: "..."`, latest first."""
    calibration: Calibration | None
    noise: Noise | None
    notes: tuple[str, ...]
    """`trial 5: "..."`, latest first."""
