"""The search for the best valid point: how close it comes, what it may not return."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from agenttune.space import Categorical, Float, Int, Ordinal, Space
from agenttune.surrogate.encoding import Encoding, Floats, keys
from agenttune.surrogate.search import Found, maximise

MIXED = Space(
    x=Float(0, 1),
    y=Float(1e-4, 1.0, log=True),
    n=Int(1, 30),
    size=Ordinal([1, 2, 4, 8]),
    kind=Categorical({"a": Space(inner=Float(0, 1)), "b": None, "c": None}),
)


def _search(space: Space, target: Floats, known: frozenset[bytes] = frozenset(), seed: int = 0) -> Found | None:
    encoding = Encoding(space)
    best = space.snap(np.full((1, len(space.columns)), 0.3))

    def score(points: Floats) -> Floats:
        return np.asarray(-((points - target) ** 2).sum(1), dtype=np.float64)

    return maximise(score, encoding, best=best, known=known, rng=np.random.default_rng(seed))


def test_finds_the_maximum_of_a_mixed_space() -> None:
    target = MIXED.snap(np.array([[0.91, 0.13, 0.77, 0.9, 0.1, 0.345]]))
    found = _search(MIXED, target)
    assert found is not None
    assert found.value > -1e-5


def test_point_found_is_a_configuration() -> None:
    found = _search(MIXED, np.array([[0.9, 0.1, 0.7, 0.9, 0.1, 0.3]]))
    assert found is not None
    assert np.array_equal(MIXED.snap(found.point[None, :]), found.point[None, :])


def test_only_new_and_valid_points_count_as_compared() -> None:
    space = Space(n=Int(1, 5), size=Ordinal([1, 2]))
    target = space.snap(np.array([[0.5, 0.2]]))
    found = _search(space, target, frozenset(keys(target)))
    assert found is not None and found.n_points == 9


def test_nothing_is_found_where_no_score_is_finite() -> None:
    encoding = Encoding(Space(n=Int(1, 5)))
    nowhere = partial(np.full, fill_value=-np.inf)
    best = np.full((1, 1), 0.3)
    assert maximise(lambda p: nowhere(len(p)), encoding, best=best, known=(), rng=np.random.default_rng(0)) is None


def test_known_points_are_not_found() -> None:
    space = Space(n=Int(1, 5), size=Ordinal([1, 2]))
    target = space.snap(np.array([[0.5, 0.2]]))
    found = _search(space, target, frozenset(keys(target)))
    assert found is not None
    assert not np.array_equal(found.point, target[0])


def test_nothing_is_found_where_everything_is_known() -> None:
    space = Space(n=Int(1, 5))
    known = frozenset(keys(space.to_unit(list(space.enumerate()))))
    assert _search(space, np.array([[0.5]]), known) is None


def test_finite_space_is_searched_whole() -> None:
    space = Space(n=Int(1, 40), m=Int(1, 40))
    found = _search(space, space.snap(np.array([[0.99, 0.01]])))
    assert found is not None
    assert (found.n_points, found.value) == (1600, 0.0)


def test_constraints_are_kept() -> None:
    space = Space({"x": Float(0, 1), "y": Float(0, 1)}, constraints=["x + y < 1"])
    found = _search(space, np.array([[0.9, 0.9]]))
    assert found is not None
    (config,) = space.from_unit(found.point[None, :])
    assert space.validate(config) == config
    assert found.value == pytest.approx(-2 * 0.4**2, abs=0.01)


def test_tight_constraints_leave_something_to_find() -> None:
    space = Space({"x": Float(0, 1), "y": Float(0, 1)}, constraints=["abs(x - y) < 0.01"])
    found = _search(space, np.array([[0.8, 0.8]]))
    assert found is not None
    assert found.value > -1e-3


def test_same_generator_gives_the_same_point() -> None:
    target = np.array([[0.9, 0.1, 0.7, 0.9, 0.1, 0.3]])
    one, other = _search(MIXED, target, seed=5), _search(MIXED, target, seed=5)
    assert one is not None and other is not None
    assert np.array_equal(one.point, other.point)


def test_scores_that_are_not_numbers_are_passed_over() -> None:
    encoding = Encoding(Space(x=Float(0, 1)))

    def score(points: Floats) -> Floats:
        return np.where(points[:, 0] > 0.5, np.nan, points[:, 0])

    found = maximise(score, encoding, best=np.empty((0, 1)), known=frozenset(), rng=np.random.default_rng(0))
    assert found is not None
    assert found.point[0] <= 0.5
