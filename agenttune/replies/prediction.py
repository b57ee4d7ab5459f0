"""What a model says the metric will be, as a mean and a standard deviation.

Low and high bound four cases of five of a normal distribution: sd = (high - low) / (2 z), z the 90% quantile.
A prediction never decides whether a configuration may run: what cannot be read of it is left out, and said.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from agenttune.replies.salvage import as_number
from agenttune.replies.schema import PREDICTION
from agenttune.space.scalars import as_float, spell_given

Z_90 = 1.2816
"""90% quantile of the normal distribution: half an 80% interval, in standard deviations."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """Of the goal's metric, in its unit; None where the model does not say."""

    mean: float | None
    sd: float | None
    notes: tuple[str, ...]
    """What was mended or left out."""


def read_prediction(said: Mapping[str, object]) -> Prediction:
    """The prediction in the fields low, predicted and high, any of which may be missing or wrong."""
    notes: list[str] = []
    low, mean, high = (_number(name, said.get(name), notes) for name in PREDICTION)
    if low is not None and high is not None and low > high:
        low, high = high, low
        notes.append("low and high exchanged")
    if mean is None and low is not None and high is not None:
        mean = low / 2 + high / 2
        notes.append("predicted: the middle of low and high")
    if mean is None:
        notes.append("no prediction")
    if mean is None or low is None or high is None:
        return Prediction(mean, None, tuple(notes))
    if not low <= mean <= high or low == high:
        notes.append(f"interval from {low:g} to {high:g} left out: it must have a width and hold {mean:g}")
        return Prediction(mean, None, tuple(notes))
    sd = (high / 2 - low / 2) / Z_90
    return Prediction(mean, sd if sd > 0 and math.isfinite(sd) else None, tuple(notes))


def _number(name: str, value: object, notes: list[str]) -> float | None:
    if value is None:
        return None
    number = as_float(as_number(value))
    if number is None:
        notes.append(f"{name}: {spell_given(value)} is no number, left out")
    elif isinstance(value, str):
        notes.append(f"{name}: {spell_given(value)} read as a number")
    return number
