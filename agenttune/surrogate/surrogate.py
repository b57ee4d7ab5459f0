"""The surrogate of a study: predict, score and optimise, for proposers, gates and explanations alike.

    surrogate = fit(view, remembered(view))
    mean, sd = surrogate.predict(configs)        # in the metric's unit
    scores = surrogate.score(configs)            # log expected improvement, with everything known in it
    best = surrogate.optimum(view.rng(), 1)

The score of a configuration is log EI over the best so far, averaged over what pending trials may yet measure,
plus the log of the probability that it neither fails nor breaks a constraint of the goal. "The best so far" is
the best observed value where measurements are exact, and the best posterior mean at a measured point where
they are noisy. Values are standardised inside: mean 0, population sd 1, larger is better.

Where the study has a budget of time, the score holds what a trial takes, too (Lee et al. 2020, "Cost-aware Bayesian
optimization", section 3): minus the expected log seconds, times the share of the budget that is left. So cheap trials
come first, and at the end only the improvement counts.

Everything is a function of the view, of the memory and of the generator handed in: same input, same bits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from agenttune.history import StudyView
from agenttune.surrogate.acquisition import Pending, log_ei, pending_log_ei, pending_log_sd
from agenttune.surrogate.choice import CHOICE, MEMORY, Choice, Kind
from agenttune.surrogate.cost import Cost, weight
from agenttune.surrogate.encoding import Encoding, Floats, keys
from agenttune.surrogate.feasibility import Feasibility
from agenttune.surrogate.posterior import Predictive
from agenttune.surrogate.rows import Rows
from agenttune.surrogate.scale import in_unit, standard
from agenttune.surrogate.search import Score, around, candidates, maximise
from agenttune.surrogate.threads import single_thread
from agenttune.types import Config, Json, Scalar

LITTLE_EI = 1e-3
"""Expected improvement, of standardised values, that is not worth a trial right beside a measured point: a model
sure of itself would else measure the same spot again and again. On lcbench it is above 5e-3 for twenty trials."""
BESIDE = 0.02
"""Largest difference of any coordinate at which a point lies beside another."""
AROUND = 0.3
"""Largest difference of any coordinate from the best point for a point to count as near it. Over the whole space the
most uncertain points are corners that teach little; 0.25 and 0.35 led a parabola's search on as well."""
N_BEST = 3
"""Best trials the search looks around."""


@dataclass(frozen=True, slots=True)
class Optimum:
    """A configuration the surrogate would try."""

    config: dict[str, Scalar]
    score: float
    mean: float
    """Of the metric, in its unit."""
    sd: float
    feasibility: float
    """Probability of neither failing nor breaking a constraint of the goal."""
    risk: str
    """What is likeliest to go wrong: "failing", "breaking latency_ms < 20"."""
    n_points: int
    """How many points were compared."""
    best_score: float
    """The largest score that was found: higher than `score` where this point was taken to explore."""
    is_exploration: bool = False
    """Whether no improvement is in sight, so that the most uncertain point near the best is tried."""
    seconds: float | None = None
    """What it will take, the median; None where durations say nothing."""


