"""The edits there are, as frozen records and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any, TypeAlias

from agenttune.errors import SpaceError, UserError
from agenttune.space.scalars import suggestion
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


@dataclass(frozen=True, slots=True)
class SetBudget:
    """Other bounds of what the study may spend in all; None leaves one as it is."""

    trials: int | None = None
    seconds: float | None = None
    tokens: int | None = None
    dollars: float | None = None
    requests: int | None = None
    lifted: tuple[str, ...] = ()
    """Names of the bounds that no longer hold."""

    def __post_init__(self) -> None:
        _list_lifted(self)


@dataclass(frozen=True, slots=True)
class AddMetricConstraint:
    """One more expression over metrics that a configuration must keep to be feasible, "latency_ms < 20"."""

    text: str
    before: str | None = None
    """The constraint it stood in front of, if it has to come back in."""


@dataclass(frozen=True, slots=True)
class RemoveMetricConstraint:
    """An expression over metrics no longer decides what is feasible."""

    text: str


@dataclass(frozen=True, slots=True)
class SetTarget:
    """The study ends once its metric is at least this good; None: it has no target any more."""

    value: float | None


@dataclass(frozen=True, slots=True)
class SetTrialLimit:
    """Other bounds of an attempt, for those that start from now on; None leaves one as it is."""

    seconds: float | None = None
    memory_bytes: int | None = None
    lifted: tuple[str, ...] = ()
    """Names of the bounds that no longer hold."""

    def __post_init__(self) -> None:
        _list_lifted(self)


@dataclass(frozen=True, slots=True)
class SetWorkers:
    """Another number of trials at a time."""

    workers: int


def _list_lifted(edit: SetBudget | SetTrialLimit) -> None:
    """Makes a tuple of the names that are lifted, whatever list they came in."""
    bounds = [entry.name for entry in fields(edit) if entry.name != "lifted"]
    if isinstance(edit.lifted, str) or not isinstance(edit.lifted, Sequence):
        raise UserError(f"`lifted` must be a list of names, as in ['seconds'], but got {edit.lifted!r}")
    object.__setattr__(edit, "lifted", tuple(edit.lifted))
    for name in edit.lifted:
        if name not in bounds:
            raise UserError(f"no bound is called {name!r}; there are {', '.join(bounds)}")
        if getattr(edit, name) is not None:
            raise UserError(f"`{name}` is both set and lifted; do one of them")
    if not edit.lifted and all(getattr(edit, name) is None for name in bounds):
        raise UserError(f"no bound is given; set or lift one of {', '.join(bounds)}")


SpaceEdit: TypeAlias = (
    SetRange | SetChoices | AddParameter | RemoveParameter | Freeze | Restore | AddConstraint | RemoveConstraint
)
"""An edit that leads to another version of the space."""
StudyEdit: TypeAlias = SetBudget | AddMetricConstraint | RemoveMetricConstraint | SetTarget | SetTrialLimit | SetWorkers
"""An edit of anything else."""
Edit: TypeAlias = SpaceEdit | StudyEdit

_CLASSES: dict[str, type[Edit]] = {
    "set_range": SetRange,
    "set_choices": SetChoices,
    "add_parameter": AddParameter,
    "remove_parameter": RemoveParameter,
    "freeze": Freeze,
    "restore": Restore,
    "add_constraint": AddConstraint,
    "remove_constraint": RemoveConstraint,
    "set_budget": SetBudget,
    "add_metric_constraint": AddMetricConstraint,
    "remove_metric_constraint": RemoveMetricConstraint,
    "set_target": SetTarget,
    "set_trial_limit": SetTrialLimit,
    "set_workers": SetWorkers,
}
_NAMES = {kind: name for name, kind in _CLASSES.items()}
_NUMBER = (int, float)
_FIELD_TYPES: dict[str, type | tuple[type, ...]] = {
    "name": str,
    "text": str,
    "before": str,
    "log": bool,
    "low": _NUMBER,
    "high": _NUMBER,
    "choices": (list, tuple),
    "parameter": dict,
    "when": dict,
    "trials": int,
    "seconds": _NUMBER,
    "tokens": int,
    "dollars": _NUMBER,
    "requests": int,
    "memory_bytes": int,
    "workers": int,
    "lifted": (list, tuple),
}


def edit_to_json(edit: Edit) -> dict[str, Json]:
    """The edit as JSON, `{"edit": "set_range", "name": ...}`; what has its default is left out."""
    content: dict[str, Json] = {"edit": _NAMES[type(edit)]}
    for entry in fields(edit):
        value = getattr(edit, entry.name)
        if value != entry.default:
            content[entry.name] = list(value) if isinstance(value, tuple) else value
    return content


def edit_from_json(content: Mapping[str, Json]) -> Edit:
    """The edit that `edit_to_json` wrote, or somebody by hand.

    Raises:
        SpaceError: there is no such edit, or a field is unknown, missing or of the wrong type.
        UserError: the fields contradict each other.
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
        wanted = _NUMBER if kind == "set_target" else _FIELD_TYPES.get(key, object)
        if value is not None and not isinstance(value, wanted):
            raise SpaceError(f"`{key}` of the edit {kind} has the wrong type: got {value!r}")
    if kind == "restore" and not all(isinstance(values, list) for values in (given.get("when") or {}).values()):
        raise SpaceError(f"`when` of the edit {kind} has a list of values per parameter, but got {given['when']!r}")
    for key, entry in known.items():
        is_given = key in given if kind == "set_target" else given.get(key) is not None
        if entry.default is MISSING and not is_given:
            raise SpaceError(f"the edit {kind} needs `{key}`, which is missing")
    return _CLASSES[kind](**given)
