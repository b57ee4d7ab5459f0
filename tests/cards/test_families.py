"""Every family: its space, the library's default in it, and the estimator a config becomes."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # ships no types

from agenttune.cards import CARDS, EstimatorCard, card_named
from agenttune.cards.estimators import metric_named, stretched
from agenttune.cards.families import spellings
from agenttune.cards.metrics import Task
from agenttune.cards.pipeline import EncodedFacts
from agenttune.errors import ConfigInvalid, UserError
from agenttune.space import Constant, Int, Space

PAIRS = [(card, task) for card in CARDS.values() for task in card.classes]
IDS = [f"{card.name}-{task}" for card, task in PAIRS]
ODD_FACTS = [
    EncodedFacts(n_rows=12, n_features=1, variance=1e-9, target_sd=1e-6),
    EncodedFacts(n_rows=100_000, n_features=5000, variance=1e6, target_sd=1e6),
    EncodedFacts(n_rows=50, n_features=2, variance=0.25),
]


def facts_for(task: Task) -> EncodedFacts:
    return EncodedFacts(task, n_rows=200, n_features=8)


@pytest.mark.parametrize(("card", "task"), PAIRS, ids=IDS)
def test_library_default_is_a_config_of_the_space(card: EstimatorCard, task: Task) -> None:
    facts = facts_for(task)
    space = card.with_defaults(card.space(facts), facts)
    assert card.default_config(space, facts) == space.default_config()


@pytest.mark.parametrize(("card", "task"), PAIRS, ids=IDS)
@pytest.mark.parametrize("odd", ODD_FACTS, ids=["tiny", "huge", "two"])
def test_library_default_has_a_place_on_odd_data(card: EstimatorCard, task: Task, odd: EncodedFacts) -> None:
    facts = EncodedFacts(task, odd.n_rows, odd.n_features, odd.variance, odd.target_sd)
    card.default_config(card.space(facts), facts)


@pytest.mark.parametrize(("card", "task"), PAIRS, ids=IDS)
def test_default_config_makes_the_library_default(card: EstimatorCard, task: Task) -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(200, 8))
    target = features[:, 0] + 0.1 * rng.normal(size=200)
    if task == "classification":
        target = np.sign(target)
    facts = EncodedFacts(task, 200, 8, variance=float(np.var(features)))
    ours = card.make(card.default_config(card.space(facts), facts), task=task, seed=0)
    theirs = type(ours)(**{k: v for k, v in {**card.fixed, "random_state": 0}.items() if k in ours.get_params()})
    with warnings.catch_warnings(), threadpool_limits(limits=1):
        warnings.simplefilter("ignore")
        same = ours.fit(features, target).predict(features) == theirs.fit(features, target).predict(features)
    assert np.all(same)


@pytest.mark.parametrize(("card", "task"), PAIRS, ids=IDS)
def test_every_sample_of_the_space_is_taken_by_the_library(card: EstimatorCard, task: Task) -> None:
    facts = facts_for(task)
    for wide in (False, True):
        for config in card.space(facts, wide=wide).sample(np.random.default_rng(1), 40):
            card.make(config, task=task, seed=3)._validate_params()


@pytest.mark.parametrize(("card", "task"), PAIRS, ids=IDS)
def test_every_parameter_has_a_meaning(card: EstimatorCard, task: Task) -> None:
    for wide in (False, True):
        assert all(parameter.meaning for parameter in card.space(facts_for(task), wide=wide).parameters.values())


def test_degree_matters_only_to_the_polynomial_kernel() -> None:
    space = CARDS["svm"].space(EncodedFacts())
    assert "degree" not in space.active({"C": 1.0, "gamma": 0.1, "kernel": "rbf"})


def test_gamma_scale_is_the_number_it_stands_for() -> None:
    facts = EncodedFacts(n_features=64, variance=16.0)
    assert CARDS["svm"].default_config(CARDS["svm"].space(facts), facts)["gamma"] == 1 / 1024


def test_default_keeps_what_the_space_holds_constant() -> None:
    space = Space({**CARDS["knn"].space(EncodedFacts()).parameters, "n_neighbors": Constant(7)})
    assert CARDS["knn"].default_config(space, EncodedFacts())["n_neighbors"] == 7


def test_default_outside_a_narrowed_space_is_refused() -> None:
    space = Space({**CARDS["knn"].space(EncodedFacts()).parameters, "n_neighbors": Int(6, 9)})
    with pytest.raises(ConfigInvalid, match="n_neighbors"):
        CARDS["knn"].default_config(space, EncodedFacts())


def test_lasso_cannot_classify_and_says_what_can() -> None:
    with pytest.raises(UserError, match="lasso cannot classify; try logistic regression"):
        CARDS["lasso"].require("classification")


def test_family_without_probabilities_refuses_log_loss() -> None:
    with pytest.raises(UserError, match="log loss needs probabilities"):
        CARDS["svm"].require_metric(metric_named("log_loss"))


@pytest.mark.parametrize(
    ("spelling", "name"), [("svm", "svm"), ("Random Forest", "random-forest"), ("rf", "random-forest"), ("k-NN", "knn")]
)
def test_family_is_found_by_its_spellings(spelling: str, name: str) -> None:
    assert card_named(spelling).name == name


def test_unknown_family_suggests_the_nearest() -> None:
    with pytest.raises(UserError, match="no family of estimators is called 'laso'; did you mean 'lasso'"):
        card_named("laso")


def test_unknown_metric_lists_what_there_is() -> None:
    with pytest.raises(UserError, match="no metric is called 'speed'; there are accuracy"):
        metric_named("speed")


def test_no_spelling_belongs_to_two_families() -> None:
    spelled = [text for card in CARDS.values() for text in spellings(card)]
    assert len(spelled) == len(set(spelled))


@pytest.mark.parametrize(("to", "expected"), [(0.5, (0.1, 1.0)), (30.0, (0.1, 100.0)), (0.004, (0.001, 1.0))])
def test_range_stretches_by_powers_of_ten(to: float, expected: tuple[float, float]) -> None:
    assert all(math.isclose(*pair) for pair in zip(stretched(0.1, 1.0, to=to), expected, strict=True))
