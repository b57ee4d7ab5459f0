"""The GP proposer: start points, what it says of its proposals, fallbacks, replay."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.proposers import gp as gp_module
from agenttune.proposers.gp import GPProposer
from agenttune.space import Float, Space
from agenttune.surrogate import Optimum, fit
from agenttune.testing.views import complete, measured, tuned
from agenttune.types import Config

SPACE = Space(x=Float(0, 1), y=Float(0, 1))
DEFAULT: Config = {"x": 0.5, "y": 0.5}


def _objective(config: Config) -> float:
    return -((float(config["x"]) - 0.3) ** 2) - (float(config["y"]) - 0.8) ** 2


def _empty(default: Config | None = DEFAULT) -> StudyView:
    return StudyView(SPACE, Goal("value", "maximize"), (), seed=1, default=default)


def test_start_is_default_then_spread_then_model() -> None:
    view = tuned(_empty(), GPProposer(), _objective, 6)
    assert [trial.arm for trial in view.trials] == ["default", "sobol", "sobol", "sobol", "gp", "gp"]


def test_without_default_the_start_is_spread() -> None:
    view = tuned(_empty(default=None), GPProposer(), _objective, 5)
    assert [trial.arm for trial in view.trials] == ["sobol"] * 4 + ["gp"]


def test_default_outside_the_space_is_skipped() -> None:
    (proposal,) = GPProposer().propose(_empty(default={"x": 7.0, "y": 0.5}), 1)
    assert proposal.arm == "sobol"


def test_configurations_of_a_person_count_as_start() -> None:
    view = _empty()
    trials = tuple(complete(i, config, {"value": _objective(config)}) for i, config in enumerate(_random(4)))
    (proposal,) = GPProposer().propose(replace(view, trials=trials), 1)
    assert proposal.arm == "gp"


def _random(n: int) -> list[dict[str, bool | int | float | str]]:
    return SPACE.sample(np.random.default_rng(0), n)


def test_comes_close_in_fifteen_trials() -> None:
    view = tuned(_empty(), GPProposer(), _objective, 15)
    assert view.incumbent is not None
    assert _objective(view.incumbent.config) > -1e-3


def test_search_that_believes_to_be_done_looks_around() -> None:
    """From these starts the model is sure of a maximum at y = 1, and measured it again and again."""
    x = [0.7704, 0.1893, 0.4321, 0.9934, 0.3257, 0.0, 0.0, 0.3238, 0.3157, 0.2931, 0.0]
    y = [0.1120, 0.1601, 0.5022, 0.3061, 0.5253, 0.8841, 0.6046, 1.0, 1.0, 1.0, 0.0]
    starts = SPACE.from_unit(np.column_stack([x, y]))
    trials = tuple(complete(i, config, {"value": _objective(config)}) for i, config in enumerate(starts))
    view = tuned(replace(_empty(None), trials=trials), GPProposer(), _objective, 5)
    assert any("no improvement in sight" in trial.reason for trial in view.trials)
    assert view.incumbent is not None
    assert _objective(view.incumbent.config) > -5e-3


def test_proposal_carries_its_prediction() -> None:
    view = tuned(_empty(), GPProposer(), _objective, 8)
    (proposal,) = GPProposer().propose(view, 1)
    assert proposal.prediction_source == "posterior"
    assert proposal.predicted_mean == pytest.approx(_objective(proposal.config), abs=0.1)
    assert proposal.predicted_sd is not None and proposal.predicted_sd > 0


def test_reason_has_the_numbers() -> None:
    view = tuned(_empty(), GPProposer(), _objective, 5)
    assert re.fullmatch(
        r"expected -?[\d.e-]+ ± [\d.e-]+; most promising by log EI of [\d,]+ points", view.trials[-1].reason
    )


def test_reason_mentions_a_risk_of_failing() -> None:
    surrogate = fit(tuned(_empty(), GPProposer(), _objective, 4))
    assert surrogate is not None
    optimum = Optimum(
        {"x": 0.5, "y": 0.5}, 0.0, mean=1.0, sd=0.1, feasibility=0.7, risk="failing", n_points=9, best_score=0.0
    )
    assert "30% risk of failing" in gp_module._reason(optimum, surrogate)


def test_while_nothing_has_succeeded_points_are_spread_and_the_reason_says_so() -> None:
    view = replace(_empty(), goal=Goal("value", "maximize", ("value != value",)))
    view = tuned(view, GPProposer(), _objective, 8)
    assert [trial.arm for trial in view.trials[-3:]] == ["sobol"] * 3
    assert view.trials[-1].reason == "spread over the space, since no trial has succeeded in this space yet"
    assert "gp" in view.trials[-1].proposal.memory


def test_while_nothing_is_feasible_the_likeliest_to_be_runs() -> None:
    view = replace(_empty(), goal=Goal("value", "minimize", ("value > -0.005",)))
    view = tuned(view, GPProposer(), _objective, 12)
    first = next(trial for trial in view.trials if view.is_feasible(trial))
    assert first.arm == "gp"
    assert re.search(r"no trial is feasible yet: the likeliest to be of [\d,]+ points", first.reason)
    assert all(trial.arm == "gp" for trial in view.trials[first.number :])


def test_while_nothing_is_feasible_nothing_is_looked_for_around_the_best_and_workers_spread() -> None:
    view = replace(_empty(), goal=Goal("value", "minimize", ("value > 5",)))
    view = tuned(view, GPProposer(), _objective, 9)
    reasons = [trial.reason for trial in view.trials if trial.arm == "gp"]
    assert reasons and all("the likeliest to be" in reason and "near the best" not in reason for reason in reasons)
    assert {proposal.arm for proposal in GPProposer().propose(view, 3)} == {"sobol"}


def test_failed_fit_falls_back_to_spread_points_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    view = tuned(_empty(), GPProposer(), _objective, 6)
    monkeypatch.setattr("agenttune.surrogate.fitting.fit", lambda *_, **__: None)
    (proposal,) = GPProposer().propose(view, 1)
    assert (proposal.arm, "could not be fitted" in proposal.reason) == ("sobol", True)


@pytest.mark.slow
def test_interrupted_study_goes_on_with_the_same_proposals() -> None:
    whole = tuned(_empty(), GPProposer(), _objective, 7)
    for n in range(7):
        view = replace(whole, trials=whole.trials[:n])
        (proposal,) = GPProposer().propose(view, 1)
        assert proposal == whole.trials[n].proposal


def test_next_fit_starts_from_the_memory_of_the_last() -> None:
    view = tuned(_empty(), GPProposer(), _objective, 6)
    first, second = (trial.proposal.memory["gp"] for trial in view.trials[4:])
    assert isinstance(first, dict) and isinstance(second, dict)
    assert (first["age"], second["age"]) == (0, 1)


def test_several_at_once_are_predicted_too() -> None:
    view = tuned(_empty(), GPProposer(), _objective, 5)
    proposals = GPProposer().propose(view, 3)
    assert [proposal.arm for proposal in proposals] == ["gp"] * 3
    assert len({tuple(proposal.config.values()) for proposal in proposals}) == 3


def test_other_seeds_give_other_starts() -> None:
    first, second = (GPProposer().propose(replace(_empty(None), seed=seed), 1)[0] for seed in (1, 2))
    assert first.config != second.config


@pytest.mark.long
def test_crash_is_not_proposed_again() -> None:
    def fragile(config: Config) -> float | None:
        return None if float(config["x"]) > 0.5 else _objective(config)

    view = tuned(_empty(None), GPProposer(), fragile, 20)
    late = view.trials[-6:]
    assert sum(trial.failure is not None for trial in late) <= 1


def test_values_far_from_one_do_no_harm() -> None:
    view = _empty(None)
    for config in _random(6):
        proposal = GPProposer().propose(view, 1)[0]
        view = measured(view, replace(proposal, config=config), lambda c: 1e12 * _objective(c) + 1e14)
    (proposal,) = GPProposer().propose(view, 1)
    assert proposal.arm == "gp"
