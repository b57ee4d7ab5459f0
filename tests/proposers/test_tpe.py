"""TPE: start points, conditions, constraints, failures, duplicates."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from agenttune.edits import Freeze
from agenttune.edits.space_edits import apply_to_space
from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.proposers.tpe import TPEProposer
from agenttune.space import Categorical, Float, Int, Space
from agenttune.testing.views import complete, tuned
from agenttune.types import Config

TREE = Space(
    rate=Float(0, 1),
    kernel=Categorical({"poly": Space(degree=Int(2, 5), coef=Float(0, 1)), "rbf": Space(gamma=Float(0, 1))}),
)


def _objective(config: Config) -> float:
    return float(config.get("gamma", -1.0)) - abs(float(config["rate"]) - 0.5)


def _view(space: Space, *, seed: int = 0) -> StudyView:
    return StudyView(space, Goal("value", "maximize"), (), seed=seed)


def test_start_is_spread_then_density() -> None:
    view = tuned(_view(Space(x=Float(0, 1))), TPEProposer(), lambda config: float(config["x"]), 6)
    assert [trial.arm for trial in view.trials] == ["sobol"] * 4 + ["tpe"] * 2


def test_better_branch_of_a_tree_is_found() -> None:
    view = tuned(_view(TREE), TPEProposer(), _objective, 40)
    late = [trial.config["kernel"] for trial in view.trials[-15:]]
    assert late.count("rbf") > late.count("poly")


def test_children_of_a_frozen_parent_are_asked_for() -> None:
    frozen = apply_to_space(TREE, Freeze("kernel", "rbf"))
    view = tuned(_view(frozen), TPEProposer(), _objective, 8)
    assert [trial.arm for trial in view.trials] == ["sobol"] * 4 + ["tpe"] * 4
    assert all({"kernel", "gamma"} <= trial.config.keys() for trial in view.trials)


def test_constraint_without_a_value_is_one_that_is_broken() -> None:
    goal = Goal("value", "maximize", ("1 / size < 3",))
    trials = tuple(complete(i, {"x": i / 10}, {"value": i / 10, "size": float(i % 2)}) for i in range(8))
    (proposal,) = TPEProposer().propose(StudyView(Space(x=Float(0, 1)), goal, trials), 1)
    assert proposal.arm == "tpe"


def test_constraints_of_the_space_are_kept() -> None:
    space = Space({"a": Int(1, 64), "b": Int(1, 64)}, constraints=["a * b < 300"])
    view = tuned(_view(space), TPEProposer(), lambda config: float(config["a"]) + float(config["b"]), 20)
    assert all(space.contains(trial.config) for trial in view.trials)


def test_regions_that_fail_are_left() -> None:
    def fragile(config: Config) -> float | None:
        return None if float(config["x"]) > 0.5 else float(config["x"])

    view = tuned(_view(Space(x=Float(0, 1), y=Float(0, 1))), TPEProposer(), fragile, 50)
    late = view.trials[-20:]
    assert sum(trial.failure is not None for trial in late) < 8


def test_exhausted_density_falls_back_to_random_and_says_so() -> None:
    space = Space(n=Int(1, 60))
    trials = tuple(complete(i, {"n": i + 1}, {"value": -float(i)}) for i in range(57))
    (proposal,) = TPEProposer().propose(StudyView(space, Goal("value", "maximize"), trials), 1)
    assert proposal.config["n"] in (58, 59, 60)
    assert proposal.arm in ("tpe", "random")


def test_no_warning_reaches_the_caller() -> None:
    configs = TREE.sample(np.random.default_rng(0), 12)
    trials = tuple(complete(i, config, {"value": _objective(config)}) for i, config in enumerate(configs))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        TPEProposer().propose(StudyView(TREE, Goal("value", "maximize"), trials), 2)


@pytest.mark.parametrize("n", [1, 3])
def test_several_at_once_are_distinct(n: int) -> None:
    configs = TREE.sample(np.random.default_rng(0), 12)
    trials = tuple(complete(i, config, {"value": _objective(config)}) for i, config in enumerate(configs))
    proposals = TPEProposer().propose(StudyView(TREE, Goal("value", "maximize"), trials), n)
    assert len({frozenset(proposal.config.items()) for proposal in proposals}) == n
