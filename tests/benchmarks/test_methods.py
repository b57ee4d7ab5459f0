"""Every method runs a task from the same starts, and what it costs is counted."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agenttune.errors import UserError
from agenttune.history import StudyView
from agenttune.space import Bool, Categorical, Space
from agenttune.testing.functions import MIXED
from agenttune.testing.server import ModelServer
from agenttune.testing.skill import Skill
from agenttune.types import Config
from benchmarks import methods
from benchmarks.methods import NotPossible, Step
from benchmarks.methods.known_skill import KnownModel, Question
from benchmarks.suites import Task, base_task
from benchmarks.suites.bayesmark import bayesmark_task
from benchmarks.suites.conditions import under
from tests.benchmarks.tasks import DEFAULT, bowl

PLAIN = ("random", "sobol", "default+sobol", "tpe", "gp", "forest", "auto", "optuna tpe", "optuna gp")
SKILLED = ("near", "near alone", "mid", "half", "early", "late", "overconfident", "random model", "worst", "stuck")
N_TRIALS = 8


def ran(name: str, task: Task, *, n_trials: int = N_TRIALS, model: str | None = None) -> list[Step]:
    return methods.run(methods.load(name, model), task, n_trials=n_trials, seed=1)


@pytest.mark.long
@pytest.mark.parametrize("name", [*PLAIN, *SKILLED])
def test_method_starts_as_all_do_and_repeats_nothing(name: str) -> None:
    steps = ran(name, bowl())
    assert [step.config for step in steps[:5]] == bowl().starts(1)
    assert [step.arm == "start" for step in steps] == [True] * 5 + [False] * 3
    assert len({str(sorted(step.config.items())) for step in steps}) == N_TRIALS


@pytest.mark.parametrize(
    "name", ["tpe", *(pytest.param(name, marks=pytest.mark.long) for name in ("gp", "optuna tpe", "optuna gp", "near"))]
)
def test_method_copes_with_a_conditional_space_in_which_trials_fail(name: str) -> None:
    task = base_task("conditional", "1", None)
    failing = replace(task, evaluate=lambda config: None if config["model"] == "tree" else task.evaluate(config))
    steps = ran(name, failing)
    assert len(steps) == N_TRIALS
    assert any(step.value is None for step in steps)


@pytest.mark.skipif(importlib.util.find_spec("smac") is None, reason="SMAC3 comes with the extra `bench`")
@pytest.mark.parametrize("task", [bowl(), base_task("conditional", "1", None)], ids=["bowl", "conditional"])
@pytest.mark.filterwarnings("ignore")  # of SMAC3 and its libraries
def test_smac_starts_as_all_do(task: Task) -> None:
    steps = ran("smac", task, n_trials=6)
    assert [step.config for step in steps[:5]] == task.starts(1)
    assert len(steps) == 6


@pytest.mark.skipif(importlib.util.find_spec("smac") is None, reason="SMAC3 comes with the extra `bench`")
@pytest.mark.filterwarnings("ignore")  # of SMAC3 and its libraries
def test_smac_goes_on_where_trials_fail_from_the_first_on() -> None:
    first = bowl().starts(1)[0]
    failing = replace(bowl(), evaluate=lambda config: None if config == first else bowl().evaluate(config))
    steps = ran("smac", failing, n_trials=6)
    assert steps[0].value is None
    assert len(steps) == 6


@pytest.mark.skipif(importlib.util.find_spec("smac") is None, reason="SMAC3 comes with the extra `bench`")
@pytest.mark.filterwarnings("ignore")  # of SMAC3 and its libraries
def test_smac_ends_where_a_space_is_used_up() -> None:
    space = Space(kernel=Categorical(["rbf", "poly", "sigmoid"]), flip=Bool())
    first: tuple[Config, ...] = ({"kernel": "rbf", "flip": True}, {"kernel": "poly", "flip": False})
    task = Task(
        "tests", "six", space, lambda config: float(config["flip"]), "maximize", (), given_starts=lambda _: first
    )
    steps = ran("smac", task, n_trials=7)
    assert len(steps) == 6


def test_default_comes_sixth_once_and_is_known_to_be_one() -> None:
    steps = ran("default+sobol", under(bowl(), "default"))
    assert [step.config == DEFAULT for step in steps] == [False] * 5 + [True] + [False] * 2
    assert [step.arm for step in ran("default+sobol", bowl())[5:]] == ["default", "sobol", "sobol"]


def test_model_that_knows_the_optimum_beats_one_that_knows_the_worst() -> None:
    best, worst = (max(step.value or 0.0 for step in ran(name, bowl())[5:]) for name in ("near alone", "worst"))
    assert best > -0.05
    assert worst < best


def test_stuck_model_is_asked_and_the_gate_goes_on_without_it() -> None:
    steps = ran("stuck", bowl(), n_trials=12)
    assert len(steps) == 12
    assert 1 <= sum(step.arm == "model" for step in steps) <= 2
    assert sum(step.requests for step in steps) >= 2


def known_columns(task: Task, seed: int) -> list[bool]:
    """In which columns all candidates of `half` have the best value."""
    view = StudyView(task.space, task.goal, (), seed=seed)
    model = KnownModel(task, "half")
    model.ask(Question(view, 8))
    assert task.optimum is not None
    points = task.space.to_unit([task.optimum, *(candidate.config for candidate in model.offered)])
    return [bool(known) for known in np.isclose(points, points[0]).all(0)]


def test_half_knows_another_half_of_each_task_and_seed() -> None:
    task = base_task("synthetic", "ackley-1", None)
    first, second, third = (known_columns(task, seed) for seed in (0, 1, 2))
    assert len({tuple(known) for known in (first, second, third)}) > 1
    assert known_columns(replace(task, name="other"), 0) != first == known_columns(task, 0)
    assert sum(first) == len(first) - len(first) // 2


def test_known_skill_needs_known_extremes() -> None:
    with pytest.raises(NotPossible, match=r"benchmarks\.extremes finds them"):
        ran("near", replace(bowl(), optimum=None))


def test_model_of_known_skill_evaluates_nothing_and_only_the_overconfident_predicts() -> None:
    def untold(config: Config) -> float:
        raise AssertionError("a model must not look")

    for kind, predicted in (("mid", None), ("overconfident", bowl().best)):
        model = KnownModel(replace(bowl(), evaluate=untold), kind)
        model.ask(Question(StudyView(bowl().space, bowl().goal, ()), k=3))
        assert {candidate.predicted_mean for candidate in model.offered} == {predicted}


def test_run_with_the_same_seed_is_the_same() -> None:
    assert [s.config for s in ran("near", bowl())] == [s.config for s in ran("near", bowl())]


def test_real_model_is_asked_as_a_user_asks_it_and_its_tokens_are_counted() -> None:
    task = Task("tests", "mixed", MIXED.space, MIXED.value, "maximize", conditions=(), best=0.0)
    with ModelServer(Skill(MIXED, "near")) as server:
        steps = ran("model alone", task, model=f"{server.url}#test")
        n_requests = len(server.chats)
    assert [step.config for step in steps[:5]] == task.starts(1)
    assert {step.arm for step in steps[5:]} == {"model"}
    assert sum(step.requests for step in steps) == n_requests > 0
    assert sum(step.tokens_in or 0 for step in steps) > 0


def test_method_with_a_model_needs_one() -> None:
    with pytest.raises(UserError, match="name one with --model"):
        methods.load("model")


def test_published_runs_are_for_their_own_tasks() -> None:
    with pytest.raises(NotPossible, match="no runs on this task"):
        ran("llambo", bowl())


def published(folder: Path) -> Task:
    """A task of Bayesmark with one published run of it, in a folder laid out as the published one is."""
    base = folder / "baselines" / "llambo_bayesmark"
    results = base / "results" / "iris" / "SVM"
    results.mkdir(parents=True)
    (base / "data").mkdir()
    np.savez(base / "data" / "iris.npz", train_x=np.arange(6.0).reshape(3, 2), train_y=np.array([0, 1, 1]))
    ranges = {name: ["real", "log", [1e-4, 1e3]] for name in ("C", "gamma", "tol")}
    (base / "search_spaces.json").write_text(json.dumps({"SVM": ranges}))
    lines = ["C,gamma,tol,score,generalization_score", *(f"{k}.0,.001,.001,0.{k},0.5" for k in range(1, 8))]
    (results / "1.csv").write_text("\n".join(lines))
    return bayesmark_task("bayesmark", "SVM-iris", folder)


@pytest.mark.parametrize("condition", ["neutral", "shifted", "default", "neutral+default"])
def test_published_runs_are_of_the_real_task_alone(tmp_path: Path, condition: str) -> None:
    with pytest.raises(NotPossible, match="had real names"):
        ran("llambo", under(published(tmp_path), condition))


def test_published_runs_have_values_and_no_costs(tmp_path: Path) -> None:
    steps = ran("llambo", published(tmp_path))
    assert [step.value for step in steps] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7])
    assert steps[5].requests == 22
    assert {(s.cpu_s, s.tokens_in, s.tokens_out, s.usd) for s in steps[5:]} == {(None,) * 4}
