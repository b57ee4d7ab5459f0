"""What went wrong, how often, and what the configurations that went wrong share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from agenttune.history import StudyView
from agenttune.insight.answers.answer import Answer
from agenttune.insight.regions import bad_regions
from agenttune.space import Float, Int, Ordinal, Parameter, Space
from agenttune.space.scalars import scalar_key
from agenttune.trial import Trial, TrialState
from agenttune.types import Config, Scalar, is_number

MOST_GROUPS, MOST_EXAMPLES, MOST_RULES = 8, 5, 4
WINDOW = 1_000
"""Latest finished trials that rules look at."""
_NUMBER = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Group:
    """Trials that went wrong alike: messages that differ in numbers alone count as one."""

    kind: str
    """Of the failure, or "stopped", or "infeasible"."""
    message: str
    """Of the latest one."""
    n: int
    examples: tuple[int, ...]
    """Numbers of the latest trials."""


@dataclass(frozen=True, slots=True)
class SharedRule:
    """Values of one parameter at which trials go wrong."""

    name: str
    relation: str
    """">=", "<=" or "=="."""
    value: Scalar
    what: str
    """ "failed" or "broke a constraint"."""
    n_bad: int
    n: int
    """Trials at such values."""
    n_bad_elsewhere: int
    n_elsewhere: int

    def is_about(self, space: Space, config: Config) -> bool:
        """Whether a configuration has such a value."""
        value = config.get(self.name)
        if value is None:
            return False
        if self.relation == "==":
            return scalar_key(value) == scalar_key(self.value)
        parameter = space.parameters[self.name]
        if isinstance(parameter, Ordinal):
            here, there = (float(parameter.positions[scalar_key(entry)]) for entry in (value, self.value))
        else:
            here, there = float(value), float(self.value)
        return here >= there if self.relation == ">=" else here <= there


@dataclass(frozen=True, slots=True)
class Failures(Answer):
    """What failed, was stopped, or broke a constraint of the goal."""

    template: ClassVar[str] = "failures"
    n_finished: int
    n_failed: int
    n_stopped: int
    n_infeasible: int
    groups: tuple[Group, ...]
    """Most frequent first."""
    n_groups: int
    """How many there are, with those not listed."""
    rules: tuple[SharedRule, ...]


def failures(view: StudyView) -> Failures:
    """What went wrong in a study."""
    told = [(trial, found) for trial in view.finished if (found := _wrong(view, trial)) is not None]
    groups: dict[tuple[str, str], list[tuple[Trial, str]]] = {}
    for trial, (kind, message) in told:
        groups.setdefault((kind, alike(message)), []).append((trial, message))
    ordered = [
        Group(kind, members[-1][1], len(members), tuple(trial.number for trial, _ in members[-MOST_EXAMPLES:]))
        for (kind, _), members in groups.items()
    ]
    ordered.sort(key=lambda group: (-group.n, group.examples))
    kinds = [kind for _, (kind, _) in told]
    n_stopped, n_infeasible = kinds.count("stopped"), kinds.count("infeasible")
    return Failures(
        len(view.finished),
        len(view.failed),
        n_stopped,
        n_infeasible,
        tuple(ordered[:MOST_GROUPS]),
        len(ordered),
        _rules(view),
    )


def alike(message: str) -> str:
    """What messages that differ in numbers alone have in common."""
    return _NUMBER.sub("0", message)


def _wrong(view: StudyView, trial: Trial) -> tuple[str, str] | None:
    """(kind, message) of a trial that went wrong."""
    if trial.failure is not None and trial.state is TrialState.FAILED:
        return trial.failure.kind.value, trial.failure.message
    if trial.state is TrialState.STOPPED:
        return "stopped", f"after step {trial.reports[-1].step}" if trial.reports else "before its first report"
    if trial.state is TrialState.COMPLETE and not view.is_feasible(trial):
        broken = view.goal.broken({} if trial.outcome is None else trial.outcome.values)
        return "infeasible", f"broke {', '.join(broken)}"
    return None


def _rules(view: StudyView) -> tuple[SharedRule, ...]:
    window = view.finished[-WINDOW:]
    complete = [trial for trial in window if trial.state is TrialState.COMPLETE]
    failed = [trial for trial in window if trial.state is TrialState.FAILED]
    not_failed = [trial for trial in window if trial.state is not TrialState.FAILED]
    good = [trial for trial in complete if view.is_feasible(trial)]
    infeasible = [trial for trial in complete if not view.is_feasible(trial)]
    found = [*_shared(view, not_failed, failed, "failed"), *_shared(view, good, infeasible, "broke a constraint")]
    return tuple(found[:MOST_RULES])


def _shared(view: StudyView, good: Sequence[Trial], bad: Sequence[Trial], what: str) -> list[SharedRule]:
    well, badly = ([_values(view, trial) for trial in trials] for trials in (good, bad))
    n_all = len(well) + len(badly)
    return [
        SharedRule(
            region.name,
            region.relation,
            region.value,
            what,
            region.n_bad,
            region.n,
            len(badly) - region.n_bad,
            n_all - region.n,
        )
        for region in bad_regions(view.space, well, badly, [what] * len(badly))
    ]


def _values(view: StudyView, trial: Trial) -> Config:
    """The trial's configuration; one with no place in the space any more tells what it can of the parameters there."""
    adapted = view.adapted(trial)
    if adapted is not None:
        return adapted
    parameters = view.space.parameters
    return {
        name: value for name, value in trial.config.items() if name in parameters and _fits(parameters[name], value)
    }


def _fits(parameter: Parameter, value: Scalar) -> bool:
    """Whether the value can be compared with the parameter's own, be it out of their range."""
    if isinstance(parameter, Ordinal):
        return scalar_key(value) in parameter.positions
    return not isinstance(parameter, Float | Int) or is_number(value)
