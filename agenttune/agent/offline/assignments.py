"""A configuration in words: "C=10 with an rbf kernel, degree 3" -> {"C": 10.0, "kernel": "rbf", "degree": 3}."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agenttune.agent.offline.amounts import AMOUNT
from agenttune.agent.offline.known import Known, definition, fold, listed
from agenttune.errors import ConfigInvalid, RequestNotUnderstood
from agenttune.insight.quoting import quote
from agenttune.space import Bool, Float, Int
from agenttune.types import Scalar

_BETWEEN = re.compile(r"\s*,\s*(?:(?:and|with|plus|using)\s+)?|\s+(?:and|with|plus|&|using)\s+|\s+(?=[\w.]+\s*=)")
_RELATION = r"\s*(?:=|:|\s(?:of|at|is|to|equal\s+to)\s|\s)\s*"


def read_config(known: Known, text: str) -> dict[str, Scalar]:
    """Every value that is said.

    Raises:
        RequestNotUnderstood: something is no value of this space, or is said twice.
    """
    config: dict[str, Scalar] = {}
    for piece in _BETWEEN.split(re.sub(r"^(?:with|using)\s+", "", text.strip())):
        name, value = _assignment(known, piece)
        if name in config and config[name] != value:
            raise RequestNotUnderstood(f"you give `{name}` two values: say one", fragments=(piece,))
        config[name] = value
    return config


def read_whole_config(known: Known, text: str) -> dict[str, Scalar]:
    """The same, if the defaults complete it to a configuration that can run.

    Raises:
        RequestNotUnderstood: they do not, or as `read_config`.
    """
    config = read_config(known, text)
    try:
        known.space.fill(config)
    except ConfigInvalid as error:
        raise RequestNotUnderstood(str(error)) from None
    return config


def _assignment(known: Known, piece: str) -> tuple[str, Scalar]:
    found = dict(_readings(known, piece))
    if len(found) == 1:
        name, text = next(iter(found.items()))
        return name, known.value(name, text)
    if found:
        raise RequestNotUnderstood(f"{quote(piece)} could be {listed(found)}: say which", fragments=(piece,))
    match = re.fullmatch(rf"(?P<name>.+?){_RELATION}(?P<value>\S+)", piece)
    if match:
        known.parameter(match["name"])  # says that there is none
    there = ", ".join(f"{name} {definition(entry)}" for name, entry in list(known.space.parameters.items())[:8])
    raise RequestNotUnderstood(f"{quote(piece)} is no value of this study; it has {there}", fragments=(piece,))


def _readings(known: Known, piece: str) -> Iterator[tuple[str, str]]:
    """(parameter, text of its value) for every way of reading it."""
    for match in re.finditer(_RELATION, piece):
        for name in known.parameters(piece[: match.start()]):
            yield name, piece[match.end() :]
    for match in re.finditer(r"\s+", piece):
        head, tail = piece[: match.start()], piece[match.end() :]
        for name in known.parameters(tail):
            entry = known.space.parameters[name]
            amount = re.sub(r"\s+of$", "", head)
            if isinstance(entry, Float | Int) and re.fullmatch(AMOUNT, amount, re.IGNORECASE):
                yield name, amount
            elif isinstance(entry, Bool) and head.lower() in ("no", "without"):
                yield name, "off"
            elif any(fold(str(value)) == fold(head) for value in known.values_of(name)):
                yield name, fold(head)
    for name in known.parameters(piece):
        if isinstance(known.space.parameters[name], Bool):
            yield name, "on"
    for name, value in known.holders(piece):
        yield name, str(value)
