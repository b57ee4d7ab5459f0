"""Which trials the table shows, and in which order. Pure: no widget.

A filter is a word or a condition: a state ("failed"), why trials failed ("timeout"), an arm ("gp"), or an
expression over parameters, metrics, `number` and `seconds` such as "C > 1 and accuracy > 0.9".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from agenttune.errors import ExpressionError, UserError
from agenttune.expressions import Expression
from agenttune.trial import FailureKind, Trial, TrialState
from agenttune.tui.snapshot import Snapshot
from agenttune.types import Scalar
from agenttune.visible import clean

LONGEST_LIST = 12
"""Names listed in a refusal."""


class Key(Enum):
    """What trials are sorted by; the value is the column's name."""

    NUMBER = ":number"
    METRIC = ":value"
    DURATION = ":time"
    ARM = ":arm"

    @property
    def next(self) -> Key:
        """The one after it, in a circle."""
        keys = list(Key)
        return keys[(keys.index(self) + 1) % len(keys)]


@dataclass(frozen=True, slots=True)
class Order:
    """How trials are sorted: newest, best, longest first, arms by name; or the other way round."""

    key: Key = Key.NUMBER
    is_reversed: bool = False


NEWEST_FIRST = Order()


@dataclass(frozen=True, slots=True)
class Filter:
    """What a trial must be to be shown."""

    text: str
    """As it was typed."""
    expression: Expression | None = None
    """None where the text is a state, a kind of failure or an arm."""

    def passes(self, trial: Trial) -> bool:
        """Whether a trial is shown; one without a value that the expression needs is not."""
        if self.expression is None:
            kind = "" if trial.failure is None else trial.failure.kind.value
            return self.text in (trial.state.value, kind, clean(trial.arm))
        values = _values(trial)
        if not self.expression.names <= values.keys():
            return False
        try:
            return self.expression.evaluate(values) is True
        except ExpressionError:
            return False


def read_filter(text: str, snapshot: Snapshot) -> Filter | None:
    """The filter that a person typed; None for a blank text.

    Raises:
        UserError: it names nothing that the study has, or cannot be computed.
    """
    wanted = clean(text)
    if not wanted:
        return None
    words = {*(state.value for state in TrialState), *(kind.value for kind in FailureKind)}
    if wanted in words or wanted in {clean(trial.arm) for trial in snapshot.trials}:
        return Filter(wanted)
    try:
        expression = Expression(wanted)
    except ExpressionError as error:
        raise UserError(f"{error}; or name a state, an arm, or why trials failed") from None
    _check(expression, snapshot)
    return Filter(wanted, expression)


def sort_trials(trials: list[Trial], snapshot: Snapshot, order: Order, *, now: float) -> list[Trial]:
    """The trials, which come by number, in another order; those without a value of the key come last."""
    newest = trials[::-1]
    if order.key is Key.NUMBER:
        return trials if order.is_reversed else newest
    if order.key is Key.ARM:
        return sorted(newest, key=lambda trial: clean(trial.arm), reverse=order.is_reversed)
    ranked = {trial.number: _rank(trial, snapshot, order.key, now) for trial in newest}
    known = [trial for trial in newest if ranked[trial.number] is not None]
    known.sort(key=lambda trial: ranked[trial.number] or 0.0, reverse=not order.is_reversed)
    return [*known, *(trial for trial in newest if ranked[trial.number] is None)]


def _rank(trial: Trial, snapshot: Snapshot, key: Key, now: float) -> float | None:
    """Higher comes first; None comes last."""
    if key is Key.DURATION:
        if trial.outcome is not None:
            return trial.outcome.elapsed_s
        is_timed = trial.state is TrialState.RUNNING and trial.number in snapshot.started
        return now - snapshot.started[trial.number] if is_timed else None
    value = trial.value(snapshot.metric)
    return None if value is None or value != value else value * snapshot.row.spec.goal.sign


def _values(trial: Trial) -> Mapping[str, Scalar]:
    """What an expression may name; a parameter goes before a metric of the same name."""
    outcome = trial.outcome
    measured: dict[str, Scalar] = {} if outcome is None else {**outcome.values, "seconds": outcome.elapsed_s}
    return {"number": trial.number, **measured, **trial.config}


def _check(expression: Expression, snapshot: Snapshot) -> None:
    """Refuses what no trial could pass for a reason a person can mend."""
    measured = {name for trial in snapshot.trials if trial.outcome is not None for name in trial.outcome.values}
    used = {name for trial in snapshot.trials for name in trial.config}
    known = dict.fromkeys([*snapshot.space.parameters, *sorted(used), snapshot.metric, *sorted(measured)])
    known |= dict.fromkeys(("number", "seconds"))
    for name in sorted(expression.names):
        if name not in known:
            listed = ", ".join(clean(entry) for entry in list(known)[:LONGEST_LIST])
            more = ", ..." if len(known) > LONGEST_LIST else ""
            raise UserError(
                f"{name!r} is no state, arm, parameter or metric here; an expression may name {listed}{more}"
            )
    if not expression.names or not expression.is_condition:
        raise UserError(f"{expression.text!r} is neither true nor false of a trial; compare it, as in 'C > 1'")
    complaint = None
    for trial in snapshot.trials:
        values = _values(trial)
        if expression.names <= values.keys():
            try:
                if isinstance(expression.evaluate(values), bool):
                    return
                complaint = UserError(f"{expression.text!r} is neither true nor false; compare it, as in 'C > 1'")
            except ExpressionError as error:
                complaint = UserError(str(error))
    if complaint is not None:
        raise complaint
