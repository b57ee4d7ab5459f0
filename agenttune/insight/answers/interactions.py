"""Which pairs of parameters matter together: how far the surrogate's mean is from a sum of two single effects.

For a pair, the mean prediction over a sample of the trials' configurations is taken on a grid of its values (a partial
dependence); what its rows and columns do not explain is the interaction (Friedman and Popescu 2008, section 8, on a
grid). It is a statement about the surrogate. Parameters that switch others on and those that are switched are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from agenttune.history import StudyView
from agenttune.types import Config, Scalar

if TYPE_CHECKING:
    from agenttune.surrogate import Surrogate

MIN_TRIALS = 20
"""Complete trials below which a surrogate's interactions are its prior's."""
MOST_PARAMETERS, N_GRID, N_BACKGROUND = 4, 4, 16
"""6 pairs x 16 cells x 16 configurations are 1,536 predictions: a few hundredths of a second."""
LEAST_SHARE, LEAST_SD = 0.1, 0.1
"""Of the pair's variance, and of the deviation of all measured values: below, there is nothing to speak of."""


@dataclass(frozen=True, slots=True)
class Interaction:
    """Two parameters."""

    first: str
    second: str
    share: float
    """Of the variance over their values together, what neither explains alone; 0 to 1."""
    sd: float
    """The same as a standard deviation, in the metric's unit."""
    best: tuple[Scalar, Scalar]
    """The pair's values at the best cell of the grid."""


def interactions(view: StudyView, surrogate: Surrogate, names: Sequence[str]) -> tuple[Interaction, ...]:
    """Pairs whose joint effect is worth telling, largest first.

    Args:
        view: the study.
        surrogate: fitted to it.
        names: parameters, most important first; the first four that can be set freely are looked at.
    """
    switches = {condition.parent for condition in view.space.conditions.values()}
    free = [name for name in names if name not in view.space.conditions and name not in switches]
    configs = [config for trial in view.complete if (config := view.adapted(trial)) is not None]
    background = configs[:: -(-len(configs) // N_BACKGROUND) or 1]
    found = [_interaction(view, surrogate, pair, background) for pair in combinations(free[:MOST_PARAMETERS], 2)]
    least = LEAST_SD * float(np.std([view.value(trial) for trial in view.complete]))
    strong = (one for one in found if one.share >= LEAST_SHARE and one.sd >= least)
    return tuple(sorted(strong, key=lambda one: -one.sd))


def _interaction(
    view: StudyView, surrogate: Surrogate, pair: tuple[str, str], background: Sequence[Config]
) -> Interaction:
    grids = [_values(view, name) for name in pair]
    cells = [(one, other) for one in grids[0] for other in grids[1]]
    asked = [{**config, pair[0]: one, pair[1]: other} for one, other in cells for config in background]
    mean, _ = surrogate.predict(asked)
    table = mean.reshape(len(grids[0]), len(grids[1]), len(background)).mean(2)
    centred = table - table.mean()
    rest = centred - centred.mean(1, keepdims=True) - centred.mean(0, keepdims=True)
    total = float((centred**2).mean())
    best = cells[int((view.goal.sign * table).argmax())]
    return Interaction(*pair, float((rest**2).mean()) / total if total > 0 else 0.0, float(rest.std()), best)


def _values(view: StudyView, name: str) -> list[Scalar]:
    """Values of one parameter, evenly spread over its range; all of them where they are few."""
    middle = np.full((N_GRID, len(view.space.columns)), 0.5)
    middle[:, view.space.columns.index(name)] = (np.arange(N_GRID) + 0.5) / N_GRID
    return list(dict.fromkeys(config[name] for config in view.space.from_unit(middle)))
