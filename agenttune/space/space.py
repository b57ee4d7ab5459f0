"""`Space`: what may be tried, the one validation of configurations, and the doors to all the rest.

A space is immutable; an edit makes a new one (agenttune/edits), and `adapt` reads old configurations in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import NoReturn, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agenttune.errors import ConfigInvalid, ExpressionError, SpaceError
from agenttune.expressions import Expression
from agenttune.space.choices import Bool, Constant
from agenttune.space.cube import Cube
from agenttune.space.drawing import enumerate_configs, require_satisfiable, sample
from agenttune.space.scalars import ScalarKey, spell, suggestion
from agenttune.space.schema import space_schema
from agenttune.space.serial import Parameter, parameter_from_json, parameter_to_json
from agenttune.space.tree import (
    Condition,
    Flattening,
    awake,
    check_name,
    checked_condition,
    count_configs,
    parents_first,
    without_nested,
)
from agenttune.types import Config, Json, Scalar


class Space:
    """Parameters by name, conditions between them, constraints over them.

    Spaces nested in the choices of a `Categorical` are flattened; a name under several choices of one
    parent is one parameter if it is defined alike.

    Raises:
        SpaceError: a definition breaks a rule.
        ExpressionError: a constraint cannot be read.
    """

    parameters: Mapping[str, Parameter]
    """Every parameter, in declared order, parents before children."""
    conditions: Mapping[str, Condition]
    """When a parameter is active; those that always are have no entry."""
    constraints: tuple[Expression, ...]
    """What every configuration must keep; one over an inactive parameter does not apply."""
    awake: frozenset[str]
    """Names of the parameters that can be active at all; edits may put children to sleep."""
    columns: tuple[str, ...]
    """Names of the parameters that vary, in order: the columns of the unit cube."""

    def __init__(
        self,
        parameters: Mapping[str, Parameter] | None = None,
        /,
        *,
        constraints: Sequence[str] = (),
        **named: Parameter,
    ) -> None:
        flattening = Flattening()
        if parameters is not None and not isinstance(parameters, Mapping):
            raise SpaceError(
                f"a space is made of parameters by name, as in Space({{'lr': Float(0, 1)}}), not {parameters!r}"
            )
        for name, parameter in [*(parameters or {}).items(), *named.items()]:
            flattening.add(check_name(name), parameter)
        if not isinstance(constraints, Iterable):
            raise SpaceError(f"`constraints` must be a list, as in ['batch * depth < 4096'], but got {constraints!r}")
        texts = [constraints] if isinstance(constraints, str) else list(constraints)
        self._set(flattening.parameters, flattening.conditions, [*flattening.constraints, *texts])

    @classmethod
    def from_flat(
        cls,
        parameters: Mapping[str, Parameter],
        *,
        conditions: Mapping[str, Condition] | None = None,
        constraints: Sequence[str] = (),
    ) -> Space:
        """A space of parameters that are flat already.

        Raises:
            SpaceError: a definition breaks a rule.
        """
        space = cls.__new__(cls)
        flat = {check_name(name): without_nested(parameter) for name, parameter in parameters.items()}
        space._set(flat, dict(conditions or {}), list(constraints))
        return space

    def _set(self, parameters: dict[str, Parameter], conditions: dict[str, Condition], constraints: list[str]) -> None:
        if not parameters:
            raise SpaceError("a space needs at least one parameter, as in Space(lr=Float(1e-5, 1e-1, log=True))")
        checked = {name: checked_condition(name, entry, parameters) for name, entry in conditions.items()}
        order = parents_first(parameters, checked)
        parameters = {name: parameters[name] for name in order}
        is_awake = awake(parameters, checked)
        fields = self.__dict__
        fields["parameters"] = MappingProxyType(parameters)
        fields["conditions"] = MappingProxyType({name: checked[name] for name in order if name in checked})
        fields["constraints"] = _parsed_constraints(constraints, parameters)
        fields["awake"] = is_awake
        fields["columns"] = tuple(
            name for name, entry in parameters.items() if name in is_awake and not isinstance(entry, Constant)
        )
        fields["_steps"] = tuple((name, entry, _gate(checked.get(name))) for name, entry in parameters.items())

    # one configuration

    def validate(self, config: Mapping[str, object]) -> dict[str, Scalar]:
        """The configuration complete, normalised and in declared order: the one check of every proposal.

        Constants may be left out. NumPy scalars are accepted.

        Raises:
            ConfigInvalid: a parameter is unknown, missing, inactive, of the wrong type or out of range,
                or a constraint is violated; the message names parameter, rule, value and way out.
        """
        return self._walk(config, use_defaults=False)

    def fill(self, config: Mapping[str, object]) -> dict[str, Scalar]:
        """A few given values completed by the defaults of the other active parameters, validated.

        Raises:
            ConfigInvalid: as `validate`; also an active parameter neither has a value nor a default.
        """
        return self._walk(config, use_defaults=True)

    def contains(self, config: Mapping[str, object]) -> bool:
        """Whether `validate` would take it."""
        try:
            self.validate(config)
        except ConfigInvalid:
            return False
        return True

    def active(self, config: Mapping[str, object]) -> frozenset[str]:
        """Names of the parameters that are active, given the values of their parents in `config`."""
        names: set[str] = set()
        for name, _, gate in self._steps:
            if gate is None or (gate[0] in names and self._is_open(gate, config)):
                names.add(name)
        return frozenset(names)

    def is_active(self, name: str, config: Config) -> bool:
        """Whether a parameter is active, given a valid value of its parent or none if that is inactive."""
        condition = self.conditions.get(name)
        if condition is None:
            return True
        value = config.get(condition.parent)
        return value is not None and (isinstance(value, bool), value) in condition.keys

    def keeps(self, expression: Expression, config: Config) -> bool:
        """Whether a valid configuration keeps one constraint; one that cannot be computed is violated."""
        if not expression.names <= config.keys():
            return True
        try:
            return bool(expression.evaluate(config))
        except ExpressionError:
            return False

    def default_config(self) -> dict[str, Scalar] | None:
        """The configuration of all defaults; None if an active parameter has none."""
        try:
            return self.fill({})
        except ConfigInvalid:
            return None

    def adapt(self, config: Config) -> dict[str, Scalar] | None:
        """A configuration of an older version as a valid one of this version.

        New parameters get their default, removed ones are dropped.

        Returns:
            None if it has no place here: a value is out of range, a new parameter has no default, a
            constraint is violated.
        """
        adapted: dict[str, Scalar] = {}
        for name, parameter in self.parameters.items():
            if not self.is_active(name, adapted):
                continue
            value = config.get(name, parameter.default)
            if value is None or not parameter.contains(value):
                return None
            adapted[name] = parameter.coerce(value)
        return adapted if all(self.keeps(expression, adapted) for expression in self.constraints) else None

    # many configurations, and the unit cube

    def sample(self, rng: np.random.Generator, n: int) -> list[dict[str, Scalar]]:
        """`n` random valid configurations, uniform on the unit cube as far as the constraints leave it.

        Raises:
            SpaceError: the constraints leave (almost) nothing.
        """
        return sample(self, rng, n)

    def require_satisfiable(self) -> None:
        """Makes sure that some configuration keeps the constraints; a million random ones are tried.

        Raises:
            SpaceError: none was found; the sentence names the constraints.
        """
        require_satisfiable(self)

    def enumerate(self) -> Iterator[dict[str, Scalar]]:
        """Every valid configuration of a finite space.

        Raises:
            SpaceError: the space is not finite.
        """
        return enumerate_configs(self)

    @cached_property
    def cardinality(self) -> int | None:
        """Number of configurations, constraints not counted; None if continuous or above 10**9."""
        return count_configs({name: p for name, p in self.parameters.items() if name in self.awake}, self.conditions)

    @cached_property
    def _cube(self) -> Cube:
        return Cube(self)

    def to_unit(self, configs: Sequence[Config]) -> NDArray[np.float64]:
        """Valid configurations as `n x d` points; inactive parameters lie at 1/2."""
        return self._cube.to_unit(configs)

    def from_unit(self, points: ArrayLike) -> list[dict[str, Scalar]]:
        """`n x d` points (clipped to the cube) as configurations; constraints are not checked."""
        return self._cube.from_unit(points)

    def snap(self, points: ArrayLike) -> NDArray[np.float64]:
        """`to_unit(from_unit(points))`, `n x d`, fast."""
        return self._cube.snap(points)

    def activity(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Which coordinates belong to active parameters, `n x d`."""
        return self._cube.activity(points)

    def satisfied(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Which of the points keep all constraints, `n`."""
        return self._cube.satisfied(points)

    # for prompts, people and files

    def json_schema(self, *, ranges: bool = True) -> dict[str, Json]:
        """A JSON schema of the configurations: see schema.py for the two dialects."""
        return space_schema(self, ranges=ranges)

    def describe_parameter(self, name: str) -> str:
        """Range or choices of one parameter: "1e-3..1e3 log"."""
        if not isinstance(name, str) or name not in self.parameters:
            raise SpaceError(f"the space has no parameter {name!r}; it has {', '.join(self.parameters)}")
        return self.parameters[name].describe()

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """Every parameter's range or choices by name."""
        return MappingProxyType({name: self.describe_parameter(name) for name in self.parameters})

    def describe(self) -> list[str]:
        """One line per parameter, "degree 2..5 when kernel=poly", then one per constraint."""
        lines = []
        for name, label in self.labels.items():
            condition = self.conditions.get(name)
            when = f" when {condition.describe()}" if condition else ""
            lines.append(f"{name} {label}{when}{'' if name in self.awake else ' (never, as it stands)'}")
        return lines + [expression.text for expression in self.constraints]

    def to_json(self) -> dict[str, Json]:
        """The space as JSON: the shape of a study file, and the order of the names."""
        parameters: dict[str, Json] = {}
        for name, parameter in self.parameters.items():
            content = parameter_to_json(parameter)
            if name in self.conditions:
                content["when"] = self.conditions[name].to_json()
            parameters[name] = content
        return {
            "parameters": parameters,
            "order": list(self.parameters),  # survives a writer that sorts keys
            "constraints": [expression.text for expression in self.constraints],
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Json]) -> Space:
        """The space that `to_json` wrote.

        Raises:
            SpaceError: it breaks a rule.
        """
        entries = cast(Mapping[str, Mapping[str, Json]], content["parameters"])
        parameters, conditions = {}, {}
        for name in cast(Sequence[str], content.get("order") or list(entries)):
            parameters[name] = parameter_from_json(entries[name], name=name)
            for parent, values in cast(Mapping[str, Sequence[Scalar]], entries[name].get("when") or {}).items():
                conditions[name] = Condition(parent, tuple(values))
        return cls.from_flat(
            parameters, conditions=conditions, constraints=cast(Sequence[str], content.get("constraints") or ())
        )

    # being a value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Space):
            return NotImplemented
        return self is other or self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @cached_property
    def _identity(self) -> tuple[object, ...]:
        """Constraints have no order; parameters do, it is that of the columns."""
        constraints = frozenset(expression.text for expression in self.constraints)
        return tuple(self.parameters.items()), frozenset(self.conditions.items()), constraints

    def __repr__(self) -> str:
        return f"<Space {'; '.join(self.describe())}>"

    def __reduce__(self) -> tuple[object, ...]:
        texts = [expression.text for expression in self.constraints]
        return _rebuild, (dict(self.parameters), dict(self.conditions), texts)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a space does not change: `{name}` cannot be set; make a new one")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a space does not change: `{name}` cannot be deleted")

    # the walk behind validate and fill

    _steps: tuple[tuple[str, Parameter, tuple[str, frozenset[ScalarKey]] | None], ...]

    def _walk(self, config: Mapping[str, object], *, use_defaults: bool) -> dict[str, Scalar]:
        if not isinstance(config, Mapping):
            raise ConfigInvalid(f"a configuration must map names to values, but got {config!r}")
        if not config.keys() <= self.parameters.keys():
            self._refuse_unknown(config)
        valid: dict[str, Scalar] = {}
        for name, parameter, gate in self._steps:
            if gate is not None:
                value = valid.get(gate[0])
                if value is None or (isinstance(value, bool), value) not in gate[1]:
                    if name in config:
                        self._refuse_inactive(name, valid)
                    continue
            if name in config:
                valid[name] = parameter.coerce(config[name], name=name)
            elif parameter.default is not None and (use_defaults or isinstance(parameter, Constant)):
                valid[name] = parameter.default
            else:
                raise ConfigInvalid(f"`{name}` is missing; give it a value of {parameter.describe()}", parameter=name)
        for expression in self.constraints:
            if expression.names <= valid.keys():
                _check_constraint(expression, valid)
        return valid

    def _is_open(self, gate: tuple[str, frozenset[ScalarKey]], config: Mapping[str, object]) -> bool:
        parent = self.parameters[gate[0]]
        value = config.get(gate[0], parent.value if isinstance(parent, Constant) else None)
        if value is None or not parent.contains(value):
            return False
        known = parent.coerce(value)
        return (isinstance(known, bool), known) in gate[1]

    def _refuse_unknown(self, config: Mapping[str, object]) -> NoReturn:
        name = next(entry for entry in config if entry not in self.parameters)
        hint = suggestion(str(name), self.parameters)
        raise ConfigInvalid(f"`{name}` is no parameter of this space; {hint}", parameter=str(name))

    def _refuse_inactive(self, name: str, valid: Config) -> NoReturn:
        condition = self.conditions[name]
        if condition.parent in valid:
            why = f"but {condition.parent}={spell(valid[condition.parent])}"
        else:
            why = f"but `{condition.parent}` is not used itself"
        raise ConfigInvalid(f"`{name}` is only used when {condition.describe()}, {why}; leave it out", parameter=name)


