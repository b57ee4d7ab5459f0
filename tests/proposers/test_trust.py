"""Trust: learnt from what was likely and what came, faded in time, never of runs that others made."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agenttune.goal import Direction, Goal
from agenttune.history import StudyView
from agenttune.proposers.trust import MAX_SLACK, PRIOR, PRIORS, ArmPosterior, models_slack, trust_of
from agenttune.space import Float, Space
from agenttune.testing.views import complete, failed, unfinished
from agenttune.trial import MODEL, FailureKind, Proposal, Trial
from agenttune.types import Json

Run = tuple[str, float | None] | tuple[str, float | None, float]
"""Arm, value (None fails) and what the surrogate expected, with a standard deviation of 1."""
UNKNOWN = ArmPosterior(0.0, 1.0)
"""In a surrogate that has promised nothing yet."""
START: list[Run] = [("sobol", 0.0)]


def view(*runs: Run, direction: Direction = "maximize") -> StudyView:
    trials: list[Trial] = []
    for number, (arm, value, *expected) in enumerate(runs):
        config = {"x": number / 100}
        proposal = Proposal(config, arm, "made for a test")
        if expected and arm == MODEL:
            gate: dict[str, Json] = {"surrogate_mean": expected[0], "surrogate_sd": 1.0}
            proposal = Proposal(config, arm, "made for a test", memory={"gate": gate})
        elif expected:
            told = {"predicted_mean": expected[0], "predicted_sd": 1.0, "prediction_source": "posterior"}
            proposal = Proposal(config, arm, "made for a test", **told)  # type: ignore[arg-type]
        if value is None:
            trials.append(failed(number, config, proposal=proposal))
        else:
            trials.append(complete(number, config, {"value": value}, proposal=proposal))
    return StudyView(Space(x=Float(0, 1)), Goal("value", direction), tuple(trials))


def mean(*runs: Run, arm: str = MODEL) -> float:
    return trust_of(view(*runs), arm).mean


def test_before_anything_is_known_the_prior_holds() -> None:
    assert trust_of(view(), MODEL).mean == pytest.approx(PRIORS[MODEL][0], abs=0.01)
    assert trust_of(view(), MODEL).sd == pytest.approx(PRIORS[MODEL][1], abs=0.01)
    assert trust_of(view(), "gp").mean == pytest.approx(PRIOR[0], abs=0.01)


def test_unlikely_improvement_earns_more_than_a_likely_one() -> None:
    start: Run = ("sobol", 0.0)
    unlikely, likely = mean(start, (MODEL, 1.0, -3.0)), mean(start, (MODEL, 1.0, 3.0))
    assert unlikely > likely > mean(start)


def test_likely_improvement_that_fails_costs_more_than_an_unlikely_one() -> None:
    start: Run = ("sobol", 0.0)
    likely, unlikely = mean(start, (MODEL, -1.0, 3.0)), mean(start, (MODEL, -1.0, -3.0))
    assert likely < unlikely < mean(start)


def test_run_that_was_lost_by_no_fault_of_its_own_costs_nothing() -> None:
    before = view(*START, (MODEL, None, 0.0))
    (start, crashed) = before.trials
    lost = replace(before, trials=(start, failed(1, crashed.config, FailureKind.LOST, proposal=crashed.proposal)))
    assert trust_of(lost, MODEL) == trust_of(view(*START), MODEL)
    assert trust_of(before, MODEL).mean < trust_of(lost, MODEL).mean


def test_runs_that_keep_failing_lose_all_slack_and_improvements_win_it_back() -> None:
    lost: list[Run] = [*START, *[(MODEL, -1.0, 0.0)] * 6]
    assert trust_of(view(*lost), MODEL).slack(UNKNOWN) == 0.0
    won: list[Run] = [(MODEL, value, value - 3.0) for value in (1.0, 2.0, 3.0)]
    assert trust_of(view(*lost, *won), MODEL).slack(UNKNOWN) > 0.0


def test_old_evidence_fades() -> None:
    lost: list[Run] = [*START, *[(MODEL, -1.0, 0.0)] * 4]
    waited: list[Run] = [*lost, *[("gp", -2.0)] * 20]
    assert mean(*lost) < mean(*waited) < PRIORS[MODEL][0]


def test_failed_run_is_no_improvement() -> None:
    assert mean(("sobol", 0.0), (MODEL, None, 0.0)) == mean(("sobol", 0.0), (MODEL, -1.0, 0.0))


def test_failure_that_the_surrogate_foresaw_costs_little() -> None:
    def after_failure(feasibility: float) -> float:
        failure = view(*START, (MODEL, None, 3.0))
        offer: Json = {"arm": MODEL, "config": {"x": 0.01}, "feasibility": feasibility}
        gate: Json = {"surrogate_mean": 3.0, "surrogate_sd": 1.0, "arms": [offer]}
        proposal = replace(failure.trials[1].proposal, memory={"gate": gate})
        trials = (failure.trials[0], replace(failure.trials[1], proposal=proposal))
        return trust_of(replace(failure, trials=trials), MODEL).mean

    assert after_failure(1.0) == mean(*START, (MODEL, None, 3.0))
    assert after_failure(0.05) > after_failure(0.95)


def test_method_that_predicts_nothing_is_judged_by_what_the_gate_expected_of_it() -> None:
    def after_run(value: float, expected: float) -> float:
        gate: Json = {"arms": [{"arm": "tpe", "config": {"x": 0.01}, "mean": expected, "sd": 1.0, "feasibility": 1.0}]}
        proposal = Proposal({"x": 0.01}, "tpe", "made for a test", memory={"gate": gate})
        run = complete(1, {"x": 0.01}, {"value": value}, proposal=proposal)
        start = view(*START)
        return trust_of(replace(start, trials=(*start.trials, run)), "tpe").mean

    assert after_run(1.0, -3.0) == pytest.approx(mean(*START, ("tpe", 1.0, -3.0), arm="tpe"))
    assert after_run(-1.0, 3.0) == pytest.approx(mean(*START, ("tpe", -1.0, 3.0), arm="tpe"))


def test_equal_to_the_incumbent_is_no_improvement() -> None:
    assert mean(("sobol", 1.0), (MODEL, 1.0, 1.0)) < mean(("sobol", 1.0))


def test_direction_turns_what_improves() -> None:
    better = trust_of(view(("sobol", 1.0), (MODEL, 0.0, 2.0), direction="minimize"), MODEL)
    worse = trust_of(view(("sobol", 1.0), (MODEL, 2.0, 0.0), direction="minimize"), MODEL)
    assert better.mean > PRIORS[MODEL][0] > worse.mean


def test_what_the_surrogate_did_not_keep_adds_to_the_slack() -> None:
    boasts: list[Run] = [*START, *[("gp", -1.0, 1.0)] * 5]
    assert models_slack(view(*boasts)) > models_slack(view(*START)) == pytest.approx(PRIORS[MODEL][0], abs=0.01)


def test_surrogate_is_judged_by_its_own_predictions() -> None:
    boasts: list[Run] = [*START, *[("gp", -1.0, 1.0)] * 5]
    assert mean(*boasts, arm="gp") < -0.5
    assert mean(*boasts, arm=MODEL) == pytest.approx(mean(), abs=1e-9)


def test_runs_of_others_change_nothing() -> None:
    assert mean(("sobol", 0.0), ("gp", 5.0), ("human", 9.0)) == pytest.approx(mean())


def test_slack_stays_between_zero_and_its_bound() -> None:
    climbing: list[Run] = [*START, *[(MODEL, float(value), value - 20.0) for value in range(1, 30)]]
    assert 0.0 < trust_of(view(*climbing), MODEL).slack(UNKNOWN) <= MAX_SLACK


def test_trial_under_way_counts_for_nothing_yet() -> None:
    seen = view(("sobol", 0.0))
    running = unfinished(1, {"x": 0.5}, proposal=Proposal({"x": 0.5}, MODEL, "made for a test"))
    with_it = StudyView(seen.space, seen.goal, (*seen.trials, running))
    assert trust_of(with_it, MODEL) == trust_of(seen, MODEL)
