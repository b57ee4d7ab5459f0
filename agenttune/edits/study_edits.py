"""`Terms`: all of a living study that edits change; the next terms, the way back, and undoing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from agenttune.budget import Budget
from agenttune.edits.kinds import (
    AddMetricConstraint,
    Edit,
    RemoveMetricConstraint,
    SetBudget,
    SetTarget,
    SetTrialLimit,
    SetWorkers,
)
from agenttune.edits.space_edits import apply_to_space, invert_in_space
from agenttune.errors import UserError
from agenttune.expressions import Expression
from agenttune.goal import Goal
from agenttune.space import Space
from agenttune.spec import StudySpec, TrialLimits, require_apart

Bounds = TypeVar("Bounds", Budget, TrialLimits)


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds in a study at one moment."""

    space: Space
    """The current version."""
    goal: Goal
    budget: Budget
    limits: TrialLimits
    workers: int
    executor: str = "process"
    """Who keeps the limits; no edit changes it."""
    shared_file: str | None = None
    """The result file that all trials write, if they do; no edit changes it."""

    @classmethod
    def of(cls, spec: StudySpec, space: Space) -> Terms:
        """The terms of a study whose space has come to be `space`."""
        return cls(space, spec.goal, spec.budget, spec.limits, spec.workers, spec.executor, spec.shared_file)

    def within(self, spec: StudySpec) -> StudySpec:
        """The spec under these terms; its space stays the first version."""
        return replace(spec, goal=self.goal, budget=self.budget, limits=self.limits, workers=self.workers)


def apply(terms: Terms, edit: Edit) -> Terms:
    """The next terms.

    Raises:
        UserError: the edit breaks a rule, or no configuration would be left.
    """
    match edit:
        case SetBudget():
            return replace(terms, budget=_with_bounds(terms.budget, edit))
        case SetTrialLimit():
            limits = _with_bounds(terms.limits, edit)
            limits.require_kept(terms.executor)
            return replace(terms, limits=limits)
        case AddMetricConstraint():
            return replace(terms, goal=_with_constraint(terms.goal, edit))
        case RemoveMetricConstraint(text):
            wanted = _constraint(terms.goal, text)
            return replace(
                terms, goal=replace(terms.goal, constraints=tuple(c for c in terms.goal.constraints if c != wanted))
            )
        case SetTarget(value):
            return replace(terms, goal=replace(terms.goal, target=value))
        case SetWorkers(workers):
            if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
                raise UserError(f"`workers` must be a whole number of at least 1, but got {workers!r}")
            require_apart(terms.shared_file, workers)
            return replace(terms, workers=workers)
        case _:
            return replace(terms, space=apply_to_space(terms.space, edit))


def invert(terms: Terms, edit: Edit) -> Edit:
    """The edit that undoes `edit`, given the terms before it.

    Raises:
        UserError: the edit does not fit the terms.
    """
    match edit:
        case SetBudget():
            return SetBudget(**_former(terms.budget, edit))
        case SetTrialLimit():
            return SetTrialLimit(**_former(terms.limits, edit))
        case AddMetricConstraint(text):
            return RemoveMetricConstraint(text)
        case RemoveMetricConstraint(text):
            there = terms.goal.constraints
            place = there.index(_constraint(terms.goal, text))
            return AddMetricConstraint(there[place], before=next(iter(there[place + 1 :]), None))
        case SetTarget():
            return SetTarget(terms.goal.target)
        case SetWorkers():
            return SetWorkers(terms.workers)
        case _:
            return invert_in_space(terms.space, edit)


def undo(terms: Terms, edit: Edit, inverse: Edit) -> Terms:
    """The terms without an edit that was applied some time ago.

    Args:
        terms: as they are now.
        edit: what is undone.
        inverse: what `invert` made of it then.

    Raises:
        UserError: what it changed was changed again since.
    """
    try:
        undone = apply(terms, inverse)
        is_same = _content(apply(undone, edit)) == _content(terms)
    except UserError as error:
        raise UserError(f"it cannot be undone any more: {error}") from None
    if not is_same:
        raise UserError("what it changed was changed again since; undo that first, or make another edit")
    return undone


def _content(terms: Terms) -> tuple[object, ...]:
    """What makes terms the same, whatever the order of parameters and constraints."""
    space, goal = terms.space, terms.goal
    return (
        dict(space.parameters),
        dict(space.conditions),
        {expression.text for expression in space.constraints},
        replace(goal, constraints=tuple(sorted(goal.constraints))),
        terms.budget,
        terms.limits,
        terms.workers,
    )


def _with_bounds(bounds: Bounds, edit: SetBudget | SetTrialLimit) -> Bounds:
    changes: dict[str, Any] = {name: value for name, value in _given(edit).items() if value is not None}
    changes |= dict.fromkeys(edit.lifted)
    return replace(bounds, **changes)


def _former(bounds: Budget | TrialLimits, edit: SetBudget | SetTrialLimit) -> dict[str, Any]:
    """The fields of the edit that sets the bounds back which `edit` touches."""
    touched = [name for name, value in _given(edit).items() if value is not None or name in edit.lifted]
    former = {name: getattr(bounds, name) for name in touched}
    return {**former, "lifted": tuple(name for name, value in former.items() if value is None)}


def _given(edit: SetBudget | SetTrialLimit) -> Mapping[str, float | None]:
    return {entry.name: getattr(edit, entry.name) for entry in fields(edit) if entry.name != "lifted"}


def _with_constraint(goal: Goal, edit: AddMetricConstraint) -> Goal:
    expression = Expression(edit.text)
    if not expression.is_condition:
        raise UserError(f"a constraint must come out true or false, as in 'latency_ms < 20', but got {edit.text!r}")
    if expression in goal.parsed:
        raise UserError(f"the constraint {edit.text!r} is there already; leave it out")
    there = goal.constraints
    place = there.index(edit.before) if edit.before in there else len(there)
    return replace(goal, constraints=(*there[:place], edit.text, *there[place:]))


def _constraint(goal: Goal, text: str) -> str:
    """The constraint that is meant, as the goal spells it.

    Raises:
        UserError: there is none.
    """
    wanted = Expression(text)
    for spelt, parsed in zip(goal.constraints, goal.parsed, strict=True):
        if parsed == wanted:
            return spelt
    raise UserError(f"there is no constraint {text!r} on metrics; there are: {'; '.join(goal.constraints) or 'none'}")
