"""What a sentence and its flags ask for, as data: nothing assumed, nothing checked against data.

Written by the grammar (grammar.py), read by the checker (checker.py), which makes a `StudyPlan` of it.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from agenttune.cards.metrics import Task
from agenttune.goal import Direction
from agenttune.types import Scalar

MOST_CHARS = 4_000
"""Of a request, all its turns together. A model's words come here, too, and patterns take their time."""


class AskedRange(BaseModel):
    """What was said of one parameter: a range, one side of it, a list of values (one: fixed), or its name alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    parameter: str
    low: float | int | None = None
    high: float | int | None = None
    log: bool | None = None
    """None: nothing was said."""
    values: tuple[Scalar, ...] = ()
    low_excluded: bool | None = None
    """True where the low end is a whole number and no value itself: of "more than 5" the lowest whole one is 6."""
    high_excluded: bool | None = None
    is_whole: bool | None = None
    """Whether its values are said to be whole numbers, "an integer from 0 to 1", or any, "a float from 1 to 4"."""
    alone: bool | None = None
    """True where it is named as what is to be tuned, "tune C and gamma": nothing else is then."""

    @property
    def is_bare(self) -> bool:
        """Whether nothing is said of its values."""
        return not self.values and self.low is None and self.high is None and self.log is None

    def of_whole_numbers(self) -> AskedRange:
        """The range with whole ends that are values themselves: "below 4" as "at most 3"."""
        low, high = self.low, self.high
        if self.low_excluded and low is not None:
            low += 1
        if self.high_excluded and high is not None:
            high -= 1
        return self.model_copy(update={"low": low, "high": high, "low_excluded": None, "high_excluded": None})


class Request(BaseModel):
    """What is asked for; None where nothing was said."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = ""
    """The sentence, verbatim."""
    family: str | None = None
    task: Task | None = None
    data: str | None = None
    """Name of a bundled set, or a path."""
    target: str | None = None
    metric: str | None = None
    """Name in `METRICS`, or "error": the error rate for classes, RMSE for numbers."""
    direction: Direction | None = None
    goal_target: float | None = None
    """Value of the metric at which to stop."""
    trials: int | None = None
    seconds: float | None = None
    trial_seconds: float | None = None
    trial_memory: int | None = None
    """Bytes."""
    workers: int | None = None
    gpus: int | None = None
    seed: int | None = None
    name: str | None = None
    folds: int | None = None
    held_out: float | None = None
    """Share of the rows."""
    proposer: str | None = None
    scheduler: str | None = None
    ranges: tuple[AskedRange, ...] = ()
    command: str | None = None
    """A command line to run per trial, parameters in braces: "python train.py --lr {lr}" or "./bench.sh"."""
    script: str | None = None
    """Path of a Python script whose options are to be tuned, "train.py"."""
    function: str | None = None
    """A Python function to call per trial: "train.py:objective" or "module:function"."""
    constraints: tuple[str, ...] = ()
    """Conditions on metrics beside the one that is improved, "latency_ms < 20"."""
    deadline: str | None = None
    """Local clock time by which to be done: "18:00", the next there is, "tomorrow 08:00", or ISO,
    "2026-03-01T08:00"."""
    dollars: float | None = None
    """US dollars for language models, in all."""
    requests: int | None = None
    """Requests to language models, in all."""
    mended: tuple[str, ...] = ()
    """Words that were taken for known ones, "'trails' taken for 'trials'"."""
    overruled: tuple[str, ...] = ()
    """Fields for which a flag said something else than the sentence, and won."""

    def given(self) -> dict[str, Any]:
        """Field -> value of what is asked for, as far as it is."""
        said = ((name, getattr(self, name)) for name in Request.model_fields if name not in _ABOUT_THE_TEXT)
        return {name: value for name, value in said if value not in (None, ())}


_ABOUT_THE_TEXT = frozenset(["text", "mended", "overruled"])
"""Fields that ask for nothing themselves."""


class PlanOptions(BaseModel):
    """What the command line's flags say; None where a flag is absent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: str | None = None
    target: str | None = None
    trials: int | None = None
    seconds: float | None = None
    trial_seconds: float | None = None
    trial_memory: int | None = None
    """Bytes."""
    workers: int | None = None
    gpus: int | None = None
    seed: int | None = None
    name: str | None = None
    proposer: str | None = None
    scheduler: str | None = None
    cwd: str = "."
    """Folder that relative paths are relative to."""
