"""The prior over the optimum: where candidates lie, and how far the trials bear them out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from agenttune.goal import Direction, Goal
from agenttune.history import StudyView
from agenttune.proposers.prior import OptimumPrior, prior_of
from agenttune.space import Categorical, Float, Space
from agenttune.testing.views import complete
from agenttune.types import Config
from tests.proposers.arms import offer

SPACE = Space(x=Float(0, 1), y=Float(0, 1), kind=Categorical(("a", "b", "c")))


def view(value: Callable[[Config], float], n: int = 12, direction: Direction = "maximize") -> StudyView:
    configs = SPACE.sample(np.random.default_rng(0), n)
    trials = tuple(complete(i, config, {"value": value(config)}) for i, config in enumerate(configs))
    return StudyView(SPACE, Goal("value", direction), trials)


def near(x: float, n: int = 8) -> list[Config]:
    """Candidates about one value of x, anywhere in the rest."""
    rng = np.random.default_rng(1)
    drawn = SPACE.sample(rng, n)
    return [{**config, "x": float(np.clip(x + rng.normal(0, 0.03), 0, 1))} for config in drawn]


def rising(config: Config) -> float:
    return float(config["x"])


def prior(view_: StudyView) -> OptimumPrior:
    found = prior_of(view_)
    assert found is not None
    return found


def test_prior_is_higher_where_candidates_lie_that_the_trials_bear_out() -> None:
    found = prior(offer(view(rising), *near(0.95)))
    at = SPACE.to_unit([{"x": 0.95, "y": 0.5, "kind": "a"}, {"x": 0.05, "y": 0.5, "kind": "a"}])
    good, bad = found.log_prior(at)
    assert good > bad
    assert found.evidence > 0.8


def test_parameters_the_model_says_nothing_of_count_less() -> None:
    found = prior(offer(view(rising), *near(0.95, n=12)))
    middle, by_x, by_y = found.log_prior(
        SPACE.to_unit([{"x": x, "y": y, "kind": "a"} for x, y in ((0.95, 0.5), (0.3, 0.5), (0.95, 0.15))])
    )
    assert middle - by_x > 4 * abs(middle - by_y)


TREE = Space(
    rate=Float(0, 1),
    kind=Categorical({"on": Space(kernel=Categorical(("u", "v", "w")), width=Float(0, 1)), "off": None}),
)


def on_tree(*candidates: Config) -> OptimumPrior:
    """The prior of candidates whose rate is high, where a high rate is good."""
    configs = [{**config, "rate": i / 10} for i, config in enumerate(TREE.sample(np.random.default_rng(0), 10))]
    trials = tuple(complete(i, config, {"value": float(config["rate"])}) for i, config in enumerate(configs))
    return prior(offer(StudyView(TREE, Goal("value", "maximize"), trials), *candidates))


def on(kernel: str, width: float, rate: float = 0.92) -> Config:
    return {"rate": rate, "kind": "on", "kernel": kernel, "width": width}


def off(rate: float = 0.92) -> Config:
    return {"rate": rate, "kind": "off"}


def test_parameter_that_no_candidate_has_says_nothing() -> None:
    """An absent parameter lies in the middle of the cube, which is a value, too."""
    found = on_tree(*(off(0.9 + 0.01 * i) for i in range(6)))
    points = [on("u", 0.3), on("v", 0.3), on("w", 0.3), on("u", 0.5), on("u", 0.9)]
    assert len(set(found.log_prior(TREE.to_unit(points)))) == 1


def test_branch_is_as_likely_as_candidates_are_there_however_many_parameters_it_has() -> None:
    rates = [0.9 + 0.01 * i for i in range(4)]
    found = on_tree(*(on("v", rate - 0.1, rate) for rate in rates), *(off(rate) for rate in rates))
    there, elsewhere, without = found.log_prior(TREE.to_unit([on("v", 0.82), on("v", 0.1), off()]))
    assert there - elsewhere > 1.0
    assert abs(there - without) < 0.3 * found.weight


def test_candidates_where_trials_are_worse_make_no_prior() -> None:
    assert prior_of(offer(view(rising), *near(0.05))) is None
    assert prior_of(offer(view(rising, direction="minimize"), *near(0.05))) is not None


def test_it_fades_with_the_trials() -> None:
    few, many = (prior(offer(view(rising, n), *near(0.95))) for n in (12, 60))
    assert many.weight < few.weight


def test_repeats_of_a_trial_are_no_evidence() -> None:
    seen = view(rising)
    best = seen.incumbent
    assert best is not None
    repeats = [replace(best, number=len(seen.trials) + k, replicate_of=best.number) for k in range(5)]
    once, again = (offer(replace(seen, trials=(*seen.trials, *more)), *near(0.95)) for more in ((), repeats))
    assert prior(again).weight == prior(once).weight


def test_candidates_that_are_one_and_the_same_weigh_nothing() -> None:
    first, *rest = near(0.95)
    assert prior_of(offer(view(rising), *[first] * 8)) is None
    two = prior(offer(view(rising), *[first] * 7, rest[0]))
    assert two.weight < 0.5 * prior(offer(view(rising), first, *rest)).weight


def test_nothing_is_said_without_candidates_or_trials() -> None:
    assert prior_of(view(rising)) is None
    assert prior_of(offer(view(rising, n=3), *near(0.95))) is None
    assert prior_of(offer(view(lambda config: 1.0), *near(0.95))) is None


def test_old_candidates_are_forgotten() -> None:
    changed = offer(view(rising), *near(0.05, n=12), *near(0.95, n=12))
    alone = prior(offer(view(rising), *near(0.95, n=12)))
    assert (prior(changed).weight, prior(changed).evidence) == (alone.weight, alone.evidence)
