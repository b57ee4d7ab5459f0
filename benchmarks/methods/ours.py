"""Our proposers by name, asked as a study asks them: a view in, a proposal out."""

from __future__ import annotations

from dataclasses import replace

from agenttune.history import StudyView
from agenttune.proposers import Proposer, load_proposer
from agenttune.testing.views import complete, failed
from agenttune.trial import Proposal
from agenttune.types import Config
from benchmarks.methods import Asked
from benchmarks.suites import Task

HUMAN = "human"
"""Arm of the shared starts, as of every configuration that is handed to a study."""


class Proposing:
    """A proposer and its view, grown by what it is told."""

    def __init__(self, task: Task, proposer: Proposer, *, n_trials: int, seed: int) -> None:
        default = task.default if task.is_default_granted else None
        self.view = StudyView(task.space, task.goal, (), seed=seed, default=default, budget_trials=n_trials)
        self.proposer = proposer
        self._proposal: Proposal | None = None

    def ask(self) -> Asked | None:
        """The proposer's next."""
        proposals = self.proposer.propose(self.view, 1)
        self._proposal = proposals[0] if proposals else None
        return None if self._proposal is None else Asked(self._proposal.config, self._proposal.arm)

    def tell(self, asked: Asked, value: float | None) -> None:
        """A new trial of the view."""
        is_own = self._proposal is not None and asked.arm != "start"
        proposal = self._proposal if is_own else Proposal(asked.config, HUMAN, "a start that all methods share")
        assert proposal is not None
        number = self.view.number
        if value is None:
            trial = failed(number, asked.config, proposal=proposal)
        else:
            trial = complete(number, asked.config, {self.view.goal.metric: value}, proposal=proposal)
        self.view = replace(self.view, trials=(*self.view.trials, trial))


class Ours:
    """A proposer by name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def tuner(self, task: Task, *, n_trials: int, seed: int) -> Proposing:
        """A run of the proposer."""
        return Proposing(task, load_proposer(self._name), n_trials=n_trials, seed=seed)


class DefaultSobol:
    """The library's default after the shared starts, granted or not, then points spread over the space.

    What the default alone is worth; where it is granted to all, it is among the starts and not run twice.
    """

    def tuner(self, task: Task, *, n_trials: int, seed: int) -> Proposing:
        """A run."""
        return Proposing(task, _DefaultFirst(task.default), n_trials=n_trials, seed=seed)


class _DefaultFirst:
    def __init__(self, default: Config | None) -> None:
        self._default = default

    def propose(self, view: StudyView, n: int) -> list[Proposal]:
        found = load_proposer("default").propose(replace(view, default=self._default), n)
        return found or load_proposer("sobol").propose(view, n)
