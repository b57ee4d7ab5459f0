"""How far apart configurations lie: Gower's distance, 0 for the same point, 1 where everything differs at most.

A number counts by its difference on the unit interval of its scale, a choice by 0 or 1, and a parameter that is active
in one of the two only by 1; the mean over all parameters of the space.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agenttune.history import StudyView
from agenttune.space import Bool, Categorical, Space
from agenttune.trial import Trial
from agenttune.types import Config


def distances(space: Space, config: Config, others: Sequence[Config]) -> NDArray[np.float64]:
    """`n` distances of valid configurations from one."""
    if not others or not space.columns:
        return np.zeros(len(others))
    points = space.snap(space.to_unit([config, *others]))
    active = space.activity(points)
    apart = np.abs(points[1:] - points[0])
    is_choice = np.array([isinstance(space.parameters[name], Bool | Categorical) for name in space.columns])
    apart = np.where(is_choice, apart > 1e-9, apart)
    apart = np.where(active[1:] & active[0], apart, active[1:] != active[0])
    return np.asarray(apart.mean(1), dtype=np.float64)


def nearest(view: StudyView, config: Config, trials: Sequence[Trial]) -> tuple[Trial, float] | None:
    """(the nearest of the trials, its distance), the earliest among equals; None where none is of the space."""
    placed = [(trial, found) for trial in trials if (found := view.adapted(trial)) is not None]
    if not placed or not view.space.contains(config):
        return None
    apart = distances(view.space, config, [found for _, found in placed])
    first = int(apart.argmin())
    return placed[first][0], float(apart[first])
