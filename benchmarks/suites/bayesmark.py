"""The 24 tasks of Bayesmark on which LLAMBO's runs are published and can be run again: DT, RF and SVM on 8 data sets.

Data and starting points are as published, and so is the score: five-fold cross-validation on the training part,
accuracy, or the mean squared error of standardised targets. Regret is pooled: the best and the worst value that any of
the compared methods found on the task. The scale `logit` of the published spaces does not exist here: a share of at
most one half is searched on a log scale, a wider one on a linear scale. Bounds are as published.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from agenttune.history import config_key
from agenttune.history.view import ConfigKey
from agenttune.space import Float, Int, Parameter, Space
from agenttune.types import Config
from benchmarks.suites import N_STARTS, Task

NEEDS_DATA = True
DATA_SETS = ("breast", "digits", "wine", "iris", "diabetes", "griewank", "ktablet", "rosenbrock")
MODELS = ("DecisionTree", "RandomForest", "SVM")
REGRESSION = ("diabetes", "griewank", "ktablet", "rosenbrock")
N_FOLDS = 5
MEANINGS = {
    "max_depth": "largest depth of a tree",
    "max_features": "share of the features looked at per split",
    "min_impurity_decrease": "a node is split if that lowers the impurity by this much",
    "min_samples_leaf": "smallest share of the rows in a leaf",
    "min_samples_split": "smallest share of the rows in a node that may be split",
    "min_weight_fraction_leaf": "smallest share of the weight in a leaf",
    "C": "inverse strength of the regularisation",
    "gamma": "width of the RBF kernel, inverse",
    "tol": "tolerance at which the solver stops",
    "hidden_layer_sizes": "neurons of the one hidden layer",
    "alpha": "L2 penalty on the weights",
    "batch_size": "rows per step of stochastic gradient descent",
    "learning_rate_init": "first step size",
    "power_t": "exponent by which the step size falls",
    "momentum": "of stochastic gradient descent",
}


def names(root: Path | None) -> list[str]:
    """Model and data set, data sets in turn."""
    return [f"{model}-{data_set}" for data_set in DATA_SETS for model in MODELS]


def load(name: str, root: Path | None) -> Task:
    """A task."""
    return bayesmark_task("bayesmark", name, root)


def bayesmark_task(suite: str, name: str, root: Path | None) -> Task:
    """The task "<model>-<data set>" as a part of a suite."""
    assert root is not None
    model, _, data_set = name.partition("-")
    folder = root / "baselines" / "llambo_bayesmark"
    space = _space(folder, model)
    is_regression = data_set in REGRESSION
    return Task(
        suite,
        name,
        space,
        Score(folder, model, data_set),
        "minimize" if is_regression else "maximize",
        conditions=("neutral", "shifted", "default"),
        metric="mean_squared_error" if is_regression else "accuracy",
        default=space.validate(_default(folder, model, data_set)),
        given_starts=lambda seed: _starts(folder, model, space, seed),
        is_pooled=True,
    )


@cache
def _space(folder: Path, model: str) -> Space:
    described = json.loads((folder / "search_spaces.json").read_text())[model]
    return Space({name: _parameter(name, *entry) for name, entry in described.items()})


def _parameter(name: str, kind: str, scale: str, bounds: tuple[float, float]) -> Parameter:
    low, high = bounds
    is_log = scale == "log" or (scale == "logit" and high <= 0.5)
    if kind == "int":
        return Int(int(low), int(high), log=is_log, meaning=MEANINGS.get(name, ""))
    return Float(low, high, log=is_log, meaning=MEANINGS.get(name, ""))


def _starts(folder: Path, model: str, space: Space, seed: int) -> list[Config]:
    published = json.loads((folder / "init" / model / f"{seed}.json").read_text())[:N_STARTS]
    return [space.validate(truncated(space, config)) for config in published]


def truncated(space: Space, config: Config) -> dict[str, float | int]:
    """Whole numbers cut as LLAMBO cuts them; shares that touch a bound from outside by rounding put back on it."""
    found: dict[str, float | int] = {}
    for name, value in config.items():
        parameter = space.parameters[name]
        if isinstance(parameter, Int):
            found[name] = int(value)
        else:
            assert isinstance(parameter, Float)
            found[name] = min(max(float(value), parameter.low), parameter.high)
    return found


@cache
def _arrays(folder: Path, data_set: str) -> tuple[Any, Any]:
    """Features and targets of the training part, targets of a regression standardised."""
    held = np.load(folder / "data" / f"{data_set}.npz")
    x, y = held["train_x"], held["train_y"]
    return x, (y - y.mean()) / y.std() if data_set in REGRESSION else y


class Score:
    """The published objective; one value per configuration is kept, since several methods ask for the same."""

    def __init__(self, folder: Path, model: str, data_set: str) -> None:
        self.folder, self._model, self._data_set = folder, model, data_set
        self._known: dict[ConfigKey, float] = {}

    def __call__(self, config: Config) -> float:
        key = config_key(config)
        if key not in self._known:
            self._known[key] = self._measured(config)
        return self._known[key]

    def _measured(self, config: Config) -> float:
        import warnings

        from sklearn.exceptions import ConvergenceWarning
        from sklearn.model_selection import cross_val_score

        x, y = _arrays(self.folder, self._data_set)
        is_regression = self._data_set in REGRESSION
        estimator = ESTIMATORS[self._model](dict(config), is_regression)
        scoring = "neg_mean_squared_error" if is_regression else "accuracy"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            warnings.filterwarnings("ignore", message="Got `batch_size`")  # larger than a fold: clipped, as published
            score = float(cross_val_score(estimator, x, y, scoring=scoring, cv=N_FOLDS).mean())
        return -score if is_regression else score


def _tree(config: dict[str, Any], is_regression: bool) -> Any:
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    return (DecisionTreeRegressor if is_regression else DecisionTreeClassifier)(random_state=0, **config)


def _forest(config: dict[str, Any], is_regression: bool) -> Any:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    kind = RandomForestRegressor if is_regression else RandomForestClassifier
    return kind(n_estimators=10, random_state=0, **config)


def _svm(config: dict[str, Any], is_regression: bool) -> Any:
    from sklearn.svm import SVC, SVR

    return SVR(kernel="rbf", **config) if is_regression else SVC(kernel="rbf", random_state=0, **config)


def _net(config: dict[str, Any], is_regression: bool) -> Any:
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    kind = MLPRegressor if is_regression else MLPClassifier
    return kind(
        solver="sgd",
        early_stopping=True,
        max_iter=40,
        learning_rate="invscaling",
        nesterovs_momentum=True,
        activation="tanh" if is_regression else "relu",
        random_state=0,
        **config,
    )


ESTIMATORS: dict[str, Callable[[dict[str, Any], bool], Any]] = {
    "DecisionTree": _tree,
    "RandomForest": _forest,
    "SVM": _svm,
    "MLP_SGD": _net,
}


def _default(folder: Path, model: str, data_set: str) -> dict[str, float | int]:
    """scikit-learn's own configuration, put into the published ranges."""
    x, _ = _arrays(folder, data_set)
    if model == "SVM":
        scale = 1.0 / (x.shape[1] * x.var())
        return {"C": 1.0, "gamma": float(np.clip(scale, 1e-4, 1e-3)), "tol": 1e-3}
    if model == "MLP_SGD":
        return {
            **{"hidden_layer_sizes": 100, "alpha": 1e-4, "batch_size": 200},
            **{"learning_rate_init": 1e-3, "power_t": 0.5, "momentum": 0.9},
        }
    is_sqrt = model == "RandomForest" and data_set not in REGRESSION
    return {
        "max_depth": 15,
        "max_features": float(x.shape[1] ** -0.5) if is_sqrt else 0.99,
        **{"min_impurity_decrease": 0.0, "min_samples_leaf": 0.01},
        **{"min_samples_split": 0.01, "min_weight_fraction_leaf": 0.01},
    }
