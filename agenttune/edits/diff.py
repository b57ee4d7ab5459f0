"""What changes between two terms of a study, and what that means for the trials it has. Words only, nothing is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields

from agenttune.edits.study_edits import Terms
from agenttune.history import StudyView
from agenttune.space import Constant, Space, spell
from agenttune.trial import Trial, TrialState
from agenttune.types import Json

MOST_LINES = 20
"""Lines told: a screen."""
MOST_CHARS = 200
"""Of a line's old and new: a parameter of many choices would fill the screen."""
MOST_NUMBERS = 8
"""Trials named by number in one sentence."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that changes."""

    what: str
    old: str
    """"none" where there was nothing."""
    new: str


@dataclass(frozen=True, slots=True)
class Diff:
    """What changes, and what it does to past trials."""

    lines: tuple[Line, ...]
    effects: tuple[str, ...]
    """Sentences; what was finished stays finished."""

    @property
    def text(self) -> str:
        """All of it, a line each: "lr: 1e-5..0.1 log -> 1e-5..0.01 log"."""
        changes = [f"{line.what}: {line.old} -> {line.new}" for line in self.lines]
        return "\n".join([*(changes or ["nothing changes"]), *self.effects])

    def to_json(self) -> dict[str, Json]:
        """`{"lines": [{"what", "old", "new"}, ...], "effects": [...]}`."""
        return {"lines": [asdict(line) for line in self.lines], "effects": list(self.effects)}


def diff(before: Terms, after: Terms, *, trials: Iterable[Trial] = ()) -> Diff:
    """What changes from one to the other.

    Args:
        before: terms as they are.
        after: terms as they would be.
        trials: of the study, by number, in every state.
    """
    known = tuple(trials)
    lines, effects = tuple(_lines(before, after)), tuple(_effects(before, after, known))
    n_more = len(lines) - MOST_LINES
    more = (f"{n_more} more lines are not shown",) if n_more > 0 else ()
    return Diff(lines[:MOST_LINES], more + effects)


# -- what changes ----------------------------------------------------------------------------------


def _lines(before: Terms, after: Terms) -> Iterator[Line]:
    yield from _changes(_parameters(before.space), _parameters(after.space))
    yield from _listed("constraint", _constraints(before.space), _constraints(after.space))
    yield from _listed("feasible only with", before.goal.constraints, after.goal.constraints)
    yield from _changes({"target": before.goal.target}, {"target": after.goal.target})
    for entry in fields(before.budget):
        name = f"{entry.name} in all"
        yield from _changes({name: getattr(before.budget, entry.name)}, {name: getattr(after.budget, entry.name)})
    for name in ("seconds", "memory_bytes"):
        what = f"{name} of a trial"
        yield from _changes({what: getattr(before.limits, name)}, {what: getattr(after.limits, name)})
    yield from _changes({"at a time": before.workers}, {"at a time": after.workers})


def _changes(before: dict[str, float | str | None], after: dict[str, float | str | None]) -> Iterator[Line]:
    for what in [*before, *(name for name in after if name not in before)]:
        old, new = before.get(what), after.get(what)
        if old != new:
            yield Line(_clipped(what), _spelt(old), _spelt(new))


def _listed(what: str, before: Sequence[str], after: Sequence[str]) -> Iterator[Line]:
    yield from (Line(what, _clipped(text), "none") for text in before if text not in after)
    yield from (Line(what, "none", _clipped(text)) for text in after if text not in before)


def _parameters(space: Space) -> dict[str, float | str | None]:
    """Each as it is described, with its default and the values of its parent that it needs."""
    told: dict[str, float | str | None] = {}
    for name, parameter in space.parameters.items():
        condition = space.conditions.get(name)
        shown = None if isinstance(parameter, Constant) else parameter.default
        default = "" if shown is None else f", default {spell(shown)}"
        when = "" if condition is None else f" when {condition.parent}={'|'.join(map(spell, condition.values))}"
        told[name] = f"{parameter.describe()}{default}{when}"
    return told


def _constraints(space: Space) -> list[str]:
    return [expression.text for expression in space.constraints]


def _spelt(value: float | str | None) -> str:
    return "none" if value is None else _clipped(value) if isinstance(value, str) else spell(value)


def _clipped(text: str) -> str:
    return text if len(text) <= MOST_CHARS else f"{text[: MOST_CHARS - 3]}..."


# -- what it means ---------------------------------------------------------------------------------


