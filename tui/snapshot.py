"""What the screen knows of the followed study at one moment: records of the store and what follows from them.

Made by the bridge in its own thread, so that widgets only read.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from agenttune.trial import Trial, TrialState
from agenttune.tui.phase import Phase
from agenttune.tui.plotting import Points
from agenttune.variant import CODE
from agenttune.visible import clean

if TYPE_CHECKING:  # numpy comes with them, and the first paint does not wait for it
    from agenttune.history import StudyView
    from agenttune.space import Space
    from agenttune.spec import StudyRow
    from agenttune.variants.tree import Tree

LEAST_FOR_ETA = 3
"""Finished trials before a time to the end is guessed."""


@dataclass(frozen=True)
class Snapshot:
    """One study at one moment."""

    row: StudyRow
    phase: Phase
    view: StudyView
    started: Mapping[int, float] = field(default_factory=dict)
    """Trial number -> seconds since the epoch at which its running attempt started."""
    active_at: float = 0.0
    """Seconds since the epoch at which `row.active_s` was true."""

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All trials by number."""
        return self.view.trials

    @property
    def space(self) -> Space:
        """The current version of the space."""
        return self.view.space

    @property
    def metric(self) -> str:
        """The goal's metric."""
        return self.row.spec.goal.metric

    @property
    def is_code(self) -> bool:
        """Whether it is a study over code."""
        return self.row.spec.objective.get("type") == CODE

    @property
    def is_told(self) -> bool:
        """Whether a Python program asks and tells it, so that it cannot be driven from here."""
        return self.row.spec.objective.get("type") == "told"

    @property
    def can_continue(self) -> bool:
        """Whether "continue" would change something; a pause is taken back for whoever asks and tells, too."""
        return self.phase.can_continue and (not self.is_told or self.phase is Phase.PAUSED)

    @property
    def way_on(self) -> str:
        """How a study that stands still goes on."""
        if self.is_told:
            return f"Study.open({clean(self.row.name)!r}) goes on with ask and tell"
        return "say /continue and it goes on"

    @cached_property
    def tree(self) -> Tree:
        """The variants of a study over code; none in others."""
        from agenttune.variants.tree import tree_of

        return tree_of(self.view)

    @cached_property
    def best(self) -> Trial | None:
        """The incumbent."""
        return self.view.incumbent

    @cached_property
    def default(self) -> Trial | None:
        """The COMPLETE trial of the library's own configuration."""
        return next((t for t in self.view.complete if t.arm == "default" and t.replicate_of is None), None)

    @cached_property
    def running(self) -> tuple[Trial, ...]:
        """Trials at work now."""
        return tuple(t for t in self.view.pending if t.state is TrialState.RUNNING)

    @cached_property
    def improvements(self) -> frozenset[int]:
        """Numbers of the trials that were best when they were new."""
        steps = self.view.best_so_far()
        return frozenset(number for i, (number, value) in enumerate(steps) if i == 0 or value != steps[i - 1][1])

    @cached_property
    def points(self) -> Points:
        """What the chart shows."""
        values = [(t.number, t.value(self.metric)) for t in self.view.finished if t.replicate_of is None]
        return Points(values, self.view.best_so_far(), is_maximised=self.row.spec.goal.sign > 0)

    @cached_property
    def n_done(self) -> int:
        """Trials of the budget that are finished."""
        return sum(t.in_budget for t in self.view.finished)

    @property
    def has_only_failures(self) -> bool:
        """Whether it has finished, and no trial did anything but fail."""
        return only_failures(self.phase, self.view)

    @property
    def is_out_of_trials(self) -> bool:
        """Whether the budget's trials are finished."""
        return self.n_done >= (self.row.spec.budget.trials or math.inf)

    def derive(self) -> Snapshot:
        """Works everything out now, in the caller's thread, and returns itself."""
        _ = (self.best, self.default, self.running, self.improvements, self.points, self.n_done)
        if self.is_code:
            _ = self.tree
        return self

    def active_s(self, now: float) -> float:
        """Wall seconds during which a driver ran, up to `now`; the study's clock stands still in a pause."""
        beyond = now - self.active_at if self.phase is Phase.RUNNING else 0.0
        return self.row.active_s + max(0.0, beyond)

    def left_s(self, now: float) -> float | None:
        """A guess of the seconds to the end; None while there is no ground for one."""
        if self.phase is not Phase.RUNNING or self.n_done < LEAST_FOR_ETA:
            return None
        active, budget = self.active_s(now), self.row.spec.budget
        if active <= 0:
            return None
        guesses = []
        if budget.trials is not None:
            guesses.append(active / self.n_done * max(0, budget.trials - self.n_done))
        if budget.seconds is not None:
            guesses.append(max(0.0, budget.seconds - active))
        return min(guesses, default=None)


def only_failures(phase: Phase, view: StudyView) -> bool:
    """Whether a study has finished, and no trial did anything but fail."""
    return phase is Phase.FINISHED and 0 < len(view.finished) == len(view.failed)
