"""Decision trees of R's rpart, tuned on OpenML data sets, as YAHPO Gym's surrogate has them: trusted instances."""

from __future__ import annotations

from pathlib import Path

from agenttune.types import Scalar
from benchmarks.suites import Task
from benchmarks.suites.yahpo_tasks import surface_names, surface_task

NEEDS_DATA = True
SCENARIO = "rbv2_rpart"
MEANINGS = {
    "cp": "complexity parameter: a split must improve the fit by this share",
    "maxdepth": "largest depth of the tree",
    "minbucket": "fewest rows in a leaf",
    "minsplit": "fewest rows in a node that may be split",
    "num.impute.selected.cpo": "how missing numbers are filled in",
}
DEFAULT: dict[str, Scalar] = {
    "cp": 0.01,
    "maxdepth": 30,
    "minbucket": 7,
    "minsplit": 20,
    "num.impute.selected.cpo": "impute.mean",
}
"""Of rpart.control."""


def names(root: Path | None) -> list[str]:
    """Instances by their OpenML task."""
    return surface_names(SCENARIO, root)


def load(name: str, root: Path | None) -> Task:
    """An instance: accuracy of a ten-fold cross-validation."""
    return surface_task("rpart", SCENARIO, name, root, metric="accuracy", meanings=MEANINGS, default=DEFAULT)
