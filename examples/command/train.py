"""Trains a logistic regression by stochastic gradient descent, in plain Python, and prints how it goes.

Stands for a training script of yours: it knows nothing of AgentTune.
"""

from __future__ import annotations

import argparse
import json
import math
import random

EPOCHS = 8
POINT = tuple[float, float, int]


def points(n: int, rng: random.Random) -> list[POINT]:
    """Two overlapping clouds: (x, y, label)."""
    labels = [rng.randrange(2) for _ in range(n)]
    return [(rng.gauss(2.0 * label, 1.0), rng.gauss(-1.5 * label, 1.5), label) for label in labels]


def accuracy(weights: list[float], sample: list[POINT]) -> float:
    """Share of the sample on the right side."""
    right = sum((weights[0] + weights[1] * x + weights[2] * y > 0) == bool(label) for x, y, label in sample)
    return right / len(sample)


def main() -> None:
    """Trains, printing one JSON line per epoch and one at the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--decay", type=float, required=True)
    parser.add_argument("--shape", choices=["constant", "falling"], required=True)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    train, test = points(300, random.Random(1)), points(300, random.Random(2))
    rng = random.Random(asked.seed)
    weights = [0.0, 0.0, 0.0]
    for epoch in range(EPOCHS):
        rate = asked.rate / (1 + epoch) if asked.shape == "falling" else asked.rate
        for x, y, label in rng.sample(train, len(train)):
            score = weights[0] + weights[1] * x + weights[2] * y
            error = label - 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))
            for position, part in enumerate((1.0, x, y)):
                weights[position] += rate * (error * part - asked.decay * weights[position])
        print(json.dumps({"step": epoch, "accuracy": accuracy(weights, test)}), flush=True)
    print(json.dumps({"accuracy": accuracy(weights, test), "norm": math.hypot(*weights)}))


if __name__ == "__main__":
    main()
