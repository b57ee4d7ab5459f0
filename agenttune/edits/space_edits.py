"""Edits of a space: the next version of it, and the way back.

Trials of older versions are read in a newer one through `Space.adapt`. Not for: deciding who may edit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import singledispatch
from typing import Any, cast

import numpy as np

from agenttune.edits.kinds import (
    AddConstraint,
    AddParameter,
    Freeze,
    RemoveConstraint,
    RemoveParameter,
    Restore,
    SetChoices,
    SetRange,
    SpaceEdit,
)
from agenttune.errors import SpaceError
from agenttune.expressions import Expression
from agenttune.space import Condition, Constant, Float, Int, Ordinal, Parameter, Space
from agenttune.space.choices import Categorical
from agenttune.space.document import condition_from_document
from agenttune.space.scalars import suggestion
from agenttune.space.serial import parameter_from_json, parameter_to_json
from agenttune.types import Scalar


def apply_to_space(space: Space, edit: SpaceEdit) -> Space:
    """The next version of the space.

    Raises:
        SpaceError: the edit breaks a rule, or no configuration would be left.
        ExpressionError: a constraint cannot be read.
    """
    edited = _apply(edit, space)
    if edited.constraints:
        edited.sample(np.random.default_rng(0), 1)  # raises where constraints leave nothing
    return edited


def invert_in_space(space: Space, edit: SpaceEdit) -> SpaceEdit:
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
