"""The families of estimators AgentTune knows: one card each.

To add one: a function for its space in spaces.py, and an entry in `CARDS`. Arguments that differ from
the library's for every config, the default included, are in `fixed`, each with its reason.
"""

from __future__ import annotations

import difflib

from agenttune.cards import spaces
from agenttune.cards.estimators import EstimatorCard
from agenttune.cards.metrics import Task
from agenttune.errors import UserError

_TREES = ("trees", "number of trees", "estimators", "number of estimators")
_DEPTH = ("max depth", "maximum depth", "depth", "tree depth")
_RATE = ("learning rate", "lr", "step size")


def _both(module: str, name: str) -> dict[Task, str]:
    return {"classification": f"{module}:{name}Classifier", "regression": f"{module}:{name}Regressor"}


_ONE_CORE = {"n_jobs": 1}
"""Trials run side by side; a trial that took all cores would take those of the others."""
_COORDINATE_DESCENT = {"max_iter": 10_000}
"""The library's 1,000 is too few at the weak end of the range; converged fits do not notice."""

CARDS: dict[str, EstimatorCard] = {
    card.name: card
    for card in (
        EstimatorCard(
            "svm",
            "SVM",
            {"classification": "sklearn.svm:SVC", "regression": "sklearn.svm:SVR"},
            spaces.svm_space,
            synonyms=("support vector machine", "support vector classifier", "support vector regression"),
            aliases={"C": ("cost",)},
            build_wide_space=spaces.svm_wide_space,
            scales=True,
            scales_target=True,
            is_seeded=False,
            has_probabilities=False,
            from_library=spaces.svm_defaults,
        ),
        EstimatorCard(
            "random-forest",
            "random forest",
            _both("sklearn.ensemble", "RandomForest"),
            spaces.forest_space,
            synonyms=("random forest", "randomforest", "rf"),
            aliases={"n_estimators": _TREES, "max_depth": _DEPTH},
            fixed=_ONE_CORE,
            from_library=spaces.forest_defaults,
        ),
        EstimatorCard(
            "extra-trees",
            "extra trees",
            _both("sklearn.ensemble", "ExtraTrees"),
            spaces.forest_space,
            synonyms=("extra trees", "extratrees", "extremely randomized trees", "extremely randomised trees"),
            aliases={"n_estimators": _TREES, "max_depth": _DEPTH},
            fixed=_ONE_CORE,
            from_library=spaces.forest_defaults,
        ),
        EstimatorCard(
            "gradient-boosting",
            "gradient boosting",
            _both("sklearn.ensemble", "HistGradientBoosting"),
            spaces.boosting_space,
            synonyms=(
                "histgradientboosting",
                "histogram gradient boosting",
                "hist gradient boosting",
                "gradient boosted trees",
                "gradient boosting trees",
                "gradient boosting",
                "gradient-boosted trees",
                "boosted trees",
                "gbdt",
                "gbm",
                "hgb",
            ),
            aliases={
                "max_iter": ("boosting rounds", "rounds", "n_estimators", *_TREES),
                "max_depth": _DEPTH,
                "learning_rate": _RATE,
                "max_leaf_nodes": ("leaves", "max leaves", "num_leaves"),
                "l2_regularization": ("l2", "l2 regularisation"),
            },
        ),
        EstimatorCard(
            "decision-tree",
            "decision tree",
            _both("sklearn.tree", "DecisionTree"),
            spaces.tree_space,
            synonyms=("decision tree", "classification tree", "regression tree", "cart"),
            aliases={"max_depth": _DEPTH, "ccp_alpha": ("pruning",)},
        ),
        EstimatorCard(
            "logistic-regression",
            "logistic regression",
            {"classification": "sklearn.linear_model:LogisticRegression"},
            spaces.logistic_space,
            synonyms=("logistic regression", "logistic", "logreg", "logit"),
            scales=True,
            # The library's 100 leaves lbfgs unfinished on many data sets.
            fixed={"max_iter": 1000},
            to_arguments=spaces.logistic_arguments,
            from_library=spaces.logistic_defaults,
            instead="ridge or random forest",
        ),
        EstimatorCard(
            "mlp",
            "MLP",
            _both("sklearn.neural_network", "MLP"),
            spaces.mlp_space,
            synonyms=(
                "multilayer perceptron",
                "multi-layer perceptron",
                "multi layer perceptron",
                "neural network",
                "neural net",
            ),
            aliases={
                "n_layers": ("layers", "hidden layers", "number of layers"),
                "width": (
                    "hidden units",
                    "units",
                    "neurons",
                    "hidden size",
                    "hidden layer size",
                    "hidden layer sizes",
                    "layer size",
                ),
                "learning_rate_init": (*_RATE, "learning_rate"),
                "batch_size": ("batch",),
            },
            scales=True,
            scales_target=True,
            to_arguments=spaces.mlp_arguments,
            from_library=spaces.mlp_defaults,
        ),
        EstimatorCard(
            "knn",
            "k-NN",
            _both("sklearn.neighbors", "KNeighbors"),
            spaces.knn_space,
            synonyms=(
                "k-nn",
                "k nn",
                "k-nearest neighbor",
                "k-nearest neighbour",
                "nearest neighbor",
                "nearest neighbour",
                "k-nearest neighbors",
                "k-nearest neighbours",
                "nearest neighbors",
                "nearest neighbours",
                "kneighbors",
            ),
            aliases={"n_neighbors": ("k", "neighbors", "neighbours", "number of neighbors", "number of neighbours")},
            scales=True,
            fixed=_ONE_CORE,
            is_seeded=False,
            from_library=spaces.knn_defaults,
        ),
        EstimatorCard(
            "ridge",
            "ridge",
            {"classification": "sklearn.linear_model:RidgeClassifier", "regression": "sklearn.linear_model:Ridge"},
            spaces.ridge_space,
            synonyms=("ridge regression",),
            aliases={"alpha": ("penalty", "regularization", "regularisation", "lambda")},
            scales=True,
            has_probabilities=False,
        ),
        EstimatorCard(
            "lasso",
            "lasso",
            {"regression": "sklearn.linear_model:Lasso"},
            spaces.lasso_space,
            synonyms=("lasso regression",),
            aliases={"alpha": ("penalty", "regularization", "regularisation", "lambda")},
            scales=True,
            fixed=_COORDINATE_DESCENT,
            instead="logistic regression",
        ),
        EstimatorCard(
            "elastic-net",
            "elastic net",
            {"regression": "sklearn.linear_model:ElasticNet"},
            spaces.elastic_net_space,
            synonyms=("elastic net", "elasticnet", "elastic net regression"),
            aliases={"alpha": ("penalty", "regularization", "regularisation", "lambda")},
            scales=True,
            fixed=_COORDINATE_DESCENT,
            instead="logistic regression",
        ),
    )
}
"""Name -> card."""


def card_named(name: str) -> EstimatorCard:
    """The family of that name or synonym.

    Raises:
        UserError: there is none.
    """
    wanted = name.strip().lower().replace("_", "-")
    for card in CARDS.values():
        if wanted == card.name or wanted.replace("-", " ") in card.synonyms or wanted in card.synonyms:
            return card
    nearest = difflib.get_close_matches(wanted, list(CARDS), n=1)
    hint = f"; did you mean {nearest[0]!r}?" if nearest else f"; there are {', '.join(CARDS)}"
    raise UserError(f"no family of estimators is called {name!r}{hint}")


def spellings(card: EstimatorCard) -> dict[str, Task | None]:
    """Every lower-case spelling of a family, and the task it names (class names do) or None."""
    known: dict[str, Task | None] = {}
    for task, path in card.classes.items():
        known[path.partition(":")[2].lower()] = task
    return known | dict.fromkeys([card.name, *card.synonyms])
