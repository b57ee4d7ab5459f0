"""Hashes of what a variant does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agenttune.sandbox import Limits
from agenttune.variants.fingerprint import N_NEW, N_TRAIN, Fingerprint, fingerprint, hash_of, tiny_inputs
from agenttune.variants.running import Confinement, Inputs

REGRESSION = """
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

def fit_predict(train_x, train_y, new_x):
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=5, C=0.1))
    return model.fit(train_x, train_y).predict(new_x)
"""
OTHERWISE = '''
from sklearn.preprocessing import StandardScaler as Scaler
from sklearn.linear_model import LogisticRegression


def fit_predict(x, y, rows):
    """The same."""
    scaler = Scaler()
    scaled = scaler.fit_transform(x)
    fitted = LogisticRegression(C=1e-1, max_iter=5)
    fitted.fit(scaled, y)  # a comment
    answer = fitted.predict(scaler.transform(rows))
    return answer
'''
MLP = (Path(__file__).parents[2] / "examples" / "code" / "digits_mlp.py").read_text()


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    from sklearn.datasets import load_digits

    return tiny_inputs(*load_digits(return_X_y=True), n_classes=10)


def taken(text: str, inputs: Inputs, tmp_path: Path) -> Fingerprint:
    workspace = tmp_path / "workspace"
    workspace.mkdir(exist_ok=True)
    return fingerprint(
        text,
        inputs,
        folder=tmp_path / "work",
        workspace=workspace,
        file="model.py",
        confinement=Confinement(Limits(seconds=60)),
    )


def test_the_input_is_small_and_fixed(inputs: Inputs) -> None:
    from sklearn.datasets import load_digits

    again = tiny_inputs(*load_digits(return_X_y=True), n_classes=10)
    assert (len(inputs.train_x), len(inputs.new_x)) == (N_TRAIN, N_NEW)
    assert np.array_equal(inputs.new_x, again.new_x)


def test_other_names_order_and_layout_give_the_same(inputs: Inputs, tmp_path: Path) -> None:
    assert taken(REGRESSION, inputs, tmp_path) == taken(OTHERWISE, inputs, tmp_path)


def test_another_number_gives_another(inputs: Inputs, tmp_path: Path) -> None:
    changed = REGRESSION.replace("C=0.1", "C=0.2")
    assert taken(REGRESSION, inputs, tmp_path) != taken(changed, inputs, tmp_path)


@pytest.mark.long
def test_a_network_with_other_names_gives_the_same(inputs: Inputs, tmp_path: Path) -> None:
    renamed = MLP.replace("optimizer", "descent").replace("spread", "deviation").replace("nn.ReLU()", "torch.nn.ReLU()")
    found = taken(MLP, inputs, tmp_path)
    assert found.value is not None
    assert taken(renamed, inputs, tmp_path) == found


@pytest.mark.long
def test_a_network_with_another_learning_rate_gives_another(inputs: Inputs, tmp_path: Path) -> None:
    changed = MLP.replace("LEARNING_RATE = 0.05", "LEARNING_RATE = 0.07")
    assert taken(MLP, inputs, tmp_path).value != taken(changed, inputs, tmp_path).value


def test_code_that_fails_has_none_and_says_why(inputs: Inputs, tmp_path: Path) -> None:
    found = taken("def fit_predict(a, b, c):\n    raise ValueError('no')", inputs, tmp_path)
    assert found.value is None
    assert found.reason == "the code ended with exit code 1: ValueError: no"


def test_nothing_is_left_of_the_run(inputs: Inputs, tmp_path: Path) -> None:
    taken("def fit_predict(a, b, c):\n    return b[:1].repeat(len(c))", inputs, tmp_path)
    assert not (tmp_path / "work").exists()


def test_the_last_digits_of_floats_do_not_count() -> None:
    values = np.array([1 / 3, 2e-9, -0.0])
    assert hash_of(values) == hash_of(values * (1 + 1e-12) + 0.0)
    assert hash_of(values) != hash_of(values * (1 + 1e-4))


def test_shape_counts() -> None:
    assert hash_of(np.zeros((4, 2))) != hash_of(np.zeros(8))


def test_folder_that_a_killed_run_left_is_in_nobodys_way(inputs: Inputs, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "predictions.npy").write_text("left")
    assert taken(REGRESSION, inputs, tmp_path).value is not None
    assert not (tmp_path / "work").exists()
