"""Whether it is worth going on: what more trials should gain, by the surrogate, and what they should cost.

The gain of the next n trials is a Monte Carlo estimate on joint posterior samples: n points are chosen one after the
other on one half of the samples, and what the best of them gains is averaged over the other half, so that chance in
the choice does not count as gain. They are chosen now, without learning from each other, so that a search that learns
should gain more; as much as the best of all points compared is the other end.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from agenttune.budget import Budget
from agenttune.errors import UserError
from agenttune.history import StudyView
from agenttune.insight.answers.answer import Answer
from agenttune.insight.answers.foreseen import better

if TYPE_CHECKING:
    from agenttune.surrogate import Surrogate

Verdict = Literal["go on", "little to gain", "not worth it", "target reached", "too early to tell"]
N_SAMPLES, N_POINTS = 256, 200
"""Joint samples, and points of largest expected improvement that they are drawn at."""
WORTH, LITTLE = 0.05, 0.005
"""Gain of the next trials, as a share of the best trial's lead over the median one, from which going on is worth it,
and below which it is not: a twentieth of what searching brought so far, and a tenth of that."""
MOST = 1_000
LEAST_COMPLETE = 5
"""Complete trials below which nothing is predicted."""


@dataclass(frozen=True, slots=True)
class Gain:
    """What more trials should improve on the best, in the metric's unit, at least 0."""

    next_one: float
    """Of the next trial, in the mean."""
    p_better: float
    """Probability that its measurement succeeds and beats the best."""
    next_n: float
    """Of the next n together, chosen now."""
    at_most: float
    """Of the best of all points compared, if a search found it for certain."""
    n_points: int
    """How many were compared."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What more trials should cost, by those so far; None is unknown."""

    trial_s: float | None
    """Median seconds of a complete trial."""
    seconds: float | None
    """Wall seconds of the next n, with all workers at work."""
    dollars: float | None
    """For models, at the pace so far."""


@dataclass(frozen=True, slots=True)
class Outlook(Answer):
    """Whether it is worth going on."""

    template: ClassVar[str] = "outlook"
    verdict: Verdict
    metric: str
    best: float | None
    """The incumbent's value."""
    best_number: int | None
    n_since: int | None
    """Trials finished after the incumbent."""
    lead: float | None
    """The incumbent's lead over the median of the complete feasible trials."""
    n: int
    """Next trials that are spoken of."""
    workers: int
    gain: Gain | None
    """None where it cannot be predicted."""
    share: float | None
    """`gain.next_n` as a share of `lead`."""
    cost: Cost
    trials_left: int | None
    """None: no bound."""
    seconds_left: float | None
    dollars_left: float | None
    worth: float
    """Share from which going on is worth it."""
    little: float


def outlook(
    view: StudyView,
    surrogate: Surrogate | None,
    *,
    budget: Budget,
    n_trials: int,
    active_s: float = 0.0,
    dollars: float | None = None,
    workers: int = 1,
    n: int = 10,
) -> Outlook:
    """Whether it is worth going on.

    Args:
        view: the study.
        surrogate: fitted to it; None where there is too little to fit.
        budget: of the study.
        n_trials: trials counted against it.
        active_s: seconds it ran.
        dollars: paid to models so far; None is unknown.
        workers: trials that run at a time.
        n: next trials to speak of, 1 to 1,000; fewer where fewer are left.

    Raises:
        UserError: `n` is out of range.
    """
    if not 1 <= n <= MOST:
        raise UserError(f"`n` must be from 1 to {MOST:,}, but got {n}")
    left = None if budget.trials is None else max(budget.trials - n_trials, 0)
    n = min(n, left) if left else n
    best, ranked = view.incumbent, view.ranked()
    lead = None
    if best is not None:
        lead = abs(view.value(best) - statistics.median(view.value(trial) for trial in ranked))
    gain = None
    if surrogate is not None and surrogate.best is not None and len(ranked) >= LEAST_COMPLETE:
        gain = _gain(view, surrogate, n)
    share = None if gain is None or not lead else gain.next_n / lead
    return Outlook(
        _verdict(view, gain, share),
        view.goal.metric,
        None if best is None else view.value(best),
        None if best is None else best.number,
        None if best is None else sum(trial.number > best.number for trial in view.finished),
        lead,
        n,
        workers,
        gain,
        share,
        _cost(view, n, workers, dollars, n_trials),
        left,
        None if budget.seconds is None else max(budget.seconds - active_s, 0.0),
        None if budget.dollars is None or dollars is None else max(budget.dollars - dollars, 0.0),
        WORTH,
        LITTLE,
    )


def _gain(view: StudyView, surrogate: Surrogate, n: int) -> Gain | None:
    rng = view.rng()
    found = surrogate.optimum(rng, 1)
    if not found:
        return None
    first = found[0].config
    configs = surrogate.candidates(rng)
    ei = surrogate.expected_improvement(configs)
    top = np.argsort(-ei, kind="stable")[: N_POINTS - 1]
    points = [first, *(configs[int(at)] for at in top)]
    assert surrogate.best is not None
    gains = np.maximum(view.goal.sign * (surrogate.samples(points, rng, N_SAMPLES) - surrogate.best), 0.0)
    gains *= rng.random(gains.shape) < surrogate.feasibility(points)
    choosing, judging = gains[::2], gains[1::2]
    chosen = _greedy(choosing, n)
    return Gain(
        float(surrogate.expected_improvement([first])[0]),
        better(view, surrogate, [first])[0] or 0.0,
        float(judging[:, chosen].max(1).mean()),
        float(judging.max(1).mean()),
        len(points),
    )


def _greedy(gains: NDArray[np.float64], n: int) -> list[int]:
    """Columns of `S x m` gains, each the one that adds most to the mean of the best of those chosen."""
    chosen: list[int] = []
    best = np.zeros(len(gains))
    for _ in range(min(n, gains.shape[1])):
        means = np.maximum(gains, best[:, None]).mean(0)
        means[chosen] = -np.inf
        chosen.append(int(means.argmax()))
        best = np.maximum(best, gains[:, chosen[-1]])
    return chosen


def _cost(view: StudyView, n: int, workers: int, dollars: float | None, n_trials: int) -> Cost:
    times = [trial.outcome.elapsed_s for trial in view.complete if trial.outcome is not None]
    trial_s = statistics.median(times) if times else None
    seconds = None if trial_s is None else trial_s * -(-n // workers)
    return Cost(trial_s, seconds, None if dollars is None or not n_trials else dollars / n_trials * n)


def _verdict(view: StudyView, gain: Gain | None, share: float | None) -> Verdict:
    best = view.incumbent
    if best is not None and view.goal.is_reached(view.value(best)):
        return "target reached"
    if gain is None or share is None:
        return "too early to tell"
    if share >= WORTH:
        return "go on"
    return "little to gain" if share >= LITTLE else "not worth it"
