"""The metrics estimators are scored by: names, synonyms, directions, and how each is computed.

Not for metrics of a person's own objective, which may have any name. To add a metric: one entry in
`METRICS` and, if none of the existing functions computes it, one function.

Notation: `y` n true targets (class numbers 0..K-1, or floats), `guesses` n predictions, `scores` n
(two classes: of class 1) or n x K.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from agenttune.goal import Direction

Task = Literal["classification", "regression"]
"""What kind of target is predicted: classes or numbers."""

Needs = Literal["predict", "scores", "probabilities"]


@dataclass(frozen=True, slots=True)
class Metric:
    """How good predictions are, as one number."""

    name: str
    """As a study stores it."""
    title: str
    """As a person reads it."""
    direction: Direction
    task: Task
    compute: Callable[[NDArray[Any], NDArray[Any], int], float]
    """(true targets, what `needs` says of them, number of classes) -> value."""
    needs: Needs = "predict"
    """What is asked of the estimator: predictions, a score per class, or probabilities."""
    synonyms: tuple[str, ...] = ()


def _accuracy(y: NDArray[Any], guesses: NDArray[Any], n_classes: int) -> float:
    return float(np.mean(guesses == y))


def _error_rate(y: NDArray[Any], guesses: NDArray[Any], n_classes: int) -> float:
    return float(np.mean(guesses != y))


def _balanced_accuracy(y: NDArray[Any], guesses: NDArray[Any], n_classes: int) -> float:
    return float(np.mean([np.mean(guesses[y == k] == k) for k in np.unique(y)]))


def _f1(y: NDArray[Any], guesses: NDArray[Any], n_classes: int) -> float:
    """F1 of class 1 when there are two classes, else the plain mean over classes (macro)."""
    from sklearn.metrics import f1_score

    average = "binary" if n_classes == 2 else "macro"
    return float(f1_score(y, guesses, average=average, zero_division=0.0))


def _f1_macro(y: NDArray[Any], guesses: NDArray[Any], n_classes: int) -> float:
    """The plain mean over classes, of two as well."""
    from sklearn.metrics import f1_score

    return float(f1_score(y, guesses, average="macro", zero_division=0.0))


def _auc(y: NDArray[Any], scores: NDArray[Any], n_classes: int) -> float:
    """Area under the ROC curve; with more than two classes the mean over classes, each against the rest."""
    from sklearn.metrics import roc_auc_score

    if n_classes == 2:
        return float(roc_auc_score(y, scores))
    return float(np.mean([roc_auc_score(y == k, scores[:, k]) for k in range(n_classes)]))


def _log_loss(y: NDArray[Any], probabilities: NDArray[Any], n_classes: int) -> float:
    from sklearn.metrics import log_loss

    if probabilities.ndim == 1:
        probabilities = np.column_stack([1.0 - probabilities, probabilities])
    return float(log_loss(y, probabilities, labels=np.arange(n_classes)))


def _r2(y: NDArray[Any], guesses: NDArray[Any], n_classes: int) -> float:
    spread = float(np.sum((y - np.mean(y)) ** 2))
    return float("nan") if spread == 0.0 else 1.0 - float(np.sum((y - guesses) ** 2)) / spread


def _mse(y: NDArray[Any], guesses: NDArray[Any], n_classes: int) -> float:
    return float(np.mean((y - guesses) ** 2))


def _rmse(y: NDArray[Any], guesses: NDArray[Any], n_classes: int) -> float:
    return float(np.sqrt(_mse(y, guesses, n_classes)))


def _mae(y: NDArray[Any], guesses: NDArray[Any], n_classes: int) -> float:
    return float(np.mean(np.abs(y - guesses)))


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("accuracy", "accuracy", "maximize", "classification", _accuracy, synonyms=("acc",)),
        Metric(
            "error_rate",
            "error rate",
            "minimize",
            "classification",
            _error_rate,
            synonyms=("classification error", "misclassification rate", "misclassification"),
        ),
        Metric(
            "balanced_accuracy",
            "balanced accuracy",
            "maximize",
            "classification",
            _balanced_accuracy,
            synonyms=("balanced acc", "mean recall"),
        ),
        Metric("f1", "F1", "maximize", "classification", _f1, synonyms=("f1 score", "f-score")),
        Metric(
            "f1_macro",
            "macro F1",
            "maximize",
            "classification",
            _f1_macro,
            synonyms=("macro f1 score", "macro averaged f1", "macro average f1"),
        ),
        Metric(
            "auc",
            "AUC",
            "maximize",
            "classification",
            _auc,
            needs="scores",
            synonyms=("roc auc", "auc roc", "auroc", "area under the curve", "area under the roc curve"),
        ),
        Metric(
            "log_loss",
            "log loss",
            "minimize",
            "classification",
            _log_loss,
            needs="probabilities",
            synonyms=("logloss", "cross entropy", "cross-entropy"),
        ),
        Metric("r2", "R2", "maximize", "regression", _r2, synonyms=("r squared", "r-squared", "r^2", "r²")),
        Metric("rmse", "RMSE", "minimize", "regression", _rmse, synonyms=("root mean squared error", "rms error")),
        Metric("mae", "MAE", "minimize", "regression", _mae, synonyms=("mean absolute error", "absolute error")),
        Metric("mse", "MSE", "minimize", "regression", _mse, synonyms=("mean squared error", "squared error")),
    )
}
"""Name -> metric."""

SHARES = frozenset(("accuracy", "error_rate", "balanced_accuracy", "f1", "f1_macro", "auc", "r2"))
"""Metrics of at most 1."""

DEFAULT_METRIC: dict[Task, str] = {"classification": "accuracy", "regression": "r2"}
"""What is tuned for when nothing is asked: the scores scikit-learn's own estimators report."""


def measure(metric: Metric, estimator: Any, features: Any, *, y: NDArray[Any], n_classes: int) -> float:
    """The metric of a fitted estimator on `features` (n rows) whose true targets are `y` (n)."""
    return metric.compute(y, _predictions(metric.needs, estimator, features), n_classes)


def _predictions(needs: Needs, estimator: Any, features: Any) -> NDArray[Any]:
    if needs == "predict":
        return np.asarray(estimator.predict(features))
    if needs == "scores" and not hasattr(estimator, "predict_proba"):
        return np.asarray(estimator.decision_function(features))
    probabilities = np.asarray(estimator.predict_proba(features))
    return probabilities[:, 1] if probabilities.shape[1] == 2 else probabilities
