"""What the studies of `benchmarks.outages` measure: a known function, after some sleep that costs no processor."""

from __future__ import annotations

import time

from agenttune.testing.functions import smooth
from agenttune.types import Config

SOON_S = 0.3
SLOWLY_S = 4.0
"""Thirty of these are two minutes: two requests run into their timeout of 60 s."""


def soon(config: Config) -> dict[str, float]:
    """A short trial."""
    time.sleep(SOON_S)
    return smooth(config)


def slowly(config: Config) -> dict[str, float]:
    """A trial of some seconds."""
    time.sleep(SLOWLY_S)
    return smooth(config)
