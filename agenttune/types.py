"""Type aliases that every layer shares, and what counts as a number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypeAlias, TypeGuard

Scalar: TypeAlias = bool | int | float | str
"""One value of one parameter. Never NaN, never infinite."""

Config: TypeAlias = Mapping[str, Scalar]
"""A configuration: the active parameters of a space by name, flat; inactive ones are absent."""

Metrics: TypeAlias = Mapping[str, float]
"""Finite measurements by metric name."""

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""What JSON can hold (no NaN)."""


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether it is a finite number that a float can hold; truth values are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False