def _effects(before: Terms, after: Terms, trials: tuple[Trial, ...]) -> Iterator[str]:
    old, new = _view(before, trials), _view(after, trials)
    if before.space != after.space:
        yield from _outside(before.space, after.space, old)
    if before.goal.constraints != after.goal.constraints:
        yield from _feasibility(old, new)
    if before.goal != after.goal:
        yield from _best(old, new)
    if before.limits != after.limits:
        yield from _limit(after, old)
    if before.budget.trials != after.budget.trials and after.budget.trials is not None:
        n_counted = sum(trial.in_budget for trial in trials)
        if n_counted >= after.budget.trials:
            yield f"{n_counted} trials are in the budget already, so that nothing more is proposed"


def _view(terms: Terms, trials: tuple[Trial, ...]) -> StudyView:
    return StudyView(terms.space, terms.goal, trials)


def _outside(before: Space, after: Space, view: StudyView) -> Iterator[str]:
    def left(trials: Iterable[Trial]) -> list[Trial]:
        return [t for t in trials if before.adapt(t.config) is not None and after.adapt(t.config) is None]

    lost = left(view.finished)
    if lost:
        yield (
            f"{len(lost)} of {_n_trials(len(view.finished), 'finished')} {_lie(len(lost))} outside the new space: "
            "what they measured stays in the record and counts, the next proposals no longer learn from it"
        )
    best = view.incumbent
    if best is not None and best in lost:
        yield f"the best so far, trial {best.number}, is one of them and stays the best until a trial beats it"
    back = [t for t in view.finished if before.adapt(t.config) is None and after.adapt(t.config) is not None]
    if back:
        yield f"{_n_trials(len(back), 'finished')} that lay outside the space {_lie(len(back))} inside again"
    pending = left(view.pending)
    if pending:
        yield f"{_named(pending)} waiting or running outside the new space: run all the same"


def _feasibility(old: StudyView, new: StudyView) -> Iterator[str]:
    bounds = ", ".join(text for text in new.goal.constraints if text not in old.goal.constraints)
    lost = [t for t in old.complete if old.is_feasible(t) and not new.is_feasible(t)]
    won = [t for t in old.complete if new.is_feasible(t) and not old.is_feasible(t)]
    if lost:
        yield f"{_n_trials(len(lost), 'finished')} no longer {_count(len(lost))} as feasible ({_clipped(bounds)})"
        silent = [t for t in lost if t.outcome is not None and new.goal.missing(t.outcome.values)]
        if silent:
            assert silent[0].outcome is not None  # as above
            missing = " and ".join(new.goal.missing(silent[0].outcome.values))
            yield f"{len(silent)} of them did not report {_clipped(missing)}"
    if won:
        yield f"{_n_trials(len(won), 'finished')} {_count(len(won))} as feasible now"


def _best(old: StudyView, new: StudyView) -> Iterator[str]:
    former, best = old.incumbent, new.incumbent
    if best is not None and former is not None and best.number != former.number:
        yield f"best so far: {_valued(new, best)} instead of {_valued(old, former)}"
    elif best is None and former is not None:
        yield f"no finished trial is feasible any more; the best so far was {_valued(old, former)}"
    elif best is not None and former is None:
        yield f"best so far: {_valued(new, best)}"
    if best is not None and new.goal.is_reached(new.value(best)):
        yield f"the target is reached by {_valued(new, best)}, so that the study ends"


def _limit(after: Terms, view: StudyView) -> Iterator[str]:
    seconds = after.limits.seconds
    slow = [t for t in view.complete if seconds is not None and t.outcome is not None and t.outcome.elapsed_s > seconds]
    if slow and seconds is not None:
        of = _n_trials(len(view.complete), "complete")
        yield f"{len(slow)} of {of} took longer than {spell(seconds)} s; they stay in the record"
    running = [t for t in view.pending if t.state is TrialState.RUNNING]
    if running:
        yield f"{_named(running)} in progress: under the former limit until the attempt ends"


def _valued(view: StudyView, trial: Trial) -> str:
    return f"trial {trial.number} ({view.value(trial):.6g})"


def _n_trials(n: int, kind: str) -> str:
    return f"{n} {kind} trial{'' if n == 1 else 's'}"


def _lie(n: int) -> str:
    return "lies" if n == 1 else "lie"


def _count(n: int) -> str:
    return "counts" if n == 1 else "count"


def _named(trials: Sequence[Trial]) -> str:
    numbers = ", ".join(str(trial.number) for trial in trials[:MOST_NUMBERS])
    more = f" and {len(trials) - MOST_NUMBERS} more" if len(trials) > MOST_NUMBERS else ""
    return f"trial{'' if len(trials) == 1 else 's'} {numbers}{more}"
