"""What a trial reported on its way, as a curve."""

from __future__ import annotations

import math

from agenttune.trial import Trial


def curve(trial: Trial, metric: str) -> dict[int, float]:
    """The metric by step, as reported; steps below zero and values that are not finite are left out."""
    points = ((report.step, report.metrics.get(metric)) for report in trial.reports)
    return {step: value for step, value in points if step >= 0 and value is not None and math.isfinite(value)}
