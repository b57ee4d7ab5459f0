"""The curated space of each family, and how its parameters relate to the library's arguments.

Ranges are those practitioners tune in, with the library's default inside. Where the default is not a
value of a range (gamma="scale", max_features="sqrt", max_depth=None) it is expressed by the very value
it has on the data at hand, or by the choice "none". Not for: what else is known of a family (families.py).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from agenttune.cards.estimators import NONE, Arguments, stretched
from agenttune.cards.metrics import Task
from agenttune.cards.pipeline import EncodedFacts
from agenttune.space import Bool, Categorical, Float, Int, Ordinal, Parameter, Space
from agenttune.types import Scalar

_CLASS_WEIGHTS = Categorical([NONE, "balanced"], meaning="weight of a class: 1, or inverse to its share")


def _gamma_scale(facts: EncodedFacts) -> float:
    """What gamma="scale" is on these data: 1 / (features x variance of all entries)."""
    return 1.0 / (facts.n_features * facts.variance) if facts.variance > 0 else 1.0


def svm_space(facts: EncodedFacts) -> Space:
    return _svm(facts, {"rbf": None, "poly": _polynomial(), "sigmoid": None}, _gamma(facts))


def svm_wide_space(facts: EncodedFacts) -> Space:
    width = _gamma(facts)
    kernels: dict[Scalar, Space | None] = {
        "linear": None,
        "rbf": Space({"gamma": width}),
        "poly": Space({"gamma": width, **_polynomial().parameters}),
        "sigmoid": Space({"gamma": width}),
    }
    return _svm(facts, kernels, None)


def _svm(facts: EncodedFacts, kernels: Mapping[Scalar, Space | None], width: Float | None) -> Space:
    parameters: dict[str, Parameter] = {"C": Float(1e-3, 1e3, log=True, meaning="cost of a point on the wrong side")}
    if width is not None:
        parameters["gamma"] = width
    parameters["kernel"] = Categorical(kernels, meaning="similarity of two rows")
    if facts.task == "regression":
        parameters["epsilon"] = Float(1e-3, 1.0, log=True, meaning="error that costs nothing, in sd of the target")
    return Space(parameters)


def _gamma(facts: EncodedFacts) -> Float:
    low, high = stretched(1e-5, 1.0, to=_gamma_scale(facts))
    return Float(low, high, log=True, meaning="1 / squared reach of a row")


def _polynomial() -> Space:
    return Space(degree=Int(2, 5, meaning="degree of the polynomial"))


def svm_defaults(library: Arguments, facts: EncodedFacts) -> Mapping[str, Scalar]:
    return {"gamma": _gamma_scale(facts)}


def _tree_depth() -> Ordinal:
    return Ordinal([2, 3, 4, 6, 8, 12, 16, 24, 32, NONE], meaning="levels of a tree; none: no limit")


def _criterion(facts: EncodedFacts) -> dict[str, Parameter]:
    """The impurity measures; for regression the library's one is fast and the rest are not."""
    if facts.task == "regression":
        return {}
    return {"criterion": Categorical(["gini", "entropy"], meaning="what a split reduces")}


def _leaves() -> dict[str, Parameter]:
    return {
        "min_samples_split": Int(2, 20, log=True, unit="rows", meaning="least rows to split a node"),
        "min_samples_leaf": Int(1, 20, log=True, unit="rows", meaning="least rows in a leaf"),
    }


def forest_space(facts: EncodedFacts) -> Space:
    low, high = stretched(0.05, 1.0, to=_feature_share(facts))
    return Space(
        {
            "n_estimators": Int(20, 400, log=True, meaning="trees"),
            "max_depth": _tree_depth(),
            "max_features": Float(low, high, meaning="share of the columns tried at each split"),
            **_leaves(),
            **_criterion(facts),
        }
    )


def _feature_share(facts: EncodedFacts) -> float:
    """The share that makes a forest try as many columns as its default: sqrt for classes, all for numbers."""
    if facts.task == "regression":
        return 1.0
    return min(1.0, (max(1, math.isqrt(facts.n_features)) + 0.5) / facts.n_features)


def forest_defaults(library: Arguments, facts: EncodedFacts) -> Mapping[str, Scalar]:
    return {"max_features": _feature_share(facts)}


def tree_space(facts: EncodedFacts) -> Space:
    parameters = {"max_depth": _tree_depth(), **_leaves(), **_criterion(facts)}
    if facts.task == "classification":  # for numbers its scale is that of the target's variance
        costs = [0.0, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1]
        parameters["ccp_alpha"] = Ordinal(costs, meaning="cost of a leaf: larger prunes more; 0: no pruning")
    return Space(parameters)


def boosting_space(facts: EncodedFacts) -> Space:
    return Space(
        learning_rate=Float(0.01, 0.5, log=True, meaning="share of each tree that is added"),
        max_iter=Int(20, 400, log=True, meaning="rounds of boosting"),
        max_leaf_nodes=Int(4, 128, log=True, meaning="leaves of a tree"),
        min_samples_leaf=Int(2, 100, log=True, unit="rows", meaning="least rows in a leaf"),
        max_depth=_tree_depth(),
        l2_regularization=Ordinal([0.0, 1e-3, 1e-2, 1e-1, 1.0, 10.0], meaning="shrinkage of leaf values"),
        max_features=Float(0.2, 1.0, meaning="share of the columns tried at each split"),
    )


