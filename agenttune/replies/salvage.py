"""Mends what a model surely meant in a configuration, and says so. What is left to guess stays illegal.

Mended: a name, a choice or true and false in another case; a number written as a string; a whole number
written 3.0; a parameter that is not used and yet given, null included. Not mended: a value out of range, a
number that would have to be rounded, a parameter in use that is missing. Constants may be left out
(`Space.validate`): the schema has none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from agenttune.space import Bool, Categorical, Constant, Float, Int, Ordinal, Parameter, Space, spell
from agenttune.space.scalars import spell_given
from agenttune.types import Scalar

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_MAX_NUMBER_CHARS = 40


def mend_config(config: Mapping[str, object], space: Space) -> tuple[dict[str, Scalar], list[str]]:
    """(the configuration, valid in the space; what was mended, a line each).

    Raises:
        ConfigInvalid: it is not valid, mended or not.
    """
    notes: list[str] = []
    given = _renamed(config, space, notes)
    if not given.keys() <= space.parameters.keys():
        space.validate(given)  # raises: it names the unknown one
    valid: dict[str, Scalar] = {}
    for name, parameter in space.parameters.items():
        if name not in given:
            if isinstance(parameter, Constant) and space.is_active(name, valid):
                valid[name] = parameter.value
            continue
        if not space.is_active(name, valid):
            _drop(name, given[name], notes)
            continue
        value = mend_value(given[name], parameter)
        valid[name] = parameter.coerce(value, name=name)
        if type(value) is not type(given[name]) or value != given[name] or _is_whole_float(given[name], parameter):
            notes.append(f"{name}: {spell_given(given[name])} read as {spell(valid[name])}")
    return space.validate(valid), notes


def mend_value(value: object, parameter: Parameter) -> object:
    """The value of the parameter that was surely meant; the value itself where there is none."""
    if parameter.contains(value):
        return value
    match parameter:
        case Float() | Int():
            return as_number(value)
        case Bool():
            return _same_word(value, (True, False)) if isinstance(value, str) else value
        case Categorical(choices=listed) | Ordinal(values=listed):
            return _listed_value(value, parameter, listed)
        case Constant(value=only):
            return _listed_value(value, parameter, (only,))


def as_number(value: object) -> object:
    """The number that a string spells, whole where it is written so; any other value as it is."""
    text = value.strip() if isinstance(value, str) else ""
    if not text or len(text) > _MAX_NUMBER_CHARS or not _NUMBER.fullmatch(text):
        return value
    return int(text) if text.lstrip("+-").isdigit() else float(text)


def _renamed(config: Mapping[str, object], space: Space, notes: list[str]) -> dict[str, object]:
    """Names as the space spells them, where only one can be meant."""
    spellings: dict[str, list[str]] = {}
    for name in space.parameters:
        spellings.setdefault(_folded(name), []).append(name)
    renamed: dict[str, object] = {}
    for name, value in config.items():
        meant = spellings.get(_folded(name), [])
        if name not in space.parameters and len(meant) == 1 and meant[0] not in config and meant[0] not in renamed:
            notes.append(f"{meant[0]}: the name {name!r} read so")
            renamed[meant[0]] = value
        else:
            renamed[name] = value
    return renamed


def _folded(name: str) -> str:
    return name.strip().casefold().replace("-", "_").replace(" ", "_")


def _drop(name: str, value: object, notes: list[str]) -> None:
    if value is not None:
        notes.append(f"{name}: {spell_given(value)} left out, it is not used here")


def _listed_value(value: object, parameter: Parameter, listed: Sequence[Scalar]) -> object:
    number = as_number(value)
    return number if parameter.contains(number) else _same_word(value, listed)


def _is_whole_float(value: object, parameter: Parameter) -> bool:
    return isinstance(parameter, Int) and isinstance(value, float)


def _same_word(value: object, listed: Sequence[Scalar]) -> object:
    """The one value that is spelled like this, case aside; null is the choice called none or null."""
    if isinstance(value, str | bool | int | float):
        words = {_word(value)}
    elif value is None:
        words = {"none", "null"}
    else:
        return value
    same = [entry for entry in listed if _word(entry) in words]
    return same[0] if len(same) == 1 else value


def _word(value: Scalar) -> str:
    return (value if isinstance(value, str) else spell(value)).strip().casefold()
