"""The gate: whose turn it is at the start, and who runs later and why."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.proposers import Proposer
from agenttune.proposers.gated import PLAIN_EVERY, GatedProposer, is_floor, own_point
from agenttune.proposers.offers import CUT, Offer, models_offers, surrogate_side
from agenttune.proposers.prior import OptimumPrior
from agenttune.proposers.round import CANDIDATE_EVERY, Round
from agenttune.proposers.trust import trust_of
from agenttune.space import Float, Space
from agenttune.testing.proposers import ProposerConformance
from agenttune.testing.views import complete, failed, measured, tuned, waiting
from agenttune.trial import Outcome, Proposal
from agenttune.types import Config
from tests.proposers.arms import make_arm, offer
from tests.proposers.scene import (
    EMPTY,
    OPTIMUM,
    SPACE,
    after,
    between,
    bowl,
    distrusted,
    gate_of,
    judged,
    promising,
    run_by_others,
    side_of,
)

HUMAN = Proposal({"x": 0.85, "y": 0.1}, "human", "made for a test")


@pytest.fixture(autouse=True)
def _sides_are_made_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for the conformance suites: that two fits of a view are the same is theirs to see."""
    if request.cls is None:
        monkeypatch.setattr("agenttune.proposers.gated.surrogate_side", side_of)


@pytest.mark.long
class TestConformance(ProposerConformance):
    def make(self) -> Proposer:
        return GatedProposer(make_arm())


class TestConformanceWithCandidates(ProposerConformance):
    """The same with a model that has offered two dozen points beforehand."""

    def make(self) -> Proposer:
        return GatedProposer(make_arm())

    n_first = 7
    """Two beyond the start."""

    def view(self, space: Space, *, seed: int = 0) -> StudyView:
        view = super().view(space, seed=seed)
        return offer(view, *space.sample(np.random.default_rng(seed), 24))


def test_at_the_start_default_then_model_and_spread_in_turns() -> None:
    view = offer(EMPTY, {"x": 0.1, "y": 0.1}, {"x": 0.2, "y": 0.9})
    view = tuned(view, GatedProposer(make_arm()), bowl, 4)
    assert [trial.arm for trial in view.trials] == ["default", "model", "sobol", "model"]


def test_without_default_a_spread_point_comes_first() -> None:
    view = offer(replace(EMPTY, default=None), {"x": 0.1, "y": 0.1})
    view = tuned(view, GatedProposer(make_arm()), bowl, 2)
    assert [trial.arm for trial in view.trials] == ["sobol", "model"]


def test_start_tells_how_many_candidates_are_left() -> None:
    view = tuned(offer(EMPTY, {"x": 0.1, "y": 0.1}, {"x": 0.2, "y": 0.9}), GatedProposer(make_arm()), bowl, 3)
    assert [gate_of(trial.proposal)["n_candidates"] for trial in view.trials] == [2, 2, 1]


def test_missing_candidate_at_the_start_is_told() -> None:
    (proposal,) = GatedProposer(make_arm()).propose(after(1), 1)
    assert proposal.arm == "sobol"
    assert proposal.reason.startswith("the model has nothing new to offer; sobol stands in")
    assert gate_of(proposal)["rule"] == "no candidate"


def test_candidate_that_promises_nearly_as_much_as_the_surrogates_point_runs() -> None:
    view = after(8)
    (proposal,) = GatedProposer(make_arm()).propose(offer(view, {"x": 0.97, "y": 0.03}, promising()), 1)
    assert (proposal.arm, proposal.config) == ("model", promising())
    gate = gate_of(proposal)
    assert gate["rule"] == "slack"
    assert gate["gap"] == pytest.approx(gate["log_ei_surrogate"] - gate["log_ei_model"])
    assert gate["gap"] <= gate["slack"]
    assert gate["sentence"] in proposal.reason


def test_candidate_the_surrogate_knows_to_be_bad_does_not_run() -> None:
    view = offer(by_people(after(9)), {"x": 0.97, "y": 0.03})
    (proposal,) = GatedProposer(make_arm()).propose(view, 1)
    assert proposal.arm == "gp"
    assert gate_of(proposal)["rule"] == "cut"
    assert f"within {CUT:g} nats" in proposal.reason


