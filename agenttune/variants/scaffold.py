"""A file to start from where there is only data: a plain model that keeps the contract of predictions.

Not for: what the model should become; that is what a study over it is for.
"""

from __future__ import annotations

from pathlib import Path

from agenttune.cards.metrics import Task
from agenttune.errors import UserError

TARGET = "build_model"
"""What of the file is to be changed."""

_HEAD = '''"""A model of {data}. A study over it changes `{target}`; `fit_predict` is how it is scored."""

import numpy as np
from {module} import {estimator}
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def {target}():
    """An estimator with fit and predict."""
    PARAMS = {{{default}}}
    RANGES = {{{ranges}}}
    return make_pipeline(StandardScaler(), {estimator}({arguments}))


def fit_predict(train_x, train_y, new_x):
    """{returns}"""
    model = {target}().fit(np.asarray(train_x), train_y)
    return {predicted}
'''

_CLASSES = {
    "module": "sklearn.linear_model",
    "estimator": "LogisticRegression",
    "default": '"C": 1.0',
    "ranges": '"C": [1e-3, 1e3, "log"]',
    "arguments": 'C=PARAMS["C"], max_iter=1000',
    "returns": "The probability of each class, in sorted order, for each row of `new_x`.",
    "predicted": "model.predict_proba(new_x)",
}
_NUMBERS = {
    "module": "sklearn.linear_model",
    "estimator": "Ridge",
    "default": '"alpha": 1.0',
    "ranges": '"alpha": [1e-3, 1e3, "log"]',
    "arguments": 'alpha=PARAMS["alpha"]',
    "returns": "A number for each row of `new_x`.",
    "predicted": "model.predict(new_x)",
}


def scaffold(data: str, task: Task) -> str:
    """Text of the file.

    Args:
        data: what the data are called.
        task: what is predicted.
    """
    parts = _CLASSES if task == "classification" else _NUMBERS
    return _HEAD.format(data=data.replace("\\", "/").replace('"', "'"), target=TARGET, **parts)


def write_scaffold(path: Path, data: str, task: Task) -> None:
    """Writes the file where there is none; one that is just this, of a study that did not begin, may be there.

    Raises:
        UserError: there is another one.
    """
    text = scaffold(data, task)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        if path.is_file() and path.read_bytes() == text.encode():
            return
        raise UserError(
            f"{path} is there already: name it, as in `agenttune code {path.name} --target {TARGET}`, or move it away"
        ) from None
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}") from error
