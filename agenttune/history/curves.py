"""What a trial reported on its way, as a curve."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator

from agenttune.trial import Report, Trial


def curve(trial: Trial, metric: str) -> dict[int, float]:
    """The metric by step, as reported; steps below zero and values that are not finite are left out."""
    return dict(_points(trial.reports, metric))


class Curve:
    """A curve that grows with its trial's reports."""

    def __init__(self, metric: str) -> None:
        self.metric = metric
        self.reports: tuple[Report, ...] = ()
        """Those it was made of."""
        self.values: dict[int, float] = {}
        """By step."""
        self.steps: list[int] = []
        """In order."""
        self.lowest = math.inf
        self.highest = -math.inf

    def at(self, step: int) -> float | None:
        """The value when the trial first got to `step` or beyond; None if it has not."""
        position = bisect_left(self.steps, step)
        return self.values[self.steps[position]] if position < len(self.steps) else None

    def grow(self, reports: tuple[Report, ...]) -> None:
        """Takes in what follows the reports that it was made of."""
        for step, value in _points(reports[len(self.reports) :], self.metric):
            if step not in self.values:
                insort(self.steps, step)
            self.values[step] = value
            self.lowest, self.highest = min(self.lowest, value), max(self.highest, value)
        self.reports = reports


class Curves:
    """The curves of a study's trials, each report read once; one whose reports were replaced is made anew."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], Curve] = {}

    def of(self, trial: Trial, metric: str) -> Curve:
        """The curve of the trial's reports and of nothing else."""
        known = self._known.get((trial.number, metric))
        if known is not None and known.reports is trial.reports:
            return known
        if known is None or trial.reports[: len(known.reports)] != known.reports:
            known = self._known[trial.number, metric] = Curve(metric)
        known.grow(trial.reports)
        return known


def _points(reports: Iterable[Report], metric: str) -> Iterator[tuple[int, float]]:
    for report in reports:
        value = report.metrics.get(metric)
        if report.step >= 0 and value is not None and math.isfinite(value):
            yield report.step, value
