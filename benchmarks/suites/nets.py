"""A small net in torch on scikit-learn's bundled data, trained by stochastic gradient descent; diverged: no value.

Nothing here touches torch's global randomness: weights and batches are drawn from a generator of their own.
"""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from agenttune.types import Config

N_EPOCHS = 6
HELD_OUT = 0.3


def accuracy(data_set: str, config: Config, *, is_scaled: bool) -> float | None:
    """Validation accuracy; None where the loss stopped being a number."""
    import torch

    train_x, train_y, test_x, test_y = (torch.as_tensor(part) for part in _arrays(data_set, is_scaled))
    width, batch = int(config["width"]), int(config["batch_size"])
    rng = torch.Generator().manual_seed(0)
    n_classes = int(train_y.max()) + 1
    sizes = [train_x.shape[1], width, n_classes]
    weights = [(torch.randn(a, b, generator=rng) * (2.0 / a) ** 0.5).requires_grad_() for a, b in pairwise(sizes)]
    offsets = [torch.zeros(size, requires_grad=True) for size in sizes[1:]]
    steps = torch.optim.SGD(
        [*weights, *offsets],
        lr=float(config["learning_rate"]),
        momentum=float(config["momentum"]),
        weight_decay=float(config["weight_decay"]),
    )

    def forward(x: Any) -> Any:
        return torch.relu(x @ weights[0] + offsets[0]) @ weights[1] + offsets[1]

    for _ in range(N_EPOCHS):
        order = torch.randperm(len(train_x), generator=rng)
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            loss = torch.nn.functional.cross_entropy(forward(train_x[rows]), train_y[rows])
            if not math.isfinite(loss.item()):
                return None
            steps.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            steps.step()
    with torch.no_grad():
        logits = forward(test_x)
    if not bool(torch.isfinite(logits).all()):
        return None
    return float((logits.argmax(1) == test_y).float().mean())


@cache
def _arrays(data_set: str, is_scaled: bool) -> tuple[Any, ...]:
    from sklearn import datasets
    from sklearn.model_selection import train_test_split

    x, y = getattr(datasets, f"load_{data_set}")(return_X_y=True)
    if is_scaled:
        x = (x - x.mean(0)) / np.maximum(x.std(0), 1e-9)
    parts = train_test_split(x.astype(np.float32), y, test_size=HELD_OUT, random_state=0, stratify=y)
    train_x, test_x, train_y, test_y = parts
    return train_x, train_y.astype(np.int64), test_x, test_y.astype(np.int64)
