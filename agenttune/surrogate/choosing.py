"""Chooses between the Gaussian process and the forest by how well they predict a study's trials.

What was chosen, as it is kept and told, is in choice.py, which needs no scipy; the score is in left_out.py.

Notation: n observations of p features, X `n x p`, y `n` standardised values.
"""

from __future__ import annotations

from functools import partial

from agenttune.surrogate.choice import CHOOSE_EVERY, Choice
from agenttune.surrogate.encoding import Encoding, Floats
from agenttune.surrogate.left_out import left_out_score
from agenttune.surrogate.map_estimate import fit_posterior
from agenttune.surrogate.model import Observations
from agenttune.surrogate.posterior import Predictive


def is_due(last: Choice | None, n_rows: int) -> bool:
    """Whether there are enough measurements for a choice, and enough others than at the last one."""
    return n_rows >= CHOOSE_EVERY and (last is None or not 0 <= n_rows - last.n_rows < CHOOSE_EVERY)


def chosen(x: Floats, y: Floats, encoding: Encoding, *, seed: int) -> Choice | None:
    """A new choice; None where a fit failed."""

    def gp(x: Floats, y: Floats) -> Predictive | None:
        fitted = fit_posterior(Observations(x, y, encoding.numeric), start=None)  # all of it anew: see left_out.py
        return None if fitted is None else fitted.posterior

    of_gp, of_forest = (left_out_score(model, x, y, seed) for model in (gp, partial(forest, seed=seed)))
    return None if of_gp is None or of_forest is None else Choice(len(y), of_gp, of_forest)


def forest(x: Floats, y: Floats, seed: int) -> Predictive:
    """A random forest, fitted."""
    from agenttune.surrogate.forest import Forest  # with scikit-learn: most studies do without

    return Forest(x, y, seed)
