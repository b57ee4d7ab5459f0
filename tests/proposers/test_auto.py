"""Which proposer `auto` chooses, and why."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from functools import cache

import numpy as np

from agenttune.edits import Freeze
from agenttune.edits.space_edits import apply_to_space
from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.proposers import load_proposer
from agenttune.proposers.auto import MAX_TRIALS, AutoProposer, choose
from agenttune.space import Categorical, Float, Space
from agenttune.testing.views import complete
from agenttune.trial import Proposal


def _view(space: Space, n: int = 0) -> StudyView:
    trials = tuple(complete(i, {"x": i / 1000}, {"value": 1.0}) for i in range(n))
    return StudyView(space, Goal("value", "maximize"), trials)


def test_gp_is_the_normal_choice() -> None:
    assert choose(_view(Space(x=Float(0, 1), kind=Categorical(["a", "b", "c"]))))[0] == "gp"


def test_large_history_is_left_to_the_density_estimate() -> None:
    name, why = choose(_view(Space(x=Float(0, 1)), MAX_TRIALS + 1))
    assert (name, f"{MAX_TRIALS} finished trials" in why) == ("tpe", True)


def test_mostly_conditional_space_is_left_to_the_density_estimate() -> None:
    branch = {c: Space({f"{c}{i}": Float(0, 1) for i in range(4)}) for c in "abcd"}
    name, why = choose(_view(Space(kind=Categorical(branch))))
    assert (name, "depend on another" in why) == ("tpe", True)


def test_branch_that_is_always_taken_is_not_conditional() -> None:
    space = Space(kind=Categorical({"a": Space({f"a{i}": Float(0, 1) for i in range(6)}), "b": Space(z=Float(0, 1))}))
    assert choose(_view(space))[0] == "tpe"
    assert choose(_view(apply_to_space(space, Freeze("kind", "a"))))[0] == "gp"


def test_many_combinations_of_categories_are_left_to_the_density_estimate() -> None:
    space = Space({f"k{i}": Categorical([str(j) for j in range(8)]) for i in range(5)})
    name, why = choose(_view(space))
    assert (name, "32,768 combinations" in why) == ("tpe", True)


def test_choosing_tpe_loads_no_surrogate() -> None:
    code = (
        "import sys; from agenttune.proposers import load_proposer; from agenttune.proposers.tpe import TPEProposer;"
        "load_proposer('auto');"
        "print(*[f'agenttune.{name}' in sys.modules for name in ('proposers.tpe', 'surrogate.model')])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert loaded.split() == ["True", "False"]


@cache
def _cliffs() -> StudyView:
    """Trials of two cliffs of very different height, which a forest predicts better."""
    space = Space(x=Float(0, 1), y=Float(0, 1), z=Float(0, 1))
    configs = space.sample(np.random.default_rng(1), 30)
    values = [10.0 * (float(c["x"]) > 0.9) + float(float(c["y"]) > 0.5) for c in configs]
    trials = tuple(complete(i, c, {"value": v}) for i, (c, v) in enumerate(zip(configs, values, strict=True)))
    return StudyView(space, Goal("value", "maximize"), trials)


@cache
def _proposal_at_cliffs() -> Proposal:
    (proposal,) = AutoProposer().propose(_cliffs(), 1)
    return proposal


def test_forest_proposes_where_it_predicts_better_and_says_so() -> None:
    proposal = _proposal_at_cliffs()
    assert (proposal.arm, "a random forest predicts this study's trials better" in proposal.reason) == ("forest", True)


def test_forest_is_announced_once_it_was_chosen() -> None:
    view, proposal = _cliffs(), _proposal_at_cliffs()
    told = complete(30, proposal.config, {"value": 0.0}, proposal=proposal)
    assert choose(replace(view, trials=(*view.trials, told)))[0] == "forest"


def test_gaussian_process_that_was_asked_for_stays() -> None:
    (proposal,) = load_proposer("gp").propose(_cliffs(), 1)
    assert proposal.arm == "gp"
