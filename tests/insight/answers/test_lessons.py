"""What a study has taught: true of known functions, and silent where there is too little."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.insight.answers.lessons import lessons
from agenttune.insight.answers.worded import worded
from agenttune.space import Categorical, Float, Space
from agenttune.surrogate import fit
from agenttune.testing.views import complete
from agenttune.trial import Proposal
from agenttune.types import Config
from agenttune.variant import Lesson
from tests.insight.studies import mid_study
from tests.variants.views import variant, view_of

SPACE = Space(x=Float(0, 1), y=Float(0, 1), kind=Categorical(["a", "b", "c"]))


def studied(value: Callable[[Config], float], n: int = 40) -> StudyView:
    trials = tuple(
        complete(number, config, {"value": value(config)})
        for number, config in enumerate(SPACE.sample(np.random.default_rng(2), n))
    )
    return StudyView(SPACE, Goal("value", "maximize"), trials)


def joint(config: Config) -> float:
    return (float(config["x"]) - 0.5) * (float(config["y"]) - 0.5)


def apart(config: Config) -> float:
    return -((float(config["x"]) - 0.3) ** 2) + float(config["y"])


def test_product_is_an_interaction_and_its_best_corner_is_told() -> None:
    view = studied(joint)
    (pair,) = lessons(view, fit(view)).interactions or ()
    assert {pair.first, pair.second} == {"x", "y"} and pair.share > 0.8
    x, y = map(float, pair.best)
    assert (x > 0.5) == (y > 0.5)


def test_sum_has_no_interaction() -> None:
    view = studied(apart)
    assert lessons(view, fit(view)).interactions == ()


def test_few_trials_teach_no_interaction() -> None:
    view = studied(joint, 19)
    assert lessons(view, fit(view)).interactions is None


def test_choice_that_never_worked_is_told() -> None:
    view = studied(lambda config: apart(config) - 5.0 * (config["kind"] == "b"))
    (never,) = lessons(view, fit(view)).never
    assert (never.name, never.value) == ("kind", "b") and never.n == never.n_good >= 3


def test_gain_over_the_default_has_the_goals_sign() -> None:
    view = studied(apart)
    start = Proposal({"x": 1.0, "y": 0.5, "kind": "a"}, "default", "")
    trials = (*view.trials, complete(40, start.config, {"value": 0.1}, proposal=start))
    for direction, best in (("maximize", max), ("minimize", min)):
        told = lessons(replace(view, trials=trials, goal=Goal("value", direction)), None).best  # type: ignore[arg-type]
        assert told is not None and told.gain is not None and told.gain > 0
        assert told.gain == pytest.approx(abs(best(view.value(trial) for trial in trials) - 0.1))


def test_repeats_of_the_best_give_its_noise() -> None:
    view = studied(apart, 10)
    best = view.incumbent
    assert best is not None
    repeats = [complete(10 + at, best.config, {"value": 0.5 + 0.1 * at}) for at in range(3)]
    trials = (*view.trials, *(replace(trial, replicate_of=best.number) for trial in repeats))
    told = lessons(replace(view, trials=trials), None).best
    assert told is not None and told.n_repeats == 3
    assert told.repeats_mean == pytest.approx(0.6) and told.repeats_sd == pytest.approx(0.1)


def test_missed_predictions_are_surprises() -> None:
    answer = lessons(mid_study(60), None)
    assert answer.surprises and all(abs(one.value - one.mean) > 2 * one.sd for one in answer.surprises)
    assert abs(answer.surprises[0].deviations) == max(abs(one.deviations) for one in answer.surprises)


def test_empty_study_teaches_nothing() -> None:
    answer = lessons(StudyView(SPACE, Goal("value", "maximize"), ()), None)
    assert answer.best is None and answer.trends == () and answer.never == ()


def test_values_near_the_largest_float_are_no_error() -> None:
    view = studied(lambda config: 1.7e308 * (2 * float(config["x"]) - 1), 12)
    assert lessons(view, None).to_json()["n_complete"] == 12


def test_variants_of_code_tell_what_they_taught_with_their_gain() -> None:
    variants = [variant(0), variant(1), variant(2, 1)]
    said = (Lesson(2, "deeper is slower"), Lesson(1, "wide is enough"), Lesson(2, "depth needs\x1b[31m norms"))
    learnt = lessons(view_of(variants, [(0, 0.5), (1, 0.75), (2, None)], code=(*variants, *said)), None)
    assert [(entry.name, entry.gain, entry.lesson) for entry in learnt.taught] == [
        ("v1", 0.25, "wide is enough"),
        ("v2", None, "depth needs\x1b[31m norms"),
    ]
    told = worded(learnt)
    assert '- v1, "idea 1", 0.25 better than v0: "wide is enough"' in told
    assert '- v2, "idea 2", not measured: "depth needs' in told and "\x1b" not in told


def test_latest_ten_variants_that_taught_something_are_told() -> None:
    variants = [variant(number) for number in range(13)]
    said = tuple(Lesson(number, f"lesson {number}") for number in range(1, 13))
    learnt = lessons(view_of(variants, [(0, 0.5)], code=(*variants, *said)), None)
    assert ([entry.name for entry in learnt.taught], learnt.n_taught) == ([f"v{number}" for number in range(3, 13)], 12)
    assert "the last 10 of 12" in worded(learnt)


def test_study_over_numbers_has_no_variants() -> None:
    assert (learnt := lessons(mid_study(30), None)).taught == () and "variants" not in worded(learnt)
