"""Tunes a function from Python: the space, the function, the budget, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Mapping

import agenttune as at

SPACE = at.Space(
    x=at.Float(-5.0, 10.0, default=0.0),
    y=at.Float(0.0, 15.0, default=5.0),
)


def branin(config: Mapping[str, float]) -> float:
    """A classic of optimisation; its three minima are at 0.398."""
    x, y = config["x"], config["y"]
    valley = y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6
    return valley**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def main() -> None:
    """Tunes it in 20 trials and prints the best."""
    result = at.tune(branin, SPACE, minimize="loss", trials=20, seed=0)
    best = result.best
    assert best is not None
    print(f"trial {best.number} ({best.arm}): {dict(best.config)} -> {best.value('loss'):.3f}")


if __name__ == "__main__":
    main()
