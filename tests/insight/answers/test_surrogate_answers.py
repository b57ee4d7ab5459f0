"""Predictions, ideas and the outlook, of a real fit: true of a known function, and bounded where they must be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from agenttune.budget import Budget
from agenttune.errors import UserError
from agenttune.history import StudyView
from agenttune.insight.answers.foreseen import predict, rank
from agenttune.insight.answers.ideas import next_ideas
from agenttune.insight.answers.outlook import LEAST_COMPLETE, Outlook, outlook
from agenttune.insight.answers.worded import worded
from agenttune.space import Categorical, Space
from agenttune.surrogate import Surrogate, fit
from agenttune.testing.views import complete, failed
from tests.proposers.scene import EMPTY, SPACE, bowl


@cache
def studied(n: int = 16) -> tuple[StudyView, Surrogate]:
    """Trials spread over the bowl; where x is above .9 they fail."""
    trials = tuple(
        failed(number, config) if float(config["x"]) > 0.9 else complete(number, config, {"value": bowl(config)})
        for number, config in enumerate(SPACE.sample(np.random.default_rng(4), n))
    )
    view = replace(EMPTY, trials=trials)
    surrogate = fit(view)
    assert surrogate is not None
    return view, surrogate


def outlook_of(view: StudyView, surrogate: Surrogate | None, **options: object) -> Outlook:
    given = {"budget": Budget(trials=40, dollars=1.0), "n_trials": 16, "dollars": 0.25, "workers": 4, **options}
    return outlook(view, surrogate, **given)  # type: ignore[arg-type]  # options of one test each


def test_prediction_is_near_the_truth_and_prefers_the_better() -> None:
    view, surrogate = studied()
    near, far = predict(view, surrogate, [{"x": 0.3, "y": 0.8}, {"x": 0.8, "y": 0.1}]).rows
    assert near.mean == pytest.approx(0.0, abs=0.05) and far.mean == pytest.approx(-0.74, abs=0.15)
    assert near.p_better is not None and far.p_better is not None and near.p_better > 0.5 > far.p_better


def test_ranked_has_the_most_promising_first_and_the_invalid_last() -> None:
    view, surrogate = studied()
    rows = rank(view, surrogate, [{"x": 2.0, "y": 0.5}, {"x": 0.8, "y": 0.1}, {"x": 0.3, "y": 0.8}]).rows
    assert [row.position for row in rows] == [3, 2, 1]


def test_invalid_configuration_is_told_with_its_reason_and_the_others_are_predicted() -> None:
    view, surrogate = studied()
    bad, good = predict(view, surrogate, [{"x": 2.0, "y": 0.5}, {"x": 0.3, "y": 0.8}]).rows
    assert bad.mean is None and bad.problem is not None and "`x`" in bad.problem
    assert good.problem is None and good.mean is not None


def test_configuration_that_ran_is_told_so() -> None:
    view, surrogate = studied()
    assert predict(view, surrogate, [view.trials[3].config]).rows[0].number == 3


def test_where_trials_fail_success_is_improbable() -> None:
    view, surrogate = studied(60)
    fails, works = predict(view, surrogate, [{"x": 0.97, "y": 0.5}, {"x": 0.4, "y": 0.5}]).rows
    assert fails.p_feasible is not None and works.p_feasible is not None
    assert fails.p_feasible < 0.5 < 0.9 < works.p_feasible


@pytest.mark.parametrize("configs", [[], [{"x": 0.5, "y": 0.5}] * 21])
def test_none_or_too_many_are_refused(configs: Sequence[dict[str, float]]) -> None:
    with pytest.raises(UserError, match="1 to 20 configurations"):
        predict(*studied(), configs)


def test_without_a_surrogate_the_way_out_is_told() -> None:
    with pytest.raises(UserError, match="at least two complete trials are needed"):
        next_ideas(EMPTY, None)


def test_ideas_are_new_and_lie_near_the_optimum() -> None:
    view, surrogate = studied(30)
    answer = next_ideas(view, surrogate, k=2)
    first = answer.ideas[0].config
    assert len(answer.ideas) == 2 and not any(view.has_seen(idea.config) for idea in answer.ideas)
    assert abs(float(first["x"]) - 0.3) < 0.15 and abs(float(first["y"]) - 0.8) < 0.15


def test_least_certain_point_is_less_certain_than_any_idea() -> None:
    answer = next_ideas(*studied())
    assert answer.unsure is not None and all(answer.unsure.sd >= idea.sd for idea in answer.ideas)


def test_expected_improvement_agrees_with_samples() -> None:
    _, surrogate = studied()
    configs = SPACE.sample(np.random.default_rng(1), 5)
    drawn = surrogate.samples(configs, np.random.default_rng(2), 20_000)
    assert surrogate.best is not None
    gains = np.maximum(drawn - surrogate.best, 0).mean(0) * surrogate.feasibility(configs)
    assert gains == pytest.approx(surrogate.expected_improvement(configs), rel=0.1, abs=1e-4)


def test_more_trials_gain_more_and_never_more_than_at_most() -> None:
    gains = [found.gain for n in (1, 3, 10) if (found := outlook_of(*studied(), n=n)).gain is not None]
    assert gains[0].next_n <= gains[1].next_n <= gains[2].next_n <= gains[2].at_most
    assert gains[0].next_n == pytest.approx(gains[0].next_one, rel=0.3)


def test_outlook_is_the_same_each_time() -> None:
    assert outlook_of(*studied()) == outlook_of(*studied())


def test_cost_and_what_is_left() -> None:
    found = outlook_of(*studied(), n=10)
    assert (found.cost.trial_s, found.cost.seconds) == (1.0, 3.0)
    assert found.cost.dollars == pytest.approx(0.25 / 16 * 10)
    assert (found.trials_left, found.dollars_left, found.seconds_left) == (24, 0.75, None)


def test_at_the_optimum_it_is_not_worth_going_on() -> None:
    view, _ = studied(30)
    best = complete(30, {"x": 0.3, "y": 0.8}, {"value": 0.0})
    view = replace(view, trials=(*view.trials, best))
    assert outlook_of(view, fit(view)).verdict == "not worth it"


def test_few_trials_are_too_early_to_tell() -> None:
    view = replace(EMPTY, trials=studied()[0].trials[: LEAST_COMPLETE - 1])
    assert outlook_of(view, fit(view)).verdict == "too early to tell"
    assert outlook_of(EMPTY, None).verdict == "too early to tell"


def test_reached_target_ends_it() -> None:
    view, surrogate = studied()
    reached = replace(view, goal=replace(view.goal, target=-1.0))
    assert outlook_of(reached, surrogate).verdict == "target reached"


@pytest.mark.parametrize("n", [5, 6])
def test_small_space_nearly_or_wholly_used_up(n: int) -> None:
    space = Space(kind=Categorical(["a", "b", "c", "d", "e", "f"]))
    trials = tuple(complete(at, {"kind": "abcdef"[at]}, {"value": float(at)}) for at in range(n))
    view = StudyView(space, EMPTY.goal, trials)
    surrogate = fit(view)
    assert len(next_ideas(view, surrogate).ideas) == 6 - n
    assert (outlook_of(view, surrogate).gain is None) == (n == 6)


def test_nothing_feasible_yet_has_ideas_but_no_outlook() -> None:
    view = replace(studied()[0], goal=replace(EMPTY.goal, constraints=("latency < 1",)))
    surrogate = fit(view)
    answer = next_ideas(view, surrogate)
    assert answer.best is None and answer.ideas[0].expected_improvement is None
    assert "expected improvement" not in worded(answer)
    assert outlook_of(view, surrogate).verdict == "too early to tell"
