"""Parameters that are named as what is to be tuned, without values."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agenttune.errors import UserError
from agenttune.plan import PlanOptions, spec_of, understand
from agenttune.plan.conversation import read_turns
from agenttune.space import Constant, Space

SCRIPT = """import argparse
p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, default=0.1)
p.add_argument("--weight-decay", type=float, default=0.1)
p.add_argument("--rate", type=float, default=0.1)
p.add_argument("--mode")
p.add_argument("--nesterov", action="store_true")
p.add_argument("--optimizer", choices=["adam", "sgd"], default="sgd")
a = p.parse_args()
print(f"val_loss: {a.lr}")
"""


def space_of(folder: Path, text: str) -> Space:
    (folder / "train.py").write_text(SCRIPT)
    return spec_of(understand(text, PlanOptions(cwd=str(folder)))).space


def tuned(space: Space) -> list[str]:
    return [name for name, parameter in space.parameters.items() if not isinstance(parameter, Constant)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("tune C and gamma of an SVM on iris", ["C", "gamma"]),
        ("tune an SVM on iris over gamma, 5 trials", ["gamma"]),
        ("tune only C of an SVM on iris, C from 1 to 10", ["C"]),
        ("tune an SVM's kernel, degree and C on iris", ["C", "kernel", "degree"]),
        ("optimise the number of trees and the depth of a random forest on digits", ["n_estimators", "max_depth"]),
        ("tune the kernel of an SVM on iris", ["kernel"]),
        ("tune C of an SVM on iris, kernel poly or sigmoid", ["C", "kernel"]),
        ("tune the penalty of logistic regression on iris", ["penalty", "l1_ratio"]),
        ("tune the learning rate of an MLP on digits", ["learning_rate_init"]),
        ("tune a knn on iris, only k and weights, 10 trials", ["n_neighbors", "weights"]),
        ("tune lr and the weight decay of train.py, minimise val_loss", ["lr", "weight_decay"]),
        ("minimise val_loss of train.py over lr, nesterov and optimizer", ["lr", "nesterov", "optimizer"]),
        ("minimise val_loss of train.py, lr 1e-3 to 1 and nesterov, 6 trials", ["lr", "nesterov"]),
        ("tune lr and minimise val_loss of train.py", ["lr"]),
        ("tune lr and report the lowest val_loss of train.py", ["lr"]),
        ("tune lr, rate, and also nesterov of train.py, minimise val_loss", ["lr", "rate", "nesterov"]),
        ("minimise val_loss of train.py, tune lr and rate 0 to 0.5", ["lr", "rate"]),
        ("tune C and gamma, data: iris, SVM, accuracy", ["C", "gamma"]),
        ("tune train.py's learning rate, minimise val_loss", ["lr"]),
        ("C and gamma of an SVM on iris", ["C", "gamma"]),
        ("Optimiere C und gamma einer SVM auf iris", ["C", "gamma"]),
        ("optimiere lr und nesterov von train.py, val_loss minimieren, 6 Versuche", ["lr", "nesterov"]),
    ],
)
def test_what_is_named_is_tuned_and_nothing_else(tmp_path: Path, text: str, names: list[str]) -> None:
    assert sorted(tuned(space_of(tmp_path, text))) == sorted(names)


def test_the_others_have_the_values_of_the_library(tmp_path: Path) -> None:
    plan = understand("tune C of an SVM on iris", PlanOptions(cwd=str(tmp_path)))
    space = spec_of(plan).space
    assert space.parameters["kernel"] == Constant("rbf", meaning=space.parameters["kernel"].meaning)
    assert "only C tuned, as named, all else at the library's own values" in dict(plan.understood())["assumed"]
    fixed = understand("tune C of an SVM on iris, gamma = 0.1", PlanOptions(cwd=str(tmp_path)))
    assert "only C tuned, as named" in dict(fixed.understood())["assumed"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("tune degree of an SVM on iris", "degree of SVC has an effect with kernel=poly only: name that, too"),
        ("tune C of an SVM on iris, kernel rbf, degree 2 to 4", "degree of SVC has no effect with the values you give"),
        ("tune C of an SVM on iris, C = 10", "every parameter of SVC is fixed, so there is nothing to tune"),
        ("tune mode of train.py, minimise val_loss", "which values may have mode"),
        ("tune the lr schedule of train.py, minimise val_loss", "I do not understand 'lr schedule'"),
        ("optimiere lr und Modell von train.py, val_loss minimieren", "I do not understand 'lr'"),
        ("tune the lr, momentum and model of train.py, minimise val_loss", "train.py has no parameter 'momentum'"),
        ("tune lr and betas of train.py", "it has lr, mode, nesterov, optimizer, rate, weight_decay"),
        ("don't tune lr of train.py, minimise val_loss", "I do not understand"),
        ("minimise val_loss of train.py, lr 1e-4 to 1e-2, nesterov, 30 trials", "I do not understand 'nesterov'"),
    ],
)
def test_what_cannot_be_meant_so_is_said(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(UserError, match=re.escape(sentence)):
        space_of(tmp_path, text)


@pytest.mark.parametrize(
    ("names", "unknown"),
    [
        ("lr and model", "model"),
        ("model and lr", "model"),
        ("lr, data and rate", "data"),
        ("lr, model and depth", "model"),
        ("lr, rate and depth", "depth"),
        ("lr, nesterov, model", "model"),
        ("the lr schedule and the rate", "lr schedule"),
        ("lr and so on", "so on"),
        ("lr, rate, etc", "etc"),
        ("lr and everything else", "everything else"),
    ],
)
def test_each_of_a_list_is_a_parameter(tmp_path: Path, names: str, unknown: str) -> None:
    with pytest.raises(UserError, match=f"train.py has no parameter '{unknown}'"):
        space_of(tmp_path, f"minimise val_loss, tune {names} of train.py, 5 trials")


@pytest.mark.parametrize("names", ["momentum and alpha", "alpha and momentum", "alpha, momentum and the batch size"])
def test_list_with_a_name_that_the_family_lacks_is_told_those_that_it_has(tmp_path: Path, names: str) -> None:
    sentence = "MLP has no parameter 'momentum'; it has activation, alpha, batch_size, learning_rate_init"
    with pytest.raises(UserError, match=sentence):
        space_of(tmp_path, f"tune {names} of an MLP on digits")


@pytest.mark.parametrize("words", ["tune the model and data of train.py", "tune the model train.py"])
def test_words_that_no_parameter_stands_with_are_no_list(tmp_path: Path, words: str) -> None:
    assert "weight_decay" in tuned(space_of(tmp_path, f"{words}, minimise val_loss"))


@pytest.mark.parametrize("how", ["in", "with", "using"])
def test_what_is_named_before_the_script_is_no_description_of_it(tmp_path: Path, how: str) -> None:
    assert tuned(space_of(tmp_path, f"tune lr and rate {how} train.py, minimise val_loss")) == ["lr", "rate"]


def test_name_is_kept_where_a_later_turn_gives_its_range(tmp_path: Path) -> None:
    request = read_turns(["tune C and gamma of an SVM on iris", "C from 1 to 10"], PlanOptions(cwd=str(tmp_path)))
    assert [(asked.parameter, asked.low, asked.alone) for asked in request.ranges] == [
        ("C", 1, True),
        ("gamma", None, True),
    ]


def test_values_are_kept_where_a_later_turn_names_their_parameter(tmp_path: Path) -> None:
    turns = ["tune an SVM on iris, kernel rbf or poly", "tune only the kernel"]
    request = read_turns(turns, PlanOptions(cwd=str(tmp_path)))
    assert [(asked.parameter, asked.values, asked.alone) for asked in request.ranges] == [
        ("kernel", ("rbf", "poly"), True)
    ]