def by_people(view: StudyView) -> StudyView:
    """The same trials, proposed by people: nobody has promised anything that was not kept."""
    return replace(view, trials=tuple(replace(t, proposal=replace(t.proposal, arm="human")) for t in view.trials))


def test_other_arm_that_runs_leaves_no_doubt_of_what_became_of_the_models_candidates() -> None:
    view = offer(after(12), {"x": 0.97, "y": 0.03})
    (proposal,) = GatedProposer(make_arm()).propose(view, 1)
    assert (proposal.arm, gate_of(proposal)["rule"]) == ("local", "other arm")
    assert "nats below the best point that the surrogate found, with a slack of" in proposal.reason
    assert f"within {CUT:g} nats" in gate_of(proposal)["sentence"]


def test_other_arm_that_runs_in_the_place_of_a_model_that_failed_says_so() -> None:
    gate = GatedProposer(make_arm())
    gate.arm.said = "the model gave nothing to run: no answer within 60 s"
    (proposal,) = gate.propose(after(12), 1)
    assert proposal.arm == "local"
    assert proposal.reason.startswith(f"{gate.arm.said}; local stands in: ")


def with_model_run(view: StudyView, value: float, *, expected: float | None = None) -> StudyView:
    """The view after one more trial, the model's; `expected` by the surrogate, sd .1."""
    memory = {} if expected is None else judged(expected)
    return measured(
        view, Proposal({"x": 0.9, "y": 0.1}, "model", "made for a test", memory=memory), lambda config: value
    )


def test_slack_decides_between_the_same_two_points() -> None:
    """The record differs in who proposed the incumbent, and so does the slack; the surrogate is the same."""
    view = distrusted(9)
    best = view.incumbent
    assert best is not None
    others = [replace(t, proposal=replace(t.proposal, arm="human" if t.arm == "model" else t.arm)) for t in view.trials]
    models = replace(
        best.proposal, arm="model", prediction_source=None, memory=judged(-2.0)
    )  # which nobody could expect
    trusting = replace(
        view, trials=tuple(replace(t, proposal=models) if t.number == best.number else t for t in others)
    )
    middling = between(view, least=1.2, most=1.9)
    (proposal,) = GatedProposer(make_arm()).propose(offer(view, middling), 1)
    (other,) = GatedProposer(make_arm()).propose(offer(trusting, middling), 1)
    assert (proposal.arm == "model", gate_of(proposal)["slack"]) == (False, 0.0)
    assert (other.arm, gate_of(other)["rule"]) == ("model", "slack")
    assert gate_of(proposal)["gap"] == gate_of(other)["gap"] < gate_of(other)["slack"]


def test_what_the_surrogate_promises_and_does_not_keep_counts_for_the_model() -> None:
    view = after(8)
    boast = Proposal({"x": 0.9, "y": 0.1}, "gp", "made for a test", 1, 0.1, 0.1, prediction_source="posterior")
    let_down = measured(view, boast, lambda config: -1.0)
    assert trust_of(let_down, "gp").mean < trust_of(view, "gp").mean
    middling = between(let_down, least=0.0, most=0.5)
    (proposal,) = GatedProposer(make_arm()).propose(offer(let_down, middling), 1)
    gate = gate_of(proposal)
    assert gate["slack"] == pytest.approx(gate["trust"] - gate["trust_surrogate"], abs=2e-3)


def test_after_five_trials_of_others_one_is_the_surrogates_own() -> None:
    view = run_by_others(after(9), PLAIN_EVERY - 1)
    (proposal,) = GatedProposer(make_arm()).propose(offer(view, OPTIMUM), 1)
    assert (proposal.arm, gate_of(proposal)["rule"]) == ("gp", "floor")
    assert proposal.config == side_of(view).own.config  # type: ignore[union-attr]


def test_repeats_of_a_models_trial_are_no_trials_of_others() -> None:
    view = run_by_others(after(8), PLAIN_EVERY - 2)
    last = view.trials[-1]
    repeats = tuple(replace(last, number=len(view.trials) + k, replicate_of=last.number) for k in range(3))
    assert not is_floor(replace(view, trials=(*view.trials, *repeats)))
    assert is_floor(run_by_others(after(8), PLAIN_EVERY - 1))


def test_floor_holds_where_no_surrogate_can_be_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    view = run_by_others(after(9), PLAIN_EVERY - 1)
    monkeypatch.setattr("agenttune.surrogate.fitting.fit", lambda *_, **__: None)
    (proposal,) = GatedProposer(make_arm()).propose(offer(view, OPTIMUM), 1)
    assert (proposal.arm, gate_of(proposal)["rule"]) == ("sobol", "floor")


