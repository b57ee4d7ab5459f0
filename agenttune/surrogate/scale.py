"""Values in standard deviations and back in the metric's unit, for every float there is."""

from __future__ import annotations

import math
import sys

import numpy as np

from agenttune.surrogate.encoding import Floats

EQUAL = 1e-12
"""Population sd, as a share of the largest value, up to which values differ by rounding only."""


def standard(values: Floats) -> tuple[float, float]:
    """Mean and population sd, 1 where all values are equal but for rounding.

    Taken of the values over a power of two, which is exact: squares of 1e300 overflow, and those of 1e-300 vanish.
    """
    _, exponent = math.frexp(float(np.abs(values).max()))
    unit = np.ldexp(values, -exponent)
    sd = float(unit.std())
    centre = math.ldexp(float(unit.mean()), exponent)
    if sd <= EQUAL:
        return centre, max(1.0, math.ldexp(EQUAL, exponent))
    return centre, max(math.ldexp(sd, exponent), sys.float_info.min)


def in_unit(standardised: Floats, *, centre: float, scale: float) -> Floats:
    """Standardised values in the metric's unit; where that is no float any more, the largest one."""
    largest = sys.float_info.max
    with np.errstate(over="ignore"):
        return np.clip(centre + scale * standardised, -largest, largest)
