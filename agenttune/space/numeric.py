"""Parameters that are numbers: `Float` and `Int`.

Each checks its own definition when made, and single values through `coerce`. How they lie on the
unit interval is the codec's business (codec.py).
"""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal

from agenttune.errors import ConfigInvalid, SpaceError
from agenttune.space.scalars import as_float, as_int, spell, spell_given
from agenttune.types import Scalar

MAX_STEPS = 2**52
"""Most values of a stepped range: beyond, neighbours can no longer be told apart on the unit interval."""
MAX_INT = 2**63 - 1
"""Largest bound of an `Int`: what SQLite, JSON readers and NumPy all hold."""


@dataclass(frozen=True, slots=True)
class Float:
    """A real number in [low, high]; with `step` one of low, low + step, ... up to high."""

    low: float
    high: float
    _: KW_ONLY
    log: bool = False
    """Whether equal ratios, not equal differences, are equally far apart."""
    step: float | None = None
    default: float | None = None
    """The value the tuned thing has when nobody sets it."""
    unit: str = ""
    meaning: str = ""
    steps: int = field(init=False, repr=False, compare=False)
    """Steps from the lowest to the highest value; 0 without a step."""
    grid: tuple[float, float, float] = field(init=False, repr=False, compare=False)
    """(a, b, c) such that value k of a stepped range is (a + k b) / c."""

    def __post_init__(self) -> None:
        low, high = _float_bound("low", self.low), _float_bound("high", self.high)
        _check_range(low, high, is_log=_switch(self.log))
        step = as_float(self.step)
        if self.step is not None:
            _check_step(step, self.step, low, high, is_log=self.log)
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)
        object.__setattr__(self, "step", step)
        object.__setattr__(self, "steps", 0 if step is None else _count_steps(high - low, step))
        object.__setattr__(self, "grid", (low, 0.0, 1.0) if step is None else _grid(low, high, step))
        check_texts(self.unit, self.meaning)
        object.__setattr__(self, "default", checked_default(self))

    def coerce(self, value: object, *, name: str = "value") -> float:
        """The value as a float of this range.

        Raises:
            ConfigInvalid: it is no number, or outside; the message calls it by `name`.
        """
        number = value if type(value) is float else as_float(value)
        if number is None or not self.low <= number <= self.high:  # NaN fails both comparisons
            raise self._refusal(value, name)
        if self.step is None:
            return number + 0.0
        position = round((number - self.low) / self.step)
        on_grid = self.at(position)
        if position > self.steps or abs(number - on_grid) > 1e-6 * self.step:
            raise self._refusal(value, name)
        return on_grid

    def contains(self, value: object) -> bool:
        """Whether `coerce` would take it."""
        return _is_taken(self, value)

    def at(self, position: int) -> float:
        """Value number `position` of a stepped range, from 0 up."""
        first, width, scale = self.grid
        return min(max((first + position * width) / scale, self.low), self.high)

    @property
    def cardinality(self) -> int | None:
        """How many values it has; None if it is continuous."""
        return None if self.step is None else self.steps + 1

    def describe(self) -> str:
        """The range for people: "1e-3..1e3 log"."""
        return _spell_range(self.low, self.high, is_log=self.log, step=self.step, unit=self.unit)

    def _refusal(self, value: object, name: str) -> ConfigInvalid:
        steps = f" in steps of {spell(self.step)}" if self.step is not None else ""
        rule = f"a number from {spell(self.low)} to {spell(self.high)}{steps}"
        return ConfigInvalid(f"`{name}` must be {rule}, but got {spell_given(value)}", parameter=name)


@dataclass(frozen=True, slots=True)
class Int:
    """A whole number in [low, high]; with `step` one of low, low + step, ... up to high."""

    low: int
    high: int
    _: KW_ONLY
    log: bool = False
    """Whether equal ratios, not equal differences, are equally far apart."""
    step: int = 1
    default: int | None = None
    """The value the tuned thing has when nobody sets it."""
    unit: str = ""
    meaning: str = ""

    def __post_init__(self) -> None:
        low, high = _int_bound("low", self.low), _int_bound("high", self.high)
        _check_range(low, high, is_log=_switch(self.log))
        step = as_int(self.step)
        if step is None:
            raise SpaceError(f"`step` must be a whole number above 0, but got {self.step!r}")
        if step != 1:
            _check_step(step, self.step, low, high, is_log=self.log)
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)
        object.__setattr__(self, "step", step)
        check_texts(self.unit, self.meaning)
        object.__setattr__(self, "default", checked_default(self))

    def coerce(self, value: object, *, name: str = "value") -> int:
        """The value as an int of this range.

        Raises:
            ConfigInvalid: it is no whole number, or outside; the message calls it by `name`.
        """
        number = value if type(value) is int else as_int(value)
        if number is None or not self.low <= number <= self.high or (number - self.low) % self.step:
            steps = f" in steps of {self.step}" if self.step != 1 else ""
            rule = f"a whole number from {spell(self.low)} to {spell(self.high)}{steps}"
            raise ConfigInvalid(f"`{name}` must be {rule}, but got {spell_given(value)}", parameter=name)
        return number

    def contains(self, value: object) -> bool:
        """Whether `coerce` would take it."""
        return _is_taken(self, value)

    @property
    def cardinality(self) -> int:
        """How many values it has."""
        return (self.high - self.low) // self.step + 1

    def describe(self) -> str:
        """The range for people: "1..8"."""
        return _spell_range(
            self.low, self.high, is_log=self.log, step=self.step if self.step != 1 else None, unit=self.unit
        )