def test_of_six_trials_after_the_start_one_at_least_is_the_surrogates_own() -> None:
    """Beside a model that is believed whatever it offers."""

    class Believing(GatedProposer):
        def rule_for(self, turn: Round, best: Offer) -> str:
            return "slack"

    view = offer(EMPTY, *SPACE.sample(np.random.default_rng(5), 30))
    view = tuned(view, Believing(make_arm()), bowl, 13)
    n_start = sum(gate_of(trial.proposal)["rule"] == "start" for trial in view.trials)
    plain = [t for t in view.trials if t.arm == "gp" and "prior" not in gate_of(t.proposal)]
    assert any(gate_of(trial.proposal)["rule"] == "floor" for trial in plain)
    assert len(plain) >= (len(view.trials) - n_start) // PLAIN_EVERY


def test_search_that_believes_to_be_done_looks_around_beside_other_arms_too() -> None:
    """The starts of the test of this name in test_gp.py: a small step promises more than a point that explores."""
    x = [0.7704, 0.1893, 0.4321, 0.9934, 0.3257, 0.0, 0.0, 0.3238, 0.3157, 0.2931, 0.0]
    y = [0.1120, 0.1601, 0.5022, 0.3061, 0.5253, 0.8841, 0.6046, 1.0, 1.0, 1.0, 0.0]
    starts = SPACE.from_unit(np.column_stack([x, y]))
    trials = tuple(complete(i, config, {"value": bowl(config)}) for i, config in enumerate(starts))
    view = tuned(replace(EMPTY, default=None, trials=trials), GatedProposer(make_arm()), bowl, 5)
    explored = [trial for trial in view.trials if "no improvement in sight" in trial.reason]
    assert explored and {trial.arm for trial in explored} == {"gp"}
    assert view.incumbent is not None and bowl(view.incumbent.config) > -5e-3


def test_goal_that_is_edited_between_two_calls_is_judged_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agenttune.proposers.gated.surrogate_side", surrogate_side)  # the gate's own memory is tried
    gate = GatedProposer(make_arm())
    view = after(8)
    before = gate._side(view)
    assert gate._side(replace(view)) is before
    assert gate._side(replace(view, goal=Goal("value", "minimize"))) is not before


def test_own_point_that_a_model_had_a_say_in_is_no_plain_one() -> None:
    moved = Proposal(
        {"x": 0.8, "y": 0.1}, "gp", "made for a test", memory={"gate": {"rule": "surrogate", "prior": 1.0}}
    )
    plain = replace(moved, memory={"gate": {"rule": "surrogate"}})
    before = run_by_others(after(9), PLAIN_EVERY - 2)
    assert is_floor(measured(before, moved, bowl))
    assert not is_floor(measured(before, plain, bowl))
    assert not is_floor(measured(before, HUMAN, bowl))


def test_all_that_would_have_run_is_kept_with_what_was_expected_of_it() -> None:
    view = after(12)
    candidate = between(view, least=0.0, most=0.9)
    (proposal,) = GatedProposer(make_arm()).propose(offer(view, candidate), 1)
    arms = {offered["arm"]: offered for offered in gate_of(proposal)["arms"]}
    assert {"gp", "model", "local", "tpe"} == set(arms)
    assert arms["model"]["config"] == candidate
    assert all(isinstance(offered["mean"], float) and offered["sd"] > 0 for offered in arms.values())
    assert all(0 < offered["feasibility"] <= 1 for offered in arms.values())


def test_candidates_that_the_trials_bear_out_are_a_prior_of_the_surrogates_search() -> None:
    view = distrusted(9)
    around = [{"x": x, "y": y} for x, y in ((0.28, 0.83), (0.33, 0.78), (0.27, 0.77), (0.32, 0.82))]
    (proposal,) = GatedProposer(make_arm()).propose(offer(view, *around), 1)
    (plain,) = GatedProposer(make_arm()).propose(view, 1)
    assert gate_of(proposal)["prior"] > 0
    assert "prior" not in gate_of(plain)


