"""What a follower of a study knows from its events so far: one fold over the event stream.

Not for: printing (displays.py) or reading the store.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from agenttune.events import (
    AttemptEnded,
    AttemptStarted,
    Event,
    HeldOutScored,
    StudyChanged,
    TrialFinished,
    TrialProposed,
    TrialReported,
)
from agenttune.goal import Goal
from agenttune.types import Metrics


@dataclass(slots=True)
class RunningTrial:
    """A trial that runs now."""

    number: int
    since: float
    """Seconds since the epoch."""
    step: int | None = None
    metrics: Metrics = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FinishedTrial:
    """A trial that ended, with where it came from."""

    proposed: TrialProposed
    finished: TrialFinished
    value: float | None
    """Of the goal's metric."""
    best: float | None
    """The incumbent's value after this trial."""
    is_new_best: bool
    is_feasible: bool


class Progress:
    """The state of a study as its events tell it."""

    def __init__(self, goal: Goal) -> None:
        self.goal = goal
        self.proposed: dict[int, TrialProposed] = {}
        self.running: dict[int, RunningTrial] = {}
        self.best: float | None = None
        self.best_number: int | None = None
        self.n_finished = 0
        """Trials that ended and count (no replicates)."""
        self.n_failed = 0
        self.n_replicates = 0
        self.n_replicates_finished = 0
        self.state = "new"
        self.end_reason: str | None = None
        self.held_out: HeldOutScored | None = None

    def apply(self, event: Event, *, at: float | None = None) -> FinishedTrial | None:
        """Takes in one event; returns the trial that it ended, if any."""
        if isinstance(event, TrialProposed):
            self.proposed[event.number] = event
            self.n_replicates += event.replicate_of is not None
        elif isinstance(event, AttemptStarted):
            self.running[event.number] = RunningTrial(event.number, time.time() if at is None else at)
        elif isinstance(event, TrialReported):
            if event.number in self.running:
                self.running[event.number].step = event.step
                self.running[event.number].metrics = event.metrics
        elif isinstance(event, AttemptEnded):
            self.running.pop(event.number, None)
        elif isinstance(event, TrialFinished):
            return self._finish(event)
        elif isinstance(event, StudyChanged):
            self.state, self.end_reason = event.state, event.reason
        elif isinstance(event, HeldOutScored):
            self.held_out = event
        return None

    def _finish(self, event: TrialFinished) -> FinishedTrial:
        self.running.pop(event.number, None)
        proposed = self.proposed.get(event.number) or TrialProposed(event.number, "?", "", {})
        is_replicate = proposed.replicate_of is not None
        value = event.values.get(self.goal.metric)
        is_feasible = value is not None and self.goal.is_feasible(event.values)
        is_new_best = False
        if is_replicate:
            self.n_replicates_finished += 1
        else:
            self.n_finished += not event.is_late
            self.n_failed += event.state == "failed"
            if value is not None and is_feasible and event.state == "complete":
                is_new_best = self.best is None or self.goal.is_better(value, than=self.best)
        if is_new_best:
            self.best, self.best_number = value, event.number
        return FinishedTrial(proposed, event, value, self.best, is_new_best, is_feasible)