def logistic_space(facts: EncodedFacts) -> Space:
    mixed = Space(l1_ratio=Float(0.05, 0.95, meaning="share of the l1 penalty in the mix"))
    return Space(
        C=Float(1e-4, 1e4, log=True, meaning="1 / strength of the penalty"),
        penalty=Categorical({"l2": None, "l1": None, "elasticnet": mixed}, meaning="what is kept small"),
        class_weight=_CLASS_WEIGHTS,
    )


_SAGA = {"solver": "saga", "max_iter": 200}
"""The one solver for all penalties; predictions settle long before its coefficients, which may take thousands."""


def logistic_arguments(config: Arguments, task: Task) -> Arguments:
    """Solver and penalty as the installed scikit-learn spells them (`l1_ratio` alone since 1.8)."""
    from sklearn.linear_model import LogisticRegression

    penalty = config.get("penalty", "l2")
    share = {"l2": 0.0, "l1": 1.0}.get(penalty, config.get("l1_ratio"))
    arguments = {name: value for name, value in config.items() if name != "penalty"}
    arguments |= {"l1_ratio": share, "solver": "lbfgs"} if share == 0.0 else {"l1_ratio": share, **_SAGA}
    if LogisticRegression().get_params()["penalty"] != "deprecated":
        arguments["penalty"] = penalty
    return arguments


def logistic_defaults(library: Arguments, facts: EncodedFacts) -> Mapping[str, Scalar]:
    return {"penalty": "l2"}


def mlp_space(facts: EncodedFacts) -> Space:
    return Space(
        n_layers=Int(1, 3, meaning="hidden layers"),
        width=Int(16, 256, log=True, unit="neurons", meaning="neurons of each hidden layer"),
        learning_rate_init=Float(1e-4, 1e-1, log=True, meaning="step size of Adam"),
        alpha=Float(1e-6, 1.0, log=True, meaning="strength of the l2 penalty"),
        batch_size=Int(16, 256, log=True, unit="rows", meaning="rows per step"),
        activation=Categorical(["relu", "tanh", "logistic"], meaning="what a neuron does to its sum"),
    )


def mlp_arguments(config: Arguments, task: Task) -> Arguments:
    """Layers of equal width; a space without either leaves it at the library's single layer of 100."""
    kept = {name: value for name, value in config.items() if name not in ("n_layers", "width")}
    return {**kept, "hidden_layer_sizes": (config.get("width", 100),) * config.get("n_layers", 1)}


def mlp_defaults(library: Arguments, facts: EncodedFacts) -> Mapping[str, Scalar]:
    """One layer; batch_size="auto" is 200 rows, or all where there are fewer, which 200 amounts to."""
    sizes = library["hidden_layer_sizes"]
    return {"n_layers": len(sizes), "width": sizes[0], "batch_size": 200}


def knn_space(facts: EncodedFacts) -> Space:
    most = max(5, min(50, facts.n_rows // 4))
    return Space(
        n_neighbors=Int(1, most, log=True, unit="rows", meaning="neighbours that vote"),
        weights=Categorical(["uniform", "distance"], meaning="whether near neighbours count more"),
        metric=Categorical(["euclidean", "manhattan", "chebyshev", "cosine"], meaning="distance of two rows"),
    )


def knn_defaults(library: Arguments, facts: EncodedFacts) -> Mapping[str, Scalar]:
    """metric="minkowski" with p=2 is the Euclidean distance."""
    return {"metric": "euclidean"}


def ridge_space(facts: EncodedFacts) -> Space:
    strength = Float(1e-4, 1e4, log=True, meaning="strength of the l2 penalty")
    if facts.task == "regression":
        return Space(alpha=strength, fit_intercept=Bool(meaning="whether a constant is added"))
    return Space(alpha=strength, class_weight=_CLASS_WEIGHTS, fit_intercept=Bool(meaning="whether a constant is added"))


def _l1_strength(facts: EncodedFacts) -> Float:
    """From next to no penalty to where every coefficient is zero, which grows with the target's spread."""
    top = 10.0 ** math.ceil(math.log10(facts.target_sd)) if facts.target_sd > 0 else 1.0
    low, high = stretched(1e-5 * top, top, to=1.0)
    return Float(low, high, log=True, meaning="strength of the penalty")


def lasso_space(facts: EncodedFacts) -> Space:
    return Space(
        alpha=_l1_strength(facts),
        fit_intercept=Bool(meaning="whether a constant is added"),
        selection=Categorical(["cyclic", "random"], meaning="order in which coefficients are updated"),
    )


def elastic_net_space(facts: EncodedFacts) -> Space:
    return Space(
        alpha=_l1_strength(facts),
        l1_ratio=Float(0.01, 1.0, meaning="share of the l1 penalty in the mix"),
        fit_intercept=Bool(meaning="whether a constant is added"),
    )
