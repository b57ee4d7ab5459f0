"""Conditions change what a method knows of a task, and nothing that it can reach."""

from __future__ import annotations

import json

import numpy as np
import pytest

from agenttune.errors import UserError
from agenttune.space import Categorical, Float, Int, Ordinal, Parameter, Space
from agenttune.types import Scalar
from benchmarks.suites import REGISTRY, base_task, suite
from benchmarks.suites.conditions import mirror, under
from tests.benchmarks.tasks import BEST, SPACE, bowl, value


def test_neutral_names_leave_every_value_where_it_was() -> None:
    real, neutral = bowl(), under(bowl(), "neutral")
    values = [neutral.evaluate(config) for config in neutral.starts(3)]
    assert values == [real.evaluate(config) for config in real.starts(3)]


def test_neutral_task_tells_no_name() -> None:
    neutral = under(bowl(), "neutral+default")
    told = json.dumps([neutral.space.to_json(), neutral.metric, *map(dict, neutral.starts(0))])
    assert not [word for word in (*SPACE.parameters, "rbf", "poly", "layers", "1/step", "accuracy") if word in told]


def test_neutral_names_follow_conditions_between_parameters() -> None:
    real, neutral = base_task("conditional", "0", None), under(base_task("conditional", "0", None), "neutral")
    drawn = [task.space.sample(np.random.default_rng(1), 20) for task in (real, neutral)]
    assert [real.evaluate(config) for config in drawn[0]] == [neutral.evaluate(config) for config in drawn[1]]


def test_shifted_optimum_lies_elsewhere_and_is_as_good() -> None:
    shifted = under(bowl(), "shifted")
    assert shifted.optimum is not None
    assert shifted.evaluate(shifted.optimum) == pytest.approx(0.0, abs=1e-12)
    assert shifted.evaluate(BEST) == pytest.approx(value(mirrored(BEST)))
    assert value(mirrored(BEST)) < -0.05


def mirrored(config: dict[str, bool | int | float | str]) -> dict[str, bool | int | float | str]:
    import zlib

    return mirror(SPACE, zlib.crc32(b"tests/bowl"))(config)


def test_some_category_of_every_list_changes_places() -> None:
    space = Space(kind=Categorical(["a", "b"]))
    assert {str(mirror(space, seed)({"kind": "a"})["kind"]) for seed in range(20)} == {"b"}


def test_mirror_seen_in_its_inverse_is_the_configuration() -> None:
    there = mirror(SPACE, 5)
    for config in SPACE.sample(np.random.default_rng(0), 50):
        back = there(there(config), inverse=True)
        assert np.allclose(SPACE.to_unit([back]), SPACE.to_unit([config]))


GRIDS: dict[str, Parameter] = {
    "log": Int(8, 128, log=True),
    "linear": Int(-3, 9),
    "stepped": Int(1, 10, step=4),
    "decimal": Float(0.1, 0.9, step=0.2),
    "levels": Ordinal([16, 32, 64, 512]),
}


@pytest.mark.parametrize("name", GRIDS)
def test_mirror_of_a_grid_reaches_every_value_and_is_its_own_inverse(name: str) -> None:
    parameter = GRIDS[name]
    there = mirror(Space({name: parameter}), seed=1)  # of one number at least one is mirrored
    values = _values(parameter)
    images = [there({name: value})[name] for value in values]
    assert images == values[::-1]
    assert [there({name: value})[name] for value in images] == values
    assert [there({name: value}, inverse=True)[name] for value in images] == values


def _values(parameter: Parameter) -> list[Scalar]:
    if isinstance(parameter, Ordinal):
        return [*parameter.values]
    if isinstance(parameter, Int):
        return [*range(parameter.low, parameter.high + 1, parameter.step)]
    assert isinstance(parameter, Float)
    return [parameter.at(k) for k in range(parameter.steps + 1)]


def test_default_is_everybodys_sixth_start() -> None:
    granted = under(bowl(), "default")
    assert granted.starts(0)[:5] == bowl().starts(0)
    assert granted.starts(0)[5:] == [bowl().default]


def test_default_of_a_shifted_task_stays_where_the_library_has_it() -> None:
    both = under(bowl(), "shifted+default")
    assert both.starts(0)[-1] == bowl().default


def test_condition_that_means_nothing_is_refused() -> None:
    with pytest.raises(UserError, match="means nothing for synthetic/sphere-0"):
        under(base_task("synthetic", "sphere-0", None), "shifted")
    with pytest.raises(UserError, match="no condition is called 'upside-down'"):
        under(bowl(), "upside-down")


@pytest.mark.parametrize("name", [name for name in REGISTRY if not suite(name).NEEDS_DATA])
def test_what_is_known_of_a_task_is_a_valid_configuration_of_it(name: str) -> None:
    for task_name in suite(name).names(None):
        task = base_task(name, task_name, None)
        assert task.optimum is not None and task.worst is not None
        task.space.validate(task.optimum)
        task.space.validate(task.worst)
        if task.default is not None:
            task.space.validate(task.default)


@pytest.mark.parametrize(("name", "task_name"), [("synthetic", "ackley-1"), ("conditional", "3"), ("failing", "wine")])
def test_stored_extremes_have_the_values_they_are_said_to_have(name: str, task_name: str) -> None:
    from benchmarks.extremes import known

    task = base_task(name, task_name, None)
    entry = known()[name][task_name]
    for end in ("best", "worst"):
        assert task.evaluate(entry[end]["config"]) == pytest.approx(entry[end]["value"], abs=1e-3)


def test_nets_that_diverge_have_no_value() -> None:
    task = base_task("failing", "wine", None)
    diverging = {"learning_rate": 1e3, "momentum": 0.9, "weight_decay": 10.0, "width": 32, "batch_size": 8}
    assert task.evaluate(diverging) is None
    assert task.optimum is not None and task.evaluate(task.optimum) is not None
