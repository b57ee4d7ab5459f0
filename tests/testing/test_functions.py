"""The made-up functions are best and worst where they say."""

from __future__ import annotations

import numpy as np
import pytest

from agenttune.testing.functions import FUNCTIONS, Function
from agenttune.types import Scalar

by_name = pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)


def sampled(function: Function) -> list[float]:
    """Values of 2,000 random points."""
    return [function.value(config) for config in function.space.sample(np.random.default_rng(1), 2_000)]


def crossing(function: Function) -> list[dict[str, Scalar]]:
    """Points that differ from the optimum in one coordinate: along every axis, its whole length."""
    space = function.space
    (point,) = space.to_unit([function.optimum])
    axes = np.arange(len(point))
    moved = space.snap([np.where(axes == axis, at, point) for axis in axes for at in np.linspace(0, 1, 41)])
    return space.from_unit(moved[np.abs(moved - point).max(1) > 1e-6])


@by_name
def test_best_and_worst_are_complete_configurations(function: Function) -> None:
    assert function.space.validate(function.optimum) == function.optimum
    assert function.space.validate(function.worst) == function.worst


@by_name
def test_nothing_reaches_the_optimum(function: Function) -> None:
    assert function.value(function.optimum) == 0.0
    assert max(sampled(function)) < 0.0
    assert max(function.value(config) for config in crossing(function)) < 0.0


@by_name
def test_value_falls_on_the_way_from_the_optimum(function: Function) -> None:
    (start, end) = function.space.to_unit([function.optimum, function.worst])
    path = function.space.from_unit([start + share * (end - start) for share in (0.0, 0.25, 0.6, 1.0)])
    values = [function.value(config) for config in path]
    assert values == sorted(values, reverse=True)


@by_name
def test_worst_is_worse_than_almost_everything(function: Function) -> None:
    assert function.value(function.worst) < np.quantile(sampled(function), 0.05)


@by_name
def test_median_lies_far_below_the_optimum(function: Function) -> None:
    assert -1.0 < function.median() < -0.3


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_is_an_objective_by_its_name(name: str) -> None:
    from agenttune.testing import functions

    function = FUNCTIONS[name]
    assert getattr(functions, name)(function.worst) == {"value": function.value(function.worst)}