def test_own_point_that_was_searched_where_candidates_lie_is_told_to_promise_less() -> None:
    view = distrusted(9)
    around = [{"x": x, "y": y} for x, y in ((0.28, 0.83), (0.33, 0.78), (0.27, 0.77), (0.32, 0.82))]
    (proposal,) = GatedProposer(make_arm()).propose(offer(view, *around), 1)
    gate = gate_of(proposal)
    gap = gate["log_ei_surrogate"] - gate["arms"][0]["log_ei"]
    assert (proposal.arm, gate["rule"]) == ("gp", "surrogate")
    assert gap > 0
    told = f"; what runs was searched where the candidates lie, {gap:.2g} nats below that point"
    assert gate["sentence"].endswith(told)


def test_candidate_that_will_fail_is_vetoed_and_the_rule_told() -> None:
    trials = tuple(
        complete(i, c, {"value": bowl(c)}) if float(c["x"]) < 0.5 else failed(i, c)
        for i, c in enumerate(SPACE.sample(np.random.default_rng(0), 24))
    )
    view = offer(replace(EMPTY, trials=trials, budget_trials=60), {"x": 0.9, "y": 0.8})
    (proposal,) = GatedProposer(make_arm()).propose(view, 1)
    gate = gate_of(proposal)
    assert (proposal.arm, gate["rule"], gate["n_vetoed"]) == ("gp", "veto", 1)
    assert "would fail with" in gate["sentence"]
    assert "above 80% and more than the surrogate's point" in gate["sentence"]
    assert "trials with x >= 0.5" in gate["sentence"]


def test_prior_does_not_lead_the_search_where_trials_will_fail() -> None:
    trials = tuple(
        complete(i, c, {"value": bowl(c)}) if float(c["x"]) < 0.5 else failed(i, c)
        for i, c in enumerate(SPACE.sample(np.random.default_rng(0), 24))
    )
    view = replace(EMPTY, trials=trials, budget_trials=60)
    side = surrogate_side(view)
    assert side is not None and side.surrogate is not None
    points = {x: SPACE.to_unit([{"x": x, "y": 0.8}, {"x": x, "y": 0.82}]) for x in (0.2, 0.9)}
    led, left = (own_point(view, side, OptimumPrior(SPACE, points[x], 50.0, 1.0)) for x in (0.2, 0.9))
    assert "weighed by where the model's candidates lie" in led.reason
    assert left is side.own


def sampled(view: StudyView, *configs: Config) -> StudyView:
    """The view in which one question was answered by a reply for each of these configurations."""
    offered = offer(view, *configs)
    told = tuple(replace(entry, sample=sample) for sample, entry in enumerate(offered.candidates))
    return replace(offered, candidates=told)


def test_slack_shrinks_by_how_far_the_models_replies_lie_apart() -> None:
    view = with_model_run(by_people(after(8)), 0.1, expected=-2.0)  # which earned it more than two
    middling = between(view, least=1.0, most=2.0)
    near = {name: min(float(value) + 0.01, 1.0) for name, value in middling.items()}
    opposite = {name: float(float(value) < 0.5) for name, value in middling.items()}
    gate = GatedProposer(make_arm())
    (sure,), (unsure,) = (gate.propose(sampled(view, middling, other), 1) for other in (near, opposite))
    assert (sure.arm, gate_of(sure)["rule"]) == ("model", "slack")
    earned = gate_of(sure)["trust"] - gate_of(sure)["trust_surrogate"]
    assert gate_of(sure)["slack"] == pytest.approx(earned * (1.0 - gate_of(sure)["dispersion"]), abs=5e-3)
    assert 0 < gate_of(sure)["dispersion"] < 0.1
    assert "its 2 replies lie" in gate_of(sure)["sentence"]
    assert gate_of(sure)["n_samples"] == 2
    assert (unsure.arm, gate_of(unsure)["rule"]) == ("gp", "surrogate")
    assert gate_of(unsure)["dispersion"] > 0.9
    assert "its 2 replies lie" in gate_of(unsure)["sentence"]


def test_single_reply_leaves_the_slack_as_it_was_earned() -> None:
    view = after(8)
    (proposal,) = GatedProposer(make_arm()).propose(offer(view, promising()), 1)
    gate = gate_of(proposal)
    assert gate["slack"] == pytest.approx(gate["trust"] - gate["trust_surrogate"], abs=2e-3)
    assert "dispersion" not in gate


