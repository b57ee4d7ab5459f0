"""What trials say of each parameter alone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.insight.trends import Trend, Trends, rank_correlation, trends
from agenttune.space import Categorical, Constant, Float, Ordinal, Space
from agenttune.testing.views import complete
from agenttune.types import Config

SPACE = Space(idle=Float(0, 1), main=Float(1e-4, 1, log=True), size=Ordinal([1, 2, 4]), kind=Categorical(["a", "b"]))


def _found(space: Space = SPACE, n: int = 60, direction: str = "maximize") -> dict[str, Trend]:
    made = _trends(space, n, direction)
    assert made is not None
    return {trend.name: trend for trend in made.trends}


def _trends(space: Space, n: int, direction: str = "maximize") -> Trends | None:
    def value(config: Config) -> float:
        return float(np.log10(float(config.get("main", 1e-4)))) + (0.5 if config.get("kind") == "b" else 0.0)

    configs = space.sample(np.random.default_rng(0), n)
    trials = tuple(complete(i, config, {"value": value(config)}) for i, config in enumerate(configs))
    view = StudyView(space, Goal("value", "maximize" if direction == "maximize" else "minimize"), trials)
    return trends(view, view.ranked())


def test_higher_is_better() -> None:
    trend = _found()["main"]
    assert trend.correlation is not None and trend.correlation > 0.8
    assert trend.span is not None and float(trend.span[0]) > 0.05


def test_lower_is_better_when_minimising() -> None:
    trend = _found(direction="minimize")["main"]
    assert trend.correlation is not None and trend.correlation < -0.8
    assert trend.span is not None and float(trend.span[1]) < 0.001


def test_most_important_comes_first_with_its_share() -> None:
    first = next(iter(_found().values()))
    assert first.name == "main" and first.share is not None and first.share > 0.5


def test_no_direction_is_told_without_one() -> None:
    assert _found(n=300)["idle"].correlation is None


def test_best_choice_with_the_medians() -> None:
    trend = _found()["kind"]
    assert trend.choice == "b" and trend.correlation is None
    assert trend.choice_median is not None and trend.rest_median is not None
    assert trend.choice_median > trend.rest_median


def test_span_of_an_ordinal_is_of_its_values() -> None:
    span = _found()["size"].span
    assert span is not None and set(span) <= {1, 2, 4}


def test_too_few_trials_say_nothing() -> None:
    assert _trends(SPACE, 9) is None


def test_a_space_of_constants_has_no_trends() -> None:
    trials = tuple(complete(i, {"k": 3}, {"value": float(i)}) for i in range(12))
    view = StudyView(Space(k=Constant(3)), Goal("value", "maximize"), trials)
    assert trends(view, view.ranked()) == Trends((), 12)


def test_a_space_too_wide_for_importance_is_sorted_by_correlation() -> None:
    wide = Space({**SPACE.parameters, **{f"x{i}": Float(0, 1) for i in range(60)}})
    first = next(iter(_found(wide).values()))
    assert (first.name, first.share) == ("main", None)


def test_many_trials_are_sampled_over_all_ranks() -> None:
    made = _trends(SPACE, 2_000)
    assert made is not None and 250 <= made.n_trials <= 300
    assert made.trends[0].name == "main"


@pytest.mark.parametrize("seed", range(5))
def test_rank_correlation_is_spearmans(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 6, 40).astype(float), rng.normal(size=40)
    assert rank_correlation(a, b) == pytest.approx(spearmanr(a, b).statistic)


def test_rank_correlation_needs_variation() -> None:
    assert rank_correlation(np.ones(5), np.arange(5.0)) is None
