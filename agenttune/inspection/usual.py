"""Names that hyperparameters usually have, and those that are none; the ranges that go with them."""

from __future__ import annotations

import re

LEFT_ALONE = re.compile(
    r"seed|path|dir|folder|file|output|out|log|device|cuda|gpu|cpu|workers?|threads?|jobs|verbose|debug|resume|checkpoint"
    r"|save|load|name|data|dataset|root|url|port|host|rank|local_rank|world|wandb|project|print|freq|interval|num_classes|cfg"
    r"|config|model_name|version|fp16|bf16|amp|limit|max_steps|steps|split"
)
"""Words in the name of an option that is no hyperparameter."""
FIDELITY = re.compile(r"(?:^|_)(?:epochs?|num_epochs|n_epochs|iterations?|max_iter|num_train_epochs)$")
KNOWN: tuple[tuple[str, tuple[float, float, bool], str], ...] = (
    (r"(?:^|_)(?:lr|learning_rate|eta)$", (1e-5, 1e-1, True), "learning rate"),
    (r"weight_decay|(?:^|_)wd$|(?:^|_)l2$", (1e-7, 1e-1, True), "weight decay"),
    (r"dropout|drop_rate|(?:^|_)drop$", (0.0, 0.6, False), "dropout"),
    (r"momentum$", (0.5, 0.99, False), "momentum"),
    (r"warmup_ratio|warmup_frac", (0.0, 0.2, False), "share of warm-up steps"),
    (r"label_smoothing", (0.0, 0.3, False), "label smoothing"),
    (r"subsample|colsample", (0.4, 1.0, False), "share of rows or columns"),
    (r"(?:^|_)(?:beta1|beta_1)$", (0.8, 0.99, False), "decay of the first moment"),
    (r"(?:^|_)(?:beta2|beta_2)$", (0.9, 0.9999, False), "decay of the second moment"),
    (r"temperature", (0.1, 2.0, False), "temperature"),
    (r"batch", (8, 512, True), "batch size"),
    (r"hidden|width|units|dim$|channels|d_model", (16, 1024, True), "width"),
    (r"layers|depth", (1, 12, False), "number of layers"),
    (r"heads", (1, 16, True), "attention heads"),
    (r"n_estimators|num_trees|trees", (20, 1000, True), "number of trees"),
    (r"lora_r$|rank$", (2, 128, True), "rank"),
)
"""(pattern of the name, (low, high, log), what it is); the first that fits counts. Widened to hold the default."""
