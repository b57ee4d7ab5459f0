"""Typed, reversible changes of a study's space: what "cap batch at 256" becomes.

An edit is a frozen record that can be stored, shown and undone. `apply` makes the next version of a
space; trials of older versions are read in it through `Space.adapt`. Not for: deciding who may edit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from functools import singledispatch
from typing import Any, TypeAlias, cast

import numpy as np

from agenttune.errors import SpaceError
from agenttune.expressions import Expression
from agenttune.space import Condition, Constant, Float, Int, Ordinal, Parameter, Space, spell
from agenttune.space.choices import Categorical
from agenttune.space.document import condition_from_document
from agenttune.space.scalars import suggestion
from agenttune.space.serial import parameter_from_json, parameter_to_json
from agenttune.types import Json, Scalar


@dataclass(frozen=True, slots=True)
class SetRange:
    """Other bounds of a float or an int; None leaves one as it is. A default outside is dropped."""

    name: str
    low: float | None = None
    high: float | None = None
    log: bool | None = None


@dataclass(frozen=True, slots=True)
class SetChoices:
    """Other values of a categorical or an ordinal; parameters of a dropped choice sleep."""

    name: str
    choices: tuple[Scalar, ...]

    def __post_init__(self) -> None:
        if isinstance(self.choices, str) or not isinstance(self.choices, Sequence):
            raise SpaceError(f"`choices` of `{self.name}` must be a list of values, but got {self.choices!r}")
        object.__setattr__(self, "choices", tuple(self.choices))


@dataclass(frozen=True, slots=True)
class AddParameter:
    """A new parameter, in the shape of a study file; with `when`, under a parent's values."""

    name: str
    parameter: dict[str, Json]
    when: dict[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class RemoveParameter:
    """A parameter leaves the configurations; refused while others depend on it. See `Freeze`."""

    name: str


@dataclass(frozen=True, slots=True)
class Freeze:
    """A parameter stays at one value from now on."""

    name: str
    value: Scalar


@dataclass(frozen=True, slots=True)
class Restore:
    """A parameter gets back a definition it had: what undoing an edit of it is."""

    name: str
    parameter: dict[str, Json]
    when: dict[str, Json] | None = None
    before: str | None = None
    """The parameter it stood in front of, if it has to come back in."""


@dataclass(frozen=True, slots=True)
class AddConstraint:
    """One more expression that every new configuration must keep."""

    text: str


@dataclass(frozen=True, slots=True)
class RemoveConstraint:
    """An expression no longer has to hold."""

    text: str


Edit: TypeAlias = (
    SetRange | SetChoices | AddParameter | RemoveParameter | Freeze | Restore | AddConstraint | RemoveConstraint
)
_CLASSES: dict[str, type[Edit]] = {
    "set_range": SetRange,
    "set_choices": SetChoices,
    "add_parameter": AddParameter,
    "remove_parameter": RemoveParameter,
    "freeze": Freeze,
    "restore": Restore,
    "add_constraint": AddConstraint,
    "remove_constraint": RemoveConstraint,
}
_NAMES = {kind: name for name, kind in _CLASSES.items()}


def apply(space: Space, edit: Edit) -> Space:
    """The next version of the space.

    Raises:
        SpaceError: the edit breaks a rule, or no configuration would be left.
        ExpressionError: a constraint cannot be read.
    """
    edited = _apply(edit, space)
    if edited.constraints:
        edited.sample(np.random.default_rng(0), 1)  # raises where constraints leave nothing
    return edited


def invert(space: Space, edit: Edit) -> Edit:
    """The edit that undoes `edit`, given the space before it.

    Raises:
        SpaceError: the edit does not fit the space.
    """
    match edit:
        case AddConstraint(text):
            return RemoveConstraint(Expression(text).text)
        case RemoveConstraint(text):
            return AddConstraint(Expression(text).text)
        case AddParameter(name):
            return RemoveParameter(name)
        case Restore(name) if name not in space.parameters:
            return RemoveParameter(name)
    _known(space, edit.name)
    names = list(space.parameters)
    behind = names[names.index(edit.name) + 1 :]
    condition = space.conditions.get(edit.name)
    return Restore(
        edit.name,
        parameter_to_json(space.parameters[edit.name]),
        when=condition.to_json() if condition else None,
        before=behind[0] if behind else None,
    )


def edit_to_json(edit: Edit) -> dict[str, Json]:
    """The edit as JSON, `{"edit": "set_range", "name": ...}`; what is None is left out."""
    content: dict[str, Json] = {"edit": _NAMES[type(edit)]}
    for entry in fields(edit):
        value = getattr(edit, entry.name)
        if value is not None:
            content[entry.name] = list(value) if isinstance(value, tuple) else value
    return content


def edit_from_json(content: Mapping[str, Json]) -> Edit:
    """The edit that `edit_to_json` wrote, or somebody by hand.

    Raises:
        SpaceError: there is no such edit, or a field is unknown, missing or of the wrong type.
    """
    kind = content.get("edit")
    if not isinstance(kind, str) or kind not in _CLASSES:
        hint = suggestion(kind, _CLASSES) if isinstance(kind, str) else f"there are {', '.join(_CLASSES)}"
        raise SpaceError(f"no edit is called {kind!r}; {hint}")
    known = {entry.name: entry for entry in fields(_CLASSES[kind])}
    given: dict[str, Any] = {key: value for key, value in content.items() if key != "edit"}
    for key, value in given.items():
        if key not in known:
            raise SpaceError(f"the edit {kind} has no field `{key}`; {suggestion(key, known)}")
        if value is not None and not isinstance(value, _FIELD_TYPES.get(key, object)):
            raise SpaceError(f"`{key}` of the edit {kind} has the wrong type: got {value!r}")
    for key, entry in known.items():
        if entry.default is MISSING and given.get(key) is None:
            raise SpaceError(f"the edit {kind} needs `{key}`, which is missing")
    return _CLASSES[kind](**given)


_FIELD_TYPES: dict[str, type | tuple[type, ...]] = {
    "name": str,
    "text": str,
    "before": str,
    "log": bool,
    "low": (int, float),
    "high": (int, float),
    "choices": (list, tuple),
    "parameter": dict,
    "when": dict,
}


def describe_edit(edit: Edit) -> str:
    """The edit in a few words: "C: from 0.01 to 100, log"."""
    match edit:
        case SetRange(name, low, high, log):
            scale = {None: "", True: "log", False: "linear"}[log]
            bounds = [f"from {spell(low)}" if low is not None else "", f"to {spell(high)}" if high is not None else ""]
            return f"{name}: {', '.join(part for part in (' '.join(filter(None, bounds)), scale) if part)}"
        case SetChoices(name, choices):
            return f"{name}: one of {'|'.join(spell(choice) for choice in choices)}"
        case AddParameter(name, parameter, when):
            return f"new parameter {_spell_definition(name, parameter, when or parameter.get('when'))}"
        case RemoveParameter(name):
            return f"without {name}"
        case Freeze(name, value):
            return f"{name}: fixed at {spell(value)}"
        case Restore(name, parameter, when):
            return f"back to {_spell_definition(name, parameter, when)}"
        case AddConstraint(text):
            return f"constraint {text}"
        case RemoveConstraint(text):
            return f"without the constraint {text}"


def _spell_definition(name: str, parameter: Mapping[str, Json], when: Json) -> str:
    label = f"{name} {parameter_from_json(parameter, name=name).describe()}"
    if not isinstance(when, dict):
        return label
    parts = []
    for parent, values in when.items():
        listed = values if isinstance(values, list) else [values]
        parts.append(f"{parent}={'|'.join(spell(cast(Scalar, value)) for value in listed)}")
    return f"{label} when {', '.join(parts)}"


@singledispatch
def _apply(edit: object, space: Space) -> Space:
    raise TypeError(f"{edit!r} is no edit")


@_apply.register
def _(edit: SetRange, space: Space) -> Space:
    parameter = _known(space, edit.name)
    if not isinstance(parameter, Float | Int):
        raise SpaceError(f"`{edit.name}` has no range to set, it is {parameter.describe()}; set its choices instead")
    changes: dict[str, Any] = {"low": edit.low, "high": edit.high, "log": edit.log}
    given = {key: value for key, value in changes.items() if value is not None}
    if not given:
        raise SpaceError(f"the new range of `{edit.name}` has neither `low` nor `high` nor `log`; give one")
    return _redefined(space, edit.name, lambda: _with_default(replace(parameter, default=None, **given), parameter))


@_apply.register
def _(edit: SetChoices, space: Space) -> Space:
    parameter = _known(space, edit.name)
    if not isinstance(parameter, Categorical | Ordinal):
        raise SpaceError(f"`{edit.name}` has no choices to set, it is {parameter.describe()}; set its range instead")
    kind, unit, meaning = type(parameter), parameter.unit, parameter.meaning
    return _redefined(
        space, edit.name, lambda: _with_default(kind(edit.choices, unit=unit, meaning=meaning), parameter)
    )


@_apply.register
def _(edit: AddParameter, space: Space) -> Space:
    if edit.name in space.parameters:
        raise SpaceError(f"`{edit.name}` is a parameter already; set its range or choices, or choose another name")
    parameter = parameter_from_json(edit.parameter, name=edit.name)
    parameters = {**space.parameters, edit.name: parameter}
    conditions = dict(space.conditions)
    when = edit.when if edit.when is not None else edit.parameter.get("when")
    if when is not None:
        conditions[edit.name] = condition_from_document(edit.name, when, parameters)
    return _with(space, parameters, conditions)


@_apply.register
def _(edit: RemoveParameter, space: Space) -> Space:
    _known(space, edit.name)
    children = [f"`{name}`" for name, condition in space.conditions.items() if condition.parent == edit.name]
    if children:
        raise SpaceError(f"`{edit.name}` decides about {', '.join(children)}; remove those first, or freeze it")
    mentions = [repr(expression.text) for expression in space.constraints if edit.name in expression.names]
    if mentions:
        raise SpaceError(f"`{edit.name}` is part of the constraint {mentions[0]}; remove that first, or freeze it")
    parameters = {name: entry for name, entry in space.parameters.items() if name != edit.name}
    return _with(space, parameters, {name: entry for name, entry in space.conditions.items() if name != edit.name})


@_apply.register
def _(edit: Freeze, space: Space) -> Space:
    parameter = _known(space, edit.name)
    value = parameter.coerce(edit.value, name=edit.name)
    return _redefined(space, edit.name, lambda: Constant(value, unit=parameter.unit, meaning=parameter.meaning))


@_apply.register
def _(edit: Restore, space: Space) -> Space:
    parameter = parameter_from_json(edit.parameter, name=edit.name)
    names = list(space.parameters)
    if edit.name not in names:
        names.insert(names.index(edit.before) if edit.before in names else len(names), edit.name)
    known = {**space.parameters, edit.name: parameter}
    conditions = {name: entry for name, entry in space.conditions.items() if name != edit.name}
    for parent, values in (edit.when or {}).items():
        conditions[edit.name] = Condition(parent, tuple(cast(Sequence[Scalar], values)))
    return _with(space, {name: known[name] for name in names}, conditions)


@_apply.register
def _(edit: AddConstraint, space: Space) -> Space:
    if Expression(edit.text) in space.constraints:
        raise SpaceError(f"the constraint {edit.text!r} is there already; leave it out")
    return _with(space, space.parameters, space.conditions, [*_texts(space), edit.text])


@_apply.register
def _(edit: RemoveConstraint, space: Space) -> Space:
    wanted = Expression(edit.text)
    if wanted not in space.constraints:
        there = "; ".join(_texts(space)) or "none"
        raise SpaceError(f"there is no constraint {edit.text!r}; there are: {there}")
    return _with(space, space.parameters, space.conditions, [text for text in _texts(space) if text != wanted.text])


def _known(space: Space, name: str) -> Parameter:
    if name not in space.parameters:
        raise SpaceError(f"`{name}` is no parameter of this space; {suggestion(name, space.parameters)}")
    return space.parameters[name]


def _redefined(space: Space, name: str, define: Callable[[], Parameter]) -> Space:
    try:
        parameter = define()
    except SpaceError as error:
        raise SpaceError(f"parameter `{name}`: {error}") from None
    return _with(space, {**space.parameters, name: parameter}, space.conditions)


def _with_default(parameter: Parameter, former: Parameter) -> Parameter:
    """The parameter with the default it had, if that is still one of its values."""
    if former.default is None or not parameter.contains(former.default):
        return parameter
    return parameter_from_json({**parameter_to_json(parameter), "default": former.default}, name="default")


def _with(
    space: Space,
    parameters: Mapping[str, Parameter],
    conditions: Mapping[str, Condition],
    constraints: Sequence[str] | None = None,
) -> Space:
    texts = _texts(space) if constraints is None else constraints
    return Space.from_flat(parameters, conditions=conditions, constraints=texts)


def _texts(space: Space) -> list[str]:
    return [expression.text for expression in space.constraints]