def _rebuild(parameters: dict[str, Parameter], conditions: dict[str, Condition], constraints: list[str]) -> Space:
    return Space.from_flat(parameters, conditions=conditions, constraints=constraints)


def _gate(condition: Condition | None) -> tuple[str, frozenset[ScalarKey]] | None:
    return None if condition is None else (condition.parent, condition.keys)


def _parsed_constraints(texts: Sequence[str], parameters: Mapping[str, Parameter]) -> tuple[Expression, ...]:
    parsed = dict.fromkeys(Expression(text) for text in texts)
    for expression in parsed:
        for name in sorted(expression.names):
            if name not in parameters:
                hint = suggestion(name, parameters)
                raise SpaceError(f"constraint {expression.text!r} mentions `{name}`, which is no parameter; {hint}")
        if not expression.names:
            raise SpaceError(f"constraint {expression.text!r} mentions no parameter; leave it out")
        lone = parameters.get(expression.text)
        if not expression.is_condition or not (lone is None or isinstance(lone, Bool | Constant)):
            raise SpaceError(f"constraint {expression.text!r} is neither true nor false; compare it with something")
    return tuple(parsed)


def _check_constraint(expression: Expression, valid: Config) -> None:
    try:
        is_kept = bool(expression.evaluate(valid))
        reason = "is violated"
    except ExpressionError as error:
        is_kept, reason = False, f"cannot be computed ({error})"
    if not is_kept:
        given = ", ".join(f"{name}={spell(valid[name])}" for name in sorted(expression.names))
        raise ConfigInvalid(f"constraint {expression.text!r} {reason} by {given}; change one of them")
