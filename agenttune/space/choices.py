"""Parameters with a list of values: `Categorical`, `Ordinal`, `Bool`; and `Constant`, with one.

Values are compared with their kind: True and 1 are two choices, 1 and 1.0 are one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any

from agenttune.errors import ConfigInvalid, SpaceError
from agenttune.space.numeric import MAX_INT, check_texts
from agenttune.space.scalars import ScalarKey, is_finite, nearest, plain, scalar_key, spell, spell_given, typed_key
from agenttune.types import Scalar

if TYPE_CHECKING:
    from agenttune.space.space import Space

_Positions = dict[ScalarKey, int]
_Identity = tuple[tuple[str, Scalar | None], ...]


@dataclass(frozen=True, slots=True, init=False)
class Categorical:
    """One of several values without an order.

    A mapping of choices to spaces makes a tree: the parameters of a choice's space are active only
    when that choice is taken. `Space` flattens it.
    """

    choices: tuple[Scalar, ...] = field(compare=False)
    _: KW_ONLY
    default: Scalar | None = field(default=None, compare=False)
    """The value the tuned thing has when nobody sets it."""
    unit: str = ""
    meaning: str = ""
    nested: tuple[tuple[Scalar, Space], ...] = field(init=False, repr=False)
    """The space of each choice that has one; empty once it is part of a space."""
    positions: _Positions = field(init=False, repr=False, compare=False)
    """Where each value stands in `choices`, by its identity."""
    identity: _Identity = field(init=False, repr=False)

    def __init__(
        self,
        choices: Sequence[Scalar] | Mapping[Any, Space | None],
        *,
        default: Scalar | None = None,
        unit: str = "",
        meaning: str = "",
    ) -> None:
        nested = tuple(choices.items()) if isinstance(choices, Mapping) else ()
        for choice, space in nested:
            if space is not None and not hasattr(space, "parameters"):  # Space itself is made of these parameters
                raise SpaceError(f"choice {choice!r} must lead to a Space, or to None for none, but got {space!r}")
        object.__setattr__(self, "nested", tuple((choice, space) for choice, space in nested if space is not None))
        _set_values(self, "choices", choices, default=default, unit=unit, meaning=meaning)

    def coerce(self, value: object, *, name: str = "value") -> Scalar:
        """The choice equal to the value.

        Raises:
            ConfigInvalid: there is none; the message calls the value by `name`.
        """
        return _coerced(self.choices, self.positions, value, name)

    def contains(self, value: object) -> bool:
        """Whether `coerce` would take it."""
        return _position(self.positions, value) is not None

    @property
    def cardinality(self) -> int:
        """How many choices it has."""
        return len(self.choices)

    def describe(self) -> str:
        """The choices for people: "rbf|poly|sigmoid"."""
        return _spell_values(self.choices, self.unit)


@dataclass(frozen=True, slots=True, init=False)
class Ordinal:
    """One of several values in an order, neighbours being alike: Ordinal([16, 32, 64, 128])."""

    values: tuple[Scalar, ...] = field(compare=False)
    _: KW_ONLY
    default: Scalar | None = field(default=None, compare=False)
    """The value the tuned thing has when nobody sets it."""
    unit: str = ""
    meaning: str = ""
    positions: _Positions = field(init=False, repr=False, compare=False)
    """Where each value stands in `values`, by its identity."""
    identity: _Identity = field(init=False, repr=False)

    def __init__(
        self, values: Sequence[Scalar], *, default: Scalar | None = None, unit: str = "", meaning: str = ""
    ) -> None:
        _set_values(self, "values", values, default=default, unit=unit, meaning=meaning)

    def coerce(self, value: object, *, name: str = "value") -> Scalar:
        """The one of the values equal to this one.

        Raises:
            ConfigInvalid: there is none; the message calls the value by `name`.
        """
        return _coerced(self.values, self.positions, value, name)

    def contains(self, value: object) -> bool:
        """Whether `coerce` would take it."""
        return _position(self.positions, value) is not None

    @property
    def cardinality(self) -> int:
        """How many values it has."""
        return len(self.values)

    def describe(self) -> str:
        """The values for people: "16<32<64"."""
        return _spell_values(self.values, self.unit, sign="<")


@dataclass(frozen=True, slots=True)
class Bool:
    """True or false."""

    _: KW_ONLY
    default: bool | None = None
    """The value the tuned thing has when nobody sets it."""
    unit: str = ""
    meaning: str = ""

    def __post_init__(self) -> None:
        check_texts(self.unit, self.meaning)
        if self.default is not None:
            if not self.contains(self.default):
                raise SpaceError(f"`default` must be true or false, but got {spell_given(self.default)}")
            object.__setattr__(self, "default", bool(self.default))

    def coerce(self, value: object, *, name: str = "value") -> bool:
        """The value as a bool.

        Raises:
            ConfigInvalid: it is no bool (1 and "true" are none); the message calls it by `name`.
        """
        given = plain(value)
        if not isinstance(given, bool):
            raise ConfigInvalid(f"`{name}` must be true or false, but got {spell_given(value)}", parameter=name)
        return given

    def contains(self, value: object) -> bool:
        """Whether `coerce` would take it."""
        return isinstance(plain(value), bool)

    @property
    def cardinality(self) -> int:
        """Two."""
        return 2

    def describe(self) -> str:
        """The values for people."""
        return _spell_values((True, False), self.unit)


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that is not tuned, but belongs to every configuration."""

    value: Scalar = field(compare=False)
    _: KW_ONLY
    unit: str = ""
    meaning: str = ""
    identity: _Identity = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_texts(self.unit, self.meaning)
        value = checked_scalar(self.value, "value")
        object.__setattr__(self, "value", value)
        object.__setattr__(self, "identity", (typed_key(value),))

    @property
    def default(self) -> Scalar:
        """Its value."""
        return self.value

    def coerce(self, value: object, *, name: str = "value") -> Scalar:
        """Its value, if it is the one given.

        Raises:
            ConfigInvalid: it is another; the message calls the value by `name`.
        """
        if not self.contains(value):
            raise ConfigInvalid(
                f"`{name}` is fixed at {spell(self.value)}, but got {spell_given(value)}; leave it out", parameter=name
            )
        return self.value

    def contains(self, value: object) -> bool:
        """Whether it is this value."""
        given = plain(value)
        return given is not None and scalar_key(given) == scalar_key(self.value)

    @property
    def cardinality(self) -> int:
        """One."""
        return 1

    def describe(self) -> str:
        """The value for people."""
        return " ".join(part for part in (f"fixed at {spell(self.value)}", self.unit) if part)


