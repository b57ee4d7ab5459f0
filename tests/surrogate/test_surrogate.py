"""The surrogate as its users see it: predictions, scores, optimum, memory, noise, feasibility, pending trials."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.space import Categorical, Float, Int, Space
from agenttune.surrogate import Surrogate, fit, remembered
from agenttune.testing.views import complete, failed, unfinished
from agenttune.trial import Proposal, Trial
from agenttune.types import Config

SPACE = Space(x=Float(0, 1), y=Float(1e-3, 1.0, log=True))


def _value(config: Config) -> float:
    x, y = map(float, SPACE.to_unit([config])[0])
    return 10.0 - 20 * (x - 0.7) ** 2 - 5 * (y - 0.4) ** 2


def _view(n: int = 14, *, seed: int = 0, value: Callable[[Config], float] = _value) -> StudyView:
    configs = SPACE.sample(np.random.default_rng(seed), n)
    trials = tuple(complete(i, config, {"value": value(config)}) for i, config in enumerate(configs))
    return StudyView(SPACE, Goal("value", "maximize"), trials)


def _with(view: StudyView, *trials: Trial) -> StudyView:
    return replace(view, trials=(*view.trials, *trials))


def _fit(view: StudyView) -> Surrogate:
    surrogate = fit(view, remembered(view))
    assert surrogate is not None
    return surrogate


def test_prediction_is_in_the_unit_of_the_metric() -> None:
    view = _view()
    configs = SPACE.sample(np.random.default_rng(9), 20)
    mean, sd = _fit(view).predict(configs)
    errors = np.abs(mean - [_value(config) for config in configs])
    assert float(np.median(errors)) < 0.3
    assert (errors < 4 * sd).all()


def test_prediction_of_a_minimised_metric_has_its_sign() -> None:
    view = replace(_view(), goal=Goal("value", "minimize"))
    mean, _ = _fit(view).predict([view.trials[0].config])
    assert float(mean[0]) == pytest.approx(_value(view.trials[0].config), abs=0.1)


@pytest.mark.parametrize("unit", [2.0**-1000, 2.0**-40, 2.0**1000])
def test_unit_of_the_metric_does_not_matter_however_small_or_large(unit: float) -> None:
    configs = SPACE.sample(np.random.default_rng(9), 20)
    mean, sd = _fit(_view()).predict(configs)
    scaled_mean, scaled_sd = _fit(_view(value=lambda config: unit * _value(config))).predict(configs)
    assert (scaled_mean == unit * mean).all()
    assert (scaled_sd == unit * sd).all()


def test_predictions_at_the_end_of_the_floats_are_finite() -> None:
    largest = sys.float_info.max
    view = _view(value=lambda config: largest if config["x"] > 0.5 else -largest)  # type: ignore[operator]
    found = _fit(view)
    assert np.isfinite(found.predict(SPACE.sample(np.random.default_rng(9), 20))).all()
    assert all(np.isfinite([o.mean, o.sd, o.score]).all() for o in found.optimum(np.random.default_rng(0)))


def test_optimum_lies_at_the_maximum() -> None:
    (found,) = _fit(_view(20)).optimum(np.random.default_rng(0))
    assert _value(found.config) > 9.9


def test_optimum_of_a_minimised_metric_lies_at_the_minimum() -> None:
    view = _view(20, value=lambda config: -_value(config))
    (found,) = _fit(replace(view, goal=Goal("value", "minimize"))).optimum(np.random.default_rng(0))
    assert _value(found.config) > 9.9


def test_score_ranks_the_optimum_first() -> None:
    view = _view()
    surrogate = _fit(view)
    (found,) = surrogate.optimum(np.random.default_rng(0))
    others = SPACE.sample(np.random.default_rng(3), 200)
    scores = surrogate.score([found.config, *others])
    assert scores.argmax() == 0
    assert float(scores[0]) == pytest.approx(found.score)


def test_several_optima_keep_apart() -> None:
    found = _fit(_view(8)).optimum(np.random.default_rng(0), 3)
    points = SPACE.to_unit([optimum.config for optimum in found])
    distances = [np.abs(points[i] - points[j]).max() for i in range(3) for j in range(i)]
    assert min(distances) > 0.01


def test_score_falls_where_a_trial_is_pending() -> None:
    view = _view(8)
    surrogate = _fit(view)
    (found,) = surrogate.optimum(np.random.default_rng(0))
    busy = _fit(_with(view, unfinished(50, found.config)))
    assert busy.score([found.config])[0] < surrogate.score([found.config])[0] - 1


def test_failures_lower_the_probability_nearby() -> None:
    bad = tuple(failed(50 + i, {"x": 0.9 + i / 100, "y": 0.1}) for i in range(4))
    surrogate = _fit(_with(_view(), *bad))
    near, far = surrogate.feasibility([{"x": 0.92, "y": 0.1}, {"x": 0.1, "y": 0.1}])
    assert near < 0.3 < 0.8 < far


def test_few_failures_make_nothing_certain() -> None:
    space = Space(x=Float(0, 1), k=Categorical(["a", "b"]))
    fine = tuple(complete(i, {"x": (i + 0.5) / 5, "k": "a"}, {"value": float(i)}) for i in range(5))
    bad = tuple(failed(5 + i, {"x": x, "k": "b"}) for i, x in enumerate((0.03, 0.5, 0.9)))
    (probability,) = _fit(replace(_view(), space=space, trials=(*fine, *bad))).feasibility([{"x": 0.3, "k": "b"}])
    assert 1e-3 < probability < 0.2


def test_without_failures_everything_is_feasible() -> None:
    assert _fit(_view()).feasibility([{"x": 0.5, "y": 0.1}]).tolist() == [1.0]


def test_optimum_keeps_away_from_failures() -> None:
    def fragile(number: int, config: Config) -> Trial:
        if float(config["x"]) > 0.6:
            return failed(number, config)
        return complete(number, config, {"value": _value(config)})

    configs = SPACE.sample(np.random.default_rng(1), 30)
    view = StudyView(SPACE, Goal("value", "maximize"), tuple(fragile(i, config) for i, config in enumerate(configs)))
    (found,) = _fit(view).optimum(np.random.default_rng(0))
    assert float(found.config["x"]) < 0.66


def test_metric_constraints_are_learned() -> None:
    def both(number: int, config: Config) -> Trial:
        return complete(number, config, {"value": _value(config), "cost": float(config["x"])})

    configs = SPACE.sample(np.random.default_rng(1), 30)
    goal = Goal("value", "maximize", ("cost < 0.5",))
    view = StudyView(SPACE, goal, tuple(both(i, config) for i, config in enumerate(configs)))
    (found,) = _fit(view).optimum(np.random.default_rng(0))
    assert float(found.config["x"]) < 0.56


def test_while_nothing_has_succeeded_no_score_tells_points_apart() -> None:
    goal = Goal("value", "maximize", ("cost < 0",))
    trials = tuple(
        complete(i, config, {"value": _value(config), "cost": 1.0})
        for i, config in enumerate(SPACE.sample(np.random.default_rng(1), 6))
    )
    surrogate = _fit(StudyView(SPACE, goal, trials))
    assert not surrogate.tells_apart
    assert np.ptp(surrogate.score(SPACE.sample(np.random.default_rng(2), 20))) == 0
    assert _fit(StudyView(SPACE, Goal("value", "maximize"), trials)).tells_apart


@pytest.mark.parametrize("cost", [1e200, 1e12])
def test_one_constraint_that_diverged_leaves_the_others_apart(cost: float) -> None:
    trials = tuple(
        complete(i, config, {"value": _value(config), "cost": cost if i == 3 else float(config["x"]) - 0.5})
        for i, config in enumerate(SPACE.sample(np.random.default_rng(1), 12))
    )
    surrogate = _fit(StudyView(SPACE, Goal("value", "maximize", ("cost < 0",)), trials))
    low, high = (surrogate.feasibility([{**trials[0].config, "x": x}])[0] for x in (0.1, 0.9))
    assert low > 0.8 > 0.2 > high


def test_best_of_exact_measurements_is_the_best_observed() -> None:
    surrogate = _fit(_view())
    assert surrogate.best == pytest.approx(max(_value(trial.config) for trial in _view().trials))


def test_best_of_noisy_measurements_is_below_the_luckiest() -> None:
    rng = np.random.default_rng(2)
    view = _view(40, value=lambda config: _value(config) + rng.normal(0, 3.0))
    best = _fit(view).best
    assert best is not None
    assert best < max(view.value(trial) for trial in view.trials) - 1


def test_replicates_that_differ_make_measurements_noisy() -> None:
    view = _view(10)
    best = max(view.trials, key=view.value)
    lucky = complete(50, best.config, {"value": view.value(best) + 2.0})
    found = _fit(_with(view, replace(lucky, replicate_of=best.number))).best
    assert found is not None
    assert found < view.value(best) + 1.9


def test_memory_survives_json_and_warms_the_next_fit() -> None:
    view = _view()
    memory = json.loads(json.dumps(_fit(view).memory()))
    warm = fit(view, memory)
    assert warm is not None
    assert warm.memory()["gp"]["age"] == 1  # type: ignore[index, call-overload]  # JSON


def test_every_twentieth_fit_is_cold() -> None:
    view, memory = _view(6), None
    ages = []
    for _ in range(22):
        surrogate = fit(view, memory)
        assert surrogate is not None
        memory = surrogate.memory()
        ages.append(memory["gp"]["age"])  # type: ignore[index, call-overload]  # JSON
    assert ages == [*range(20), 0, 1]


def test_memory_of_another_space_is_not_used() -> None:
    other = Space(x=Float(0, 1), kind=Categorical(["a", "b", "c"]))
    trials = tuple(
        complete(i, config, {"value": i}) for i, config in enumerate(other.sample(np.random.default_rng(0), 5))
    )
    memory = _fit(StudyView(other, Goal("value", "maximize"), trials)).memory()
    warm = fit(_view(), memory)
    assert warm is not None
    assert warm.memory()["gp"]["age"] == 0  # type: ignore[index, call-overload]  # JSON


def test_latest_memory_is_remembered() -> None:
    config = {"x": 0.5, "y": 0.1}
    kept = [complete(i, config, {}, proposal=Proposal(config, "gp", "", memory={"gp": {"n": i}})) for i in (50, 51)]
    assert remembered(_with(_view(), *kept, unfinished(52, config))) == {"gp": {"n": 51}}


def test_too_few_measurements_fit_nothing() -> None:
    assert fit(_view(1)) is None


def test_fit_is_reproducible_to_the_bit() -> None:
    one, other = (_fit(_view()).optimum(np.random.default_rng(4), 2) for _ in range(2))
    assert one == other


def test_nothing_far_away_is_told_as_near_the_best() -> None:
    """All but two points are measured, and neither is near the best one."""
    left = (3, 97)
    trials = [complete(n, {"a": n}, {"value": -(((n - 50) / 50) ** 2)}) for n in range(100) if n not in left]
    surrogate = fit(StudyView(Space(a=Int(0, 99)), Goal("value", "maximize"), tuple(trials), seed=1))
    assert surrogate is not None
    (optimum,) = surrogate.optimum(np.random.default_rng(0), 1)
    assert optimum.config["a"] in left and not optimum.is_exploration and optimum.n_points == 2
