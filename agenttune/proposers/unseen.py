"""What proposers share: configurations the study has not seen, and the record a chosen one becomes.

Not for: choosing between configurations, which is the proposers' own business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agenttune.errors import SpaceError
from agenttune.history import StudyView, config_key
from agenttune.trial import PredictionSource, Proposal
from agenttune.types import Config, Json, Scalar

if TYPE_CHECKING:
    import numpy as np

DRAWS = (4, 60, 440)
"""Random configurations drawn per round until a new one turns up; about 500 in all, since a space of which
500 draws in a row are known is better enumerated."""
ENUMERABLE = 200_000
"""Largest finite space that is searched whole for the last new configurations (about a second)."""


class Unseen:
    """Which configurations are new: neither in the view nor taken since this was made."""

    def __init__(self, view: StudyView) -> None:
        self.view = view
        self._keys = set(view.seen)
        if len(view.spaces) > 1:
            adapted = (view.adapted(trial) for trial in view.trials)
            self._keys.update(config_key(config) for config in adapted if config is not None)

    def is_new(self, config: Config) -> bool:
        """Whether the configuration is new."""
        return config_key(config) not in self._keys

    def take(self, config: Config) -> bool:
        """Marks a configuration as known; False if it was already."""
        key = config_key(config)
        if key in self._keys:
            return False
        self._keys.add(key)
        return True

    def draw(self, rng: np.random.Generator) -> dict[str, Scalar] | None:
        """Takes a random new configuration; None when the space has no more to give."""
        for n_draws in DRAWS:
            try:
                drawn = self.view.space.sample(rng, n_draws)
            except SpaceError:
                break
            for config in drawn:
                if self.take(config):
                    return config
        left = self.rest()
        if not left:
            return None
        config = left[int(rng.integers(len(left)))]
        self.take(config)
        return config

    def rest(self) -> list[dict[str, Scalar]]:
        """Every new configuration of a finite space of at most `ENUMERABLE`, else an empty list."""
        cardinality = self.view.space.cardinality
        if cardinality is None or cardinality > ENUMERABLE:
            return []
        return [config for config in self.view.space.enumerate() if self.is_new(config)]


def make_proposal(
    view: StudyView,
    config: Config,
    *,
    arm: str,
    reason: str,
    predicted: tuple[float, float] | None = None,
    memory: dict[str, Json] | None = None,
) -> Proposal:
    """The record of a configuration that was chosen.

    Args:
        view: what the choice was made from.
        config: a valid configuration of the view's space.
        arm: who chose it.
        reason: why, in a sentence for people.
        predicted: mean and standard deviation of the surrogate's posterior, in the metric's unit.
        memory: what the proposer needs again at its next ask.
    """
    source: PredictionSource | None = None if predicted is None else "posterior"
    return Proposal(
        config=config,
        arm=arm,
        reason=reason,
        space_version=space_version(view),
        predicted_mean=None if predicted is None else predicted[0],
        predicted_sd=None if predicted is None else predicted[1],
        prediction_source=source,
        seen_trials=tuple(trial.number for trial in view.finished),
        memory=memory or {},
    )


def space_version(view: StudyView) -> int:
    """Number of the view's current space: the latest version that equals it, 1 for a space never edited."""
    for version in sorted(view.spaces, reverse=True):
        if view.spaces[version] == view.space:
            return version
    return 1
