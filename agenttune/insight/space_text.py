"""The fixed part of a prompt: goal, context and parameters, the same to the byte from trial to trial.

Bounded by `SPACE_TOKENS`: first meanings and lists of choices are cut, then meanings, defaults and the context are
left out, last parameters from the end, and the text says how many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agenttune.exchange import estimate_tokens
from agenttune.history import StudyView
from agenttune.insight.quoting import quote, shown_config, spell_json, spell_value, spell_values
from agenttune.prompts import render
from agenttune.space import Bool, Categorical, Constant, Float, Int, Ordinal, Parameter, Space
from agenttune.types import Scalar

SPACE_TOKENS = 1_500
"""Most tokens of this part; the system text takes 500 and leaves 1,000 of 3,000 for the history."""
MOST_CONSTRAINTS = 12


@dataclass(frozen=True, slots=True)
class Detail:
    """How much is told."""

    meaning: int
    """Characters of a meaning."""
    choices: int
    """Values of a list."""
    context: int
    """Characters of one line of context."""
    has_defaults: bool = True


DETAILS = (
    Detail(240, 40, 400),
    Detail(120, 40, 300),
    Detail(60, 24, 200),
    Detail(30, 16, 200),
    Detail(0, 12, 120),
    Detail(0, 6, 0, has_defaults=False),
    Detail(0, 3, 0, has_defaults=False),
)
"""From all to least; the first that fits is taken."""


@dataclass(frozen=True, slots=True)
class ParameterLine:
    """One parameter, as shown; empty where there is nothing to say."""

    name: str
    range: str
    condition: str
    default: str
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class GoalLine:
    """The goal, as shown."""

    metric: str
    direction: str
    target: str | None
    constraints: tuple[str, ...]
    n_more: int


@dataclass(frozen=True, slots=True)
class ContextLine:
    """One thing known of what is tuned."""

    label: str
    text: str


def space_text(view: StudyView, context: Mapping[str, str]) -> str:
    """Goal, context and parameters, in at most `SPACE_TOKENS`."""
    names = [name for name in view.space.parameters if name in view.space.awake]
    for detail in DETAILS:
        text = _render(view, context, names, detail)
        if estimate_tokens(text) <= SPACE_TOKENS:
            return text
    n_shown = len(names)
    while n_shown and estimate_tokens(text) > SPACE_TOKENS:
        n_shown = n_shown * 9 // 10
        text = _render(view, context, names[:n_shown], DETAILS[-1], n_more=len(names) - n_shown)
    return text


def _render(
    view: StudyView, context: Mapping[str, str], names: Sequence[str], detail: Detail, *, n_more: int = 0
) -> str:
    space, goal = view.space, view.goal
    n_constraints = MOST_CONSTRAINTS if detail.has_defaults else MOST_CONSTRAINTS // 3
    metric_constraints = tuple(quote(entry.text) for entry in goal.parsed)
    default = _default(view) if detail.has_defaults else None
    told = frozenset(view.default or ()) if default else frozenset()
    return render(
        "space",
        goal=GoalLine(
            quote(goal.metric, 60),
            goal.direction,
            None if goal.target is None else spell_json(goal.target),
            metric_constraints[:n_constraints],
            max(len(metric_constraints) - n_constraints, 0),
        ),
        context=[
            ContextLine(quote(label, 20), quote(text, detail.context))
            for label, text in list(context.items())[:MOST_CONSTRAINTS]
            if detail.context
        ],
        parameters=[
            _line(space, name, text, detail, has_default=detail.has_defaults and name not in told)
            for name, text in zip(names, spell_values(names), strict=True)
        ],
        constraints=[quote(entry.text) for entry in space.constraints[:n_constraints]],
        default=default,
        n_more_constraints=max(len(space.constraints) - n_constraints, 0),
        n_more_parameters=n_more,
    )


def _default(view: StudyView) -> str | None:
    """The library's own configuration, where it is not simply the default of every parameter; told whole, it saves
    telling each parameter's."""
    if view.default is None or view.default == view.space.default_config():
        return None
    shown = shown_config(view.space, view.default)
    return None if shown is None else spell_json(shown)


def _line(space: Space, name: str, spelled: str, detail: Detail, *, has_default: bool) -> ParameterLine:
    parameter = space.parameters[name]
    condition = space.conditions.get(name)
    default = parameter.default if has_default and not isinstance(parameter, Constant) else None
    when = ""
    if condition is not None:
        values = [value for value in condition.values if space.parameters[condition.parent].contains(value)]
        when = f"{spell_value(condition.parent)} is {_listed(values, detail.choices, ' or ')}"
    return ParameterLine(
        name=spelled,
        range=_range(parameter, detail),
        condition=when,
        default="" if default is None else spell_value(default),
        unit=quote(parameter.unit, 20) if parameter.unit and detail.meaning else "",
        meaning=quote(parameter.meaning, detail.meaning) if parameter.meaning and detail.meaning else "",
    )


def _range(parameter: Parameter, detail: Detail) -> str:
    match parameter:
        case Float() | Int():
            kind = "float" if isinstance(parameter, Float) else "integer"
            step = f", step {spell_json(parameter.step)}" if parameter.step not in (None, 1) else ""
            scale = ", log scale" if parameter.log else ""
            return f"{kind} {spell_json(parameter.low)} to {spell_json(parameter.high)}{step}{scale}"
        case Categorical():
            return f"one of {_listed(parameter.choices, detail.choices, ', ')}"
        case Ordinal():
            return f"one of {_listed(parameter.values, detail.choices, ' < ')}"
        case Bool():
            return "true or false"
        case Constant():
            return f"fixed at {spell_value(parameter.value)}, leave it out"


def _listed(values: Sequence[Scalar], most: int, sign: str) -> str:
    shown = sign.join(spell_values(values[:most]))
    return shown if len(values) <= most else f"{shown}{sign}... {len(values) - most} more"
