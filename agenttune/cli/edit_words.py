"""Edits as a shell user writes them: `lr<=1e-2`, `optimizer+=adamw`, `trials+=10`, `metric "latency_ms<20"`.

Not for: sentences. Which edits there are: agenttune/edits.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence

from agenttune.cli.format import parse_seconds, parse_size
from agenttune.cli.values import parse_value
from agenttune.edits import (
    AddConstraint,
    AddMetricConstraint,
    Edit,
    Freeze,
    RemoveConstraint,
    RemoveMetricConstraint,
    SetChoices,
    SetRange,
    SetTarget,
    SetWorkers,
    Terms,
    apply,
    edit_from_json,
)
from agenttune.errors import UserError
from agenttune.space import Categorical, Ordinal, Space
from agenttune.space.tree import values_of
from agenttune.types import Json, Scalar, is_number

TEXTS: dict[str, Callable[[str], Edit]] = {
    "constraint": AddConstraint,
    "no-constraint": RemoveConstraint,
    "metric": AddMetricConstraint,
    "no-metric": RemoveMetricConstraint,
}
"""Words that take the next word as an expression."""
BUDGET = ("trials", "seconds", "tokens", "dollars", "requests")
STUDY = (*BUDGET, "trial-seconds", "trial-memory", "workers", "target")
"""Names that are none of parameters."""
SCALES = ("log", "linear")
LIFTED = "none"
"""Written for a bound that no longer holds."""

_EDIT = re.compile(r"(?P<name>.+?)\s*(?P<sign><=|>=|\+=|-=|=)\s*(?P<value>.+)", re.DOTALL)


def is_edit(word: str) -> bool:
    """Whether a word begins an edit, and is not the name of a study."""
    return word in TEXTS or _EDIT.fullmatch(word) is not None


def read_edits(terms: Terms, words: Sequence[str]) -> list[Edit]:
    """The edits that the words say, each read under the terms that those before it lead to.

    Raises:
        UserError: a word is no edit, or breaks a rule.
    """
    edits: list[Edit] = []
    left = [part for word in words for part in _parts(word)]
    while left:
        word = left.pop(0)
        if word in TEXTS:
            if not left:
                raise UserError(f'{word} needs an expression, as in {word} "a*b < 4096"')
            edit = TEXTS[word](left.pop(0))
        else:
            scale = left.pop(0) if left and left[0] in SCALES else None
            edit = _edit(terms, word, scale)
        terms = apply(terms, edit)
        edits.append(edit)
    return edits


def _parts(word: str) -> list[str]:
    """`lr=1e-5..1e-2 log` in one word is that and the scale."""
    head, _, tail = word.rpartition(" ")
    return [head, tail] if tail in SCALES and head else [word]


def _edit(terms: Terms, word: str, scale: str | None) -> Edit:
    match = _EDIT.fullmatch(word)
    if match is None:
        raise UserError(f"{word!r} is no edit; write it as in lr<=0.1, C=1..100 log, kernel+=rbf, trials+=10")
    name, sign, value = match["name"], match["sign"], match["value"]
    kind, dot, rest = name.partition(".")
    is_prefixed = bool(dot) and kind in ("space", "study") and name not in terms.space.parameters
    if is_prefixed:
        name = rest
    if not is_prefixed and name in STUDY and name in terms.space.parameters:
        raise UserError(f"{name!r} is a parameter and a bound of the study; write space.{name} or study.{name}")
    if name in STUDY and kind != "space":
        if scale is not None:
            raise UserError(f"{scale} is for ranges of parameters, but got {word!r}")
        return _study_edit(terms, name, sign, value)
    return _space_edit(terms.space, name, sign, value, scale)


# -- the study -------------------------------------------------------------------------------------


def _study_edit(terms: Terms, name: str, sign: str, value: str) -> Edit:
    if name in BUDGET:
        total = _total(name, sign, value, getattr(terms.budget, name))
        return edit_from_json({"edit": "set_budget", **_bounded(name, total)})
    if sign not in ("=", "<="):
        raise UserError(f"{name} is set by {name}={value}; only a budget can be raised by +=")
    if name in ("trial-seconds", "trial-memory"):
        field = "seconds" if name == "trial-seconds" else "memory_bytes"
        return edit_from_json({"edit": "set_trial_limit", **_bounded(field, _amount(name, value))})
    if name == "target":
        return SetTarget(_amount(name, value))
    return SetWorkers(int(_by(_whole, name, value)))


def _bounded(field: str, bound: float | None) -> dict[str, Json]:
    return {"lifted": [field]} if bound is None else {field: bound}


def _total(name: str, sign: str, value: str, now: float | None) -> int | float | None:
    """The new total of a bound."""
    amount = _amount(name, value)
    if sign in ("=", "<="):
        return amount
    if sign == ">=" or amount is None or now is None:
        raise UserError(f"{name}{sign}{value} cannot be: {name} is {now or 'unbounded'}; give a total, as in {name}=50")
    return now + amount if sign == "+=" else now - amount


def _amount(name: str, value: str) -> int | float | None:
    """A bound as it is written; None lifts it."""
    if value == LIFTED:
        return None
    if name == "trial-memory":
        return _by(parse_size, name, value)
    if name in ("seconds", "trial-seconds"):
        return _by(parse_seconds, name, value)
    return _by(float if name in ("dollars", "target") else _whole, name, value)


def _by(read: Callable[[str], float], name: str, value: str) -> int | float:
    try:
        return read(value)
    except argparse.ArgumentTypeError as error:
        raise UserError(f"{name}: {error}") from None
    except ValueError:
        raise UserError(f"{name} must be a number, but got {value!r}") from None


def _whole(value: str) -> int:
    number = float(value)
    if not number.is_integer():
        raise argparse.ArgumentTypeError(f"must be a whole number, but got {value!r}")
    return int(number)


# -- the space -------------------------------------------------------------------------------------


def _space_edit(space: Space, name: str, sign: str, value: str, scale: str | None) -> Edit:
    low, dots, high = value.partition("..")
    is_range = bool(dots) and sign == "="
    log = None if scale is None else scale == "log"
    if scale is not None and not (is_range or sign in ("<=", ">=")):
        raise UserError(f"{scale} goes with a range, as in {name}=1..100 log")
    if is_range and not _offers(space, name, value):
        return SetRange(name, _bound(space, name, low), _bound(space, name, high), log)
    if sign == "=":
        return Freeze(name, parse_value(space, name, value))
    if sign in ("<=", ">="):
        return _capped(space, name, sign, value, log)
    if not isinstance(space.parameters.get(name), Categorical | Ordinal):
        parse_value(space, name, value)  # says so if there is no such parameter
        raise UserError(f"{name} has a range, not choices; write it as in {name}=1..100")
    choices = tuple(values_of(space.parameters[name]))
    if sign == "-=":
        dropped = parse_value(space, name, value)
        return SetChoices(name, tuple(choice for choice in choices if choice is not dropped))
    return SetChoices(name, _joined(choices, value))


def _offers(space: Space, name: str, value: str) -> bool:
    """Whether the parameter has choices, of which one is written like this."""
    parameter = space.parameters.get(name)
    return isinstance(parameter, Categorical | Ordinal) and value in map(str, values_of(parameter))


def _bound(space: Space, name: str, word: str) -> float | None:
    """One end of a range; nothing leaves it as it is."""
    if not word:
        return None
    value = parse_value(space, name, word)
    if isinstance(value, str):
        raise UserError(f"{name} has choices, not a range; write it as in {name}+=VALUE")
    return value


def _capped(space: Space, name: str, sign: str, value: str, log: bool | None) -> Edit:
    """A bound of a range, or the choices on this side of it."""
    parameter = space.parameters.get(name)
    choices = tuple(values_of(parameter)) if isinstance(parameter, Categorical | Ordinal) else ()
    numbers = [choice for choice in choices if is_number(choice)]
    if numbers and len(numbers) == len(choices):
        bound = _by(float, name, value)
        return SetChoices(name, tuple(n for n in numbers if (n <= bound if sign == "<=" else n >= bound)))
    end = _bound(space, name, value)
    return SetRange(name, high=end, log=log) if sign == "<=" else SetRange(name, low=end, log=log)


def _joined(choices: Sequence[Scalar], word: str) -> tuple[Scalar, ...]:
    """The choices and one more, a number among numbers, which stay in order."""
    numbers = [choice for choice in choices if is_number(choice)]
    if len(numbers) < len(choices):
        return (*choices, word)
    value = _by(float, "a choice among numbers", word)
    if float(value).is_integer() and all(isinstance(number, int) for number in numbers):
        value = int(value)
    joined = [*numbers, value]
    return tuple(sorted(joined) if numbers == sorted(numbers) else joined)