def test_prediction_that_runs_keeps_its_source() -> None:
    view = offer(after(8), promising())
    measured = replace(view, candidates=(replace(view.candidates[0], prediction_source="tokens"),))
    (proposal,) = GatedProposer(make_arm()).propose(measured, 1)
    assert (proposal.predicted_mean, proposal.prediction_source) == (0.5, "tokens")
    assert gate_of(proposal)["prediction_source"] == "tokens"


def test_question_that_takes_several_requests_keeps_to_the_pace() -> None:
    """Four requests for one question: at most .3 a trial, and the first question ahead of it."""
    gate = GatedProposer(make_arm())
    view = offer(after(12), {"x": 0.97, "y": 0.03}, asked_at=1)
    four = tuple(replace(view.candidates[0], exchange_ids=(number,), sample=number) for number in range(4))
    assert gate._wants(replace(view, n_requests=1))
    assert not gate._wants(replace(view, n_requests=1, candidates=four))


def test_one_trial_in_ten_is_a_candidates_whatever_its_slack() -> None:
    view = tuned(distrusted(9), GatedProposer(make_arm()), bowl, CANDIDATE_EVERY - 1)
    middling = between(view, least=1.2, most=7.0)
    (proposal,) = GatedProposer(make_arm()).propose(offer(view, middling), 1)
    assert (proposal.arm, gate_of(proposal)["rule"]) == ("model", "every tenth")


def test_gate_survives_a_trip_through_json() -> None:
    view = after(8)
    (proposal,) = GatedProposer(make_arm()).propose(offer(view, promising()), 1)
    assert json.loads(json.dumps(proposal.memory, allow_nan=False)) == proposal.memory


def test_candidate_that_nobody_could_judge_runs_without_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    view = offer(after(8), OPTIMUM)
    monkeypatch.setattr("agenttune.surrogate.fitting.fit", lambda *_, **__: None)
    (proposal,) = GatedProposer(make_arm()).propose(view, 1)
    gate = gate_of(proposal)
    assert (proposal.arm, gate["rule"]) == ("model", "unscored")
    assert not {"gap", "log_ei_model", "log_ei_surrogate", "surrogate_mean", "surrogate_sd"} & set(gate)


def test_surrogates_memory_goes_with_a_candidate_that_runs() -> None:
    view = after(8)
    (proposal,) = GatedProposer(make_arm()).propose(offer(view, promising()), 1)
    assert proposal.arm == "model"
    assert "gp" in proposal.memory


def test_pending_trials_are_not_offered_twice() -> None:
    view = offer(after(8), OPTIMUM)
    (first,) = GatedProposer(make_arm()).propose(view, 1)
    (second,) = GatedProposer(make_arm()).propose(waiting(view, first), 1)
    assert first.config != second.config


def test_candidates_are_judged_by_the_forest_where_the_trials_speak_for_it() -> None:
    space = Space(x=Float(0, 1), y=Float(0, 1), z=Float(0, 1))
    configs = space.sample(np.random.default_rng(1), 30)
    values = [10.0 * (float(c["x"]) > 0.9) + float(float(c["y"]) > 0.5) for c in configs]
    trials = tuple(complete(i, c, {"value": v}) for i, (c, v) in enumerate(zip(configs, values, strict=True)))
    side = surrogate_side(StudyView(space, Goal("value", "maximize"), trials))
    assert side is not None
    assert (side.arm, side.own.arm) == ("forest", "forest")


def test_offers_tell_what_they_take_and_the_gap_holds_it_under_a_time_budget() -> None:
    view = offer(after(9), {"x": 0.31, "y": 0.79})
    trials = tuple(
        replace(t, outcome=Outcome(t.outcome.values, 10.0 + 5 * t.number)) for t in view.complete if t.outcome
    )
    plain, hurried = (replace(view, trials=trials, budget_trials=None, budget_s=budget_s) for budget_s in (None, 1e6))
    scored = []
    for one in (plain, hurried):
        side = surrogate_side(one)
        assert side is not None
        (found,) = models_offers(one, side).within
        assert found.seconds is not None and found.to_json()["seconds"] == pytest.approx(found.seconds, rel=1e-5)
        scored.append((found.log_ei, found.seconds))
    (log_ei, _), (per_cost, seconds) = scored
    assert hurried.time_left is not None
    assert per_cost == pytest.approx(log_ei - hurried.time_left * math.log(seconds))
