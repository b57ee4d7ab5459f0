"""What code is given, and what its predictions are worth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agenttune.cards.data import Dataset, load_dataset
from agenttune.cards.metrics import METRICS
from agenttune.errors import TrialFailure
from agenttune.objectives.blind import BlindSplit, holders_of_labels, usable

FLOWERS = Path(__file__).parent.parent / "data" / "flowers.csv"
LABELS = ("a", "b", "c")
ALL = np.arange(3)


@pytest.fixture(scope="module")
def iris() -> Dataset:
    return load_dataset("iris")


def blind(dataset: Dataset, *, seed: int = 7) -> BlindSplit:
    return BlindSplit.of(dataset, held_out=0.2, study_seed=7, seed=seed)


def test_every_row_has_one_part(iris: Dataset) -> None:
    made = blind(iris)
    assert sorted([*made.train, *made.new]) == list(range(150))
    assert (made.parts["validation"] ^ made.parts["held-out"]).all()
    assert made.parts["held-out"].sum() == 30
    assert made.parts["validation"].sum() == 24


def test_new_rows_lie_mixed(iris: Dataset) -> None:
    held_out = np.flatnonzero(blind(iris).parts["held-out"])
    assert 20 < held_out.mean() < 33  # 26.5 on average over all orders; 38.5 if they came last
    assert np.any(np.diff(blind(iris).new) < 0)


def test_a_replicate_keeps_the_held_out_part(iris: Dataset) -> None:
    first, second = blind(iris), blind(iris, seed=8)
    parts = [set(made.new[made.parts["held-out"]]) for made in (first, second)]
    assert parts[0] == parts[1]
    assert set(first.train) != set(second.train)


def test_a_smaller_share_is_part_of_a_larger_one(iris: Dataset) -> None:
    made = blind(iris)
    quarter, half = made.training_rows(0.25, seed=7), made.training_rows(0.5, seed=7)
    assert set(quarter) < set(half) < set(made.train)
    assert np.bincount(iris.target[quarter]).tolist() == [8, 8, 8]


def test_categories_and_gaps_become_numbers_by_the_training_rows() -> None:
    flowers = load_dataset(FLOWERS, target="species")
    made = blind(flowers)
    inputs = made.inputs(made.train)
    assert inputs.train_x.dtype == np.float64
    assert inputs.train_x.shape[1] == inputs.new_x.shape[1]
    assert np.isfinite(inputs.train_x).all() and np.isfinite(inputs.new_x).all()
    assert (len(inputs.train_x), len(inputs.new_x)) == (len(made.train), len(made.new))


def test_each_part_is_scored_on_its_own_rows(iris: Dataset) -> None:
    made = blind(iris)
    guesses = np.where(made.parts["held-out"], iris.target[made.new], (iris.target[made.new] + 1) % 3)
    scores = [made.score(METRICS["accuracy"], guesses, part, trained=made.train) for part in ("validation", "held-out")]
    assert scores == [0.0, 1.0]


def test_a_class_that_was_never_seen_is_scored(iris: Dataset) -> None:
    made = blind(iris)
    seen = made.train[iris.target[made.train] < 2]
    halves = np.full((len(made.new), 2), 0.5)
    for name in ("accuracy", "balanced_accuracy", "f1", "f1_macro", "auc", "log_loss"):
        assert np.isfinite(made.score(METRICS[name], halves, "validation", trained=seen))


def test_the_file_of_the_data_is_a_holder_of_labels(iris: Dataset) -> None:
    assert holders_of_labels(load_dataset(FLOWERS, target="species"))[1] == FLOWERS.resolve()
    assert (holders_of_labels(iris)[0] / "iris.csv").exists()


@pytest.mark.parametrize(
    "predictions",
    [
        np.array([2, 0]),
        np.array([2.0, 0.0]),
        np.array([[2], [0]]),
        np.array(["c", "a"]),
        np.array(["2", "0"]),
        np.array([[0.1, 0.2, 0.7], [0.9, 0.1, 0.0]]),
    ],
)
def test_classes_are_understood(predictions: np.ndarray) -> None:
    assert usable(METRICS["accuracy"], predictions, labels=LABELS, seen=ALL).tolist() == [2, 0]


@pytest.mark.parametrize(
    ("metric", "predictions", "sentence"),
    [
        ("accuracy", np.array([0, 3]), r"must be class numbers 0 to 2.*got '3' \(1 of 2"),
        ("accuracy", np.array([0, -1]), "must be class numbers"),
        ("accuracy", np.array([0, 0.5]), "must be class numbers"),
        ("accuracy", np.array(["a", "d"]), "must be class numbers"),
        ("accuracy", np.zeros((2, 4)), r"3 classes \(3 of them in the training rows\).*4 columns"),
        (
            "auc",
            np.array([0, 1]),
            r"AUC needs probabilities: return an array of shape \(n, 3\).*numbers of shape \(2,\)",
        ),
        ("log_loss", np.array(["a", "b"]), r"log loss needs probabilities.*labels of shape \(2,\)"),
        ("log_loss", np.array([[0.1, 0.2, 0.3]] * 2), "must add up to 1 in each row.*add up to 0.6"),
        ("log_loss", np.array([[-1.0, 1.0, 1.0]] * 2), "must not be negative.*the least is -1"),
        ("auc", np.array([["a", "b", "c"]]), "scores per class must be numbers"),
        ("r2", np.zeros((2, 2)), "R2 needs one number per new row"),
        ("rmse", np.array(["a", "b"]), "RMSE needs one number per new row, but got labels"),
    ],
)
def test_useless_predictions_are_told(metric: str, predictions: np.ndarray, sentence: str) -> None:
    labels = LABELS if METRICS[metric].task == "classification" else ()
    with pytest.raises(TrialFailure, match=sentence):
        usable(METRICS[metric], predictions, labels=labels, seen=ALL)


def test_two_classes_are_scored_by_the_second_column() -> None:
    predictions = np.array([[0.2, 0.8], [0.6, 0.4]])
    assert usable(METRICS["auc"], predictions, labels=("a", "b"), seen=np.arange(2)).tolist() == [0.8, 0.4]


def test_an_infinite_score_is_a_failure() -> None:
    diabetes = load_dataset("diabetes")
    made = blind(diabetes)
    with pytest.raises(TrialFailure, match="MSE of these predictions is inf") as failed:
        made.score(METRICS["mse"], np.full(len(made.new), 1e300), "validation", trained=made.train)
    assert failed.value.kind == "nan"
