"""Words typed by a person into the values of a space's parameters."""

from __future__ import annotations

from collections.abc import Mapping

from agenttune.errors import ConfigInvalid
from agenttune.space import Bool, Categorical, Constant, Float, Int, Ordinal, Parameter, Space, nearest
from agenttune.types import Scalar

TRUTHS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def parse_config(space: Space, words: Mapping[str, str]) -> dict[str, Scalar]:
    """Values by the types of their parameters; ranges and conditions are the space's to check.

    Raises:
        ConfigInvalid: an unknown name, or a word that is no value of the parameter's type.
    """
    return {name: parse_value(space, name, word) for name, word in words.items()}


def parse_value(space: Space, name: str, word: str) -> Scalar:
    """One value.

    Raises:
        ConfigInvalid: as above.
    """
    if name not in space.parameters:
        near = nearest(name, space.parameters)
        hint = f"did you mean {near!r}?" if near else f"there are {', '.join(space.parameters)}"
        raise ConfigInvalid(f"no parameter is called {name!r}; {hint}", parameter=name)
    return _parse(name, space.parameters[name], word)


def _parse(name: str, parameter: Parameter, word: str) -> Scalar:
    if isinstance(parameter, Float):
        return _number(name, word)
    if isinstance(parameter, Int):
        return _whole(name, word)
    if isinstance(parameter, Bool):
        if word.lower() not in TRUTHS:
            raise ConfigInvalid(f"`{name}` must be true or false, but got {word!r}", parameter=name)
        return TRUTHS[word.lower()]
    return _one_of(name, _offered(parameter), word)


def _offered(parameter: Categorical | Ordinal | Constant) -> list[Scalar]:
    if isinstance(parameter, Categorical):
        return list(parameter.choices)
    return list(parameter.values) if isinstance(parameter, Ordinal) else [parameter.value]


def _one_of(name: str, offered: list[Scalar], word: str) -> Scalar:
    """The value that is written like the word, or else is the same number."""
    for value in offered:
        if word == str(value) or (isinstance(value, bool) and TRUTHS.get(word.lower()) is value):
            return value
    for value in offered:
        if isinstance(value, int | float) and not isinstance(value, bool) and _is_number(word, value):
            return value
    listed = ", ".join(str(value) for value in offered)
    raise ConfigInvalid(f"`{name}` must be one of {listed}, but got {word!r}", parameter=name)


def _is_number(word: str, value: float) -> bool:
    try:
        return float(word) == value
    except ValueError:
        return False


def _number(name: str, word: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise ConfigInvalid(f"`{name}` must be a number, but got {word!r}", parameter=name) from None


def _whole(name: str, word: str) -> int:
    try:
        return int(word)
    except ValueError:
        pass
    value = _number(name, word)
    if not value.is_integer():
        raise ConfigInvalid(f"`{name}` must be a whole number, but got {word!r}", parameter=name)
    return int(value)
