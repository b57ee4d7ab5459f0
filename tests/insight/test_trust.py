"""What each arm found and what the gate believed, counted from trials."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.insight.trust import arm_records, forecasts_by_model, forecasts_by_surrogate, gate_record, other_refusals
from agenttune.proposers.gated import GatedProposer
from agenttune.space import Float, Space
from agenttune.testing.views import complete, failed, measured, unfinished
from agenttune.trial import MODEL, Proposal, Trial
from agenttune.types import Json
from tests.insight.studies import mid_study
from tests.proposers.arms import make_arm, offer
from tests.proposers.scene import after, between, bowl

EMPTY = StudyView(Space(x=Float(0.0, 1.0)), Goal("score", "maximize"), ())


def trial(number: int, arm: str, value: float | None, *, rule: str = "", **kept: Json) -> Trial:
    """A trial of that arm; None: it failed. With a rule, the gate judged it."""
    memory: dict[str, Json] = {"gate": {"rule": rule, **kept}} if rule else {}
    config = {"x": number / 100}
    proposal = Proposal(config, arm, "", memory=memory)
    if value is None:
        return failed(number, config, proposal=proposal)
    return complete(number, config, {"score": value}, proposal=proposal)


def view_of(*trials: Trial) -> StudyView:
    return replace(EMPTY, trials=trials)


def test_arms_are_counted_with_the_default_first() -> None:
    view = view_of(
        trial(0, "sobol", 0.5),
        trial(1, "default", 0.7),
        trial(2, "gp", None),
        trial(3, "gp", 0.9),
        trial(4, "gp", 0.8),
        unfinished(5, {"x": 0.9}, proposal=Proposal({"x": 0.9}, "gp", "")),
    )
    default, sobol, gp = arm_records(view)
    assert (default.arm, default.n_improved, default.best) == ("default", 1, 0.7)
    assert sobol.n_improved == 1 and sobol.regret == pytest.approx(0.4)
    assert (gp.n_trials, gp.n_complete, gp.n_failed, gp.n_improved) == (4, 2, 1, 1)
    assert gp.best == 0.9 and gp.regret == pytest.approx(0.05)


def test_what_an_arm_improved_is_told_for_each_minute_it_took() -> None:
    """Each trial takes a second; the first success improved on nothing."""
    view = view_of(
        trial(0, "default", 0.5), trial(1, "gp", 0.8), trial(2, "gp", 0.6), trial(3, "gp", 0.9), trial(4, "tpe", 0.7)
    )
    default, gp, tpe = arm_records(view)
    assert (default.seconds, default.gained_a_minute) == (1.0, None)
    assert gp.seconds == 3.0 and gp.gained == pytest.approx(0.4) and gp.gained_a_minute == pytest.approx(8.0)
    assert tpe.gained_a_minute == 0.0


def test_arm_without_a_success_has_no_best_and_no_regret() -> None:
    _, gp = arm_records(view_of(trial(0, "default", 0.7), trial(1, "gp", None)))
    assert (gp.best, gp.regret) == (None, None)


def test_regret_is_that_of_most_trials_where_one_diverged() -> None:
    view = view_of(trial(0, "gp", 1.0), trial(1, "gp", 0.8), trial(2, "gp", -1e6))
    assert arm_records(view)[0].regret == pytest.approx(0.2)


def test_regret_of_what_is_minimised_is_positive() -> None:
    view = replace(view_of(trial(0, "gp", 3.0), trial(1, "gp", 1.0)), goal=Goal("score", "minimize"))
    assert arm_records(view)[0].regret == pytest.approx(1.0)


def test_repeats_count_for_no_arm() -> None:
    repeat = replace(trial(1, "default", 0.9), replicate_of=0)
    assert arm_records(view_of(trial(0, "default", 0.7), repeat))[0].n_trials == 1


def test_verdicts_of_the_gate_are_counted_by_rule() -> None:
    rules = [
        (MODEL, "start"),
        ("sobol", "start"),
        (MODEL, "slack"),
        (MODEL, "unscored"),
        (MODEL, "every tenth"),
        ("gp", "surrogate"),
        ("gp", "cut"),
        ("gp", "no candidate"),
        ("gp", "veto"),
        ("gp", "floor"),
        ("local", "other arm"),
    ]
    record = gate_record(view_of(*(trial(i, arm, 0.5, rule=rule) for i, (arm, rule) in enumerate(rules))))
    assert record is not None
    assert (record.n_start, record.n_believed, record.n_excepted) == (1, 2, 1)
    assert (record.n_rejected, record.n_cut, record.n_without) == (1, 1, 1)
    assert (record.n_vetoed, record.n_floor, record.n_other) == (1, 1, 1)


def test_real_gates_verdict_is_counted_with_its_prediction() -> None:
    view = after(8)
    view = offer(view, between(view, least=0.0, most=0.9))
    (proposal,) = GatedProposer(make_arm()).propose(view, 1)
    view = measured(view, proposal, bowl)
    record, forecasts = gate_record(view), forecasts_by_surrogate(view)
    assert record is not None and record.n_believed == 1
    assert forecasts is not None and [entry.number for entry in forecasts.tested] == [8]


def test_study_without_a_gate_has_no_record_of_one() -> None:
    view = view_of(trial(0, "gp", 0.5))
    assert (gate_record(view), forecasts_by_surrogate(view), forecasts_by_model(view)) == (None, None, {})


def test_predictions_of_the_surrogate_are_held_against_what_came() -> None:
    told = [(0.5, 0.1, 0.55), (0.5, 0.1, 0.9), (0.5, None, 0.6)]
    view = view_of(
        *(
            trial(i, MODEL, value, rule="slack", surrogate_mean=mean, surrogate_sd=sd)
            for i, (mean, sd, value) in enumerate(told)
        )
    )
    forecasts = forecasts_by_surrogate(view)
    assert forecasts is not None
    assert (forecasts.n_inside, forecasts.n_intervals) == (1, 2) and forecasts.bias == pytest.approx(0.1)
    assert [entry.is_inside for entry in forecasts.tested] == [True, False, None]
    assert forecasts.crps == pytest.approx(0.5 * (0.0331 + 0.3436), abs=1e-3)


def test_models_own_numbers_are_kept_apart_by_source() -> None:
    found = forecasts_by_model(mid_study())
    assert list(found) == ["verbal"] and all(entry.mean == 0.85 for entry in found["verbal"].tested)


def test_refusals_of_the_model_are_not_among_the_others() -> None:
    assert other_refusals(mid_study().refused) == {"duplicate": 1}