def checked_scalar(value: object, field_name: str) -> Scalar:
    """The value as a plain scalar.

    Raises:
        SpaceError: it is none, or NaN, or infinite.
    """
    scalar = plain(value)
    if scalar is None:
        raise SpaceError(
            f"`{field_name}` must be a text, a number, true or false, but got {spell_given(value)}; "
            "name it by a text ('none') and translate it in the objective"
        )
    if isinstance(scalar, int) and abs(scalar) > MAX_INT:
        raise SpaceError(f"`{field_name}` must hold whole numbers of up to 63 bits, but got {spell_given(scalar)}")
    if not is_finite(scalar):
        raise SpaceError(f"`{field_name}` must be a finite number, but got {scalar!r}")
    return 0.0 if scalar == 0 and isinstance(scalar, float) else scalar  # -0.0 would be spelled apart


def _set_values(
    parameter: Categorical | Ordinal, field_name: str, given: object, *, default: object, unit: str, meaning: str
) -> None:
    """Checks and sets every field that a list of values decides."""
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise SpaceError(f"`{field_name}` must be a list of values, but got {spell_given(given)}; put it in brackets")
    values = tuple(checked_scalar(value, field_name) for value in given)
    if not values:
        raise SpaceError(f"`{field_name}` must have at least one value, but got an empty list")
    positions: _Positions = {}
    for position, value in enumerate(values):
        if positions.setdefault(scalar_key(value), position) != position:
            raise SpaceError(f"`{field_name}` must differ from each other, but got {spell(value)} twice")
    check_texts(unit, meaning)
    if default is not None:
        place = _position(positions, default)
        if place is None:
            listed = _spell_values(values, "")
            raise SpaceError(f"`default` must be one of {listed}, but got {spell_given(default)}")
        default = values[place]
    for entry, content in (
        (field_name, values),
        ("default", default),
        ("unit", unit),
        ("meaning", meaning),
        ("positions", positions),
        ("identity", (*(typed_key(value) for value in values), typed_key(default))),
    ):
        object.__setattr__(parameter, entry, content)


def _position(positions: _Positions, value: object) -> int | None:
    given = plain(value)
    return None if given is None else positions.get(scalar_key(given))


def _coerced(values: tuple[Scalar, ...], positions: _Positions, value: object, name: str) -> Scalar:
    position = _position(positions, value)
    if position is not None:
        return values[position]
    close = nearest(value, [entry for entry in values if isinstance(entry, str)]) if isinstance(value, str) else None
    hint = f"; did you mean {close!r}?" if close else ""
    raise ConfigInvalid(
        f"`{name}` must be one of {', '.join(repr(entry) for entry in values[:12])}"
        f"{', ...' if len(values) > 12 else ''}, but got {value!r}{hint}",
        parameter=name,
    )


def _spell_values(values: tuple[Scalar, ...], unit: str, *, sign: str = "|") -> str:
    shown = sign.join(spell(value) for value in values[:12])
    more = f"{sign}... ({len(values)})" if len(values) > 12 else ""
    return " ".join(part for part in (shown + more, unit) if part)
