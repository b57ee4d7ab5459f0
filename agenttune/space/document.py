"""The `[space]` table of a study file::

    [space]
    lr = { type = "float", low = 1e-5, high = 1e-1, log = true }
    kernel = { type = "categorical", choices = ["rbf", "poly"] }
    degree = { type = "int", low = 2, high = 5, when = { kernel = ["poly"] } }

The shape is that of `Space.to_json`, written by people: so typing errors get the nearest key, name or
choice suggested. Each parameter's own constructor checks its fields; there is no second model of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from agenttune.errors import SpaceError
from agenttune.space.scalars import spell_given, suggestion
from agenttune.space.serial import Parameter, parameter_from_json
from agenttune.space.space import Space
from agenttune.space.tree import Condition, checked_condition
from agenttune.types import Json, Scalar


def space_from_document(table: Mapping[str, object], constraints: Sequence[str] = ()) -> Space:
    """The space a table of a study file describes.

    Args:
        table: name -> `{type = ..., ...}`, children before or after their parents.
        constraints: expressions over the names.

    Raises:
        SpaceError: a typing error or a broken rule, in one sentence that names the parameter.
        ExpressionError: a constraint cannot be read.
    """
    if not isinstance(table, Mapping):
        raise SpaceError(f"[space] must be a table of parameters, but got {spell_given(table)}")
    parameters = {name: _parameter(name, entry) for name, entry in table.items()}
    conditions = {
        name: condition_from_document(name, cast(Mapping[str, object], entry)["when"], parameters)
        for name, entry in table.items()
        if "when" in cast(Mapping[str, object], entry)
    }
    if isinstance(constraints, str) or not all(isinstance(text, str) for text in constraints):
        raise SpaceError(f"constraints must be a list of texts such as ['a < b'], but got {spell_given(constraints)}")
    return Space.from_flat(parameters, conditions=conditions, constraints=constraints)


def condition_from_document(name: str, when: object, parameters: Mapping[str, Parameter]) -> Condition:
    """The condition that `when = {parent = value or [values]}` writes.

    Raises:
        SpaceError: not one parent, no such parent, or a value the parent does not have.
    """
    if not isinstance(when, Mapping) or len(when) != 1:
        raise SpaceError(
            f"parameter `{name}`: `when` must name one parent and its values, as in when = {{kernel = ['poly']}}, "
            f"but got {spell_given(when)}"
        )
    parent, given = next(iter(when.items()))
    values = cast(Sequence[Scalar], given) if isinstance(given, list | tuple) else (cast(Scalar, given),)
    condition = checked_condition(name, Condition(parent, tuple(values)), parameters)
    for value in condition.values:
        if not parameters[parent].contains(value):
            choices = [str(choice) for choice in getattr(parameters[parent], "choices", ())]
            hint = f"; {suggestion(value, choices)}" if choices and isinstance(value, str) else ""
            label = parameters[parent].describe()
            raise SpaceError(
                f"parameter `{name}`: `when` needs values of `{parent}` ({label}), but got {value!r}{hint}"
            )
    return condition


def _parameter(name: str, entry: object) -> Parameter:
    if not isinstance(entry, Mapping):
        raise SpaceError(
            f"parameter `{name}` must be a table such as {{type = 'float', low = 0, high = 1}}, "
            f"but got {spell_given(entry)}; a fixed value is {{type = 'constant', value = ...}}"
        )
    return parameter_from_json(cast(Mapping[str, Json], entry), name=name)
