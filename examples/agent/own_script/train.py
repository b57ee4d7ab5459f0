"""Trains a small network on scikit-learn's digits, with options, and prints how it did.

Stands for a training script of yours: it knows nothing of AgentTune.
"""

from __future__ import annotations

import argparse
import warnings

from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier


def main() -> None:
    """Trains once and prints the accuracy on the part held out."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=1e-4, help="step size of Adam")
    parser.add_argument("--weight-decay", type=float, default=1e-4, help="pull towards zero")
    parser.add_argument("--hidden", type=int, default=16, help="units of the hidden layer")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    x, y = load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x / 16, y, test_size=0.3, random_state=0)
    network = MLPClassifier(
        (asked.hidden,),
        alpha=asked.weight_decay,
        learning_rate_init=asked.lr,
        max_iter=asked.epochs,
        random_state=asked.seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(x_train, y_train)
    print(f"val_accuracy={network.score(x_test, y_test):.4f}")


if __name__ == "__main__":
    main()
