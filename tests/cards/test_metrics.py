"""Metrics against scikit-learn's own, and by closed form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sklearn.metrics
from numpy.typing import NDArray

from agenttune.cards.metrics import DEFAULT_METRIC, METRICS, measure

RNG = np.random.default_rng(5)
N = 60


class Oracle:
    """An estimator with given probabilities."""

    def __init__(self, probabilities: NDArray[np.float64]) -> None:
        self.probabilities = probabilities

    def predict_proba(self, features: object) -> NDArray[np.float64]:
        return self.probabilities

    def predict(self, features: object) -> NDArray[Any]:
        return np.asarray(np.argmax(self.probabilities, axis=1))


def classes(k: int) -> tuple[NDArray[np.intp], Oracle]:
    y = np.arange(N, dtype=np.intp) % k
    return y, Oracle(RNG.dirichlet(np.ones(k), size=N))


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize(
    ("name", "theirs"),
    [("accuracy", sklearn.metrics.accuracy_score), ("balanced_accuracy", sklearn.metrics.balanced_accuracy_score)],
)
def test_accuracies_agree_with_scikit_learn(name: str, theirs: Any, k: int) -> None:
    y, oracle = classes(k)
    assert measure(METRICS[name], oracle, None, y=y, n_classes=k) == pytest.approx(theirs(y, oracle.predict(None)))


def test_auc_of_many_classes_is_the_mean_one_against_the_rest() -> None:
    y, oracle = classes(3)
    theirs = sklearn.metrics.roc_auc_score(y, oracle.probabilities, multi_class="ovr")
    assert measure(METRICS["auc"], oracle, None, y=y, n_classes=3) == pytest.approx(theirs)


def test_auc_of_two_classes_ranks_class_one() -> None:
    y = np.array([0, 0, 1, 1])
    oracle = Oracle(np.array([[0.9, 0.1], [0.6, 0.4], [0.65, 0.35], [0.2, 0.8]]))
    assert measure(METRICS["auc"], oracle, None, y=y, n_classes=2) == 0.75


@pytest.mark.parametrize("k", [2, 4])
def test_log_loss_agrees_with_scikit_learn(k: int) -> None:
    y, oracle = classes(k)
    theirs = sklearn.metrics.log_loss(y, oracle.probabilities)
    assert measure(METRICS["log_loss"], oracle, None, y=y, n_classes=k) == pytest.approx(theirs)


def test_f1_is_macro_with_more_than_two_classes() -> None:
    y, oracle = classes(3)
    theirs = sklearn.metrics.f1_score(y, oracle.predict(None), average="macro")
    assert measure(METRICS["f1"], oracle, None, y=y, n_classes=3) == pytest.approx(theirs)


@pytest.mark.parametrize("k", [2, 3])
def test_macro_f1_is_the_mean_over_classes_of_two_as_well(k: int) -> None:
    y, oracle = classes(k)
    theirs = sklearn.metrics.f1_score(y, oracle.predict(None), average="macro")
    assert measure(METRICS["f1_macro"], oracle, None, y=y, n_classes=k) == pytest.approx(theirs)


@pytest.mark.parametrize(("name", "value"), [("r2", 0.5), ("rmse", 1.0), ("mse", 1.0), ("mae", 1.0)])
def test_errors_of_numbers_by_hand(name: str, value: float) -> None:
    y, guesses = np.array([0.0, 2.0, 4.0, 2.0]), np.array([1.0, 3.0, 3.0, 1.0])
    assert METRICS[name].compute(y, guesses, 0) == pytest.approx(value)


def test_r2_of_a_constant_target_is_no_number() -> None:
    assert np.isnan(METRICS["r2"].compute(np.ones(3), np.zeros(3), 0))


def test_no_spelling_belongs_to_two_metrics() -> None:
    spelled = [text for metric in METRICS.values() for text in {metric.name, metric.title.lower(), *metric.synonyms}]
    assert len(spelled) == len(set(spelled))


def test_every_task_has_a_default_metric_of_its_own() -> None:
    assert {METRICS[name].task for name in DEFAULT_METRIC.values()} == set(DEFAULT_METRIC)
