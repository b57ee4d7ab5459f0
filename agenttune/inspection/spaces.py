"""From a script's options and constants to typed spaces: what is tuned, in which range, and why; what is left alone."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from agenttune.errors import SpaceError
from agenttune.inspection.asked import as_in_script, reason_against_any
from agenttune.inspection.constants import ScriptConstant
from agenttune.inspection.script import Option, Script
from agenttune.inspection.usual import FIDELITY, KNOWN, LEFT_ALONE
from agenttune.space import Categorical, Float, Int, Parameter, Space

_HOLDER = re.compile(r"^[a-z]*(?:config|cfg)_")
"""In front of the name of a variable that sets an entry of a dict: "config_lr"."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A space of a script's options."""

    space: Space | None
    """None where nothing of it can be tuned."""
    why: dict[str, str] = field(default_factory=dict)
    """Parameter -> why it has this range."""
    left_out: dict[str, str] = field(default_factory=dict)
    """Option or constant -> why it is not tuned."""
    constants: Space | None = None
    """What could be tuned as well once patching.py has made it settable, by the names the variables will have; None
    where there is nothing."""


def propose_space(script: Script, asked: Mapping[str, Parameter] | None = None) -> Proposed:
    """The space to tune a script in.

    Args:
        script: as it was read.
        asked: parameters that were given; those alone are tuned, where any are.

    Raises:
        SpaceError: the script takes no such values as were given.
    """
    parameters: dict[str, Parameter] = {}
    why: dict[str, str] = {}
    left_out: dict[str, str] = {}
    for option in script.options:
        if asked and option.name in asked:
            parameters[option.name], why[option.name] = as_in_script(asked[option.name], option), "as asked for"
            continue
        if asked:
            left_out[option.name] = "only what was named is tuned"
            continue
        reason = _reason_against(option)
        found = None if reason else usual_parameter(option)
        if found is None:
            left_out[option.name] = reason or "its values are not known"
        else:
            parameters[option.name], why[option.name] = found
    space = Space.from_flat(parameters) if parameters else None
    return Proposed(space, why, left_out, None if asked else _of_constants(script, why, left_out))


def _of_constants(script: Script, why: dict[str, str], left_out: dict[str, str]) -> Space | None:
    """A space of the script's constants; adds to `why` and `left_out`."""
    parameters: dict[str, Parameter] = {}
    typed = {option.name for option in script.options}
    for constant in script.constants:
        option = _as_option(constant)
        short = constant.name.rpartition(".")[2].lower()
        if short in typed or option.name in typed:  # it is that one's default
            continue
        reason = _reason_against(replace(option, name=short))
        found = None if reason else usual_parameter(replace(option, name=short))
        if found is None:
            left_out[constant.name] = reason or "its values are not known"
        elif option.name not in parameters:
            parameters[option.name], why[option.name] = found
    return Space.from_flat(parameters) if parameters else None


def _as_option(constant: ScriptConstant) -> Option:
    """The option that the constant will be."""
    return Option(
        name=constant.variable.lower(),
        flag="",
        kind=constant.kind,
        default=constant.value,
        choices=(),
        help="",
        line=constant.line,
        variable=constant.variable,
    )


def _reason_against(option: Option) -> str | None:
    if (reason := reason_against_any(option)) is not None:
        return reason
    if FIDELITY.search(option.name):
        return "it decides how long a trial takes, not how good a configuration is: name it to have it tuned"
    name = _HOLDER.sub("", option.name) if option.variable else option.name
    if any(LEFT_ALONE.fullmatch(word) for word in [name, *name.split("_")]):
        return "it looks like no hyperparameter"
    if option.kind == "str" and not option.choices:
        return "its choices are not written in the script"
    if option.kind == "bool" and not option.variable:
        return "a switch: name it to have it tuned"
    return None


def usual_parameter(option: Option) -> tuple[Parameter, str] | None:
    """(the parameter that an option usually is, why); None where its values are not known."""
    try:
        return _usual(option)
    except SpaceError:  # a default at the edge of what numbers can be
        return None


def _usual(option: Option) -> tuple[Parameter, str] | None:
    meaning = option.help
    if option.kind == "bool" and option.variable:
        return Categorical((False, True), default=bool(option.default), meaning=meaning), "a switch"
    if option.kind == "bool":
        return None
    if option.choices:
        default = option.default if option.default in option.choices else None
        return Categorical(option.choices, default=default, meaning=meaning), "its choices"
    for pattern, (low, high, log), what in KNOWN:
        if re.search(pattern, option.name):
            if option.kind == "int" and not (float(low).is_integer() and float(high).is_integer()):
                return None
            return _ranged(option, low, high, log=log, meaning=meaning or what), f"a usual range of the {what}"
    if option.default is None or isinstance(option.default, str | bool):
        return None
    value = float(option.default)
    if option.kind == "int":
        low, high = (max(1, value // 4), max(value * 4, 4)) if value > 0 else (0, 10)
        return _ranged(
            option, low, high, log=low >= 1 and high / max(low, 1) > 10, meaning=meaning
        ), "around its default"
    if 0 < value < 1:
        return _ranged(option, value / 10, min(value * 10, 1.0), log=True, meaning=meaning), "around its default"
    low, high = (value / 4, value * 4) if value > 0 else (min(value * 4, -1.0), max(-value, 1.0))
    return _ranged(option, low, high, log=False, meaning=meaning), "around its default"


def _ranged(option: Option, low: float, high: float, *, log: bool, meaning: str) -> Parameter:
    """A float or an int whose range holds the default."""
    default = (
        option.default if isinstance(option.default, int | float) and not isinstance(option.default, bool) else None
    )
    if default is not None and math.isfinite(default) and (not log or default > 0):
        low, high = min(low, default), max(high, default)
    else:
        default = None
    if option.kind == "int":
        return Int(
            int(low),
            int(high),
            log=log and low >= 1,
            default=None if default is None else int(default),
            meaning=meaning,
        )
    return Float(float(low), float(high), log=log, default=None if default is None else float(default), meaning=meaning)
