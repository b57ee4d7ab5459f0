"""Type aliases that every layer shares; no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Scalar: TypeAlias = bool | int | float | str
"""One value of one parameter. Never NaN, never infinite."""

Config: TypeAlias = Mapping[str, Scalar]
"""A configuration: the active parameters of a space by name, flat; inactive ones are absent."""

Metrics: TypeAlias = Mapping[str, float]
"""Finite measurements by metric name."""

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""What JSON can hold (no NaN)."""
