"""What is known in advance: families of estimators, metrics, and data sets, each as a card.

Importing this package imports no scikit-learn and no pandas; that happens when data are read or an
estimator is made.
"""

from __future__ import annotations

from agenttune.cards.data import BUNDLED, ColumnCard, DataCard, Dataset, load_dataset
from agenttune.cards.estimators import EstimatorCard, metric_named
from agenttune.cards.families import CARDS, card_named
from agenttune.cards.metrics import DEFAULT_METRIC, METRICS, Metric, Task
from agenttune.cards.pipeline import EncodedFacts

__all__ = [
    "BUNDLED",
    "CARDS",
    "DEFAULT_METRIC",
    "METRICS",
    "ColumnCard",
    "DataCard",
    "Dataset",
    "EncodedFacts",
    "EstimatorCard",
    "Metric",
    "Task",
    "card_named",
    "load_dataset",
    "metric_named",
]
