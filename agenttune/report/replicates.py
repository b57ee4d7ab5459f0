"""Whether a winner holds: mean and interval of repeated configurations, and the winner against the rest.

Notation: `r` repeats of one configuration, each with a seed of its own. The trial that made a
configuration a winner is left out of its mean: it was chosen because it came out well, so counting
it again would flatter it.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.trial import Trial, TrialState
from agenttune.types import Config

Verdict = Literal["holds", "tied", "overtaken", "unknown"]

T_975 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
    2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
"""97.5% quantiles of Student's t for 1 to 30 degrees of freedom."""
ALIKE = (
    "all repeats came out exactly alike: either the seed decides nothing here, or the program takes no notice of it "
    "(AGENTTUNE_SEED, or {seed} in the command)"
)
"""What is said of repeats without any spread."""


@dataclass(frozen=True, slots=True)
class Replicated:
    """One configuration and its repeats."""

    number: int
    """The trial that is repeated."""
    config: Config
    original: float
    """What that trial measured."""
    values: tuple[float, ...]
    """What its COMPLETE repeats measured."""
    n_failed: int
    mean: float | None
    half_width: float | None
    """Half of the 95% t-interval of the mean; None below two repeats."""

    @property
    def is_alike(self) -> bool:
        """Whether its repeats, of which there are several, came out equal to the last digit."""
        return self.half_width == 0


@dataclass(frozen=True, slots=True)
class Confirmation:
    """All repeated configurations, and what becomes of the winner."""

    rows: tuple[Replicated, ...]
    """Best mean first; those without a repeat last."""
    winner: int
    """The trial that led before the repeats."""
    verdict: Verdict
    difference: float | None = None
    """Winner's mean minus that of the best other configuration; in the metric's unit."""
    difference_half_width: float | None = None
    """Half of its 95% interval (Welch)."""
    rival: int | None = None

    @property
    def sentence(self) -> str:
        """The verdict for people."""
        several = [row for row in self.rows if len(row.values) > 1]
        return f"{self._verdict}; {ALIKE}" if several and all(row.is_alike for row in several) else self._verdict

    @property
    def _verdict(self) -> str:
        if self.verdict == "unknown":
            return f"trial {self.winner} has too few repeats for a verdict: two of it and of another are needed"
        interval = f"{self.difference:+.4g}"
        if self.difference_half_width:  # else equal repeats, whose interval would claim what ALIKE denies
            interval += f" ± {self.difference_half_width:.2g}, 95%"
        if self.verdict == "holds":
            return f"trial {self.winner} holds: ahead of trial {self.rival} ({interval})"
        if self.verdict == "tied":
            return f"trial {self.winner} cannot be told from trial {self.rival} ({interval}); more replicates would"
        return f"trial {self.rival} overtakes trial {self.winner} ({interval})"


def confirmation(view: StudyView) -> Confirmation | None:
    """What the replicates of a study say; None if there are none."""
    repeated = {trial.replicate_of for trial in view.trials if trial.replicate_of is not None}
    originals = [trial for trial in view.ranked() if trial.number in repeated]
    if not originals:
        return None
    rows = [_replicated(view, trial) for trial in originals]
    winner = rows[0]
    rivals = [row for row in rows[1:] if row.half_width is not None]
    ordered = tuple(sorted(rows, key=lambda row: (row.mean is None, -view.goal.sign * (row.mean or 0.0), row.number)))
    if winner.half_width is None or not rivals:
        return Confirmation(ordered, winner.number, "unknown")
    rival = max(rivals, key=lambda row: (view.goal.sign * (row.mean or 0.0), -row.number))
    difference, half_width = welch(winner.values, rival.values)
    return Confirmation(
        ordered, winner.number, _verdict(view.goal, difference, half_width), difference, half_width, rival.number
    )


def t_975(degrees: float) -> float:
    """The 97.5% quantile of Student's t; exact to .001 up to 30 degrees, an expansion beyond."""
    if degrees < 1:
        return math.inf
    if degrees <= len(T_975):
        low = int(degrees)
        above = T_975[min(low, len(T_975) - 1)]
        return T_975[low - 1] + (degrees - low) * (above - T_975[low - 1])
    z = statistics.NormalDist().inv_cdf(0.975)
    # Abramowitz & Stegun 26.7.5, two terms: error below 1e-4 there
    return z + (z**3 + z) / (4 * degrees) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)


def mean_interval(values: Sequence[float]) -> tuple[float | None, float | None]:
    """(mean, half of its 95% t-interval), each None where there are too few values."""
    if not values:
        return None, None
    mean = statistics.fmean(values)
    if len(values) < 2:
        return mean, None
    return mean, t_975(len(values) - 1) * statistics.stdev(values) / math.sqrt(len(values))


def welch(first: Sequence[float], second: Sequence[float]) -> tuple[float, float]:
    """(difference of the means, half of its 95% interval), variances not taken to be equal."""
    shares = [statistics.variance(values) / len(values) for values in (first, second)]
    spread = sum(shares)
    difference = statistics.fmean(first) - statistics.fmean(second)
    if spread == 0:
        return difference, 0.0
    # Welch-Satterthwaite
    parts = [share**2 / (len(values) - 1) for share, values in zip(shares, (first, second), strict=True)]
    return difference, t_975(spread**2 / sum(parts)) * math.sqrt(spread)


def _replicated(view: StudyView, trial: Trial) -> Replicated:
    values = tuple(view.value(repeat) for repeat in view.replicates(trial.number) if repeat.number != trial.number)
    n_failed = sum(repeat.state is TrialState.FAILED for repeat in view.trials if repeat.replicate_of == trial.number)
    mean, half_width = mean_interval(values)
    return Replicated(trial.number, trial.config, view.value(trial), values, n_failed, mean, half_width)


def _verdict(goal: Goal, difference: float, half_width: float) -> Verdict:
    ahead = goal.sign * difference
    if abs(ahead) <= half_width:
        return "tied"
    return "holds" if ahead > 0 else "overtaken"
