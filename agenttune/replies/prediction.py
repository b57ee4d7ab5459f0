"""What a model believes the metric will be, as a mean and a standard deviation: measured, or as it says.

Measured: from the probabilities of the tokens that its number could have been, where they are told. As it says: low
and high bound four cases of five of a normal distribution: sd = (high - low) / (2 z), z the 90% quantile. A prediction
is of one of the two sources, never of both. It never decides whether a configuration may run: what cannot be read of
it is left out, and said.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from agenttune.exchange import NumberSaid
from agenttune.replies.json_text import read_at
from agenttune.replies.salvage import as_number
from agenttune.replies.schema import PREDICTED, PREDICTION
from agenttune.space.scalars import as_float, spell_given
from agenttune.trial import PredictionSource

Z_90 = 1.2816
"""90% quantile of the normal distribution: half an 80% interval, in standard deviations."""
LEAST_RESOLVED = 0.9
"""Probability of a number's tokens that must be told apart for its distribution to count: of a normal distribution
without its outer 5% on either side, the deviation is .79 of the whole one's; without 10%, .66."""
MAX_OPEN = 16
"""Most brackets before a number that are tried as the start of the object it is in; a configuration has one or two."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """Of the goal's metric, in its unit; None where the model does not say."""

    mean: float | None
    sd: float | None
    notes: tuple[str, ...]
    """What was mended or left out."""
    source: PredictionSource | None = None


def read_prediction(said: Mapping[str, object], measured: NumberSaid | None = None) -> Prediction:
    """The prediction of one candidate.

    Args:
        said: the fields low, predicted and high, any of which may be missing or wrong.
        measured: the distribution of predicted, if token probabilities were told.
    """
    verbal = _as_said(said)
    if measured is not None and measured.resolved >= LEAST_RESOLVED:
        return Prediction(measured.mean, measured.sd, verbal.notes, "tokens")
    return replace(verbal, source=None if verbal.mean is None else "verbal")


def numbers_beside(entries: Sequence[object], text: str, numbers: Sequence[NumberSaid]) -> list[NumberSaid | None]:
    """For each entry of a reply the distribution of its prediction: the one that stands within its text.

    From the last one backwards, since of two lists that say the same the later one is the answer.
    """
    found: list[NumberSaid | None] = [None] * len(entries)
    end = len(entries)
    for number in reversed(numbers):
        around = object_around(text, number.at) if number.field == PREDICTED else None
        place = next((at for at in range(end - 1, -1, -1) if around is not None and entries[at] == around), None)
        if place is not None:
            found[place], end = number, place
    return found


def object_around(text: str, at: int) -> Mapping[str, object] | None:
    """The innermost JSON object of the text that spans a place; None where none can be read."""
    start = at
    for _ in range(MAX_OPEN):
        start = text.rfind("{", 0, max(start, 0))
        if start < 0:
            return None
        document, end = read_at(text, start)
        if isinstance(document, dict) and end > at:
            return document
    return None


def _as_said(said: Mapping[str, object]) -> Prediction:
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
