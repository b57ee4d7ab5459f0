"""Real training, run live: scikit-learn and a small torch net on bundled data; every value takes what it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agenttune.goal import Direction
from agenttune.space import Categorical, Float, Int, Space
from agenttune.types import Config, Scalar
from benchmarks.suites import Task
from benchmarks.suites.nets import accuracy

NEEDS_DATA = False
N_FOLDS = 3
QUICKEST = ("digits-svm", "diabetes-forest", "digits-net", "breast-boosting")


@dataclass(frozen=True, slots=True)
class Live:
    """What is trained, on what, and how it is scored."""

    space: Space
    default: dict[str, Scalar]
    evaluate: Callable[[Config], float | None]
    metric: str
    direction: Direction


def _scored(estimator: Any, data_set: str, scoring: str) -> float:
    from sklearn import datasets
    from sklearn.model_selection import cross_val_score

    x, y = getattr(datasets, f"load_{data_set}")(return_X_y=True)
    return float(cross_val_score(estimator, x, y, scoring=scoring, cv=N_FOLDS).mean())


def _svm(config: Config) -> float:
    from sklearn.svm import SVC

    return _scored(SVC(random_state=0, **config), "digits", "accuracy")


def _boosting(config: Config) -> float:
    from sklearn.ensemble import GradientBoostingClassifier

    return _scored(GradientBoostingClassifier(random_state=0, **config), "breast_cancer", "neg_log_loss")


def _forest(config: Config) -> float:
    from sklearn.ensemble import RandomForestRegressor

    return _scored(RandomForestRegressor(random_state=0, **config), "diabetes", "r2")


def _net(config: Config) -> float | None:
    return accuracy("digits", config, is_scaled=True)


TASKS = {
    "digits-svm": Live(
        Space(
            C=Float(1e-3, 1e3, log=True, meaning="inverse strength of the regularisation"),
            gamma=Float(1e-6, 1.0, log=True, meaning="width of the kernel, inverse"),
            kernel=Categorical(["rbf", "poly", "sigmoid"], meaning="kind of kernel"),
        ),
        {"C": 1.0, "gamma": 4.3e-4, "kernel": "rbf"},  # gamma="scale" on this data
        _svm,
        "accuracy",
        "maximize",
    ),
    "breast-boosting": Live(
        Space(
            learning_rate=Float(1e-3, 1.0, log=True, meaning="shrinkage of each tree"),
            n_estimators=Int(10, 120, log=True, meaning="trees"),
            max_depth=Int(1, 6, meaning="largest depth of a tree"),
            subsample=Float(0.2, 1.0, meaning="share of the rows per tree"),
            max_features=Float(0.05, 1.0, meaning="share of the features per split"),
        ),
        {"learning_rate": 0.1, "n_estimators": 100, "max_depth": 3, "subsample": 1.0, "max_features": 1.0},
        _boosting,
        "neg_log_loss",
        "maximize",
    ),
    "diabetes-forest": Live(
        Space(
            n_estimators=Int(5, 80, log=True, meaning="trees"),
            max_depth=Int(1, 20, meaning="largest depth of a tree"),
            min_samples_leaf=Int(1, 60, log=True, meaning="fewest rows in a leaf"),
            max_features=Float(0.05, 1.0, meaning="share of the features per split"),
        ),
        {"n_estimators": 80, "max_depth": 20, "min_samples_leaf": 1, "max_features": 1.0},
        _forest,
        "r2",
        "maximize",
    ),
    "digits-net": Live(
        Space(
            learning_rate=Float(1e-4, 1.0, log=True, meaning="step size"),
            momentum=Float(0.0, 0.99, meaning="of stochastic gradient descent"),
            weight_decay=Float(1e-6, 0.1, log=True, meaning="L2 penalty on the weights"),
            width=Int(8, 128, log=True, meaning="neurons of the hidden layer"),
            batch_size=Int(16, 256, log=True, meaning="rows per step"),
        ),
        {"learning_rate": 1e-3, "momentum": 0.0, "weight_decay": 1e-6, "width": 64, "batch_size": 32},
        _net,
        "accuracy",
        "maximize",
    ),
}


def names(root: Path | None) -> list[str]:
    """Model and data."""
    return sorted(TASKS, key=QUICKEST.index)


def load(name: str, root: Path | None) -> Task:
    """A model on its data."""
    live = TASKS[name]
    return Task(
        "live",
        name,
        live.space,
        live.evaluate,
        live.direction,
        conditions=("neutral", "shifted", "default"),
        metric=live.metric,
        default=live.default,
    )
