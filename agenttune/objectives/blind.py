"""Scoring code that nobody trusts: what it is given, and what its predictions are worth.

The code gets labels of training rows, and features of new rows: those of the validation part and of the
held-out part together, in an order that tells nothing. Scores are computed here, from labels it never had.

Notation: K classes, n training rows, m new rows.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from agenttune.cards.data import Dataset
from agenttune.cards.metrics import Metric
from agenttune.cards.pipeline import Positions, folds_of, make_pipeline, split
from agenttune.errors import TrialFailure
from agenttune.variants.running import Inputs

Part = Literal["validation", "held-out"]

VALIDATION_PARTS = 5
"""One of so many parts of the tuning rows is the validation part, as the folds of an estimator are by default."""
ROW_SUM_TOLERANCE = 1e-3
"""Single precision adds up probabilities to 1 within 1e-6; what is far off are no probabilities."""


def holders_of_labels(dataset: Dataset) -> tuple[Path, ...]:
    """Where the labels could be looked up: the data sets that come with scikit-learn, and the file."""
    import sklearn.datasets

    bundled = Path(sklearn.datasets.__file__).parent / "data"
    return (bundled,) if dataset.card.source == "scikit-learn" else (bundled, Path(dataset.card.source))


@dataclass(frozen=True, slots=True, eq=False)
class BlindSplit:
    """Who sees which rows."""

    dataset: Dataset
    train: Positions
    """Rows whose labels the code gets."""
    new: Positions
    """Rows it predicts, shuffled."""
    parts: dict[Part, NDArray[np.bool_]]
    """Which of the new rows are of which part."""

    @classmethod
    def of(cls, dataset: Dataset, *, held_out: float, study_seed: int, seed: int) -> BlindSplit:
        """Splits off the held-out part by the study's seed, the validation part by `seed`.

        Raises:
            DataError: too few rows, or a class with too few.
        """
        tuning, kept = split(dataset, held_out=held_out, seed=study_seed)
        train, valid = folds_of(dataset, tuning, folds=VALIDATION_PARTS, seed=seed)[0]
        new = np.random.default_rng([seed % 2**32, 1]).permutation(np.concatenate([valid, kept]))
        return cls(dataset, train, new, {"validation": np.isin(new, valid), "held-out": np.isin(new, kept)})

    def training_rows(self, share: float, *, seed: int) -> Positions:
        """A share of the training rows, of each class; a smaller share is part of a larger one."""
        if share >= 1:
            return self.train
        shuffled = np.random.default_rng([seed % 2**32, 2]).permutation(self.train)
        labels = self.dataset.target[shuffled] if self.dataset.n_classes else np.zeros(len(shuffled))
        kept = []
        for label in np.unique(labels):
            rows = shuffled[labels == label]
            kept.append(rows[: int(np.ceil(share * len(rows)))])
        return np.sort(np.concatenate(kept))

    def inputs(self, rows: Positions) -> Inputs:
        """Numbers for the code; columns are encoded by what the rows `rows` hold."""
        encoding = make_pipeline(self.dataset, "passthrough", scales=False, scales_target=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of columns that are empty in these rows
            train_x = encoding.fit_transform(self.dataset.rows(rows))
            new_x = encoding.transform(self.dataset.rows(self.new))
        return Inputs(
            np.ascontiguousarray(train_x, dtype=np.float64),
            self.dataset.target[rows],
            np.ascontiguousarray(new_x, dtype=np.float64),
            n_classes=self.dataset.n_classes,
        )

    def score(self, metric: Metric, predictions: NDArray[Any], part: Part, *, trained: Positions) -> float:
        """The metric on one part.

        Args:
            metric: how good.
            predictions: m labels or numbers, or m x K probabilities, in the order of `new`.
            part: whose rows count.
            trained: rows that were trained on.

        Raises:
            TrialFailure: the predictions are of no use for this metric.
        """
        seen = np.unique(self.dataset.target[trained]) if self.dataset.n_classes else np.empty(0)
        labels = [label for label, _ in self.dataset.card.classes]
        guesses = usable(metric, predictions, labels=labels, seen=seen)
        chosen = self.parts[part]
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            value = metric.compute(self.dataset.target[self.new][chosen], guesses[chosen], len(labels))
        if not np.isfinite(value):
            raise TrialFailure(f"{metric.title} of these predictions is {value}", kind="nan")
        return value


def usable(metric: Metric, predictions: NDArray[Any], *, labels: Sequence[str], seen: NDArray[Any]) -> NDArray[Any]:
    """Predictions as the metric takes them: m numbers, m class numbers, or a score per class.

    Args:
        metric: what they are for.
        predictions: as they were handed back, finite.
        labels: of the K classes; empty for numbers.
        seen: class numbers among the training rows, ascending: what the columns of k < K probabilities are.

    Raises:
        TrialFailure: says what was expected, and what came.
    """
    if metric.task == "regression":
        if predictions.dtype.kind == "U" or (predictions.ndim == 2 and predictions.shape[1] != 1):
            raise TrialFailure(f"{metric.title} needs one number per new row, but got {_described(predictions)}")
        numbers: NDArray[np.float64] = predictions.reshape(len(predictions)).astype(np.float64)
        return numbers
    if predictions.ndim == 2 and predictions.shape[1] == 1 and metric.needs == "predict":
        predictions = predictions[:, 0]
    if predictions.ndim == 2:
        scores = _per_class(predictions, n_classes=len(labels), seen=seen)
        if metric.needs == "predict":
            return np.asarray(np.argmax(scores, axis=1))
        if metric.needs == "probabilities":
            scores = _probabilities(scores)
        return scores[:, 1] if len(labels) == 2 else scores
    if metric.needs != "predict":
        raise TrialFailure(
            f"{metric.title} needs probabilities: return an array of shape (n, {len(labels)}), one column per class "
            f"in the order of their numbers, but got {_described(predictions)}"
        )
    return _class_numbers(predictions, labels)


def _per_class(predictions: NDArray[Any], *, n_classes: int, seen: NDArray[Any]) -> NDArray[np.float64]:
    if predictions.dtype.kind == "U":
        raise TrialFailure(f"scores per class must be numbers, but got {_described(predictions)}")
    n_columns = predictions.shape[1]
    if n_columns == n_classes:
        return np.asarray(predictions, dtype=np.float64)
    if n_columns != len(seen):
        raise TrialFailure(
            f"there are {n_classes} classes ({len(seen)} of them in the training rows), but the predictions have "
            f"{n_columns} columns"
        )
    scores = np.zeros((len(predictions), n_classes))
    if predictions.min() < 0:  # no probabilities: a class that was never seen comes last
        scores += predictions.min() - 1
    scores[:, seen] = predictions
    return scores


def _probabilities(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    sums = scores.sum(axis=1)
    if scores.min() < 0 or np.max(np.abs(sums - 1)) > ROW_SUM_TOLERANCE:
        raise TrialFailure(
            "probabilities must not be negative and must add up to 1 in each row, but the least is "
            f"{scores.min():g} and rows add up to {sums.min():g} ... {sums.max():g}"
        )
    return np.asarray(scores / sums[:, None])


def _class_numbers(predictions: NDArray[Any], labels: Sequence[str]) -> NDArray[np.intp]:
    n_classes = len(labels)
    if predictions.dtype.kind == "U":
        numbers = {label: number for number, label in enumerate(labels)}
        numbers |= {str(number): number for number in range(n_classes) if str(number) not in numbers}
        found = np.array([numbers.get(str(label), -1) for label in predictions], dtype=np.intp)
        strange = predictions[found < 0]
    else:
        is_class = (predictions == np.floor(predictions)) & (predictions >= 0) & (predictions < n_classes)
        strange = predictions[~is_class]
        found = np.where(is_class, predictions, -1).astype(np.intp)
    if len(strange):
        raise TrialFailure(
            f"predictions must be class numbers 0 to {n_classes - 1}, as `train_y` holds them, but got "
            f"{str(strange[0])[:80]!r} ({len(strange)} of {len(predictions)} are none)"
        )
    return found


def _described(predictions: NDArray[Any]) -> str:
    what = "labels" if predictions.dtype.kind == "U" else "numbers"
    return f"{what} of shape {predictions.shape}"