class Surrogate:
    """A fitted surrogate; immutable. Made by `fit` (fitting.py)."""

    def __init__(
        self,
        view: StudyView,
        encoding: Encoding,
        *,
        rows: Rows,
        posterior: Predictive,
        kind: Kind,
        is_exact: bool,
        feasibility: Feasibility | None,
        cost: Cost | None,
        time_left: float | None,
        memory: dict[str, Json],
    ) -> None:
        self._view = view
        self._encoding = encoding
        self._rows = rows
        self._posterior = posterior
        self.kind = kind
        """Which model it is, the name of its arm."""
        self._is_exact = is_exact
        self._feasibility = feasibility
        self._cost = cost
        self._alpha = 0.0 if time_left is None or cost is None else weight(view, cost, time_left)
        self._memory = memory
        self._centre, self._scale = standard(rows.values)
        self._best = self._find_best()

    @property
    def n_rows(self) -> int:
        """Measurements it was fitted to."""
        return len(self._rows.values)

    @property
    def choice(self) -> Choice | None:
        """Why it is this model; None where it was not chosen by the trials."""
        return Choice.from_json(self._memory[CHOICE])

    @property
    def tells_apart(self) -> bool:
        """Whether scores differ: not while every trial has failed or broken a constraint of the goal."""
        return self._best is not None or self._feasibility is not None

    @property
    def counts_cost(self) -> bool:
        """Whether what a trial takes is in the scores."""
        return self._alpha > 0 and self._best is not None

    @property
    def best(self) -> float | None:
        """What an improvement must improve on, in the metric's unit; None while nothing feasible was measured."""
        return None if self._best is None else self._view.goal.sign * (self._centre + self._scale * self._best)

    def predict(self, configs: Sequence[Config]) -> tuple[Floats, Floats]:
        """Mean and standard deviation of what each of `m` configurations would measure, in the metric's unit.

        The deviation holds the noise of a measurement. Pending trials are not taken into account.
        """
        return self._predict(self._points(configs))

    def score(self, configs: Sequence[Config]) -> Floats:
        """Log expected improvement of `m` configurations (see the module); only differences mean something."""
        with single_thread():
            return self._score(self._points(configs), self._sample_pending(self._rows.pending))

    def feasibility(self, configs: Sequence[Config]) -> Floats:
        """Probability, for `m` configurations, of neither failing nor breaking a constraint of the goal."""
        return self._probability(self._points(configs))

    def seconds(self, configs: Sequence[Config]) -> Floats | None:
        """What each of `m` configurations will take, the median; None where durations say nothing."""
        return None if self._cost is None else self._cost.predict(self._points(configs))[0]

    def expected_improvement(self, configs: Sequence[Config]) -> Floats:
        """By how much each of `m` configurations improves on `best` in the mean, in the metric's unit.

        Of what is measured without noise, times the probability of success; pending trials are not taken into account.

        Raises:
            ValueError: nothing feasible was measured, so there is nothing to improve on.
        """
        if self._best is None:
            raise ValueError("nothing feasible was measured yet")
        points = self._points(configs)
        with single_thread():
            mean, variance = self._posterior.marginal(self._features(points))
            gain = np.exp(log_ei(mean, np.sqrt(variance), self._best))
        return in_unit(gain, centre=0.0, scale=self._scale) * self._probability(points)

    def samples(self, configs: Sequence[Config], rng: np.random.Generator, n: int) -> Floats:
        """`n x m` joint samples of what `m` configurations would measure without noise, in the metric's unit."""
        x = self._features(self._points(configs))
        with single_thread():
            mean, _ = self._posterior.marginal(x)
            eigenvalues, vectors = np.linalg.eigh(self._posterior.covariance(x, x))
            root = vectors * np.sqrt(np.maximum(eigenvalues, 0.0))
            drawn = mean + rng.standard_normal((n, len(x))) @ root.T
        return self._view.goal.sign * in_unit(drawn, centre=self._centre, scale=self._scale)

    def candidates(self, rng: np.random.Generator) -> list[dict[str, Scalar]]:
        """New valid configurations to compare: the whole of a small space, else spread ones and ones near the best."""
        points = candidates(self._encoding, self._best_points(), rng)
        known = set(keys(self._rows.known))
        new = [at for at, key in enumerate(keys(points)) if key not in known]
        return self._view.space.from_unit(points[new])

    def optimum(self, rng: np.random.Generator, n: int = 1, *, log_prior: Score | None = None) -> list[Optimum]:
        """The `n` new configurations to try together, each chosen as if those before it were pending.

        Args:
            rng: decides which points are compared.
            n: how many.
            log_prior: from `m x d` snapped points to `m` nats that are added to their scores in the search.
        """
        chosen: list[Optimum] = []
        points, pending = self._rows.known, self._rows.pending
        with single_thread():
            for _ in range(n):
                found = self._search(points, self._sample_pending(pending), rng, log_prior)
                if found is None:
                    break
                chosen.append(found)
                point = self._points([found.config])
                points, pending = np.vstack([points, point]), np.vstack([pending, point])
        return chosen

    def local_step(self, rng: np.random.Generator) -> dict[str, Scalar] | None:
        """The most promising of the new points a small step from the best one; None where all of them are known."""
        points = around(self._encoding, self._best_points()[:1], rng)
        known = set(keys(self._rows.known))
        points = points[[key not in known for key in keys(points)]]
        if not len(points):
            return None
        with single_thread():
            scores = self._score(points, self._sample_pending(self._rows.pending))
        (config,) = self._view.space.from_unit(points[[int(np.argmax(scores))]])
        return config

    def memory(self) -> dict[str, Json]:
        """What the next fit starts from, as JSON for `Proposal.memory`."""
        return {MEMORY: self._memory}

    def _points(self, configs: Sequence[Config]) -> Floats:
        return self._view.space.snap(self._view.space.to_unit(configs))

    def _features(self, points: Floats) -> Floats:
        return self._encoding.features(points)

    def _predict(self, points: Floats) -> tuple[Floats, Floats]:
        with single_thread():
            mean, variance = self._posterior.marginal(self._features(points))
        sd = np.sqrt(variance + self._posterior.noise)
        sign = self._view.goal.sign
        means = in_unit(mean, centre=self._centre, scale=self._scale)
        return sign * means, in_unit(sd, centre=0.0, scale=self._scale)

    def _probability(self, points: Floats) -> Floats:
        if self._feasibility is None:
            return np.ones(len(points))
        with single_thread():
            return np.exp(self._feasibility.log_probability(self._features(points)))

    def _risk(self, point: Floats) -> str:
        """What is likeliest to go wrong at `1 x d` points."""
        limit = None if self._feasibility is None else self._feasibility.likeliest_break(self._features(point))
        return "failing" if limit is None else f"breaking {limit}"

    def _search(
        self, known: Floats, pending: Pending | None, rng: np.random.Generator, log_prior: Score | None
    ) -> Optimum | None:
        """The best point by score, or the most uncertain one near the best trial where that has nothing to offer."""
        search = partial(maximise, encoding=self._encoding, best=self._best_points(), known=set(keys(known)), rng=rng)
        score = partial(self._score, pending=pending)
        found = search(score if log_prior is None else lambda points: score(points) + log_prior(points))
        if found is None:
            return None
        best_score = float(score(found.point[None, :])[0])
        is_beside = bool((np.abs(known - found.point).max(1) < BESIDE).any())
        is_beside = is_beside and self._best is not None  # else there is no best to look around
        is_exploration = is_beside and float(self._merit(found.point[None, :], pending)[0]) < math.log(LITTLE_EI)
        around = search(partial(self._uncertainty, pending=pending)) if is_exploration else None
        point = (around or found).point[None, :]
        mean, sd = self._predict(point)
        (config,) = self._view.space.from_unit(point)
        return Optimum(
            config,
            score=float(score(point)[0]),
            best_score=best_score,
            mean=float(mean[0]),
            sd=float(sd[0]),
            feasibility=float(self._probability(point)[0]),
            risk=self._risk(point),
            n_points=(around or found).n_points,
            is_exploration=around is not None,
            seconds=None if self._cost is None else float(self._cost.predict(point)[0][0]),
        )

    def _score(self, points: Floats, pending: Pending | None) -> Floats:
        """What is maximised: the merit, less what a trial takes where that counts."""
        merit = self._merit(points, pending)
        if self._cost is None or not self._alpha or self._best is None:  # without a success, success comes first
            return merit
        return merit - self._alpha * np.log(self._cost.predict(points)[0])

    def _merit(self, points: Floats, pending: Pending | None) -> Floats:
        """Log expected improvement plus the log of the probability of success."""
        x = self._features(points)
        feasible = np.zeros(len(x))
        if self._feasibility is not None:
            feasible = self._feasibility.log_probability(x)
        if self._best is None:  # nothing feasible yet: look for that first
            return feasible
        return pending_log_ei(self._posterior, x, self._best, pending) + feasible

    def _uncertainty(self, points: Floats, pending: Pending | None) -> Floats:
        """Log standard deviation plus the log of the probability of success, near the best point only."""
        x = self._features(points)
        values = pending_log_sd(self._posterior, x, pending)
        if self._feasibility is not None:
            values = values + self._feasibility.log_probability(x)
        is_near = np.abs(points - self._best_points()[0]).max(1) <= AROUND
        return np.where(is_near, values, -np.inf)

    def _sample_pending(self, points: Floats) -> Pending | None:
        """Samples at pending points, those that will probably fail left out."""
        x = self._features(points)
        if self._feasibility is not None and len(x):
            x = x[self._feasibility.log_probability(x) > np.log(0.5)]
        return Pending.sample(self._posterior, x, self._view.seed) if len(x) else None

    def _find_best(self) -> float | None:
        """Standardised value to improve on; None while nothing feasible was measured."""
        feasible = self._rows.is_feasible
        if not feasible.any():
            return None
        if self._is_exact:
            return float((self._rows.values[feasible].max() - self._centre) / self._scale)
        with single_thread():
            mean, _ = self._posterior.marginal(self._features(self._rows.points[feasible]))
        return float(mean.max())

    def _best_points(self) -> Floats:
        """The best few measured points, distinct, feasible ones first."""
        order = np.lexsort((-self._rows.values, ~self._rows.is_feasible))
        points = self._rows.points[order]
        _, first = np.unique(keys(points), return_index=True)
        return points[np.sort(first)[:N_BEST]]
