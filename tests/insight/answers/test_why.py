"""Why a trial was run: the gate as it really judged, predictions against what came, what was known then."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from agenttune.errors import UserError
from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.insight.answers.why import Right, why_trial
from agenttune.insight.answers.worded import worded
from agenttune.proposers.gated import GatedProposer
from agenttune.surrogate import fit
from agenttune.testing.views import complete, failed, measured, unfinished
from agenttune.trial import FailureKind, Proposal, Trial, TrialState
from agenttune.tui.verdict import verdict_content
from agenttune.types import Config, Json
from tests.insight.studies import mid_study
from tests.proposers.arms import make_arm, offer
from tests.proposers.scene import EMPTY, after, bowl, gate_of, promising, run_by_others


def test_models_candidate_is_told_with_the_rule_by_which_it_ran() -> None:
    view = offer(after(8), promising())
    (proposal,) = GatedProposer(make_arm()).propose(view, 1)
    answer = why_trial(measured(view, proposal, bowl), 8)
    assert answer.gate is not None and answer.gate.rule == "slack"
    assert answer.predictions[-1].by == "by the gate's surrogate"


def test_prior_of_the_surrogates_search_is_told_with_its_evidence() -> None:
    gate: Json = {"rule": "surrogate", "sentence": "best", "prior": 1.2, "prior_evidence": 0.876}
    own = Proposal({"x": 0.3, "y": 0.7}, "gp", "best", memory={"gate": gate})
    trial = complete(0, own.config, {"value": 0.0}, proposal=own)
    told = worded(why_trial(replace(EMPTY, trials=(trial,)), 0))
    assert '; "best"; the surrogate\'s search had the candidates for a prior (evidence 0.88 of 1)' in told


def test_prediction_is_held_against_the_measurement() -> None:
    (predicted,) = why_trial(mid_study(), 7).predictions
    value = mid_study().trials[7].value("accuracy")
    assert value is not None and predicted.error == pytest.approx(value - 0.85)
    assert predicted.deviations == pytest.approx((value - 0.85) / 0.02)


def test_incumbent_is_that_of_the_trials_seen_then() -> None:
    x = [{"x": value, "y": 0.5} for value in (0.0, 1.0, 0.5)]
    seen = Proposal(x[2], "gp", "", seen_trials=(0,))
    trials = (
        complete(0, x[0], {"value": 1.0}),
        complete(1, x[1], {"value": 9.0}),
        complete(2, x[2], {"value": 3.0}, proposal=seen),
    )
    best = why_trial(replace(EMPTY, trials=trials), 2).incumbent
    assert best is not None and (best.number, best.gain) == (0, 2.0)


def test_difference_beyond_the_largest_float_is_told_as_such() -> None:
    values = (-1.7e308, 1.7e308)
    trials = tuple(complete(i, {"x": float(i), "y": 0.5}, {"value": value}) for i, value in enumerate(values))
    assert "this one is over 1.8e+308 better" in worded(why_trial(replace(EMPTY, trials=trials), 1))


def test_nearest_earlier_trial_differs_in_what_is_told() -> None:
    trials = (
        complete(0, {"x": 0.0, "y": 0.5}, {"value": 1.0}),
        complete(1, {"x": 0.9, "y": 0.5}, {"value": 2.0}),
        complete(2, {"x": 1.0, "y": 0.5}, {"value": 3.0}),
    )
    answer = why_trial(replace(EMPTY, trials=trials), 2)
    assert answer.nearest is not None and answer.nearest.number == 1
    assert [d.name for d in answer.nearest.changed] == ["x"]
    assert answer.nearest_distance == pytest.approx(0.05)


def test_first_trial_has_nothing_before_it() -> None:
    answer = why_trial(mid_study(), 0)
    assert answer.incumbent is None and answer.nearest is None


def test_unknown_trial_is_a_sentence() -> None:
    with pytest.raises(UserError, match="there is no trial 99; the last one is 25"):
        why_trial(mid_study(), 99)


@cache
def judged_trial() -> StudyView:
    """Fifteen trials, of which the last was the surrogate's though the model's candidate is the optimum itself."""
    view = offer(run_by_others(after(9), 5), {"x": 0.3, "y": 0.8})
    (proposal,) = GatedProposer(make_arm()).propose(view, 1)
    assert gate_of(proposal)["rule"] == "floor"
    return measured(view, proposal, bowl)


def test_what_each_arm_would_have_run_is_told_with_what_came_of_it() -> None:
    view = judged_trial()
    answer = why_trial(view, 14, fit(view))
    own, model, *others = answer.offers
    assert (own.arm, own.ran, own.measured, own.measured_in) == ("gp", True, answer.value, 14)
    assert (model.arm, model.ran, model.measured) == ("model", False, None)
    assert model.config == {"x": 0.3, "y": 0.8} and {offered.arm for offered in others} == {"local", "tpe"}
    assert model.in_hindsight is not None and model.hindsight_sd is not None
    text = worded(answer)
    assert 'would have run: "model" {"x": 0.3, "y": 0.8}, expected' in text
    assert "in hindsight: " in text


def test_score_that_the_gate_measures_from_is_told_where_no_offer_has_it() -> None:
    (*before, last) = judged_trial().trials
    gate = gate_of(last.proposal)
    assert why_trial(judged_trial(), 14).best_score is None
    higher = {**gate, "log_ei_surrogate": gate["log_ei_surrogate"] + 1.5}
    moved = replace(last, proposal=replace(last.proposal, memory={**last.proposal.memory, "gate": higher}))
    answer = why_trial(replace(judged_trial(), trials=(*before, moved)), 14)
    assert answer.best_score == pytest.approx(answer.offers[0].log_ei + 1.5, abs=1e-4)
    assert "the gate measures from the best point that the surrogate found, which is not the one" in worded(answer)


def test_who_was_right_is_told_by_what_was_measured_since() -> None:
    view = judged_trial()
    since = measured(view, Proposal({"x": 0.3, "y": 0.8}, "human", "made for a test"), bowl)
    answer = why_trial(since, 14)
    model = answer.offers[1]
    assert (model.measured, model.measured_in) == (0.0, 15)
    assert answer.right is not None and answer.right.arm == "model" and answer.right.is_sure
    assert answer.right.lead == pytest.approx(-(answer.value or 0.0))


def test_without_a_surrogate_nothing_is_said_of_what_never_ran() -> None:
    answer = why_trial(judged_trial(), 14)
    assert [offered.in_hindsight for offered in answer.offers[1:]] == [None] * 3
    assert answer.right is not None and (answer.right.arm, answer.right.lead) == ("gp", 0.0)


@pytest.mark.parametrize(
    "arms", ["much", [1], [{"arm": "gp"}], [{"arm": "gp", "config": {}, "mean": "high"}], [{"config": {"x": []}}]]
)
def test_record_that_was_damaged_is_left_out(arms: Json) -> None:
    view = judged_trial()
    last = view.trials[-1]
    bad = replace(
        last, proposal=replace(last.proposal, memory={"gate": {"rule": "slack", "sentence": "", "arms": arms}})
    )
    assert why_trial(replace(view, trials=(*view.trials[:-1], bad)), 14).offers == ()


def with_offers(trial: Trial, *offers: tuple[str, Config]) -> Trial:
    """The trial as the gate would have recorded it with these offers."""
    numbers: dict[str, Json] = {"mean": 0.0, "sd": 1.0, "log_ei": -1.0, "feasibility": 1.0}
    arms: list[Json] = [{"arm": arm, "config": dict(config), **numbers} for arm, config in offers]
    memory: dict[str, Json] = {"gate": {"rule": "slack", "sentence": "", "arms": arms}}
    return replace(trial, proposal=replace(trial.proposal, memory=memory))


def test_of_equal_offers_that_of_the_arm_that_ran_did() -> None:
    config = {"x": 0.5, "y": 0.5}
    run = complete(0, config, {"value": 1.0}, proposal=Proposal(config, "model", "made for a test"))
    view = replace(EMPTY, trials=(with_offers(run, ("gp", config), ("model", config)),))
    answer = why_trial(view, 0)
    assert [offered.ran for offered in answer.offers] == [False, True]
    assert answer.right is None  # there was nothing to choose


def test_point_that_broke_a_constraint_did_not_fail() -> None:
    goal = Goal("value", "maximize", ("size < 10",))
    config = {"x": 0.5, "y": 0.5}
    run = complete(0, config, {"value": 1.0, "size": 20.0}, proposal=Proposal(config, "gp", "made for a test"))
    view = replace(EMPTY, goal=goal, trials=(with_offers(run, ("gp", config), ("model", {"x": 0.1, "y": 0.1})),))
    answer = why_trial(view, 0)
    assert "broke a constraint in trial 0" in worded(answer)
    assert "infeasible" in verdict_content(answer, 100).plain


def test_stopped_trial_waits_for_nothing() -> None:
    stopped = replace(unfinished(0, {"x": 0.5, "y": 0.5}), state=TrialState.STOPPED)
    assert "measured: nothing to the end, since it was stopped" in worded(
        why_trial(replace(EMPTY, trials=(stopped,)), 0)
    )


def test_trials_that_started_together_knew_nothing_of_each_other() -> None:
    one, other = (complete(i, {"x": i / 2, "y": 0.5}, {"value": float(i)}) for i in range(2))
    together = replace(other, created_at=one.created_at)
    answer = why_trial(replace(EMPTY, trials=(one, together)), 1)
    assert answer.incumbent is None and answer.nearest is None
    assert why_trial(replace(EMPTY, trials=(one, other)), 1).incumbent is not None


def test_arm_whose_point_failed_was_not_right() -> None:
    """The surrogate's point ran and crashed, and the model's was good."""
    view = judged_trial()
    crashed = failed(14, view.trials[14].config, proposal=view.trials[14].proposal)
    broken = replace(view, trials=(*view.trials[:14], crashed))
    answer = why_trial(broken, 14)
    assert (answer.is_feasible, answer.right, answer.offers[0].failed_in) == (False, None, 14)
    lost = failed(14, crashed.config, FailureKind.LOST, proposal=crashed.proposal)
    assert why_trial(replace(view, trials=(*view.trials[:14], lost)), 14).offers[0].failed_in is None
    since = measured(broken, Proposal({"x": 0.3, "y": 0.8}, "human", "made for a test"), bowl)
    answer = why_trial(since, 14)
    assert answer.right == Right("model", None, is_sure=True)
    assert 'in hindsight: "model" was right: what ran did not succeed' in worded(answer)
