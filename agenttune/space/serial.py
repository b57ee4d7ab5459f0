"""Parameters as plain JSON and back: the flat shape of stored spaces and study files.

Reading is strict but plain; sentences about typing errors in a study file are document.py's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from agenttune.errors import SpaceError
from agenttune.space.choices import Bool, Categorical, Constant, Ordinal
from agenttune.space.numeric import Float, Int
from agenttune.space.scalars import suggestion
from agenttune.types import Json

Parameter: TypeAlias = Float | Int | Categorical | Ordinal | Bool | Constant
"""One axis of a space."""

_CLASSES: dict[str, type[Parameter]] = {
    "float": Float,
    "int": Int,
    "categorical": Categorical,
    "ordinal": Ordinal,
    "bool": Bool,
    "constant": Constant,
}
FIELDS = {
    "float": ("low", "high", "log", "step", "default", "unit", "meaning"),
    "int": ("low", "high", "log", "step", "default", "unit", "meaning"),
    "categorical": ("choices", "default", "unit", "meaning"),
    "ordinal": ("values", "default", "unit", "meaning"),
    "bool": ("default", "unit", "meaning"),
    "constant": ("value", "unit", "meaning"),
}
"""Type -> the keys it may have beside `type` and `when`."""
_REQUIRED = frozenset({"low", "high", "choices", "values", "value"})


def parameter_type(parameter: Parameter) -> str:
    """The parameter's `type` in JSON."""
    return type(parameter).__name__.lower()


def parameter_to_json(parameter: Parameter) -> dict[str, Json]:
    """The definition as JSON; what has its default is left out."""
    kind = parameter_type(parameter)
    content: dict[str, Json] = {"type": kind}
    for key in FIELDS[kind]:
        value = getattr(parameter, key)
        is_default = value in (None, False, "") if key in ("log", "unit", "meaning") else value is None
        if not is_default and (kind, key, value) != ("int", "step", 1):
            content[key] = list(value) if isinstance(value, tuple) else value
    return content


def parameter_from_json(content: Mapping[str, Json], *, name: str) -> Parameter:
    """The parameter of that definition.

    Raises:
        SpaceError: it breaks a rule; the message names the parameter.
    """
    kind = content.get("type")
    if not isinstance(kind, str) or kind not in _CLASSES:
        hint = suggestion(kind, _CLASSES) if isinstance(kind, str) else f"there are {', '.join(_CLASSES)}"
        raise SpaceError(f"parameter `{name}` needs a type, but got {kind!r}; {hint}")
    known = FIELDS[kind]
    for key in content:
        if key not in known and key not in ("type", "when"):
            raise SpaceError(f"parameter `{name}` ({kind}) has no key `{key}`; {suggestion(key, known)}")
    missing = [key for key in known if key in _REQUIRED and content.get(key) is None]
    if missing:
        raise SpaceError(f"parameter `{name}` ({kind}) needs `{missing[0]}`, which is missing")
    given: dict[str, Any] = {key: content[key] for key in known if content.get(key) is not None}
    first = [given.pop(key) for key in known if key in _REQUIRED]
    try:
        return _CLASSES[kind](*first, **given)
    except SpaceError as error:
        raise SpaceError(f"parameter `{name}`: {error}") from None
