"""Probability that a trial neither fails nor breaks a constraint of the goal.

Constraints that compare sizes, "latency_ms < 20": a GP of the slack, by how much each held (Gardner et al. 2014,
"Bayesian optimization with inequality constraints"). Failures, and constraints without a size: least-squares
classification (Rasmussen and Williams 2006, section 6.5), the GP of the metric on labels -1 and +1, squashed by the
normal distribution; a few hundredths of a second, where a Laplace fit takes many times that. Fitted labels leave no
noise and so no doubt, on three failures as on thirty: the squashing adds some (`DOUBT`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr

from agenttune.surrogate.encoding import Encoding, Floats
from agenttune.surrogate.map_estimate import fit_posterior
from agenttune.surrogate.model import Hyperparameters, Observations
from agenttune.surrogate.posterior import Predictive
from agenttune.surrogate.rows import Rows
from agenttune.surrogate.scale import standard

DOUBT = 0.3
"""Variance that a label of -1 or +1 has beyond the fit. On rules that were drawn for 6 to 25 trials any from .2 to .5
more than halves the log loss, and fewer of the vetoed would have succeeded (docs/decisions, 0018)."""
FAILURES = "failures"
"""Names the part that was fitted to labels; the others are named by the text of their constraint."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One thing that may go wrong."""

    posterior: Predictive
    threshold: float
    """Standardised value above which all is well."""
    doubt: float
    """Variance, of standardised values, beyond that of a measurement."""
    hyperparameters: Hyperparameters

    def log_probability(self, x: Floats) -> Floats:
        mean, variance = self.posterior.marginal(x)
        return np.asarray(log_ndtr((mean - self.threshold) / np.sqrt(variance + self.posterior.noise + self.doubt)))


@dataclass(frozen=True, slots=True)
class Feasibility:
    """What may go wrong, each fitted by itself."""

    parts: Mapping[str, _Part]

    def log_probability(self, x: Floats) -> Floats:
        """`m` log probabilities, at `m x p` features, that nothing goes wrong."""
        return np.asarray(np.sum([part.log_probability(x) for part in self.parts.values()], axis=0))

    def likeliest_break(self, x: Floats) -> str | None:
        """The text of the constraint that is likeliest broken at `1 x p` features; None where that is a failure."""
        worst = min(self.parts, key=lambda name: float(self.parts[name].log_probability(x)[0]))
        return None if worst == FAILURES else worst

    @property
    def hyperparameters(self) -> dict[str, Hyperparameters]:
        """By the part they are of."""
        return {name: part.hyperparameters for name, part in self.parts.items()}


def fit_feasibility(
    data: Rows, encoding: Encoding, *, start: Mapping[str, Hyperparameters] | None = None
) -> Feasibility | None:
    """None while nothing went wrong, while no trial ran to the end, or where no fit worked.

    Args:
        data: the trials.
        encoding: of their space.
        start: hyperparameters of an earlier fit, by the part; a part without them is fitted cold.
    """
    start = start or {}
    parts = {name: _slack(data, slack, encoding, start.get(name)) for name, slack in data.slacks.items()}
    if len(data.failed) and len(data.succeeded):
        parts[FAILURES] = _failures(data, encoding, start.get(FAILURES))
    known = {name: part for name, part in parts.items() if part is not None}
    return Feasibility(known) if known else None


def _slack(data: Rows, slack: Floats, encoding: Encoding, start: Hyperparameters | None) -> _Part | None:
    """Of a constraint; None while it always held, or while no trial was nearer to it than another."""
    is_known = ~np.isnan(slack)
    if not (slack[is_known] < 0).any() or np.ptp(slack[is_known]) == 0:
        return None
    return _fitted(encoding.features(data.points[is_known]), slack[is_known], encoding, start, doubt=0.0)


def _failures(data: Rows, encoding: Encoding, start: Hyperparameters | None) -> _Part | None:
    labels = np.concatenate([np.full(len(data.failed), -1.0), np.ones(len(data.succeeded))])
    x = encoding.features(np.vstack([data.failed, data.succeeded]))
    return _fitted(x, labels, encoding, start, doubt=DOUBT)


def _fitted(
    x: Floats, values: Floats, encoding: Encoding, start: Hyperparameters | None, *, doubt: float
) -> _Part | None:
    centre, scale = standard(values)
    fitted = fit_posterior(Observations(x, (values - centre) / scale, encoding.numeric), start=start)
    if fitted is None:
        return None
    return _Part(fitted.posterior, -centre / scale, doubt / scale / scale, fitted.hyperparameters)
