"""`StudyView`: a study's space, goal and trials, with the questions everybody asks of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING

from agenttune.goal import Goal
from agenttune.space import Space
from agenttune.space.scalars import scalar_key
from agenttune.spec import StudySpec
from agenttune.trial import Candidate, FailureKind, Proposal, Trial, TrialState
from agenttune.types import Config
from agenttune.variant import CodeEntry

if TYPE_CHECKING:
    import numpy as np

ConfigKey = frozenset[tuple[str, Hashable]]


def config_key(config: Config) -> ConfigKey:
    """What makes two configurations the same; hashable. True is not 1."""
    return frozenset((name, scalar_key(value)) for name, value in config.items())


@dataclass(frozen=True)
class StudyView:
    """A study at one moment."""

    space: Space
    """The current version."""
    goal: Goal
    trials: tuple[Trial, ...]
    """All that are visible, by number, in every state."""
    seed: int = 0
    default: Config | None = None
    """The configuration of all defaults, those of a library or a script, if there is one."""
    next_number: int | None = None
    """Number of the trial to be proposed; None: one past the last."""
    budget_trials: int | None = None
    """Trials the study may run in all; None is no bound."""
    budget_s: float | None = None
    """Seconds that the study may run in all; None is no bound."""
    workers: int = 1
    """Trials that run at the same time."""
    spaces: Mapping[int, Space] = field(default_factory=dict)
    """Every version by number."""
    candidates: tuple[Candidate, ...] = ()
    """What a model offered and nobody has committed to, in the order it was offered."""
    refused: tuple[tuple[Proposal, str, str], ...] = ()
    """(proposal, kind, reason) of what was offered and not run, in order."""
    code: tuple[CodeEntry, ...] = ()
    """What a model said about code, in order: directions, variants, refused blocks, lessons."""
    n_requests: int = 0
    """Requests to models that came to an end so far, for better or worse; those that another study's reply answered
    count as if sent, so that they keep the same pace."""

    @classmethod
    def of(
        cls, spec: StudySpec, trials: Iterable[Trial], *, spaces: Mapping[int, Space], space_version: int
    ) -> StudyView:
        """The view of a study that is kept: the one place that knows which of its fields a view shows."""
        return cls(
            spaces[space_version],
            spec.goal,
            tuple(trials),
            seed=spec.seed,
            default=spec.default,
            budget_trials=spec.budget.trials,
            budget_s=spec.budget.seconds,
            workers=spec.workers,
            spaces=spaces,
        )

    def rng(self) -> np.random.Generator:
        """Randomness of the next proposal: made of the study's seed and the next trial's number."""
        import numpy as np

        return np.random.default_rng([self.seed, self.number])

    @property
    def number(self) -> int:
        """Number of the trial to be proposed."""
        if self.next_number is not None:
            return self.next_number
        return self.trials[-1].number + 1 if self.trials else 0

    @cached_property
    def complete(self) -> tuple[Trial, ...]:
        """COMPLETE trials that have a value of the goal's metric."""
        return tuple(t for t in self.trials if t.state is TrialState.COMPLETE and t.value(self.goal.metric) is not None)

    @cached_property
    def finished(self) -> tuple[Trial, ...]:
        """Trials in a final state."""
        return tuple(t for t in self.trials if t.state.is_finished)

    @cached_property
    def pending(self) -> tuple[Trial, ...]:
        """Trials that wait, run or pause."""
        if len(self.finished) == len(self.trials):
            return ()
        return tuple(t for t in self.trials if not t.state.is_finished)

    @cached_property
    def failed(self) -> tuple[Trial, ...]:
        """FAILED trials."""
        return tuple(t for t in self.trials if t.state is TrialState.FAILED)

    @property
    def time_left(self) -> float | None:
        """Share of the time budget that is left, 0 to 1, by what the finished trials took; None without one."""
        if self.budget_s is None:
            return None
        spent_s = sum(trial.took_s for trial in self.finished) / self.workers
        return min(1.0, max(0.0, 1 - spent_s / self.budget_s)) if self.budget_s > 0 else 0.0

    def value(self, trial: Trial) -> float:
        """The goal's metric of a COMPLETE trial.

        Raises:
            ValueError: it has none.
        """
        value = trial.value(self.goal.metric)
        if value is None:
            raise ValueError(f"trial {trial.number} has no {self.goal.metric!r}")
        return value

    def is_feasible(self, trial: Trial) -> bool:
        """Whether a COMPLETE trial satisfies the goal's metric constraints."""
        return trial.outcome is not None and self.goal.is_feasible(trial.outcome.values)

    def is_broken(self, trial: Trial) -> bool:
        """Whether a trial failed by its own fault, not lost by ours, or broke one of the goal's constraints."""
        if trial.failure is not None:
            return trial.state is TrialState.FAILED and trial.failure.kind is not FailureKind.LOST
        return trial.state is TrialState.COMPLETE and not self.is_feasible(trial)

    def ranked(self) -> list[Trial]:
        """COMPLETE, feasible trials that are no replicates, best first, the earlier first among equals."""
        return list(self._ranking)

    @cached_property
    def _ranking(self) -> tuple[Trial, ...]:
        sign, is_bounded = self.goal.sign, bool(self.goal.constraints)
        originals = (t for t in self.complete if t.replicate_of is None and (not is_bounded or self.is_feasible(t)))
        keyed = [(-sign * self.value(t), t.number, t) for t in originals]
        return tuple(t for _, _, t in sorted(keyed, key=itemgetter(0, 1)))

    @property
    def shortfall(self) -> str | None:
        """`12 are complete, but only 2 keep latency_ms < 20`; None where every complete trial is feasible."""
        measured = [trial.outcome.values for trial in self.complete if trial.replicate_of is None and trial.outcome]
        n_kept, constraints = len(self._ranking), ", ".join(self.goal.constraints)
        if n_kept == len(measured):
            return None
        never = sorted(set.intersection(*(set(self.goal.missing(values)) for values in measured)))
        kept = f"only {n_kept} keep {constraints}" if n_kept else f"none keeps {constraints}"
        if never:
            kept = f"none reports {', '.join(never)}, needed for {constraints}"
        return f"{len(measured)} {'is' if len(measured) == 1 else 'are'} complete, but {kept}"

    @cached_property
    def incumbent(self) -> Trial | None:
        """The best trial so far."""
        return self._ranking[0] if self._ranking else None

    def best_so_far(self) -> list[tuple[int, float]]:
        """(trial number, incumbent's value) after each COMPLETE feasible trial, in order of number."""
        steps: list[tuple[int, float]] = []
        for trial in self.complete:
            if trial.replicate_of is not None or not self.is_feasible(trial):
                continue
            value = self.value(trial)
            if not steps or self.goal.is_better(value, than=steps[-1][1]):
                steps.append((trial.number, value))
            else:
                steps.append((trial.number, steps[-1][1]))
        return steps

    @cached_property
    def seen(self) -> frozenset[ConfigKey]:
        """Keys of every configuration that ran, runs or waits."""
        return frozenset(config_key(t.config) for t in self.trials)

    def has_seen(self, config: Config) -> bool:
        """Whether this configuration is in the study already."""
        return config_key(config) in self.seen

    def adapted(self, trial: Trial) -> Config | None:
        """The trial's configuration as a point of the current space; None where it has no place in it."""
        return self.placed(trial.config, trial.proposal.space_version)

    def placed(self, config: Config, space_version: int) -> Config | None:
        """A configuration of some version of the space as a point of the current one; None where it has no place."""
        old = self.spaces.get(space_version)
        if old is None or old == self.space:
            return config
        return self.space.adapt(config)

    def replicates(self, number: int) -> list[Trial]:
        """COMPLETE trials of the same configuration as trial `number`, itself included."""
        return [t for t in self.complete if number in (t.number, t.replicate_of)]