def checked_default(parameter: Float | Int) -> Scalar | None:
    """The parameter's default, normalised.

    Raises:
        SpaceError: the parameter does not contain it.
    """
    if parameter.default is None:
        return None
    try:
        return parameter.coerce(parameter.default, name="default")
    except ConfigInvalid as error:
        raise SpaceError(str(error)) from None


def check_texts(unit: object, meaning: object) -> None:
    """Refuses a unit or a meaning that is no text.

    Raises:
        SpaceError: one is not.
    """
    for entry, text in (("unit", unit), ("meaning", meaning)):
        if not isinstance(text, str):
            raise SpaceError(f"`{entry}` must be a text, but got {text!r}")


def _is_taken(parameter: Float | Int, value: object) -> bool:
    try:
        parameter.coerce(value)
    except ConfigInvalid:
        return False
    return True


def _switch(log: object) -> bool:
    if not isinstance(log, bool):
        raise SpaceError(f"`log` must be true or false, but got {log!r}")
    return log


def _float_bound(field_name: str, given: object) -> float:
    bound = as_float(given)
    if bound is None:
        raise SpaceError(f"`{field_name}` must be a finite number, but got {spell_given(given)}")
    return bound


def _int_bound(field_name: str, given: object) -> int:
    bound = as_int(given)
    if bound is None:
        raise SpaceError(f"`{field_name}` must be a whole number, but got {spell_given(given)}")
    if abs(bound) > MAX_INT:
        raise SpaceError(
            f"`{field_name}` must lie within 63 bits (up to {MAX_INT}), but got {spell_given(given)}; tune its log"
        )
    return bound


def _count_steps(span: float, step: float) -> int:
    ratio = span / step
    nearest = round(ratio)
    return nearest if nearest <= ratio + 1e-6 else nearest - 1


def _grid(low: float, high: float, step: float) -> tuple[float, float, float]:
    """Decimal steps give exact decimals: 0.3, where 3 * 0.1 would be 0.30000000000000004."""
    digits = max(0, *(-int(Decimal(repr(part)).as_tuple().exponent) for part in (low, step)))
    if digits > 15 or max(abs(low), abs(high)) * 10**digits > MAX_STEPS:
        return low, step, 1.0
    scale = 10**digits
    return float(round(low * scale)), float(round(step * scale)), float(scale)


def _check_range(low: float, high: float, *, is_log: bool) -> None:
    if not low < high:
        hint = "; a single value is a Constant" if low == high else ""
        raise SpaceError(f"`low` must be below `high`, but got low={low!r}, high={high!r}{hint}")
    if is_log and low <= 0:
        raise SpaceError(f"`log` needs a `low` above 0, but got low={low!r}; raise `low` or leave `log` out")


def _check_step(step: float | None, given: object, low: float, high: float, *, is_log: bool) -> None:
    if step is None or step <= 0:
        raise SpaceError(f"`step` must be a number above 0, but got {given!r}")
    if is_log:
        raise SpaceError(f"`step` and `log` exclude each other, but got step={step!r} with log; leave one out")
    span = high - low
    if step > span:
        raise SpaceError(f"`step` must fit between `low` and `high`, but got step={step!r}, low={low!r}, high={high!r}")
    if isinstance(span, float) and (
        not math.isfinite(span) or span / step > MAX_STEPS or step < math.ulp(max(abs(low), abs(high)))
    ):
        raise SpaceError(f"`step` is too fine to tell values apart, with step={step!r} from {low!r} to {high!r}")


def _spell_range(low: Scalar, high: Scalar, *, is_log: bool, step: Scalar | None, unit: str) -> str:
    parts = [f"{spell(low)}..{spell(high)}", unit, "log" if is_log else "", f"step {spell(step)}" if step else ""]
    return " ".join(part for part in parts if part)
