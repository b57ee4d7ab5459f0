"""Rules about bad regions: true counts, and none where chance would do."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agenttune.insight.regions import Region, bad_regions, shortest_between, tail
from agenttune.space import Bool, Categorical, Float, Int, Ordinal, Space
from agenttune.types import Config
from tests.space.test_properties import seeds, spaces

DEEP = Space(depth=Int(1, 20), lr=Float(1e-5, 1e-1, log=True))


def _split(configs: list[Config], name: str, bad: set[object]) -> tuple[list[Config], list[Config]]:
    return [c for c in configs if c[name] not in bad], [c for c in configs if c[name] in bad]


def _depths(*depths: int) -> list[Config]:
    return [{"depth": depth, "lr": 10 ** -(1 + 4 * (index * 7 % 10) / 10)} for index, depth in enumerate(depths)]


def test_upper_end_of_a_range() -> None:
    good, bad = _depths(*range(1, 13)), _depths(13, 15, 16, 18, 20)
    assert bad_regions(DEEP, good, bad, ["oom"] * 4 + ["timeout"]) == [
        Region("depth", ">=", 13, 5, 5, (("oom", 4), ("timeout", 1)))
    ]


def test_lower_end_of_a_range_takes_in_a_few_good_ones() -> None:
    good, bad = _depths(4, *range(8, 20)), _depths(1, 1, 2, 2, 3, 3, 4, 5, 5, 5, 6)
    (region,) = bad_regions(DEEP, good, bad, ["crash"] * 11)
    assert (region.relation, region.value, region.n_bad, region.n) == ("<=", 6, 11, 12)


def test_threshold_of_a_float_is_a_short_number_between_good_and_bad() -> None:
    space = Space(x=Float(0, 1))
    good = [{"x": 0.0123 * i} for i in range(40)]
    bad = [{"x": 0.7312345 + 0.01 * i} for i in range(6)]
    assert [(r.relation, r.value) for r in bad_regions(space, good, bad, ["nan"] * 6)] == [(">=", 0.7)]


def test_choice() -> None:
    space = Space(kind=Categorical(["a", "b", 1]), flag=Bool())
    configs: list[Config] = [{"kind": kind, "flag": i % 2 == 0} for i in range(8) for kind in ("a", "b", 1)]
    good, bad = _split(configs, "kind", {1})
    assert bad_regions(space, good, bad, ["crash"] * 8) == [Region("kind", "==", 1, 8, 8, (("crash", 8),))]


def test_ordinal_is_named_by_its_value() -> None:
    space = Space(batch=Ordinal([16, 32, 64, 128]))
    configs: list[Config] = [{"batch": batch} for batch in (16, 32, 64, 128) for _ in range(6)]
    good, bad = _split(configs, "batch", {64, 128})
    assert [(r.relation, r.value) for r in bad_regions(space, good, bad, ["oom"] * 12)] == [(">=", 64)]


def test_only_trials_in_which_a_parameter_is_active_count() -> None:
    space = Space(kind=Categorical({"a": Space(inner=Int(1, 9)), "b": None}))
    good: list[Config] = [{"kind": "b"}] * 12 + [{"kind": "a", "inner": value} for value in (1, 2, 3, 4)]
    bad: list[Config] = [{"kind": "a", "inner": value} for value in (6, 7, 8, 9)]
    assert [(r.name, r.value, r.n) for r in bad_regions(space, good, bad, ["crash"] * 4)] == [("inner", 6, 4)]


def test_a_rule_that_says_the_same_again_is_left_out() -> None:
    space = Space(a=Int(1, 20), b=Int(1, 20))
    good: list[Config] = [{"a": value, "b": value} for value in range(1, 13)]
    bad: list[Config] = [{"a": value, "b": value} for value in range(13, 19)]
    assert [region.name for region in bad_regions(space, good, bad, ["oom"] * 6)] == ["a"]


def test_two_bad_trials_make_no_rule() -> None:
    assert bad_regions(DEEP, _depths(*range(1, 19)), _depths(19, 20), ["oom"] * 2) == []


def test_nothing_is_said_where_everything_failed() -> None:
    assert bad_regions(DEEP, [], _depths(*range(1, 20)), ["oom"] * 19) == []


def test_failures_at_random_make_no_rule_in_a_wide_space() -> None:
    space = Space({f"x{i}": Float(0, 1) for i in range(50)})
    configs = space.sample(np.random.default_rng(0), 60)
    assert bad_regions(space, configs[:40], configs[40:], ["crash"] * 20) == []


@settings(max_examples=60, deadline=None)
@given(spaces(), seeds(), st.integers(3, 30))
def test_every_rule_counts_true(space: Space, seed: int, n_bad: int) -> None:
    configs: list[Config] = list(space.sample(np.random.default_rng(seed), 40))
    configs.sort(key=lambda config: repr(sorted(config.items(), key=str)))  # so that the bad ones lie together
    good, bad = configs[n_bad:], configs[:n_bad]
    for region in bad_regions(space, good, bad, ["crash"] * n_bad):
        assert region.n_bad == sum(_holds(space, region, config) for config in bad)
        assert region.n == region.n_bad + sum(_holds(space, region, config) for config in good)


def _holds(space: Space, region: Region, config: Config) -> bool:
    if region.name not in config:
        return False
    parameter, value = space.parameters[region.name], config[region.name]
    if region.relation == "==":
        return (type(value) is bool, value) == (type(region.value) is bool, region.value)
    place = parameter.values.index if isinstance(parameter, Ordinal) else float
    a, b = place(value), place(region.value)
    return bool(a >= b if region.relation == ">=" else a <= b)


def test_tail_is_the_hypergeometric_one() -> None:
    exact = sum(comb(6, k) * comb(14, 5 - k) for k in (4, 5)) / comb(20, 5)
    assert tail(4, 5, n_all_bad=6, n_all=20) == pytest.approx(exact)


@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300))
def test_shortest_number_lies_between(outside: float, inside: float) -> None:
    if outside != inside:
        value = shortest_between(outside, inside)
        assert outside < value <= inside or inside <= value < outside
