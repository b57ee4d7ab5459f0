"""What was asked of an estimator's parameters, put into its space: ranges narrowed, values fixed.

Not for: reading a sentence (ranges.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agenttune.cards.estimators import EstimatorCard
from agenttune.cards.pipeline import EncodedFacts
from agenttune.errors import RequestNotUnderstood, SpaceError
from agenttune.plan.request import AskedRange
from agenttune.space import Bool, Categorical, Constant, Float, Int, Ordinal, Parameter, Space
from agenttune.types import Scalar


def is_rare(card: EstimatorCard, facts: EncodedFacts, ranges: Sequence[AskedRange]) -> bool:
    """Whether a value is asked for that only the family's wide space has."""
    parameters = card.space(facts).parameters
    for asked in ranges:
        parameter = parameters.get(asked.parameter)
        if isinstance(parameter, Categorical) and any(value not in parameter.choices for value in asked.values):
            return True
    return False


def narrowed(space: Space, ranges: Sequence[AskedRange], *, title: str) -> Space:
    """The space with what was asked for put in; parameters that can no longer be active are dropped.

    Raises:
        RequestNotUnderstood: a parameter or a value the family does not have.
        SpaceError: a range that cannot be.
    """
    parameters = dict(space.parameters)
    for asked in ranges:
        if asked.parameter not in parameters:
            raise RequestNotUnderstood(f"{title} has no parameter {asked.parameter}; it has {', '.join(parameters)}")
        try:
            parameters[asked.parameter] = _replaced(asked, parameters[asked.parameter])
        except SpaceError as error:
            raise SpaceError(f"{asked.parameter} cannot have that range: {error}") from None
    constraints = [entry.text for entry in space.constraints]
    return _awake(Space.from_flat(parameters, conditions=space.conditions, constraints=constraints), title=title)


def alone(space: Space, names: Sequence[str], library: Mapping[str, Scalar], *, title: str) -> Space:
    """The space with all but the named parameters fixed to the library's own values.

    Args:
        space: as it would be tuned, with the library's values as defaults where it has a place for them.
        names: of those that are tuned.
        library: the library's values of the parameters that are active at them.
        title: of the estimator.

    Raises:
        RequestNotUnderstood: a named one has no effect at the library's own values, or at those asked for.
    """
    fixed = {}
    for name, parameter in space.parameters.items():
        value = library.get(name, parameter.default)
        if name not in names and value is not None:  # else a named one wakes it, and the library has no value of it
            fixed[name] = Constant(value, unit=parameter.unit, meaning=parameter.meaning)
    constraints = [entry.text for entry in space.constraints]
    found = Space.from_flat({**space.parameters, **fixed}, conditions=space.conditions, constraints=constraints)
    for name in names:
        if name not in found.parameters:
            raise RequestNotUnderstood(f"{name} of {title} has no effect with the values you give: leave it out")
        if name not in found.awake:
            when = space.conditions[name].describe()
            raise RequestNotUnderstood(
                f"{name} of {title} has an effect with {when} only: name that, too, or give it a value"
            )
    return _awake(found, title=title)


def _awake(space: Space, *, title: str) -> Space:
    """The space without the parameters that can never be active.

    Raises:
        RequestNotUnderstood: nothing is left to tune.
    """
    kept = {name: parameter for name, parameter in space.parameters.items() if name in space.awake}
    conditions = {name: entry for name, entry in space.conditions.items() if name in kept}
    narrow = Space.from_flat(kept, conditions=conditions, constraints=[entry.text for entry in space.constraints])
    if not narrow.columns:
        raise RequestNotUnderstood(f"every parameter of {title} is fixed, so there is nothing to tune")
    return narrow


def _replaced(asked: AskedRange, old: Parameter) -> Parameter:
    if asked.is_bare:
        return old
    if asked.values:
        values = [_allowed(asked.parameter, value, old) for value in asked.values]
        if len(values) == 1:
            return Constant(values[0], unit=old.unit, meaning=old.meaning)
        if isinstance(old, Categorical | Bool):
            return Categorical(values, unit=old.unit, meaning=old.meaning)
        return Ordinal(_in_order(values), unit=old.unit, meaning=old.meaning)
    if isinstance(old, Int) or (isinstance(old, Ordinal) and _is_of_whole_numbers(old)):
        asked = asked.of_whole_numbers()
    if isinstance(old, Ordinal):
        return _range_of_list(asked, old)
    if not isinstance(old, Float | Int):
        raise RequestNotUnderstood(f"{asked.parameter} is one of {old.describe()}, so it has no range")
    low = old.low if asked.low is None else asked.low
    high = old.high if asked.high is None else asked.high
    log = (old.log and low > 0) if asked.log is None else asked.log
    if isinstance(old, Float):
        return Float(float(low), float(high), log=log, unit=old.unit, meaning=old.meaning)
    return Int(whole(asked, low), whole(asked, high), log=log, unit=old.unit, meaning=old.meaning)


def _allowed(name: str, value: Scalar, old: Parameter) -> Scalar:
    """The value, if the parameter may have it: one of its choices, or any number of its kind."""
    if isinstance(old, Categorical | Bool):
        fits = old.contains(value)
    elif isinstance(old, Ordinal):
        fits = value in old.values or _is_number(value)
    else:
        fits = _is_number(value) and (isinstance(old, Float) or float(value) == int(value))
    if not fits:
        kind = "a whole number" if isinstance(old, Int) else "a number"
        wanted = kind if isinstance(old, Float | Int) else f"one of {old.describe()}"
        raise RequestNotUnderstood(f"{name} must be {wanted}, but got {value!r}", fragments=(str(value),))
    if isinstance(old, Float):
        return float(value)
    return int(value) if isinstance(old, Int) else value


def _is_number(value: Scalar) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _in_order(values: Sequence[Scalar]) -> list[Scalar]:
    """Numbers by size, then words ("none": no limit)."""
    numbers = sorted(value for value in values if not isinstance(value, str))
    return [*numbers, *(value for value in values if isinstance(value, str))]


def _range_of_list(asked: AskedRange, old: Ordinal) -> Parameter:
    """A range over a parameter that is a list of values: a true range, or the part of the list on one side."""
    if asked.low is None or asked.high is None:
        kept = [value for value in old.values if _is_within(value, asked)]
        if len(kept) < 2:
            raise RequestNotUnderstood(f"{asked.parameter} has too few values left of {old.describe()}; give a range")
        return Ordinal(kept, unit=old.unit, meaning=old.meaning)
    if _is_of_whole_numbers(old):
        low, high = whole(asked, asked.low), whole(asked, asked.high)
        return Int(low, high, log=bool(asked.log), unit=old.unit, meaning=old.meaning)
    log = asked.low > 0 if asked.log is None else asked.log
    return Float(float(asked.low), float(asked.high), log=log, unit=old.unit, meaning=old.meaning)


def _is_of_whole_numbers(old: Ordinal) -> bool:
    return all(isinstance(value, int) for value in old.values if not isinstance(value, str))


def _is_within(value: Scalar, asked: AskedRange) -> bool:
    """Whether a listed value is on the asked side; "none" means no upper limit."""
    if isinstance(value, str):
        return asked.high is None
    return (asked.low is None or value >= asked.low) and (asked.high is None or value <= asked.high)


def whole(asked: AskedRange, value: float) -> int:
    """An end of a range of whole numbers.

    Raises:
        RequestNotUnderstood: it is none.
    """
    if value != int(value):
        raise RequestNotUnderstood(f"{asked.parameter} takes whole numbers, but got {value:g}")
    return int(value)
