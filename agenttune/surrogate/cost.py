"""What a trial will take: a Gaussian process on the log of the durations so far.

The same model and encoding as of the metric (model.py). Not for: how much it counts against improvement
(surrogate.py), or what the trials of a study take on the whole (insight/answers/outlook.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agenttune.history import StudyView
from agenttune.surrogate.encoding import Encoding, Floats
from agenttune.surrogate.map_estimate import fit_posterior
from agenttune.surrogate.model import Hyperparameters, Observations
from agenttune.surrogate.posterior import Predictive
from agenttune.surrogate.threads import single_thread

MIN_DURATIONS = 5
"""Durations below which nothing can be told of where trials take long."""
MIN_RATIO = 1.5
"""Longest over shortest, below which durations count as all the same: on a shared machine the same work differs as
much by itself."""
MIN_MEDIAN_S = 1.0
"""Median below which a duration is start-up and the timer's noise, and the proposal itself takes as long."""
MOST_ROWS = 100
"""Durations a fit holds, the latest: they follow a simpler surface than the metric, and the cost of a fit is cubic."""


@dataclass(frozen=True, slots=True)
class Cost:
    """A fitted model of durations."""

    posterior: Predictive
    encoding: Encoding
    centre: float
    """Mean of the log seconds."""
    scale: float
    """Population sd of the log seconds."""
    mean_s: float
    """Mean of the seconds: what many trials take is a sum, in which the long ones count."""
    hyperparameters: Hyperparameters

    def predict(self, points: Floats) -> tuple[Floats, Floats]:
        """Median seconds `m`, and the standard deviation `m` of their natural log, at `m x d` snapped points."""
        with single_thread():
            mean, variance = self.posterior.marginal(self.encoding.features(points))
        sd = np.sqrt(variance + self.posterior.noise)
        return np.exp(self.centre + self.scale * mean), self.scale * sd


def weight(view: StudyView, cost: Cost, time_left: float) -> float:
    """What log seconds count in the score: the share of the time that is left, nothing where trials run out before it.

    Args:
        view: the study so far.
        cost: what its trials take.
        time_left: share of its time budget, 0 to 1.
    """
    if view.budget_s is None or view.budget_trials is None:
        return time_left
    needed_s = (view.budget_trials - view.number) * cost.mean_s / view.workers
    return time_left if needed_s > time_left * view.budget_s else 0.0


def fit_cost(view: StudyView, encoding: Encoding, *, start: Hyperparameters | None) -> Cost | None:
    """Fits the durations of the complete trials; None where they say nothing.

    Args:
        view: the study so far.
        encoding: of its space.
        start: hyperparameters of an earlier fit; None fits cold.
    """
    timed = [
        (config, trial.outcome.elapsed_s)
        for trial in view.complete
        if trial.outcome is not None and trial.outcome.elapsed_s > 0 and (config := view.adapted(trial)) is not None
    ][-MOST_ROWS:]
    seconds = np.array([elapsed_s for _, elapsed_s in timed], dtype=np.float64)
    if len(seconds) < MIN_DURATIONS or np.median(seconds) < MIN_MEDIAN_S or seconds.max() / seconds.min() < MIN_RATIO:
        return None
    logs = np.log(seconds)
    centre, scale = float(logs.mean()), float(logs.std())
    points = view.space.snap(view.space.to_unit([config for config, _ in timed]))
    data = Observations(encoding.features(points), (logs - centre) / scale, encoding.numeric)
    fitted = fit_posterior(data, start=start)
    if fitted is None:
        return None
    return Cost(fitted.posterior, encoding, centre, scale, float(seconds.mean()), fitted.hyperparameters)
