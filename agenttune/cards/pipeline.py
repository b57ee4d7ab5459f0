"""How a data set reaches an estimator: the parts tuning may see, the encoding, what the encoding yields.

Numbers: missing ones become the median. Categories: missing ones become the most frequent, then one
column per level, at most 50 (rarer levels share one), unknown levels all zero. Families that need it
get standardised numbers, and in regression a standardised target. All of it is fitted on training
rows only. Not for: choosing parameters (estimators.py, families.py) or scoring (metrics.py).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agenttune.cards.data import MAX_LEVELS, Dataset
from agenttune.cards.metrics import Task
from agenttune.errors import DataError

Positions = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class EncodedFacts:
    """What spaces and library defaults depend on: the tuning part as an estimator sees it."""

    task: Task = "classification"
    n_rows: int = 1000
    """Rows of the tuning part."""
    n_features: int = 10
    """Columns after encoding."""
    variance: float = 1.0
    """Of all entries of the encoded tuning part."""
    target_sd: float = 1.0
    """Standard deviation of the target; 1 for classes."""


def split(dataset: Dataset, *, held_out: float, seed: int) -> tuple[Positions, Positions]:
    """(tuning part, held-out part) as row numbers; classes keep their shares.

    Args:
        held_out: share of the rows that tuning never sees, in (0, 1).

    Raises:
        DataError: too few rows, or a class with too few.
    """
    from sklearn.model_selection import train_test_split

    positions = np.arange(len(dataset.target), dtype=np.intp)
    labels = dataset.target if dataset.n_classes else None
    try:
        tuning, kept = train_test_split(positions, test_size=held_out, random_state=_seed(seed), stratify=labels)
    except ValueError as error:
        raise DataError(_too_few(dataset, f"to hold out {held_out:g} of them ({error})")) from error
    return np.sort(tuning), np.sort(kept)


def fold_limit(dataset: Dataset, tuning: Positions) -> int:
    """The largest number of folds in which every class is present in every part."""
    if dataset.n_classes:
        return int(np.bincount(dataset.target[tuning], minlength=dataset.n_classes).min())
    return len(tuning) // 2


def folds_of(dataset: Dataset, tuning: Positions, *, folds: int, seed: int) -> list[tuple[Positions, Positions]]:
    """(training rows, test rows) of each fold; shuffled, and stratified for classes.

    Raises:
        DataError: too few rows, or a class with too few.
    """
    from sklearn.model_selection import KFold, StratifiedKFold

    limit = fold_limit(dataset, tuning)
    if folds > limit:
        raise DataError(_too_few(dataset, f"for {folds} folds (at most {limit} are possible)"))
    kind = StratifiedKFold if dataset.n_classes else KFold
    splitter = kind(n_splits=folds, shuffle=True, random_state=_seed(seed))
    parts = splitter.split(np.zeros((len(tuning), 1)), dataset.target[tuning])
    return [(tuning[train], tuning[test]) for train, test in parts]


def make_pipeline(dataset: Dataset, estimator: Any, *, scales: bool, scales_target: bool) -> Any:
    """An unfitted pipeline from features as the data set holds them to predictions."""
    from sklearn.pipeline import Pipeline

    if scales_target:
        from sklearn.compose import TransformedTargetRegressor
        from sklearn.preprocessing import StandardScaler

        estimator = TransformedTargetRegressor(estimator, transformer=StandardScaler())
    return Pipeline([("encode", _encoder(dataset, scales=scales)), ("estimate", estimator)])


def encoded_facts(dataset: Dataset, tuning: Positions, *, scales: bool) -> EncodedFacts:
    """What the encoding makes of the tuning part."""
    encoder = _encoder(dataset, scales=scales)
    features = dataset.rows(tuning)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        matrix = features if encoder == "passthrough" else encoder.fit_transform(features)
    target = dataset.target[tuning]
    return EncodedFacts(
        dataset.card.task,
        n_rows=len(tuning),
        n_features=int(matrix.shape[1]),
        variance=float(np.var(matrix)),
        target_sd=1.0 if dataset.n_classes else float(np.std(target)),
    )


def _encoder(dataset: Dataset, *, scales: bool) -> Any:
    """A transformer of the features, or "passthrough" where they are numbers already."""
    if isinstance(dataset.features, np.ndarray):
        if not scales:
            return "passthrough"
        from sklearn.preprocessing import StandardScaler

        return StandardScaler()
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline as chain
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    fill = SimpleImputer(strategy="median", keep_empty_features=True)
    levels = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=MAX_LEVELS, sparse_output=False)
    return ColumnTransformer(
        [
            ("numbers", chain(fill, StandardScaler()) if scales else fill, list(dataset.numbers)),
            ("categories", chain(SimpleImputer(strategy="most_frequent"), levels), list(dataset.categories)),
        ]
    )


def _too_few(dataset: Dataset, purpose: str) -> str:
    card = dataset.card
    if not dataset.n_classes:
        return f"{card.name} has {card.n_rows} rows, too few {purpose}"
    label, count = min(card.classes, key=lambda pair: pair[1])
    return (
        f"class {label!r} of target {card.target!r} has only {count} of {card.n_rows} rows, too few {purpose}: "
        "add rows, or merge or remove that class"
    )


def _seed(seed: int) -> int:
    """What scikit-learn takes for a seed."""
    return seed % 2**32
