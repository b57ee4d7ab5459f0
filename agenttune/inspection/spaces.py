"""From a script's options to a typed space: what is tuned, within which range, and why; what is left alone."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from agenttune.inspection.script import Option, Script
from agenttune.space import Categorical, Constant, Float, Int, Parameter, Space

LEFT_ALONE = re.compile(
    r"seed|path|dir|folder|file|output|out|log|device|cuda|gpu|cpu|workers?|threads?|jobs|verbose|debug|resume|checkpoint"
    r"|save|load|name|data|dataset|root|url|port|host|rank|local_rank|wandb|project|print|freq|interval|num_classes|cfg"
    r"|config|model_name|version|fp16|bf16|amp|limit|max_steps|steps|split"
)
"""Words in the name of an option that is no hyperparameter."""
FIDELITY = re.compile(r"(?:^|_)(?:epochs?|num_epochs|n_epochs|iterations?|max_iter|num_train_epochs)$")
KNOWN: tuple[tuple[str, tuple[float, float, bool], str], ...] = (
    (r"(?:^|_)(?:lr|learning_rate|eta)$", (1e-5, 1e-1, True), "learning rate"),
    (r"weight_decay|(?:^|_)wd$|(?:^|_)l2$", (1e-7, 1e-1, True), "weight decay"),
    (r"dropout|drop_rate|(?:^|_)drop$", (0.0, 0.6, False), "dropout"),
    (r"momentum$", (0.5, 0.99, False), "momentum"),
    (r"warmup_ratio|warmup_frac", (0.0, 0.2, False), "share of warm-up steps"),
    (r"label_smoothing", (0.0, 0.3, False), "label smoothing"),
    (r"subsample|colsample", (0.4, 1.0, False), "share of rows or columns"),
    (r"(?:^|_)(?:beta1|beta_1)$", (0.8, 0.99, False), "decay of the first moment"),
    (r"(?:^|_)(?:beta2|beta_2)$", (0.9, 0.9999, False), "decay of the second moment"),
    (r"temperature", (0.1, 2.0, False), "temperature"),
    (r"batch", (8, 512, True), "batch size"),
    (r"hidden|width|units|dim$|channels|d_model", (16, 1024, True), "width"),
    (r"layers|depth", (1, 12, False), "number of layers"),
    (r"heads", (1, 16, True), "attention heads"),
    (r"n_estimators|num_trees|trees", (20, 1000, True), "number of trees"),
    (r"lora_r$|rank$", (2, 128, True), "rank"),
)
"""(pattern of the name, (low, high, log), what it is); the first that fits counts. Widened to hold the default."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A space of a script's options."""

    space: Space | None
    """None where nothing of it can be tuned."""
    why: dict[str, str] = field(default_factory=dict)
    """Parameter -> why it has this range."""
    left_out: dict[str, str] = field(default_factory=dict)
    """Option -> why it is not tuned."""


def propose_space(script: Script, asked: Mapping[str, Parameter] | None = None) -> Proposed:
    """The space to tune a script in.

    Args:
        script: as it was read.
        asked: parameters that were given; those alone are tuned, where any are.
    """
    parameters: dict[str, Parameter] = {}
    why: dict[str, str] = {}
    left_out: dict[str, str] = {}
    for option in script.options:
        if asked and option.name in asked:
            parameters[option.name], why[option.name] = _as_in_script(asked[option.name], option), "as asked for"
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
    space = Space.from_flat(parameters, conditions={}, constraints=[]) if parameters else None
    return Proposed(space, why, left_out)


def _as_in_script(parameter: Parameter, option: Option) -> Parameter:
    """The parameter with the script's own value to start from, where that is one of its values, and its words."""
    if isinstance(parameter, Constant):
        return parameter
    default = option.default if option.default is not None and parameter.contains(option.default) else None
    return replace(parameter, default=default, meaning=option.help)  # type: ignore[arg-type]  # one of its values


def _reason_against(option: Option) -> str | None:
    if not option.flag:
        return "it has no flag"
    if option.is_switch:
        return "a switch without a value cannot be set from a parameter"
    if FIDELITY.search(option.name):
        return "it decides how long a trial takes, not how good a configuration is: name it to have it tuned"
    if any(LEFT_ALONE.fullmatch(word) for word in [option.name, *option.name.split("_")]):
        return "it looks like no hyperparameter"
    if option.kind == "str" and not option.choices:
        return "its choices are not written in the script"
    return None


def usual_parameter(option: Option) -> tuple[Parameter, str] | None:
    """(the parameter that an option usually is, why); None where its values are not known."""
    meaning = option.help
    if option.is_negatable or option.kind == "bool":
        return None
    if option.choices:
        default = option.default if option.default in option.choices else None
        return Categorical(option.choices, default=default, meaning=meaning), "its choices"
    for pattern, (low, high, log), what in KNOWN:
        if re.search(pattern, option.name):
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
