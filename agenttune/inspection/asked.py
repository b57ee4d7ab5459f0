"""What was asked of an option, held to what its script takes: a switch, a list of choices, numbers.

Not for: what is tuned where nothing was asked (spaces.py).
"""

from __future__ import annotations

from dataclasses import replace

from agenttune.errors import SpaceError
from agenttune.inspection.script import Option
from agenttune.space import Bool, Categorical, Constant, Float, Int, Ordinal, Parameter
from agenttune.types import Scalar

_SWITCHED = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False, "no": False, "0": False}


def reason_against_any(option: Option) -> str | None:
    """Why no value of it can be set; None where one can."""
    if not option.flag and not option.variable:
        return "it has no flag"
    if not option.variable and not option.takes_value and not (option.on or option.off):
        return "it takes no value and is no switch"
    return None


def as_in_script(parameter: Parameter, option: Option) -> Parameter:
    """The parameter with values as the script takes them, the script's own to start from, and its words.

    Raises:
        SpaceError: the script takes no such values.
    """
    reason = reason_against_any(option)
    if reason is not None:
        raise SpaceError(
            f"{option.name} cannot be tuned: {reason}; leave it out, or give the script an option with a value for it"
        )
    if isinstance(parameter, Constant):
        return Constant(_as_taken(parameter.value, option))
    if isinstance(parameter, Categorical):
        values = [_as_taken(value, option) for value in parameter.choices]
        parameter = Bool() if option.kind == "bool" and len(set(values)) == 2 else Categorical(values)
    elif isinstance(parameter, Ordinal):
        parameter = _listed([_as_taken(value, option) for value in parameter.values])
    elif isinstance(parameter, Float | Int) and (option.choices or option.kind == "bool"):
        parameter = _choices_within(parameter, option)
    default = option.default if option.default is not None and parameter.contains(option.default) else None
    return replace(parameter, default=default, meaning=option.help)  # type: ignore[arg-type]  # one of its values


def _as_taken(value: Scalar, option: Option) -> Scalar:
    """The value as the script takes it: its own spelling of a choice, whether a switch is on.

    Raises:
        SpaceError: it takes no such value.
    """
    if option.choices:
        return _choice(value, option)
    if option.kind == "bool":
        is_on = _SWITCHED.get(str(value).lower())
        if is_on is None:
            raise _refused(option, "is on or off", value)
        return is_on
    if option.kind == "str":
        return value
    number = None if isinstance(value, bool | str) else value
    if number is None or (option.kind == "int" and number != int(number)):
        raise _refused(option, "takes whole numbers" if option.kind == "int" else "takes numbers", value)
    return int(number) if option.kind == "int" else number


def _choice(value: Scalar, option: Option) -> Scalar:
    """The choice that is spelt like the value, in any case, or is the same number."""
    number = _number(value)
    for choice in option.choices:
        if str(choice).lower() == str(value).lower() or (number is not None and _number(choice) == number):
            return choice
    raise _refused(option, f"is one of {_spelt(option)}", value)


def _number(value: Scalar) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def _choices_within(parameter: Float | Int, option: Option) -> Parameter:
    """Those of the option's choices that lie in a range."""
    low, high = parameter.low, parameter.high
    numbers = {choice: _number(choice) for choice in option.choices}
    kept = [choice for choice, number in numbers.items() if number is not None and low <= number <= high]
    if len(kept) < 2:
        is_one_of = f"is one of {_spelt(option)}" if option.choices else "is on or off"
        raise _refused(option, is_one_of, f"{low:g} to {high:g}")
    return _listed(kept)


def _listed(values: list[Scalar]) -> Parameter:
    """The values in their order where all are numbers."""
    numbers = [value for value in values if not isinstance(value, bool | str)]
    return Ordinal(sorted(numbers)) if len(numbers) == len(values) else Categorical(values)


def _spelt(option: Option) -> str:
    return ", ".join(str(choice) for choice in option.choices)


def _refused(option: Option, rule: str, value: Scalar) -> SpaceError:
    return SpaceError(f"{option.name} {rule}, as the script says, but got {value!r}; say such values instead")
