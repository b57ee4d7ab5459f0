"""How far a model's replies to one question lie apart: a measure of how sure it is, whatever it says of itself.

Of each reply the first candidate counts, the one its model puts first. For every parameter that at least two of them
use, their spread: of numbers the standard deviation in the unit cube, where log scales are straight, against that of
draws at random from it; of categories the entropy, against that of replies that differ as much as they can. The mean
over these parameters is the dispersion: 0 where all replies offer the same, 1 where they lie as if drawn at random.

Not a prediction, and never mixed with one: it says nothing of the metric.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agenttune.history import StudyView
from agenttune.space import Bool, Categorical, Space
from agenttune.space.scalars import scalar_key
from agenttune.trial import Candidate
from agenttune.types import Config

UNIFORM_SD = math.sqrt(1 / 12)
"""Standard deviation of a draw at random from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Dispersion:
    """Of one question."""

    share: float
    """0 to 1."""
    n_samples: int
    """Replies that offered something."""


def dispersion_of(view: StudyView, asked_at: int) -> Dispersion | None:
    """The dispersion of the replies to the question for trial `asked_at`.

    None where there are not two, and where all are the same to the word: a server that draws no samples answers so,
    however unsure its model is.
    """
    replies: dict[int, list[Candidate]] = {}
    for candidate in view.candidates:
        if candidate.asked_at == asked_at:
            replies.setdefault(candidate.sample, []).append(candidate)
    if len(replies) < 2 or _are_the_same(list(replies.values())):
        return None
    placed = [view.placed(offered[0].config, offered[0].space_version) for offered in replies.values()]
    configs = [config for config in placed if config is not None]
    shares = [share for name in view.space.columns if (share := _share(view.space, name, configs)) is not None]
    return Dispersion(min(sum(shares) / len(shares), 1.0), len(replies)) if shares else None


def _are_the_same(replies: Sequence[Sequence[Candidate]]) -> bool:
    told = [[(entry.config, entry.reason, entry.predicted_mean, entry.predicted_sd) for entry in of] for of in replies]
    return all(entry == told[0] for entry in told)


def _share(space: Space, name: str, configs: Sequence[Config]) -> float | None:
    """The spread of one parameter, about 1 at random; None where fewer than two configurations use it."""
    using = [config for config in configs if name in config]
    n = len(using)
    if n < 2:
        return None
    parameter = space.parameters[name]
    if isinstance(parameter, Categorical | Bool):
        counts = Counter(scalar_key(config[name]) for config in using)
        entropy = -sum(count / n * math.log(count / n) for count in counts.values())
        n_choices = len(parameter.choices) if isinstance(parameter, Categorical) else 2
        return entropy / math.log(min(n, n_choices)) if n_choices > 1 else 0.0
    column = space.to_unit(using)[:, space.columns.index(name)]
    return float(np.std(column, ddof=1)) / UNIFORM_SD  # n - 1: else two draws at random came to .6, and four to .8
