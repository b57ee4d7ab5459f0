"""Where trials go wrong, as rules over one parameter each: "48 of 50 trials with depth >= 13 failed".

A rule is a count, not a fit: what it says of these trials is true to the letter. Interactions of parameters are
beyond it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agenttune.space import Bool, Categorical, Float, Int, Ordinal, Space
from agenttune.space.scalars import scalar_key
from agenttune.types import Config, Scalar

LEAST_BAD = 3
"""Bad trials below which there is no rule."""
LEAST_SHARE = 0.9
"""Share of bad trials in a region that is called bad."""
CHANCE = 0.05
"""Most probable a rule may be as a whim of chance, both ends of every parameter counted as a chance each."""
MOST_EXPLAINED = 0.5
"""Share of a rule's bad trials that better rules may hold already; above, it says the same in other words."""


@dataclass(frozen=True, slots=True)
class Region:
    """Values of one parameter at which trials go wrong."""

    name: str
    relation: str
    """">=", "<=" or "=="."""
    value: Scalar
    n_bad: int
    n: int
    """Trials in the region, good and bad."""
    kinds: tuple[tuple[str, int], ...]
    """(what went wrong, how often), most frequent first."""


@dataclass(frozen=True, slots=True)
class _Found:
    relation: str
    value: Scalar
    inside: NDArray[np.bool_]
    """Which of all trials lie in the region."""


def bad_regions(space: Space, good: Sequence[Config], bad: Sequence[Config], kinds: Sequence[str]) -> list[Region]:
    """Rules that tell the bad configurations from the good ones, those that explain most first.

    Args:
        space: what the configurations are of.
        good: configurations that went well.
        bad: configurations that did not.
        kinds: what went wrong with each bad one.
    """
    if len(bad) < LEAST_BAD or not good:
        return []
    configs = [*good, *bad]
    is_bad = np.arange(len(configs)) >= len(good)
    candidates = []
    for name in space.columns:
        for found in _regions_of(space, name, configs, is_bad):
            n_bad, n = int((found.inside & is_bad).sum()), int(found.inside.sum())
            by_chance = 2 * len(space.columns) * tail(n_bad, n, n_all_bad=len(bad), n_all=len(configs))
            if n_bad >= LEAST_BAD and by_chance <= CHANCE:
                candidates.append((n_bad, n, name, found))
    candidates.sort(key=lambda entry: (-entry[0], entry[1], space.columns.index(entry[2]), entry[3].relation))
    rules, explained = [], np.zeros(len(configs), dtype=np.bool_)
    for n_bad, n, name, found in candidates:
        inside = found.inside & is_bad
        if (inside & explained).sum() > MOST_EXPLAINED * n_bad:
            continue
        explained |= inside
        counts = Counter(kinds[int(index) - len(good)] for index in np.flatnonzero(inside))
        ordered = tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
        rules.append(Region(name, found.relation, found.value, n_bad, n, ordered))
    return rules


def _regions_of(space: Space, name: str, configs: Sequence[Config], is_bad: NDArray[np.bool_]) -> Iterator[_Found]:
    parameter = space.parameters[name]
    if isinstance(parameter, Categorical | Bool):
        keys = [scalar_key(config[name]) if name in config else None for config in configs]
        for key in dict.fromkeys(key for key in keys if key is not None):
            inside = np.array([entry == key for entry in keys])
            if _is_bad_enough(inside, is_bad) and not inside.all():
                yield _Found("==", key[1], inside)
        return
    if isinstance(parameter, Ordinal):
        positions = parameter.positions
        numbers = np.array([positions[scalar_key(c[name])] if name in c else np.nan for c in configs], dtype=float)
    else:
        assert isinstance(parameter, Float | Int)
        numbers = np.array([float(c[name]) if name in c else np.nan for c in configs])
    for relation, signed in ((">=", numbers), ("<=", -numbers)):
        end = _end_of_range(signed, is_bad)
        if end is None:
            continue
        inside = signed >= end[0]
        first, outside = (end[0], end[1]) if relation == ">=" else (-end[0], -end[1])
        if isinstance(parameter, Ordinal):
            yield _Found(relation, parameter.values[int(first)], inside)
        else:
            value = int(first) if isinstance(parameter, Int) else shortest_between(outside, first)
            yield _Found(relation, value, inside)


def _end_of_range(numbers: NDArray[np.float64], is_bad: NDArray[np.bool_]) -> tuple[float, float] | None:
    """(least number inside, greatest outside) of the widest upper end of a range that is bad; None without one."""
    is_active = ~np.isnan(numbers)
    values, index = np.unique(numbers[is_active], return_inverse=True)
    n = np.bincount(index, minlength=len(values))
    n_bad = np.bincount(index[is_bad[is_active]], minlength=len(values))
    above, bad_above = np.cumsum(n[::-1])[::-1], np.cumsum(n_bad[::-1])[::-1]
    starts = np.flatnonzero((bad_above >= LEAST_SHARE * above) & (n_bad > 0))
    if not len(starts) or starts[0] == 0:  # a rule about the whole range is none
        return None
    return float(values[starts[0]]), float(values[starts[0] - 1])


def _is_bad_enough(inside: NDArray[np.bool_], is_bad: NDArray[np.bool_]) -> bool:
    return bool((inside & is_bad).sum() >= LEAST_SHARE * inside.sum())


def tail(n_bad: int, n: int, *, n_all_bad: int, n_all: int) -> float:
    """Probability that of `n` trials drawn from all at least `n_bad` are bad (hypergeometric)."""
    total = _log_choose(n_all, n)
    return sum(
        math.exp(_log_choose(n_all_bad, k) + _log_choose(n_all - n_all_bad, n - k) - total)
        for k in range(max(n_bad, n - (n_all - n_all_bad)), min(n, n_all_bad) + 1)
    )


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def shortest_between(outside: float, inside: float) -> float:
    """The number of fewest digits from `inside` (included) to `outside` (excluded), in either order."""
    for digits in range(1, 17):
        value = float(f"{inside:.{digits}g}")
        if (outside < value <= inside) if outside < inside else (inside <= value < outside):
            return value
    return inside
