"""Each other gate decides by its own rule, on views made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.proposers.offers import Offer, Side, Sorted
from agenttune.proposers.round import Round
from agenttune.space import Float, Space
from agenttune.testing.views import complete, failed
from agenttune.trial import MODEL, Candidate, Proposal, Trial
from benchmarks.methods.gates import GATES, first_slack
from benchmarks.methods.known_skill import KnownModel, known_arm
from tests.benchmarks.tasks import bowl

SPACE = Space(x=Float(0.0, 1.0))
OWN = Proposal({"x": 0.5}, "gp", "the surrogate's point")
N_STARTS = 5
SEEDS = range(40)


def view(arms: str = "", *, values: tuple[float, ...] = (), seed: int = 0, n_starts: int = N_STARTS) -> StudyView:
    """Starts, then a trial per letter: m is the model's, g the surrogate's; values of all, or -1, 1, -1, ..."""
    names = ["human"] * n_starts + [{"m": MODEL, "g": "gp"}[letter] for letter in arms]
    told = values or tuple((-1.0) ** (k + 1) for k in range(len(names)))
    trials = tuple(trial(k, arm, value) for k, (arm, value) in enumerate(zip(names, told, strict=True)))
    return StudyView(SPACE, Goal("value", "maximize"), trials, seed=seed, budget_trials=25)


def trial(number: int, arm: str, value: float | None) -> Trial:
    config = {"x": number / 100}
    proposal = Proposal(config, arm, "made for a test")
    if value is None:
        return failed(number, config, proposal=proposal)
    return complete(number, config, {"value": value}, proposal=proposal)


def offer(number: int = 1, *, gap: float = 0.0) -> Offer:
    config = {"x": 0.9 + number / 100}
    return Offer(MODEL, config, gap, 0.0, 0.0, 0.0, 1.0, candidate=Candidate(config, "of the model", id=number))


class Believed:
    """A surrogate that expects the two values it is told, surely."""

    def __init__(self, own: float, models: float) -> None:
        self._means = np.array([own, models])

    def predict(self, configs: Any) -> tuple[Any, Any]:
        return self._means, np.zeros(2)


def picked(gate: str, seen: StudyView, *offers: Offer, vetoed: tuple[Offer, ...] = (), surrogate: Any = None) -> Any:
    """What the gate picks of the model's offers."""
    side = Side(OWN, surrogate, 0.0, "gp")
    turn = Round(seen, side, OWN, Sorted(offers, (), vetoed), [], None, None)
    return made(gate).picked(turn)


def made(gate: str) -> Any:
    return GATES[gate](known_arm(KnownModel(bowl(), "near")))


@pytest.mark.parametrize("gate", [name for name in GATES if name])
def test_nothing_is_picked_where_the_model_offers_nothing(gate: str) -> None:
    assert picked(gate, view("g" * 12)) is None


def test_first_gate_runs_what_is_within_the_slack() -> None:
    near, far = offer(gap=0.9), offer(gap=1.1)  # 1 nat at the start, .9 * 1 - 1 after a run in vain
    assert picked("first", view("m", values=(0, 0, 0, 0, 0, 1)), far) is far
    assert picked("first", view("m", values=(0, 0, 0, 0, 1, 0)), near) is None


def test_first_gate_runs_one_candidate_of_ten_whatever_the_slack() -> None:
    far = offer(gap=7.0)
    assert picked("first", view("m" + "g" * 8), far) is None
    assert picked("first", view("m" + "g" * 9), far) is far


def test_slack_of_the_first_gate_follows_what_the_models_runs_brought() -> None:
    assert first_slack(view()) == 1.0
    assert first_slack(view("m", values=(0, 0, 0, 0, 0, 1))) == pytest.approx(2.9)
    assert first_slack(view("mm", values=(0, 0, 0, 0, 0, 1, 0.5))) == pytest.approx(1.61)
    assert first_slack(view("mg", values=(0, 0, 0, 0, 0, 1, 2))) == pytest.approx(2.9)
    assert first_slack(view("m" * 9, values=(*[0.0] * 5, *map(float, range(1, 10))))) == 8.0


def test_failed_run_of_the_model_earns_no_slack() -> None:
    seen = view()
    assert first_slack(replace(seen, trials=(*seen.trials, trial(5, MODEL, None)))) == 0.0


def test_coin_is_fair_and_shows_the_models_first_candidate() -> None:
    found = [picked("coin", view("g", seed=seed), offer(2), offer(1)) for seed in SEEDS]
    assert 12 <= sum(one is not None for one in found) <= 28
    assert {one.candidate.id for one in found if one is not None} == {1}


def test_coin_runs_what_the_surrogate_vetoes() -> None:
    found = [picked("coin", view("g", seed=seed), offer(2), vetoed=(offer(1),)) for seed in SEEDS]
    assert {one.candidate.id for one in found if one is not None} == {1}


def test_ratio_runs_every_third_trial_of_the_model() -> None:
    turns = [picked("ratio", view("g" * n), offer()) is not None for n in range(6)]
    assert turns == [True, False, False] * 2  # trials 5 to 10


def test_transient_leaves_the_model_by_the_square_of_time() -> None:
    early, late, over = (
        sum(picked("transient", view("g" * n, seed=seed), offer()) is not None for seed in SEEDS) for n in (0, 3, 4)
    )
    assert early >= 33  # 24 of 25 expected
    assert 6 <= late <= 24  # 9 of 25
    assert over == 0


def test_justify_is_ever_stricter() -> None:
    believed = Believed(own=1.0, models=0.5)
    one = offer()
    assert picked("justify", view("g"), one, surrogate=believed) is one  # at t = 2: .5 >= 1 - 1 / 2
    assert picked("justify", view("ggg"), one, surrogate=believed) is None
    assert picked("justify", view("g" * 9), one, surrogate=Believed(own=0.5, models=0.5)) is one


def test_justify_without_a_surrogate_runs_the_models() -> None:
    one = offer()
    assert picked("justify", view("g" * 9), one) is one


def test_time_counts_from_the_last_start_however_many_there_are() -> None:
    one = offer()
    over = [picked("transient", view("g" * 4, n_starts=6, seed=seed), one) for seed in SEEDS]
    nearly = [picked("transient", view("g" * 3, n_starts=6, seed=seed), one) for seed in SEEDS]
    assert not any(over) and any(nearly)


def test_picked_candidate_runs_and_else_the_surrogates_point() -> None:
    asked = tuple(Candidate({"x": 0.9 + k / 100}, "of the model", id=k) for k in (1, 2))
    side = Side(OWN, None, 0.0, "gp")
    models, own = (made("ratio").decide(replace(view(arms), candidates=asked), side) for arms in ("", "g"))
    assert (models.arm, models.config) == (MODEL, {"x": 0.91})
    assert (own.arm, own.config) == ("gp", OWN.config)


def test_numbers_that_are_kept_are_of_the_candidate_that_runs() -> None:
    asked = tuple(Candidate({"x": 0.9 + k / 100}, "of the model", id=k) for k in (2, 1))  # so 2 is the best by its gap
    proposal = made("ratio").decide(replace(view(), candidates=asked), Side(OWN, None, 0.0, "gp"))
    assert proposal.config == {"x": 0.91}
    assert proposal.memory["gate"]["candidate"] == 1
